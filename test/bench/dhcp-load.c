/*
 * Load for a DHCPv4 server: new clients, each with a MAC of its own, through DISCOVER, OFFER, REQUEST and
 * ACK.
 *
 * Closed loop: a number of clients is under way at any time; tells exchanges/s and their latency. Open loop
 * (--rate): so many begin each second whether the server follows or not; tells how many come to their end
 * within the time that a client waits. By frames on one interface, as clients on the link, or by UDP as their
 * relay. An address that two clients got is an error. Ends with status 0 when there was none and somebody was
 * served.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/reader.h"
#include "base/writer.h"
#include "io/clock.h"
#include "io/raw.h"
#include "net/dhcp4/frame.h"
#include "net/dhcp4/packet.h"

enum {
        BATCH = 64,
        ROOM = 1600,
        MESSAGE = 300,
        PATIENCE_MS = 2000,
        CLIENTS_MAX = 8 << 20,
        SOCKET_BUFFER = 16 << 20
};

enum state { IDLE, ASKED, REQUESTED, SERVED, GAVE_UP };

struct client {
        uint64_t start_us;
        uint32_t addr, latency_us;
        uint8_t state;
};

struct load {
        /* what is asked for */
        const char *interface;
        unsigned clients, outstanding, first;
        double rate, seconds; /* open loop when the rate is not 0 */
        uint32_t relay, server;

        int out, in;
        unsigned ifindex;
        struct client *all;
        unsigned n_started, n_served, n_given_up, n_naks, oldest; /* all before @oldest have ended */
        uint64_t n_sent, n_received;
        uint64_t last_start_us; /* when the last client began */

        uint8_t frames[BATCH][DHCP4_FRAME_HEAD + MESSAGE];
        unsigned n_frames;
        uint8_t received[BATCH][ROOM];
};

/* ---- messages ---- */

static void put_option_u32(struct writer *w, uint8_t number, uint32_t v) {
        write_u8(w, number);
        write_u8(w, 4);
        write_u32(w, v);
}

static void mac_of(unsigned client, uint8_t mac[static 6]) {
        const uint8_t octets[6] = { 2,
                                    0xdc,
                                    (uint8_t)(client >> 24),
                                    (uint8_t)(client >> 16),
                                    (uint8_t)(client >> 8),
                                    (uint8_t)client };
        memcpy(mac, octets, sizeof(octets));
}

static void write_message(const struct load *l, uint8_t *message, unsigned i, uint8_t type, uint32_t addr,
                          uint32_t server) {
        struct writer w = writer_of(message, MESSAGE);
        uint8_t mac[6];

        mac_of(l->first + i, mac);
        write_octets(&w, (const uint8_t[]){ 1, 1, 6, l->relay ? 1 : 0 }, 4);
        write_u32(&w, i);
        write_zeros(&w, 16);
        write_u32(&w, l->relay);
        write_octets(&w, mac, sizeof(mac));
        write_zeros(&w, 10 + 64 + 128);
        write_u32(&w, 0x63825363);
        write_octets(&w, (const uint8_t[]){ DHCP4_OPTION_TYPE, 1, type }, 3);
        if (type == DHCP4_REQUEST) {
                put_option_u32(&w, DHCP4_OPTION_ADDRESS, addr);
                put_option_u32(&w, DHCP4_OPTION_SERVER, server);
        }
        write_octets(&w, (const uint8_t[]){ DHCP4_OPTION_PARAMETERS, 3, 1, 3, 6, DHCP4_OPTION_END }, 6);
        write_zeros(&w, writer_left(&w));
}

