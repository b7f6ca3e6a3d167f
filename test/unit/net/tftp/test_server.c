/* The whole server on the loopback interface, from the outside: what the workers do with what real firmware
 * sends. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/tftp/packet.h"
#include "net/tftp/server.h"

enum { REPORTS_MAX = 64, PATIENCE_MS = 10000, FILE_SIZE = 300000, ROOM = 65536 };
enum { CLIENTS_TRANSFERS_MAX = 3 };

struct world {
        struct tftp_server *server;
        uint16_t port;
        struct boot_file *file, *text;
        pthread_mutex_t lock;
        pthread_cond_t reported;
        struct tftp_report reports[REPORTS_MAX];
        unsigned n_reports;
        atomic_uint n_opened;
};

static uint8_t content[FILE_SIZE];
static const char text[] = "one\ntwo\nthree\n";

static void world_open(void *ctx, unsigned worker, const struct tftp_peer *peer, const char *path,
                       uint64_t now_ms, struct tftp_grant *ret) {
        struct world *w = ctx;

        (void)worker, (void)peer, (void)now_ms;
        atomic_fetch_add(&w->n_opened, 1);
        ret->tag = 7;
        ret->retransmit_min_ms = 100;
        if (strcmp(path, "file") == 0)
                ret->file = boot_file_take(w->file);
        else if (strcmp(path, "text") == 0)
                ret->file = boot_file_take(w->text);
        else if (strcmp(path, "secret") == 0)
                ret->refusal = "Not for you";
        else if (strcmp(path, "elsewhere") == 0)
                ret->is_ignored = true;
}

static void world_report(void *ctx, unsigned worker, const struct tftp_report *r) {
        struct world *w = ctx;

        (void)worker;
        (void)pthread_mutex_lock(&w->lock);
        if (w->n_reports < REPORTS_MAX)
                w->reports[w->n_reports++] = *r;
        (void)pthread_cond_signal(&w->reported);
        (void)pthread_mutex_unlock(&w->lock);
}

/* The report number @i, as soon as it is there. */
static struct tftp_report wait_for_report(struct world *w, unsigned i) {
        struct timeval now;

        (void)gettimeofday(&now, NULL);
        const struct timespec until = { .tv_sec = now.tv_sec + PATIENCE_MS / 1000 };
        (void)pthread_mutex_lock(&w->lock);
        while (w->n_reports <= i)
                if (pthread_cond_timedwait(&w->reported, &w->lock, &until) != 0) {
                        (void)pthread_mutex_unlock(&w->lock);
                        fail_msg("report %u did not come", i);
                }
        struct tftp_report r = w->reports[i];
        (void)pthread_mutex_unlock(&w->lock);
        return r;
}

static int setup(void **state) {
        static const struct tftp_backend backend = { .open = world_open, .report = world_report };
        const struct tftp_config config = { .n_workers = 2,
                                            .transfers_max = 100,
                                            .transfers_per_client_max = CLIENTS_TRANSFERS_MAX };
        struct error error;

        struct world *w = calloc(1, sizeof(*w));
        for (size_t i = 0; i < sizeof(content); i++)
                content[i] = (uint8_t)(i * 31 + (i >> 8));
        w->file = boot_file_of_octets(content, sizeof(content));
        w->text = boot_file_of_octets(text, sizeof(text) - 1);
        (void)pthread_mutex_init(&w->lock, NULL);
        (void)pthread_cond_init(&w->reported, NULL);
        if (tftp_server_start(&config, &backend, w, &w->server, &error) < 0)
                return -1;
        w->port = tftp_server_port(w->server);
        *state = w;
        return 0;
}

static int teardown(void **state) {
        struct world *w = *state;

        tftp_server_stop(w->server);
        boot_file_drop(w->file);
        boot_file_drop(w->text);
        free(w);
        return 0;
}

/* A client: a socket, and where its transfer's packets go. */
struct client {
        int fd;
        struct sockaddr_in to; /* the listener, then the transfer */
        uint8_t packet[ROOM];
        size_t len;
};

static struct client *client_new(const struct world *w) {
        struct client *c = calloc(1, sizeof(*c));

        c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        c->to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(w->port) };
        c->to.sin_addr.s_addr =
                htonl(INADDR_LOOPBACK + 4); /* another address of ours: answers must come from it */
        assert_true(c->fd >= 0);
        return c;
}

static void client_free(struct client *c) {
        (void)close(c->fd);
        free(c);
}

static void say(struct client *c, const void *octets, size_t len) {
        assert_int_equal(sendto(c->fd, octets, len, 0, (struct sockaddr *)&c->to, sizeof(c->to)), len);
}
#define SAY(c, s) say(c, s, sizeof(s) - 1)

