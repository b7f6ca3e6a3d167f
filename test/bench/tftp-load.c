/*
 * A load of TFTP clients: many simulated ones in a few threads, against any server. Compares every octet.
 *
 * tftp-load --file NAME[=LOCAL] [options], see usage(). With --from NET the clients are told apart by
 * address, as a shelf of boards is, and a thread has one socket (127.0.0.0/8 works as it is; for another net:
 * ip route add local NET dev lo). Without it they share one address, and each has its own socket.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tftp-load-client.h"

enum {
        FILES_MAX = 64,
        RECEIVE = 32, /* messages at once */
        RECEIVE_ROOM = 65536,
        SEND = 128,
        TICK_US = 10000,
        BUCKETS = 64 * 16, /* of a histogram: powers of two, in sixteenths */
        KERNEL_BUFFER = 8 << 20,
};

struct options {
        struct sockaddr_in server;
        struct load_file files[FILES_MAX];
        struct load_wish wish;
        unsigned clients, threads, seconds, rounds; /* @rounds 0: until the seconds are over */
        double loss;                                /* of each packet, each way; 0 to 1 */
        uint32_t from;                              /* first address, host order; 0: the kernel chooses */
        uint64_t seed;
        bool is_json, takes_large; /* UDP_GRO */
};

struct histogram {
        uint64_t n, counts[BUCKETS];
};

struct sums {
        uint64_t octets, files, misses, errors, ports_again;
        struct histogram answer_us, file_us;
        const char *last_error;
};

struct outgoing {
        struct sockaddr_in to;
        struct iovec vector;
        uint8_t octets[LOAD_PACKET_MAX];
        _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

struct thread {
        const struct options *o;
        pthread_t id;
        unsigned first, n, busy; /* clients: the first one's number, how many, how many not through */
        struct load_client *clients;
        int *sockets; /* one a client, or one */
        int epoll;
        uint64_t random, now_us, end_us;
        struct sums sums;

        struct mmsghdr in_headers[RECEIVE];
        struct sockaddr_in in_from[RECEIVE];
        struct iovec in_vectors[RECEIVE];
        uint8_t in_control[RECEIVE][128] __attribute__((aligned(8)));
        uint8_t *in_octets;

