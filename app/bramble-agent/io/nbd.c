/* NBD; see nbd.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/bramble-agent/io/nbd.h"
#include "app/bramble-agent/io/nbd_netlink.h"
#include "app/bramble-agent/io/reach.h"
#include "app/bramble-agent/places.h"
#include "app/bramble-agent/root/nbd_packet.h"
#include "base/text.h"

enum {
        REQUEST_S = 30, /* a server that answers no request for so long is asked over another connection */
        DEAD_S = 7 * 24 * 3600, /* how long a system waits for its disk: longer than any repair should take */
        AGAIN_MS = 500,         /* between two tries to reach a server that is away; doubles */
        AGAIN_MAX_MS = 5000,
        TAKEN_MAX = 10,   /* times that the driver says so; it notices a death within moments */
        KEEP_IDLE_S = 10, /* a server that vanished without a word is noticed after half a minute */
        KEEP_EVERY_S = 5,
        KEEP_TRIES = 4,
        WORD_SIZE = 256, /* what the program says when it has begun: "0", or "ERRNO sentence" */
        EXEC_FAILED = 127
};

/* ---- the handshake ---- */

static int send_all(int fd, const void *data, size_t len) {
        return send(fd, data, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : errno ? -errno : -EIO;
}

static int receive_all(int fd, void *data, size_t len) {
        ssize_t n = len ? recv(fd, data, len, MSG_WAITALL) : 0;
        return n < 0 ? -errno : (size_t)n < len ? -ECONNRESET : 0;
}

static void keep_alive(int fd) {
        static const struct {
                int level, name, value;
        } rows[] = {
                { SOL_SOCKET, SO_KEEPALIVE, 1 },
                { IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S },
                { IPPROTO_TCP, TCP_KEEPINTVL, KEEP_EVERY_S },
                { IPPROTO_TCP, TCP_KEEPCNT, KEEP_TRIES },
                { IPPROTO_TCP, TCP_NODELAY, 1 },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                (void)setsockopt(fd, rows[i].level, rows[i].name, &rows[i].value, sizeof(rows[i].value));
}

static int away(const struct nbd_at *at, int error, struct error *reterr) {
        return error_set(reterr, -EAGAIN, "the NBD server at %s port %u is away: %s", at->server, at->port,
                         error == -EAGAIN ? "it does not answer" : strerror(-error));
}

/* Replies until one says that the kernel may go on. */
static int hear_replies(const struct nbd_at *at, int fd, struct nbd_export *ret, struct error *reterr) {
        uint8_t head[NBD_REPLY_SIZE], data[NBD_REPLY_DATA_MAX];
        struct nbd_reply reply;

        for (unsigned i = 0; i < NBD_REPLIES_MAX; i++) {
                int r = receive_all(fd, head, sizeof(head));
                if (r < 0)
                        return away(at, r, reterr);
                r = nbd_reply_parse(head, &reply, reterr);
                if (r < 0)
                        return r;
                r = receive_all(fd, data, reply.len);
                if (r < 0)
                        return away(at, r, reterr);
                if (reply.kind == NBD_IS_READY)
                        return 0;
                /* It may be a moment before a server that starts has all that it is to have. */
                if (reply.kind == NBD_REFUSES)
                        return error_set(reterr, -EAGAIN, "the NBD server at %s does not give \"%s\": %s",
                                         at->server, at->export, nbd_refusal(&reply));
                if (nbd_info_parse(data, reply.len, ret) < 0)
                        break;
        }
        return error_set(reterr, -EPROTO, "the NBD server at %s says what makes no sense", at->server);
}

static int shake_hands(const struct nbd_at *at, int fd, struct nbd_export *ret, struct error *reterr) {
        uint8_t greeting[NBD_GREETING_SIZE], wish[NBD_GO_SIZE];

        *ret = (struct nbd_export){ 0 };
        int r = receive_all(fd, greeting, sizeof(greeting));
        if (r < 0)
                return away(at, r, reterr);
        r = nbd_greeting_parse(greeting, reterr);
        if (r < 0)
                return r;
        r = send_all(fd, wish, nbd_go_write(at->export, wish));
        if (r < 0)
                return away(at, r, reterr);
        r = hear_replies(at, fd, ret, reterr);
        if (r == 0 && ret->size == 0)
                return error_set(reterr, -EPROTO, "the NBD server at %s gives \"%s\" no size", at->server,
                                 at->export);
        return r;
}

/* A connection on which the kernel can go on, or negative with a sentence. */
static int connect_to(const struct nbd_at *at, struct nbd_export *ret, struct error *reterr) {
        int fd = reach_connect(at->server, at->port);

        if (fd < 0)
                return away(at, fd, reterr);
        keep_alive(fd);
        int r = shake_hands(at, fd, ret, reterr);
        if (r < 0) {
                (void)close(fd);
                return r;
        }
        reach_limit(fd, 0);
        return fd;
}

/* ---- the program that stays ---- */

struct resident {
        struct nbd_at at;
        struct nbd_device device;
        struct nbd_export export;
        int kmsg;
};

/* Into the kernel's log, which the system's journal reads: the console is not this program's any more. */
static void say(const struct resident *r, const char *what) {
        char line[WORD_SIZE];
        int n = snprintf(line, sizeof(line), "<5>bramble: nbd%u: %s\n", r->device.index, what);

        if (r->kmsg >= 0 && n > 0)
                (void)!write(r->kmsg, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

static void nap(unsigned ms) {
        (void)nanosleep(
                &(struct timespec){ .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 },
                NULL);
}

/* The driver shuts a connection down that it gives up, and whoever else has it open sees that. */
static void wait_for_death(int fd) {
        struct pollfd p = { .fd = fd, .events = POLLRDHUP };

        while (poll(&p, 1, -1) < 0 && errno == EINTR)
                ;
}

/* Another connection, in the kernel's hands; or negative, with a sentence where the server is the cause. */
static int renew_once(const struct resident *r, struct error *reterr) {
        struct nbd_export now;
        int fd = connect_to(&r->at, &now, reterr);

        if (fd < 0)
                return fd;
        int result = now.size == r->export.size
                             ? nbd_netlink_reconnect(&r->device, fd)
                             : error_set(reterr, -EMEDIUMTYPE,
                                         "the server has another disk under this name: it is not used");
        if (result < 0)
                (void)close(fd);
        return result < 0 ? result : fd;
}

/* In the place of the connection that died; -errno: the device was let go, or is somebody else's. */
static int renew(const struct resident *r, int *fd) {
        unsigned n_taken = 0;
        bool is_told = false;

        for (unsigned wait_ms = AGAIN_MS;;
             wait_ms = wait_ms < AGAIN_MAX_MS / 2 ? 2 * wait_ms : AGAIN_MAX_MS) {
                struct error error = { 0 };
                int next = renew_once(r, &error);
                if (next >= 0) {
                        (void)close(*fd);
                        *fd = next;
                        say(r, "connected again");
                        return 0;
                }
                n_taken = next == -ENOSPC ? n_taken + 1 : 0; /* the driver misses no connection */
                if (next == -EINVAL || next == -ENODEV || n_taken == TAKEN_MAX)
                        return next;
                if (!is_told && error.text[0])
                        say(r, error.text);
                is_told = is_told || error.text[0];
                nap(wait_ms);
        }
}

static void tell_begin(int fd, int result, const char *sentence) {
        char word[WORD_SIZE];
        int n = snprintf(word, sizeof(word), "%d %s", -result, sentence);

        (void)!write(fd, word, (size_t)n < sizeof(word) ? (size_t)n : sizeof(word) - 1);
        (void)close(fd);
}

/* Nothing of it may have to come from the disk that it keeps alive, nor be taken for what memory is short of.
 */
static void be_steadfast(void) {
        int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

        (void)prctl(PR_SET_NAME, &NBD_PROGRAM[1]);
        (void)mlockall(MCL_CURRENT | MCL_FUTURE);
        if (fd < 0)
                return;
        (void)!write(fd, "-1000", 5);
        (void)close(fd);
}

static bool read_arguments(int argc, char **argv, struct resident *ret, int *word_fd) {
        uint64_t port, index, fd;

        if (argc != 6 || text_parse_u64(argv[2], UINT16_MAX, &port) < 0 || strlen(argv[3]) > NBD_EXPORT_MAX ||
            text_parse_u64(argv[4], UINT8_MAX, &index) < 0 || text_parse_u64(argv[5], INT16_MAX, &fd) < 0)
                return false;
        ret->at = (struct nbd_at){ .server = argv[1], .port = (uint16_t)port, .export = argv[3] };
        ret->device =
                (struct nbd_device){ .index = (unsigned)index, .dead_s = DEAD_S, .request_s = REQUEST_S };
        *word_fd = (int)fd;
        return true;
}

int nbd_main(int argc, char **argv) {
        struct resident r = { 0 };
        struct error error = { 0 };
        int word_fd;

        if (!read_arguments(argc, argv, &r, &word_fd))
                return EXIT_FAILURE;
        (void)signal(SIGPIPE, SIG_IGN);
        r.kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
        int fd = connect_to(&r.at, &r.export, &error), result = fd;
        if (fd >= 0)
                result = nbd_netlink_connect(&r.device, &r.export, fd);
        if (fd >= 0 && result < 0)
                (void)error_set(&error, result, "the kernel's NBD driver does not take the connection: %s",
                                strerror(-result));
        tell_begin(word_fd, result < 0 ? result : 0, error.text);
        if (result < 0)
                return EXIT_FAILURE;
        be_steadfast();
        do {
                wait_for_death(fd);
                say(&r, "the connection to its server is dead; what is written waits");
        } while (renew(&r, &fd) == 0);
        return EXIT_SUCCESS;
}

/* ---- who starts it ---- */

/* Between fork and exec only system calls are made. */
static void become_resident(const struct nbd_at *at, const char *port, const char *index, const char *fd,
                            int word) {
        const char *const argv[] = { NBD_PROGRAM, at->server, port, at->export, index, fd, NULL };
        const char *const env[] = { NULL };

        (void)setsid();
        (void)fcntl(word, F_SETFD, 0);
        (void)execve(PLACE_AGENT, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
        _exit(EXEC_FAILED);
}

/* What it says when it has begun, or failed to: 0 or its -errno with its sentence. */
static int hear_word(int fd, struct error *reterr) {
        char word[WORD_SIZE];
        ssize_t n;

        while ((n = read(fd, word, sizeof(word) - 1)) < 0 && errno == EINTR)
                ;
        word[n > 0 ? n : 0] = '\0';
        char *sentence = strchr(word, ' ');
        uint64_t error = EIO;
        if (sentence)
                *sentence++ = '\0';
        if (text_parse_u64(word, 4095, &error) < 0)
                error = EIO;
        return error ? error_set(reterr, -(int)error, "%s",
                                 sentence && *sentence ? sentence : "the NBD client ended")
                     : 0;
}

int nbd_attach(const struct nbd_at *at, unsigned index, char device[static NBD_DEVICE_SIZE],
               struct error *reterr) {
        char port[8], number[8], word[16];
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return error_set(reterr, -errno, "the NBD client cannot be started: %s", strerror(errno));
        (void)snprintf(port, sizeof(port), "%u", at->port);
        (void)snprintf(number, sizeof(number), "%u", index);
        (void)snprintf(word, sizeof(word), "%d", ends[1]);
        pid_t pid = fork();
        if (pid == 0)
                become_resident(at, port, number, word, ends[1]);
        (void)close(ends[1]);
        int r = pid < 0 ? error_set(reterr, -errno, "the NBD client cannot be started: %s", strerror(errno))
                        : hear_word(ends[0], reterr);
        (void)close(ends[0]);
        if (r < 0 && pid > 0)
                while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        (void)snprintf(device, NBD_DEVICE_SIZE, "/dev/nbd%u", index);
        return r;
}

void nbd_detach(unsigned index) {
        (void)!nbd_netlink_disconnect(index); /* most times there is nothing to let go */
}