static void say_ack(struct client *c, uint16_t block) {
        say(c, (uint8_t[]){ 0, TFTP_ACK, (uint8_t)(block >> 8), (uint8_t)block }, 4);
}

/* The next datagram, into c->packet; false when none comes in time. */
static bool hear_within(struct client *c, int ms) {
        struct pollfd p = { .fd = c->fd, .events = POLLIN };
        struct sockaddr_in from;
        socklen_t from_len = sizeof(from);

        if (poll(&p, 1, ms) <= 0)
                return false;
        ssize_t n = recvfrom(c->fd, c->packet, sizeof(c->packet), 0, (struct sockaddr *)&from, &from_len);
        assert_true(n >= 4);
        assert_int_equal(from.sin_addr.s_addr, c->to.sin_addr.s_addr);
        c->to.sin_port = from.sin_port;
        c->len = (size_t)n;
        return true;
}

static void hear(struct client *c) {
        if (!hear_within(c, PATIENCE_MS))
                fail_msg("no answer");
}

static void hear_error(struct client *c, uint16_t code, const char *why) {
        hear(c);
        assert_memory_equal(c->packet, ((uint8_t[]){ 0, TFTP_ERROR, 0, (uint8_t)code }), 4);
        assert_string_equal((const char *)c->packet + 4, why);
}

/* Fetches until the end, one ACK a window; returns the length. */
static size_t fetch(struct client *c, const uint8_t *want, unsigned blksize, unsigned windowsize) {
        uint16_t next = 1;
        size_t done = 0;

        for (unsigned in_window = 0;;) {
                hear(c);
                assert_int_equal(c->packet[1], TFTP_DATA);
                if ((c->packet[2] << 8 | c->packet[3]) != next)
                        continue; /* sent again as this machine was slow */
                size_t len = c->len - 4;
                assert_true(len <= blksize);
                assert_memory_equal(c->packet + 4, want + done, len);
                done += len;
                if (++in_window == windowsize || len < blksize) {
                        say_ack(c, next);
                        in_window = 0;
                }
                if (len < blksize)
                        return done;
                next++;
        }
}

static void test_fetching(void **state) {
        static const struct {
                const char *remark;
                const char *rrq;
                size_t rrq_len;
                unsigned blksize, windowsize;
        } rows[] = {
#define R(s) "\0\1file\0octet\0" s, sizeof("\0\1file\0octet\0" s) - 1
                { "no options", R(""), 512, 1 },
                { "blksize", R("blksize\0001468\0"), 1468, 1 },
                { "a window by segments", R("blksize\0001468\0windowsize\00016\0"), 1468, 16 },
                { "more segments than fit in one send", R("blksize\0001428\0windowsize\00064\0"), 1428, 64 },
                { "short blocks, many segments", R("blksize\0008\0windowsize\00064\0"), 8, 64 },
                { "by IP fragments", R("blksize\00020000\0windowsize\0003\0"), 20000, 3 },
                { "the longest blocks", R("blksize\00065464\0"), 65464, 1 },
#undef R
        };
        struct world *w = *state;

        for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
                struct client *c = client_new(w);
                say(c, rows[i].rrq, rows[i].rrq_len);
                if (rows[i].blksize != 512) {
                        hear(c);
                        assert_int_equal(c->packet[1], TFTP_OACK);
                        say_ack(c, 0);
                }
                assert_int_equal(fetch(c, content, rows[i].blksize, rows[i].windowsize), FILE_SIZE);
                struct tftp_report r = wait_for_report(w, i);
                if (r.outcome != TFTP_DONE || r.sent != FILE_SIZE || r.tag != 7 ||
                    r.blksize != rows[i].blksize || r.windowsize != rows[i].windowsize ||
                    strcmp(r.path, "file") != 0)
                        fail_msg("%s: outcome %d, %u octets", rows[i].remark, (int)r.outcome,
                                 (unsigned)r.sent);
                assert_int_equal(ip_to_v4(&r.peer.server), INADDR_LOOPBACK + 4);
                client_free(c);
        }
}

static void test_netascii(void **state) {
        struct world *w = *state;
        struct client *c = client_new(w);

        /* The second block of 8 ends between the octets of a pair. */
        SAY(c, "\0\1text\0netascii\0blksize\0008\0windowsize\0002\0tsize\0000\0");
        hear(c);
        assert_int_equal(c->len, sizeof("\0\6blksize\0008\0windowsize\0002") - 1 +
                                         1); /* no tsize: it would be wrong */
        say_ack(c, 0);
        assert_int_equal(fetch(c, (const uint8_t *)"one\r\ntwo\r\nthree\r\n", 8, 2), 17);
        assert_int_equal(wait_for_report(w, 0).outcome, TFTP_DONE);
        client_free(c);
}

