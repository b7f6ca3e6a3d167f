/*
 * A bad cable: carries Ethernet frames between two interfaces, and loses, delays, reorders and repeats some.
 *
 * For tests on kernels without netem. The same seed and the same frames meet the same fate. Both interfaces
 * are ends of a veth pair whose other ends have their checksum and segmentation offloads switched off. Linux,
 * packet(7).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
        FRAME_MAX = 2048,
        FRAMES_MAX = 65536, /* under way at once; what comes beyond is lost, as in a switch */
        ENDS = 2
};

/* What goes wrong, in thousandths of all frames and in microseconds. */
struct faults {
        uint64_t seed;
        unsigned loss, repeat, reorder;
        unsigned delay_us, jitter_us;
};

struct frame {
        uint64_t due_us;
        uint64_t number; /* frames that are due together keep their order */
        int to;
        size_t len;
        uint8_t octets[FRAME_MAX];
};

struct cable {
        struct faults faults;
        int ends[ENDS];
        uint64_t carried;
        struct frame **heap; /* the one due first lies on top */
        size_t n_frames;
};

static uint64_t draw(uint64_t *state) {
        uint64_t z = (*state += 0x9e3779b97f4a7c15U);

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
}

static bool happens(uint64_t *state, unsigned thousandths) {
        return draw(state) % 1000 < thousandths;
}

static uint64_t now_us(void) {
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static bool is_before(const struct frame *a, const struct frame *b) {
        return a->due_us != b->due_us ? a->due_us < b->due_us : a->number < b->number;
}

static void heap_push(struct cable *c, struct frame *f) {
        size_t at = c->n_frames++;

        while (at > 0 && is_before(f, c->heap[(at - 1) / 2])) {
                c->heap[at] = c->heap[(at - 1) / 2];
                at = (at - 1) / 2;
        }
        c->heap[at] = f;
}

static struct frame *heap_pop(struct cable *c) {
        struct frame *top = c->heap[0], *last = c->heap[--c->n_frames];
        size_t at = 0;

        for (;;) {
                size_t child = 2 * at + 1;
                if (child >= c->n_frames)
                        break;
                if (child + 1 < c->n_frames && is_before(c->heap[child + 1], c->heap[child]))
                        child++;
                if (!is_before(c->heap[child], last))
                        break;
                c->heap[at] = c->heap[child];
                at = child;
        }
        c->heap[at] = last;
        return top;
}

static void carry(struct cable *c, const struct frame *f, uint64_t due_us) {
        if (c->n_frames == FRAMES_MAX)
                return;
        struct frame *copy = malloc(sizeof(*copy));
        if (!copy)
                return;
        *copy = *f;
        copy->due_us = due_us;
        copy->number = c->carried++;
        heap_push(c, copy);
}

/* A frame that is reordered waits for twice the usual time and a millisecond more, so that later ones
 * overtake it. */
static void decide(struct cable *c, const struct frame *f, uint64_t now) {
        const struct faults *faults = &c->faults;
        uint64_t delay = faults->delay_us;

        if (happens(&c->faults.seed, faults->loss))
                return;
        if (faults->jitter_us)
                delay += draw(&c->faults.seed) % faults->jitter_us;
        if (happens(&c->faults.seed, faults->reorder))
                delay = 2 * delay + 1000;
        carry(c, f, now + delay);
        if (happens(&c->faults.seed, faults->repeat))
                carry(c, f, now + delay + 200);
}

static void receive(struct cable *c, int from) {
        struct frame f = { .to = 1 - from };

        for (;;) {
                ssize_t n = recv(c->ends[from], f.octets, sizeof(f.octets), MSG_DONTWAIT | MSG_TRUNC);
                if (n < 0)
                        return;
                f.len = (size_t)n;
                if (f.len <= sizeof(f.octets))
                        decide(c, &f, now_us());
        }
}

static void deliver(struct cable *c) {
        while (c->n_frames > 0 && c->heap[0]->due_us <= now_us()) {
                struct frame *f = heap_pop(c);

                (void)send(c->ends[f->to], f->octets, f->len, MSG_DONTWAIT);
                free(f);
        }
}

static int open_end(const char *interface) {
        struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
        const int on = 1, room = 16 << 20;

        at.sll_ifindex = (int)if_nametoindex(interface);
        int fd = at.sll_ifindex ? socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)) : -1;
        if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
            setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0) {
                (void)fprintf(stderr, "bad-cable: %s: %s\n", interface, strerror(errno));
                exit(1);
        }
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
        return fd;
}

static void run(struct cable *c) {
        struct pollfd ends[ENDS] = { { .fd = c->ends[0], .events = POLLIN },
                                     { .fd = c->ends[1], .events = POLLIN } };

        for (;;) {
                struct timespec wait = { 0 };
                if (c->n_frames > 0) {
                        uint64_t now = now_us(), due = c->heap[0]->due_us;
                        uint64_t left = due > now ? due - now : 0;
                        wait = (struct timespec){ (time_t)(left / 1000000), (long)(left % 1000000) * 1000 };
                }
                if (ppoll(ends, ENDS, c->n_frames > 0 ? &wait : NULL, NULL) < 0 && errno != EINTR)
                        return;
                receive(c, 0);
                receive(c, 1);
                deliver(c);
        }
}

static unsigned number(const char *text) {
        char *end;
        unsigned long n = strtoul(text, &end, 10);

        if (*end || end == text || n > 10000000) {
                (void)fprintf(stderr, "bad-cable: %s is not a number\n", text);
                exit(2);
        }
        return (unsigned)n;
}

int main(int argc, char **argv) {
        static const struct option options[] = {
                { "seed", required_argument, NULL, 's' },
                { "loss", required_argument, NULL, 'l' },
                { "repeat", required_argument, NULL, 'r' },
                { "reorder", required_argument, NULL, 'o' },
                { "delay-us", required_argument, NULL, 'd' },
                { "jitter-us", required_argument, NULL, 'j' },
                { NULL, 0, NULL, 0 },
        };
        static const char usage[] =
                "usage: bad-cable [--seed N] [--loss N] [--repeat N] [--reorder N] (thousandths)"
                " [--delay-us N] [--jitter-us N] INTERFACE INTERFACE\n";
        struct faults faults = { .seed = 1 };

        for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
                switch (o) {
                case 's':
                        faults.seed = number(optarg);
                        break;
                case 'l':
                        faults.loss = number(optarg);
                        break;
                case 'r':
                        faults.repeat = number(optarg);
                        break;
                case 'o':
                        faults.reorder = number(optarg);
                        break;
                case 'd':
                        faults.delay_us = number(optarg);
                        break;
                case 'j':
                        faults.jitter_us = number(optarg);
                        break;
                default:
                        (void)fputs(usage, stderr);
                        return 2;
                }
        }
        if (argc - optind != ENDS) {
                (void)fputs(usage, stderr);
                return 2;
        }

        struct cable cable = {
                .faults = faults,
                .ends = { open_end(argv[optind]), open_end(argv[optind + 1]) },
                .heap = calloc(FRAMES_MAX, sizeof(struct frame *)),
        };
        if (!cable.heap)
                return 1;
        (void)puts("ready");
        (void)fflush(stdout);
        run(&cable);
        return 1;
}