        struct mmsghdr out_headers[SEND];
        struct outgoing out[SEND];
        unsigned n_out;
        int out_socket;
};

static uint64_t now_us(void) {
        struct timespec t;
        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void die(const char *what) {
        perror(what);
        exit(1);
}

static void histogram_add(struct histogram *h, uint64_t v) {
        unsigned log = v < 16 ? 4 : (unsigned)(63 - __builtin_clzll(v));
        h->counts[v < 16 ? v : (log - 3) * 16 + ((v >> (log - 4)) & 15)]++;
        h->n++;
}

static uint64_t histogram_at(const struct histogram *h, double part) {
        uint64_t left = (uint64_t)((double)h->n * part);

        for (unsigned i = 0; i < BUCKETS; i++) {
                if (h->counts[i] > left)
                        return i < 16 ? i : (uint64_t)(16 + i % 16) << (i / 16 - 1);
                left -= h->counts[i];
        }
        return 0;
}

static bool is_lost(struct thread *t) {
        if (t->o->loss <= 0)
                return false;
        t->random ^= t->random << 13;
        t->random ^= t->random >> 7;
        t->random ^= t->random << 17;
        return (double)(t->random >> 11) / (double)(1ULL << 53) < t->o->loss;
}

static void flush(struct thread *t) {
        for (unsigned at = 0; at < t->n_out;) {
                int n = sendmmsg(t->out_socket, t->out_headers + at, t->n_out - at, 0);
                if (n <= 0 && errno != EAGAIN && errno != ECONNREFUSED)
                        die("send");
                at += n > 0 ? (unsigned)n : 1;
        }
        t->n_out = 0;
}

static void send_last(struct thread *t, unsigned i) {
        const struct load_client *c = &t->clients[i];
        int fd = t->sockets[t->o->from ? 0 : i];

        if (is_lost(t))
                return;
        if (t->n_out == SEND || (t->n_out > 0 && t->out_socket != fd))
                flush(t);
        t->out_socket = fd;
        struct outgoing *o = &t->out[t->n_out];
        struct msghdr *m = &t->out_headers[t->n_out++].msg_hdr;

        memcpy(o->octets, c->last, c->last_len);
        o->to = t->o->server;
        if (!c->last_to_listener)
                o->to.sin_port = htons(c->server_port);
        o->vector = (struct iovec){ o->octets, c->last_len };
        *m = (struct msghdr){
                .msg_name = &o->to, .msg_namelen = sizeof(o->to), .msg_iov = &o->vector, .msg_iovlen = 1
        };
        if (t->o->from) {
                struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(t->o->from + t->first + i) };
                struct cmsghdr *head = (struct cmsghdr *)(void *)o->control;
                head->cmsg_len = CMSG_LEN(sizeof(info));
                head->cmsg_level = IPPROTO_IP;
                head->cmsg_type = IP_PKTINFO;
                memcpy(CMSG_DATA(head), &info, sizeof(info));
                m->msg_control = o->control;
                m->msg_controllen = sizeof(o->control);
        }
}

static void begin_next(struct thread *t, unsigned i) {
        struct load_client *c = &t->clients[i];

        if (t->o->rounds && c->turn >= t->o->rounds) {
                t->busy--;
                return;
        }
        load_client_ask(c, t->now_us);
        send_last(t, i);
}

static void account(struct thread *t, unsigned i, const struct load_result *r) {
        struct sums *s = &t->sums;
        uint64_t took = t->now_us - t->clients[i].start_us;

        s->octets += r->octets;
        s->ports_again += r->is_port_again;
        if (r->is_first)
                histogram_add(&s->answer_us, took);
        if (r->reply)
                send_last(t, i);
        switch (r->event) {
        case LOAD_NOTHING:
        case LOAD_BLOCK:
                return;
        case LOAD_DONE:
                s->files++;
                histogram_add(&s->file_us, took);
                break;
        case LOAD_MISS:
                s->misses++;
                break;
        case LOAD_FAILED:
                s->errors++;
                s->last_error = r->why;
                break;
        }
        begin_next(t, i);
}

/* One message may hold many segments of one size, when the kernel did not cut it for us (UDP_GRO). */
static void take_message(struct thread *t, unsigned socket, struct mmsghdr *m) {
        unsigned i = socket;
        size_t segment = m->msg_len;

        for (struct cmsghdr *c = CMSG_FIRSTHDR(&m->msg_hdr); c; c = CMSG_NXTHDR(&m->msg_hdr, c)) {
                if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
                        int n;
                        memcpy(&n, CMSG_DATA(c), sizeof(n));
                        segment = (size_t)n;
                }
                if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
                        struct in_pktinfo info;
                        memcpy(&info, CMSG_DATA(c), sizeof(info));
                        i = ntohl(info.ipi_addr.s_addr) - t->o->from - t->first;
                }
        }
        if (i >= t->n)
                return;
        const struct sockaddr_in *from = m->msg_hdr.msg_name;
        const uint8_t *octets = m->msg_hdr.msg_iov->iov_base;
        for (size_t at = 0; at < m->msg_len; at += segment) {
                size_t len = m->msg_len - at < segment ? m->msg_len - at : segment;
                if (is_lost(t))
                        continue;
                struct load_result r = load_client_packet(&t->clients[i], ntohs(from->sin_port), octets + at,
                                                          len, t->now_us);
                account(t, i, &r);
        }
}

static void receive(struct thread *t, unsigned socket) {
        for (unsigned i = 0; i < RECEIVE; i++) {
                t->in_vectors[i] = (struct iovec){ t->in_octets + (size_t)i * RECEIVE_ROOM, RECEIVE_ROOM };
                t->in_headers[i].msg_hdr = (struct msghdr){
                        .msg_name = &t->in_from[i],
                        .msg_namelen = sizeof(t->in_from[i]),
                        .msg_iov = &t->in_vectors[i],
                        .msg_iovlen = 1,
                        .msg_control = t->in_control[i],
                        .msg_controllen = sizeof(t->in_control[i]),
                };
        }
        int n = recvmmsg(t->sockets[socket], t->in_headers, RECEIVE, MSG_DONTWAIT, NULL);
        for (int i = 0; i < n; i++)
                take_message(t, socket, &t->in_headers[i]);
}