/* A block of a window is lost: the client says where it stands, and goes on from there. */
static void test_netascii_go_back(void **state) {
        struct world *w = *state;
        struct client *c = client_new(w);

        SAY(c, "\0\1text\0netascii\0blksize\0008\0windowsize\0002\0");
        hear(c);
        say_ack(c, 0);
        hear(c);
        hear(c);
        say_ack(c, 1);
        for (;;) {
                hear(c);
                if (c->packet[3] == 2)
                        break;
        }
        assert_memory_equal(c->packet + 4, "\r\nthree\r", 8);
        SAY(c, "\0\5\0\0");
        (void)wait_for_report(w, 0);
        client_free(c);
}

static void test_answers_without_a_transfer(void **state) {
        static const struct {
                const char *remark;
                const char *rrq;
                size_t rrq_len;
                uint16_t code;
                const char *text;
                enum tftp_outcome outcome;
        } rows[] = {
#define R(s) s, sizeof(s) - 1
                { "a miss", R("\0\1none\0octet\0"), 1, "File not found", TFTP_NOT_FOUND },
                { "a refusal says why", R("\0\1secret\0octet\0"), 1, "Not for you", TFTP_NOT_FOUND },
                { "writing", R("\0\2file\0octet\0"), 4, "Files are only given here, not taken",
                  TFTP_REFUSED },
                { "another mode", R("\0\1file\0mail\0"), 4, "The transfer mode is neither octet nor netascii",
                  TFTP_REFUSED },
                { "a name that is none", R("\0\1fi\377le\0octet\0"), 1,
                  "File not found: the name is not plain ASCII of 1 to 255 octets", TFTP_NOT_FOUND },
#undef R
        };
        struct world *w = *state;

        for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
                struct client *c = client_new(w);
                say(c, rows[i].rrq, rows[i].rrq_len);
                hear_error(c, rows[i].code, rows[i].text);
                assert_int_equal(wait_for_report(w, i).outcome, rows[i].outcome);
                client_free(c);
        }
}

/* Malformed datagrams and requests where we serve nobody: silence, and what comes next is answered as ever.
 */
static void test_silence(void **state) {
        struct world *w = *state;
        struct client *c = client_new(w);
        struct tftp_counts counts;

        SAY(c, "\0\1file");
        SAY(c, "\0\3\0\1xyz");
        SAY(c, "\0\4\0\1");
        SAY(c, "\0\1elsewhere\0octet\0");
        SAY(c, "\0\1none\0octet\0");
        hear_error(c, 1, "File not found");
        assert_false(hear_within(c, 0));
        tftp_server_counts(w->server, &counts);
        assert_int_equal(counts.malformed, 2);
        assert_int_equal(counts.stray, 1);
        assert_int_equal(wait_for_report(w, 0).outcome, TFTP_NOT_FOUND);
        client_free(c);
}

/* Firmware that only wants to know: each way to end a probe. */
static void test_probes(void **state) {
        struct world *w = *state;
        struct client *c = client_new(w);
        const struct sockaddr_in listener = c->to;

        SAY(c, "\0\1file\0octet\0tsize\0000\0blksize\0001468\0");
        hear(c);
        assert_memory_equal(c->packet, "\0\6blksize\0001468\0tsize\000300000", 29);
        SAY(c, "\0\5\0\10User aborted the operation\0"); /* EDK2 */
        struct tftp_report r = wait_for_report(w, 0);
        assert_int_equal(r.outcome, TFTP_PROBED);
        assert_string_equal(r.client_error, "User aborted the operation");

        c->to = listener;
        SAY(c, "\0\1file\0octet\0tsize\0000\0blksize\0001024\0");
        hear(c);
        say_ack(c, 0);
        hear(c);
        SAY(c, "\0\5\0\0Early terminate\0"); /* Pi */
        assert_int_equal(wait_for_report(w, 1).outcome, TFTP_PROBED);
        client_free(c);
}

/* A Pi's ERROR to port 69, or to the port of a transfer that is over, ends no transfer that runs (firmware
 * issue 1025). */
static void test_stray_errors(void **state) {
        struct world *w = *state;
        struct client *c = client_new(w);
        const struct sockaddr_in listener = c->to;

        SAY(c, "\0\1text\0octet\0");
        hear(c);
        const struct sockaddr_in first = c->to;
        say_ack(c, 1);
        assert_int_equal(wait_for_report(w, 0).outcome, TFTP_DONE);

        c->to = listener;
        SAY(c, "\0\1file\0octet\0blksize\000512\0");
        hear(c);
        const struct sockaddr_in second = c->to;
        assert_int_not_equal(first.sin_port,
                             second.sin_port); /* one client port: never the same of ours twice */
        c->to = first;
        SAY(c, "\0\5\0\0Early terminate\0");
        c->to = listener;
        SAY(c, "\0\5\0\0Early terminate\0");
        c->to = second;
        say_ack(c, 0);
        assert_int_equal(fetch(c, content, 512, 1), FILE_SIZE);
        assert_int_equal(wait_for_report(w, 1).outcome, TFTP_DONE);
        client_free(c);
}