static void flush(struct load *l) {
        struct raw_frame frames[BATCH];
        struct mmsghdr messages[BATCH] = {};
        struct iovec iov[BATCH];

        for (unsigned i = 0; i < l->n_frames; i++) {
                frames[i] = (struct raw_frame){ l->ifindex, l->frames[i], sizeof(l->frames[i]) };
                iov[i] = (struct iovec){ l->frames[i] + DHCP4_FRAME_HEAD, MESSAGE };
                messages[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
        }
        if (l->relay)
                (void)sendmmsg(l->out, messages, l->n_frames,
                               0); /* what is lost is lost: that is what is measured */
        else
                (void)raw_send(l->out, frames, l->n_frames);
        l->n_sent += l->n_frames;
        l->n_frames = 0;
}

static void say(struct load *l, unsigned i, uint8_t type, uint32_t addr, uint32_t server) {
        if (l->n_frames == BATCH)
                flush(l);
        uint8_t *frame = l->frames[l->n_frames++];
        write_message(l, frame + DHCP4_FRAME_HEAD, i, type, addr, server);
        if (l->relay)
                return;
        struct dhcp4_ends ends = {
                .dst_mac = dhcp4_mac_broadcast, .dst = UINT32_MAX, .src_port = 68, .dst_port = 67
        };
        mac_of(l->first + i, ends.src_mac.octets);
        dhcp4_frame_write_head(frame, MESSAGE, &ends);
}

/* ---- clients ---- */

static void start(struct load *l, uint64_t now_us) {
        struct client *c = &l->all[l->n_started];
        c->start_us = l->last_start_us = now_us;
        c->state = ASKED;
        say(l, l->n_started++, DHCP4_DISCOVER, 0, 0);
}

static void end(struct load *l, struct client *c, enum state state, uint64_t now_us) {
        c->state = (uint8_t)state;
        c->latency_us = (uint32_t)(now_us - c->start_us);
        if (state == SERVED)
                l->n_served++;
        else
                l->n_given_up++;
}

/* The few fields that a client looks at, without a parser's cost. */
static void hear(struct load *l, const uint8_t *message, size_t len, uint64_t now_us) {
        struct reader r = reader_of(message, len);
        uint8_t mac[6], type = 0;
        uint32_t server = 0;

        (void)read_octets(&r, 4);
        uint32_t i = read_u32(&r);
        (void)read_octets(&r, 8);
        uint32_t addr = read_u32(&r);
        (void)read_octets(&r, 8);
        const uint8_t *chaddr = read_octets(&r, 6);
        (void)read_octets(&r, 10 + 64 + 128 + 4);
        while (reader_left(&r) > 0 && (type == 0 || server == 0)) {
                uint8_t number = read_u8(&r), size = number == 0 || number == 255 ? 0 : read_u8(&r);
                struct reader value = reader_of(r.at, size < reader_left(&r) ? size : reader_left(&r));
                (void)read_octets(&r, size);
                if (number == DHCP4_OPTION_TYPE)
                        type = read_u8(&value);
                if (number == DHCP4_OPTION_SERVER)
                        server = read_u32(&value);
        }
        mac_of(l->first + i, mac);
        if (r.bad || i >= l->n_started || memcmp(mac, chaddr, sizeof(mac)) != 0)
                return;

        struct client *c = &l->all[i];
        l->n_received++;
        if (type == DHCP4_OFFER && c->state == ASKED) {
                c->state = REQUESTED;
                c->addr = addr;
                say(l, i, DHCP4_REQUEST, addr, server);
        } else if (type == DHCP4_ACK && c->state == REQUESTED) {
                end(l, c, addr == c->addr ? SERVED : GAVE_UP, now_us);
        } else if (type == DHCP4_NAK && c->state == REQUESTED) {
                l->n_naks++;
                end(l, c, GAVE_UP, now_us);
        }
}

static void receive(struct load *l) {
        struct mmsghdr messages[BATCH] = {};
        struct iovec iov[BATCH];

        for (;;) {
                for (int i = 0; i < BATCH; i++) {
                        iov[i] = (struct iovec){ l->received[i], ROOM };
                        messages[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
                }
                int n = recvmmsg(l->in, messages, BATCH, MSG_DONTWAIT, NULL);
                uint64_t now_us = clock_now_us();
                for (int i = 0; i < n; i++) {
                        struct dhcp4_ends ends;
                        const uint8_t *message = l->received[i];
                        size_t len = messages[i].msg_len;
                        if (l->relay || dhcp4_frame_parse(message, len, &ends, &message, &len) == 0)
                                hear(l, message, len, now_us);
                }
                if (n < BATCH)
                        return;
        }
}

/* Clients end in about the order in which they began, so those who waited too long are found from the oldest
 * on. */
static void give_up_old(struct load *l, uint64_t now_us) {
        while (l->oldest < l->n_started) {
                struct client *c = &l->all[l->oldest];
                if (c->state == ASKED || c->state == REQUESTED) {
                        if (c->start_us + PATIENCE_MS * 1000ull > now_us)
                                return;
                        end(l, c, GAVE_UP, now_us);
                }
                l->oldest++;
        }
}

static unsigned n_due(const struct load *l, uint64_t begin_us, uint64_t now_us) {
        unsigned n_open = l->n_started - l->n_served - l->n_given_up;
        unsigned due = l->rate > 0 ? (unsigned)((double)(now_us - begin_us) * 1e-6 * l->rate)
                                   : l->n_started + (l->outstanding > n_open ? l->outstanding - n_open : 0);
        return due < l->clients ? due : l->clients;
}

/* Returns the seconds that clients came in (open loop), or that all took to be served. */
static double run(struct load *l) {
        uint64_t begin_us = clock_now_us(), now_us = begin_us;

        while (l->n_served + l->n_given_up < l->clients) {
                /* A generator that fell behind does not catch up in one burst. */
                unsigned due = n_due(l, begin_us, now_us), n = 0;
                while (l->n_started < due && n++ < 4 * BATCH)
                        start(l, now_us);
                flush(l);
                struct pollfd p = { .fd = l->in, .events = POLLIN };
                struct timespec wait = { .tv_nsec = l->rate > 0 ? 200000 : 50000000 };
                (void)ppoll(&p, 1, &wait, NULL);
                receive(l);
                now_us = clock_now_us();
                give_up_old(l, now_us);
        }
        flush(l);
        return (double)((l->rate > 0 ? l->last_start_us : now_us) - begin_us) * 1e-6;
}

/* ---- the result ---- */

static int compare_u32(const void *a, const void *b) {
        const uint32_t *x = a, *y = b;
        return (*x > *y) - (*x < *y);
}

/* Sorts what @pick gives for the clients that were served. */
static uint32_t *sorted(const struct load *l, bool by_latency) {
        uint32_t *values = calloc(l->n_served + 1, sizeof(*values));
        unsigned n = 0;
        for (unsigned i = 0; values && i < l->n_started; i++)
                if (l->all[i].state == SERVED)
                        values[n++] = by_latency ? l->all[i].latency_us : l->all[i].addr;
        if (values)
                qsort(values, n, sizeof(*values), compare_u32);
        return values;
}

static unsigned count_doubles(const struct load *l) {
        uint32_t *addrs = sorted(l, false);
        unsigned n = 0;
        for (unsigned i = 1; addrs && i < l->n_served; i++)
                n += addrs[i] == addrs[i - 1];
        free(addrs);
        return n;
}

static int report(const struct load *l, double took_s) {
        uint32_t *latency = sorted(l, true);
        unsigned n = l->n_served, doubles = count_doubles(l);
        struct rusage usage = {};

        (void)getrusage(RUSAGE_SELF, &usage);
        (void)printf("started %u served %u gave-up %u naks %u doubles %u\n", l->n_started, n, l->n_given_up,
                     l->n_naks, doubles);
        (void)printf("began/s %.0f exchanges/s %.0f  latency ms p50 %.2f p99 %.2f max %.2f  own cpu s %.2f "
                     "of %.2f\n",
                     l->n_started / took_s, (double)n / took_s, latency && n ? latency[n / 2] * 1e-3 : 0.0,
                     latency && n ? latency[(uint64_t)n * 99 / 100] * 1e-3 : 0.0,
                     latency && n ? latency[n - 1] * 1e-3 : 0.0,
                     (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                             (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6,
                     took_s);
        free(latency);
        return n == 0 || doubles > 0;
}

/* ---- start ---- */

static int open_relay(struct load *l) {
        int size = SOCKET_BUFFER;
        struct sockaddr_in us = { .sin_family = AF_INET,
                                  .sin_port = htons(67),
                                  .sin_addr.s_addr = htonl(l->relay) };
        struct sockaddr_in them = { .sin_family = AF_INET,
                                    .sin_port = htons(67),
                                    .sin_addr.s_addr = htonl(l->server) };

        l->in = l->out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (l->in < 0 || bind(l->in, (struct sockaddr *)&us, sizeof(us)) < 0 ||
            connect(l->in, (struct sockaddr *)&them, sizeof(them)) < 0)
                return -errno;
        (void)setsockopt(l->in, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
        return 0;
}

static int open_frames(struct load *l) {
        int size = SOCKET_BUFFER;
        l->out = raw_open_sender();
        l->in = raw_open_udp(l->ifindex, DHCP4_PORT_CLIENT);
        if (l->out < 0 || l->in < 0)
                return l->out < 0 ? l->out : l->in;
        (void)setsockopt(l->in, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
        return 0;
}

static uint32_t parse_addr(const char *text) {
        struct in_addr in = {};
        return inet_pton(AF_INET, text, &in) == 1 ? ntohl(in.s_addr) : 0;
}

static const char usage_text[] = "usage: dhcp-load INTERFACE [--clients N] [--outstanding N] [--first N]\n"
                                 "                 [--rate PER_SECOND --seconds S]  open loop, instead of "
                                 "--clients and --outstanding\n"
                                 "                 [--relay OWN_ADDRESS --server ADDRESS]\n";

static int parse_arguments(struct load *l, int argc, char **argv) {
        static const struct option options[] = {
                { "clients", required_argument, NULL, 'c' }, { "outstanding", required_argument, NULL, 'o' },
                { "first", required_argument, NULL, 'f' },   { "rate", required_argument, NULL, 'r' },
                { "seconds", required_argument, NULL, 's' }, { "relay", required_argument, NULL, 'g' },
                { "server", required_argument, NULL, 'S' },  {},
        };
        for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
                switch (c) {
                case 'c':
                        l->clients = (unsigned)strtoul(optarg, NULL, 10);
                        break;
                case 'o':
                        l->outstanding = (unsigned)strtoul(optarg, NULL, 10);
                        break;
                case 'f':
                        l->first = (unsigned)strtoul(optarg, NULL, 10);
                        break;
                case 'r':
                        l->rate = strtod(optarg, NULL);
                        break;
                case 's':
                        l->seconds = strtod(optarg, NULL);
                        break;
                case 'g':
                        l->relay = parse_addr(optarg);
                        break;
                case 'S':
                        l->server = parse_addr(optarg);
                        break;
                default:
                        return -EINVAL;
                }
        }
        if (optind + 1 != argc)
                return -EINVAL;
        l->interface = argv[optind];
        if (l->rate > 0)
                l->clients = (unsigned)(l->rate * l->seconds);
        return l->clients == 0 || l->clients > CLIENTS_MAX ? -EINVAL : 0;
}

int main(int argc, char **argv) {
        static struct load l = { .clients = 20000, .outstanding = 64, .seconds = 5 };

        if (parse_arguments(&l, argc, argv) < 0) {
                (void)fputs(usage_text, stderr);
                return 2;
        }
        l.ifindex = if_nametoindex(l.interface);
        l.all = calloc(l.clients, sizeof(*l.all));
        int r = l.ifindex == 0 || !l.all ? -errno : l.relay ? open_relay(&l) : open_frames(&l);
        if (r < 0) {
                (void)fprintf(stderr, "dhcp-load: %s: %s\n", l.interface, strerror(-r));
                return 2;
        }
        r = report(&l, run(&l));
        free(l.all);
        return r;
}