static void open_socket(struct thread *t, unsigned i) {
        const int on = 1, buffer = KERNEL_BUFFER;
        struct epoll_event e = { .events = EPOLLIN, .data.u32 = i };

        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                die("socket");
        if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) < 0)
                (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
        if (t->o->takes_large)
                (void)setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on));
        if (t->o->from && setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0)
                die("IP_PKTINFO");
        if (epoll_ctl(t->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
                die("epoll");
        t->sockets[i] = fd;
}

static void tick(struct thread *t) {
        for (unsigned i = 0; i < t->n; i++) {
                struct load_result r = load_client_tick(&t->clients[i], t->now_us);
                account(t, i, &r);
        }
}

/* Says good-bye for what is not finished, so that the server does not go on sending. */
static void end_all(struct thread *t) {
        for (unsigned i = 0; i < t->n; i++) {
                struct load_client *c = &t->clients[i];
                if (c->state != LOAD_FETCHING)
                        continue;
                memcpy(c->last, "\0\5\0\0end of the run", 19);
                c->last_len = 19;
                c->last_to_listener = false;
                send_last(t, i);
        }
        flush(t);
}

static void *run(void *arg) {
        struct thread *t = arg;
        struct epoll_event events[64];
        uint64_t next_tick_us = 0;

        t->now_us = now_us();
        for (unsigned i = 0; i < t->n; i++)
                begin_next(t, i);
        flush(t);
        while (t->busy > 0 && t->now_us < t->end_us) {
                int n = epoll_wait(t->epoll, events, 64, TICK_US / 1000);
                t->now_us = now_us();
                for (int i = 0; i < n; i++)
                        receive(t, events[i].data.u32);
                if (t->now_us >= next_tick_us) {
                        tick(t);
                        next_tick_us = t->now_us + TICK_US;
                }
                flush(t);
        }
        end_all(t);
        return NULL;
}

static void prepare(struct thread *t, const struct options *o, unsigned number, uint64_t end_us) {
        t->o = o;
        t->first = o->clients * number / o->threads;
        t->n = t->busy = o->clients * (number + 1) / o->threads - t->first;
        t->clients = calloc(t->n, sizeof(*t->clients));
        t->sockets = calloc(t->n, sizeof(*t->sockets));
        t->in_octets = malloc((size_t)RECEIVE * RECEIVE_ROOM);
        t->epoll = epoll_create1(EPOLL_CLOEXEC);
        t->random = o->seed + number * 0x9e3779b97f4a7c15 + 1;
        t->end_us = end_us;
        if (!t->clients || !t->sockets || !t->in_octets || t->epoll < 0)
                die("setup");
        for (unsigned i = 0; i < t->n; i++)
                t->clients[i].wish = &o->wish;
        for (unsigned i = 0; i < (o->from ? 1 : t->n); i++)
                open_socket(t, i);
}

static void add(struct sums *to, const struct sums *s) {
        to->octets += s->octets;
        to->files += s->files;
        to->misses += s->misses;
        to->errors += s->errors;
        to->ports_again += s->ports_again;
        to->last_error = s->last_error ? s->last_error : to->last_error;
        to->answer_us.n += s->answer_us.n;
        to->file_us.n += s->file_us.n;
        for (unsigned i = 0; i < BUCKETS; i++) {
                to->answer_us.counts[i] += s->answer_us.counts[i];
                to->file_us.counts[i] += s->file_us.counts[i];
        }
}

static void print(const struct options *o, const struct sums *s, double seconds) {
        const struct {
                const char *name;
                double value;
        } rows[] = {
                { "seconds", seconds },
                { "mb_per_s", (double)s->octets / 1e6 / seconds },
                { "files_per_s", (double)s->files / seconds },
                { "misses_per_s", (double)s->misses / seconds },
                { "errors", (double)s->errors },
                { "files", (double)s->files },
                { "server_ports_used_again", (double)s->ports_again },
                { "answer_p50_ms", (double)histogram_at(&s->answer_us, 0.5) / 1000 },
                { "answer_p99_ms", (double)histogram_at(&s->answer_us, 0.99) / 1000 },
                { "file_p50_ms", (double)histogram_at(&s->file_us, 0.5) / 1000 },
                { "file_p99_ms", (double)histogram_at(&s->file_us, 0.99) / 1000 },
        };
        size_t n = sizeof(rows) / sizeof(rows[0]);

        for (size_t i = 0; i < n; i++)
                (void)printf(o->is_json ? "%s\"%s\": %.3f%s" : "%s%s %.3f%s", o->is_json && i == 0 ? "{" : "",
                             rows[i].name, rows[i].value, o->is_json ? i + 1 < n ? ", " : "}\n" : "\n");
        if (s->last_error)
                (void)fprintf(stderr, "tftp-load: an error was: %s\n", s->last_error);
}

static void usage(void) {
        (void)fprintf(stderr, "usage: tftp-load --file NAME[=LOCAL]... [--server A] [--port P] [--clients N] "
                              "[--threads N]\n"
                              "       [--blksize B] [--windowsize W] [--loss PERCENT] [--seconds S] "
                              "[--rounds N] [--from NET]\n"
                              "       [--timeout-ms T] [--seed N] [--miss] [--gro] [--json]\n"
                              "LOCAL: what NAME must contain. --rounds: files each client fetches; without "
                              "it they go on until\n"
                              "the seconds are over. --loss: of each packet, each way. --from: first address "
                              "of the clients.\n");
        exit(2);
}

/* NAME=LOCAL */
static void add_file(struct options *o, char *text) {
        struct load_file *f = &o->files[o->wish.n_files++];
        char *local = strchr(text, '=');
        struct stat status;

        if (o->wish.n_files > FILES_MAX)
                usage();
        f->name = text;
        if (!local)
                return;
        *local++ = '\0';
        int fd = open(local, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &status) < 0)
                die(local);
        f->size = (uint64_t)status.st_size;
        /* An empty file cannot be mapped; any address will do for no octets. */
        void *octets = f->size ? mmap(NULL, f->size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0) : text;
        if (octets == MAP_FAILED)
                die(local);
        f->octets = octets;
        (void)close(fd);
}

