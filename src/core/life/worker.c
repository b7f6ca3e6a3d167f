/* The clock and the sockets of core/life; see worker.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/text.h"
#include "core/life/worker.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "io/log.h"

enum {
        TICK_MS = 1000,
        PROBE_EVERY_MS = 5000, /* a system takes a minute to start: often enough, and no flood */
        PROBE_WAIT_MS = 4000,
        PROBES_MAX = 256, /* sockets at once; the others wait for their turn */
        SSH_PORT = 22
};

/* One machine that is to answer by SSH. */
struct probe {
        struct list link;
        struct life_worker *worker;
        uint64_t machine;
        struct ip_addr ip;
        int fd; /* -1: not asked now */
        struct loop_io *io;
        uint64_t next_ms, given_up_ms;
};

struct life_worker {
        struct life_worker_config config;
        struct life *life;
        struct loop_timer *tick;
        struct list probes;
        unsigned n_open;
};

static void close_probe(struct probe *p) {
        if (p->fd < 0)
                return;
        loop_unwatch(TAKE(p->io));
        (void)close(p->fd);
        p->fd = -1;
        p->worker->n_open--;
}

static void end_probe(struct probe *p) {
        close_probe(p);
        list_remove(&p->link);
        free(p);
}

/* RFC 4253 section 4.2: the server speaks first, and begins so. */
static void on_answer(void *ctx) {
        struct probe *p = ctx;
        char banner[4];
        ssize_t n = recv(p->fd, banner, sizeof(banner), MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n != sizeof(banner) || memcmp(banner, "SSH-", sizeof(banner)) != 0) {
                close_probe(p); /* refused, or something else listens there: again in a while */
                return;
        }
        struct life *life = p->worker->life;
        uint64_t machine = p->machine;
        end_probe(p);
        life_probed(life, machine);
}

static void ask_by_ssh(struct probe *p, uint64_t now_ms) {
        struct life_worker *w = p->worker;
        const struct sockaddr_in to = { .sin_family = AF_INET,
                                        .sin_port = htons(w->config.ssh_port),
                                        .sin_addr = { htonl(ip_to_v4(&p->ip)) } };

        p->next_ms = now_ms + PROBE_EVERY_MS;
        p->given_up_ms = now_ms + PROBE_WAIT_MS;
        p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (p->fd < 0)
                return;
        w->n_open++;
        if (connect(p->fd, (const struct sockaddr *)&to, sizeof(to)) == 0 || errno == EINPROGRESS)
                p->io = loop_watch(w->config.loop, p->fd, on_answer, p);
        if (!p->io)
                close_probe(p);
}

/* Whether an answer of the machine still means something. */
static bool is_awaited(const struct site *s, const struct probe *p) {
        const struct machine *m = site_machine(s, p->machine);
        return m && m->state == STATE_DEPLOYING && m->boots_own;
}

static void go_on_asking(struct life_worker *w) {
        if (list_is_empty(&w->probes))
                return;
        CLEANUP(site_drop_at) struct site *s = w->config.keeper.site(w->config.keeper.ctx);
        uint64_t now_ms = clock_now_ms();

        LIST_FOR_EACH(link, &w->probes) {
                struct probe *p = LIST_ITEM(link, struct probe, link);
                if (!is_awaited(s, p)) {
                        end_probe(p);
                        continue;
                }
                if (p->fd >= 0 && now_ms >= p->given_up_ms)
                        close_probe(p);
                if (p->fd < 0 && now_ms >= p->next_ms && w->n_open < PROBES_MAX)
                        ask_by_ssh(p, now_ms);
        }
}

static void on_tick(void *ctx) {
        struct life_worker *w = ctx;

        (void)life_tick(w->life, clock_unix_s());
        go_on_asking(w);
}

static struct probe *find_probe(struct life_worker *w, uint64_t machine) {
        LIST_FOR_EACH(link, &w->probes) {
                struct probe *p = LIST_ITEM(link, struct probe, link);
                if (p->machine == machine)
                        return p;
        }
        return NULL;
}

static void probe(void *ctx, uint64_t machine, const struct ip_addr *ip) {
        struct life_worker *w = ctx;
        struct probe *p = find_probe(w, machine);

        if (ip->family != IP_V4)
                return;
        if (p) {
                if (!ip_equal(&p->ip, ip))
                        close_probe(p);
                p->ip = *ip;
                return;
        }
        p = calloc(1, sizeof(*p));
        if (!p) {
                log_error("life: out of memory, nobody asks a machine whether it is up");
                return;
        }
        *p = (struct probe){ .worker = w, .machine = machine, .ip = *ip, .fd = -1 };
        list_append(&w->probes, &p->link);
}

static void new_token(void *ctx, char hex[static TOKEN_TEXT_SIZE],
                      uint8_t hash[static MACHINE_TOKEN_HASH_SIZE]) {
        uint8_t octets[MACHINE_TOKEN_HASH_SIZE];
        (void)ctx;

        random_octets(octets, sizeof(octets));
        (void)text_hex(octets, sizeof(octets), hex);
        struct sha256 *h = sha256_new();
        if (!h)
                abort(); /* without memory for a hash nothing could go on */
        sha256_update(h, hex, strlen(hex));
        sha256_finish(h, hash);
}

int life_worker_start(const struct life_worker_config *config, struct life_worker **ret,
                      struct error *reterr) {
        CLEANUP(life_worker_stop_at) struct life_worker *w = calloc(1, sizeof(*w));
        if (!w)
                return error_set(reterr, -ENOMEM, "life: out of memory");
        w->config = *config;
        if (w->config.ssh_port == 0)
                w->config.ssh_port = SSH_PORT;
        list_init(&w->probes);
        const struct life_config life = { .keeper = config->keeper,
                                          .power = config->power,
                                          .storage = config->storage,
                                          .token = new_token,
                                          .probe = probe,
                                          .ctx = w,
                                          .roots = config->roots,
                                          .lack = config->lack,
                                          .hash_key = random_hash_key(),
                                          .first_job = (uint64_t)clock_unix_ms() };
        w->life = life_new(&life);
        w->tick = loop_timer_new(config->loop, on_tick, w);
        if (!w->life || !w->tick)
                return error_set(reterr, -ENOMEM, "life: out of memory");
        life_resume(w->life, clock_unix_s());
        loop_timer_set(w->tick, TICK_MS, TICK_MS);
        *ret = TAKE(w);
        return 0;
}

void life_worker_stop(struct life_worker *w) {
        if (!w)
                return;
        LIST_FOR_EACH(link, &w->probes)
        end_probe(LIST_ITEM(link, struct probe, link));
        loop_timer_free(w->tick);
        life_free(w->life);
        free(w);
}

struct life *life_worker_life(struct life_worker *w) {
        return w->life;
}