/* A Pi's ROM, its last ACK lost, asks for the next file: nothing of the first one comes any more. */
static void test_last_ack_lost(void **state) {
        struct world *w = *state;
        struct client *c = client_new(w);
        const struct sockaddr_in listener = c->to;

        SAY(c, "\0\1text\0octet\0");
        hear(c);
        const struct sockaddr_in first = c->to;
        c->to = listener;
        SAY(c, "\0\1file\0octet\0");
        assert_int_equal(wait_for_report(w, 0).outcome, TFTP_DONE);
        assert_int_equal(fetch(c, content, 512, 1), FILE_SIZE);
        assert_int_not_equal(c->to.sin_port, first.sin_port);
        client_free(c);
}

/* The same request again before the first answer was acknowledged: the same transfer, not another one. */
static void test_asked_twice(void **state) {
        struct world *w = *state;
        struct client *c = client_new(w);
        const struct sockaddr_in listener = c->to;

        SAY(c, "\0\1file\0octet\0blksize\0001468\0");
        hear(c);
        const struct sockaddr_in transfer = c->to;
        c->to = listener;
        SAY(c, "\0\1file\0octet\0blksize\0001468\0");
        hear(c);
        assert_int_equal(c->to.sin_port, transfer.sin_port);
        say_ack(c, 0);
        assert_int_equal(fetch(c, content, 1468, 1), FILE_SIZE);
        client_free(c);
}

static void test_lost_block(void **state) {
        struct world *w = *state;
        struct client *c = client_new(w);

        SAY(c, "\0\1file\0octet\0");
        hear(c);
        assert_int_equal(c->packet[3], 1);
        hear(c); /* as if it had been lost: it comes again */
        assert_int_equal(c->packet[3], 1);
        say_ack(c, 1);
        hear(c);
        while (c->packet[3] == 1)
                hear(c);
        assert_int_equal(c->packet[3], 2);
        SAY(c, "\0\5\0\3Disk full\0");
        struct tftp_report r = wait_for_report(w, 0);
        assert_int_equal(r.outcome, TFTP_ABORTED);
        assert_int_equal(r.sent, 512);
        assert_true(r.resent >= 1);
        client_free(c);
}

static void test_limit_of_a_client(void **state) {
        struct world *w = *state;
        struct client *c[CLIENTS_TRANSFERS_MAX + 1];

        for (unsigned i = 0; i <= CLIENTS_TRANSFERS_MAX; i++) {
                c[i] = client_new(w);
                SAY(c[i], "\0\1file\0octet\0");
                if (i < CLIENTS_TRANSFERS_MAX)
                        hear(c[i]);
                else
                        hear_error(c[i], 0, "Too many transfers at once, try again later");
        }
        assert_int_equal(wait_for_report(w, 0).outcome, TFTP_REFUSED);
        assert_int_equal(atomic_load(&w->n_opened), CLIENTS_TRANSFERS_MAX); /* and nothing was done for it */
        SAY(c[0], "\0\5\0\0");
        (void)wait_for_report(w, 1);
        struct client *late = client_new(w);
        SAY(late, "\0\1file\0octet\0");
        hear(late);
        assert_int_equal(late->packet[1], TFTP_DATA);
        client_free(late);
        for (unsigned i = 0; i <= CLIENTS_TRANSFERS_MAX; i++)
                client_free(c[i]);
}

/* Transfers that run when the server stops are told so, and reported. */
static void test_stopping(void **state) {
        struct world *w = *state;
        struct client *c = client_new(w);

        SAY(c, "\0\1file\0octet\0");
        hear(c);
        tftp_server_stop(TAKE(w->server));
        while (c->packet[1] == TFTP_DATA)
                hear(c);
        assert_memory_equal(c->packet, "\0\5\0\0The server is stopping", 27);
        assert_int_equal(wait_for_report(w, 0).outcome, TFTP_BROKEN);
        client_free(c);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_fetching),          TEST(test_netascii),
                TEST(test_netascii_go_back),  TEST(test_answers_without_a_transfer),
                TEST(test_silence),           TEST(test_probes),
                TEST(test_stray_errors),      TEST(test_last_ack_lost),
                TEST(test_asked_twice),       TEST(test_lost_block),
                TEST(test_limit_of_a_client), TEST(test_stopping),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