static uint32_t address(const char *text) {
        struct in_addr a;
        if (inet_pton(AF_INET, text, &a) != 1)
                usage();
        return ntohl(a.s_addr);
}

static void parse(struct options *o, int argc, char **argv) {
        static const struct option known[] = { { "file", 1, NULL, 'f' },
                                               { "server", 1, NULL, 's' },
                                               { "port", 1, NULL, 'p' },
                                               { "clients", 1, NULL, 'c' },
                                               { "threads", 1, NULL, 't' },
                                               { "blksize", 1, NULL, 'b' },
                                               { "windowsize", 1, NULL, 'w' },
                                               { "loss", 1, NULL, 'l' },
                                               { "seconds", 1, NULL, 'd' },
                                               { "rounds", 1, NULL, 'r' },
                                               { "from", 1, NULL, 'a' },
                                               { "timeout-ms", 1, NULL, 'T' },
                                               { "seed", 1, NULL, 'S' },
                                               { "miss", 0, NULL, 'm' },
                                               { "json", 0, NULL, 'j' },
                                               { "gro", 0, NULL, 'g' },
                                               {} };
        unsigned *numbers[256] = {
                ['c'] = &o->clients,         ['t'] = &o->threads, ['b'] = &o->wish.blksize,
                ['w'] = &o->wish.windowsize, ['d'] = &o->seconds, ['r'] = &o->rounds,
                ['T'] = &o->wish.timeout_ms,
        };

        for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
                if (c == '?')
                        usage();
                else if (numbers[c])
                        *numbers[c] = (unsigned)strtoul(optarg, NULL, 10);
                else if (c == 'f')
                        add_file(o, optarg);
                else if (c == 's')
                        o->server.sin_addr.s_addr = htonl(address(optarg));
                else if (c == 'p')
                        o->server.sin_port = htons((uint16_t)strtoul(optarg, NULL, 10));
                else if (c == 'l')
                        o->loss = strtod(optarg, NULL) / 100;
                else if (c == 'a')
                        o->from = address(optarg);
                else if (c == 'S')
                        o->seed = strtoull(optarg, NULL, 10);
                else if (c == 'm')
                        o->wish.expects_miss = true;
                else if (c == 'g')
                        o->takes_large = true;
                else
                        o->is_json = true;
        }
        if (optind < argc || o->wish.n_files == 0 || o->threads == 0 || o->clients < o->threads)
                usage();
}

int main(int argc, char **argv) {
        static struct options o = {
                .server = { .sin_family = AF_INET },
                .wish = { .files = o.files, .timeout_ms = 1000, .tries_max = 20 },
                .clients = 1,
                .threads = 1,
                .seconds = 3,
                .seed = 1,
        };
        static struct sums sums;

        o.server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        o.server.sin_port = htons(69);
        parse(&o, argc, argv);
        struct thread *threads = calloc(o.threads, sizeof(*threads));
        if (!threads)
                die("setup");
        uint64_t start_us = now_us(), end_us = start_us + o.seconds * 1000000ULL;
        for (unsigned i = 0; i < o.threads; i++)
                prepare(&threads[i], &o, i, end_us);
        for (unsigned i = 0; i < o.threads; i++)
                if (pthread_create(&threads[i].id, NULL, run, &threads[i]) != 0)
                        die("thread");
        for (unsigned i = 0; i < o.threads; i++) {
                (void)pthread_join(threads[i].id, NULL);
                add(&sums, &threads[i].sums);
        }
        print(&o, &sums, (double)(now_us() - start_us) / 1e6);
        return sums.errors ? 1 : 0;
}
