/* What diskless machines have on this server; see storage.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/brambled/storage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/map.h"
#include "base/text.h"
#include "core/export/request.h"
#include "core/life/storage.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "io/log.h"

enum {
        TICK_MS = 2000,
        HELLO_S = 10,     /* it answers at once, but for one that waits for its predecessor's end */
        LONG_AT_ONCE = 2, /* trees and disks that are made: they are bound by the disk */
        AT_ONCE = 12,
        VOLUMES = VOLUME_KINDS * VOLUME_PARTS
};

#define NO_HELPER "bramble-helper does not run: start bramble-helper.socket, or brambled as root"
#define OTHER_HELPER "bramble-helper does not answer, or is of another version: restart it, and then brambled"

/* One machine's, by kind and part. */
struct kept {
        uint64_t machine;
        struct storage_state volumes[VOLUMES];
        bool is_known;       /* the machine was in a snapshot since the start */
        uint64_t deployment; /* its, then: another one is an order's doing */
        bool is_asked;       /* a boot waits for it */
        struct rack_root_ask ask;

        /* The request on the way; 0: none. */
        uint32_t serial;
        size_t at; /* in @volumes */
        enum storage_step step;
        struct storage_want want;
        struct storage_boot boot;
};

struct storage {
        struct storage_config config;
        struct life *life;
        struct rack *rack;
        int fd;
        struct loop_io *io;
        struct loop_timer *tick;
        struct map *machines; /* struct kept by id */
        uint32_t last_serial, list_serial, check_serial;
        bool is_listed;
        unsigned n_on_way, n_long;
        unsigned kinds;
        char lack[HELPER_TEXT_SIZE];
};

/* ---- the socket ---- */

static int connect_helper(const char *path) {
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

        if (fd >= 0 && text_copy(at.sun_path, sizeof(at.sun_path), path) == 0 &&
            connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
                return fd;
        int r = -errno;
        if (fd >= 0)
                (void)close(fd);
        return r < 0 ? r : -EINVAL;
}

static bool send_request(struct storage *s, struct helper_request *q) {
        uint8_t octets[HELPER_REQUEST_SIZE];

        q->serial = ++s->last_serial ? s->last_serial : ++s->last_serial;
        helper_request_write(q, octets);
        return s->fd >= 0 &&
               send(s->fd, octets, sizeof(octets), MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(octets);
}

/* The answer to one request, before the loop runs. */
static int say_hello(struct storage *s) {
        struct helper_request hello = { .verb = HELPER_HELLO };
        const struct timeval wait = { .tv_sec = HELLO_S };
        uint8_t octets[HELPER_ANSWER_SIZE + 1];
        struct helper_answer a;

        if (setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 || !send_request(s, &hello))
                return -EPIPE;
        ssize_t n = recv(s->fd, octets, sizeof(octets), 0);
        if (n <= 0)
                return n < 0 ? -errno : -EPIPE;
        if (helper_answer_parse(octets, (size_t)n, &a) < 0 || a.kind != HELPER_DONE)
                return -EBADMSG;
        s->kinds = a.kinds;
        (void)text_copy(s->lack, sizeof(s->lack), a.text);
        return 0;
}

/* ---- what follows ---- */

static struct kept *kept_of(struct storage *s, uint64_t machine) {
        struct kept *k = map_get(s->machines, &machine, sizeof(machine));

        if (k)
                return k;
        k = calloc(1, sizeof(*k));
        if (!k)
                return NULL;
        k->machine = machine;
        for (size_t i = 0; i < VOLUMES; i++)
                k->volumes[i].want.volume = (struct volume){ .kind = (enum volume_kind)(i / VOLUME_PARTS),
                                                             .part = (enum volume_part)(i % VOLUME_PARTS),
                                                             .machine = machine };
        if (map_put(s->machines, &machine, sizeof(machine), k, NULL) == 0)
                return k;
        free(k);
        return NULL;
}

/* What its machine, NULL: there is none, says of what is not wanted of it. One that was never seen may only
 * not have been read: nothing follows from that. */
static void note_machine(struct kept *k, const struct machine *m) {
        const bool is_ordered = k->is_known && (!m || m->deployment != k->deployment);

        for (size_t i = 0; i < VOLUMES && is_ordered; i++) {
                if (!m)
                        storage_want(&k->volumes[i], NULL);
                storage_give_up(&k->volumes[i]);
        }
        k->is_known = k->is_known || m;
        k->deployment = m ? m->deployment : 0;
}

static size_t index_of(const struct volume *v) {
        return (size_t)v->kind * VOLUME_PARTS + v->part;
}

static bool is_of_no_use(const struct kept *k) {
        for (size_t i = 0; i < VOLUMES; i++)
                if (k->volumes[i].is_wanted || k->volumes[i].may_be_there)
                        return false;
        return k->serial == 0 && !k->is_asked;
}

static const enum helper_verb verb_of[STORAGE_STEPS] = { [STORAGE_MAKE] = HELPER_MAKE,
                                                         [STORAGE_RESET] = HELPER_RESET,
                                                         [STORAGE_OFFER] = HELPER_OFFER,
                                                         [STORAGE_WITHDRAW] = HELPER_WITHDRAW,
                                                         [STORAGE_REMOVE] = HELPER_REMOVE };

static bool is_long(enum storage_step step) {
        return step == STORAGE_MAKE || step == STORAGE_RESET;
}

static void begin(struct storage *s, struct kept *k, size_t at, enum storage_step step) {
        const struct storage_state *v = &k->volumes[at];
        struct helper_request q = { .verb = verb_of[step],
                                    .volume = v->want.volume,
                                    .size = v->want.size,
                                    .deployment = v->want.deployment,
                                    .boot = v->boot.session,
                                    .server = v->boot.server,
                                    .client = v->boot.client };

        memcpy(q.content, v->want.content, sizeof(q.content));
        if (step == STORAGE_MAKE)
                q.boot = 0;
        if (step == STORAGE_MAKE && !v->want.is_ordered)
                q.verb = HELPER_TAKE;
        if (!send_request(s, &q))
                return; /* its socket is full: again at the next tick */
        k->serial = q.serial;
        k->at = at;
        k->step = step;
        k->want = v->want;
        k->boot = v->boot;
        s->n_on_way++;
        s->n_long += is_long(step);
}

/* The next step of a machine, one at a time. */
static void go_on(struct storage *s, struct kept *k) {
        for (size_t i = 0; i < VOLUMES && k->serial == 0; i++) {
                enum storage_step step = storage_next(&k->volumes[i]);
                if (step != STORAGE_REST && s->n_on_way < AT_ONCE &&
                    !(is_long(step) && s->n_long >= LONG_AT_ONCE))
                        begin(s, k, i, step);
        }
}

static void go_on_all(struct storage *s) {
        size_t cursor = 0;

        for (struct kept *k; s->is_listed && s->fd >= 0 && (k = map_next(s->machines, &cursor));)
                go_on(s, k);
}

static bool is_ready(const struct kept *k) {
        for (size_t i = 0; i < VOLUMES; i++)
                if (k->volumes[i].is_wanted && !storage_is_ready(&k->volumes[i]))
                        return false;
        return true;
}

static void tell_rack(struct storage *s, struct kept *k, const char *words) {
        if (!k->is_asked || (!words && !is_ready(k)))
                return;
        k->is_asked = false;
        rack_root_is(s->rack, &k->ask, words);
}

/* ---- life's side ---- */

static void want(struct storage *s, const struct machine *m, const struct storage_want *wants, size_t n) {
        struct kept *k = n ? kept_of(s, m->id) : map_get(s->machines, &m->id, sizeof(m->id));

        if (!k && n)
                log_error("storage: out of memory, a machine's root is not kept");
        if (!k)
                return;
        note_machine(k, m);
        for (size_t i = 0; i < VOLUMES; i++) {
                const struct storage_want *wanted = NULL;
                for (size_t w = 0; w < n; w++)
                        wanted = index_of(&wants[w].volume) == i ? &wants[w] : wanted;
                storage_want(&k->volumes[i], wanted);
        }
        go_on_all(s);
}

static void keep(void *ctx, const struct machine *m) {
        struct storage *s = ctx;
        struct storage_want wants[STORAGE_WANTS_MAX];
        CLEANUP(site_drop_at) struct site *site = s->config.keeper.site(s->config.keeper.ctx);

        want(s, m, wants, storage_wants(site, m, wants));
}

struct life_storage storage_table(struct storage *s) {
        return (struct life_storage){ .ctx = s, .keep = keep };
}

/* ---- the rack's side ---- */

void storage_ask_root(void *storage, const struct rack_root_ask *q) {
        struct storage *s = storage;
        struct kept *k = map_get(s->machines, &q->machine, sizeof(q->machine));
        const struct storage_boot boot = { .session = q->session, .server = q->server, .client = q->client };

        if (!k || s->fd < 0) {
                rack_root_is(s->rack, q, k ? NO_HELPER : "nothing is kept here for this machine");
                return;
        }
        k->is_asked = true;
        k->ask = *q;
        for (size_t i = 0; i < VOLUMES; i++)
                if (k->volumes[i].is_wanted)
                        storage_ask(&k->volumes[i], &boot);
        tell_rack(s, k, NULL);
        go_on_all(s);
}

/* ---- the helper's side ---- */

static struct kept *kept_by_serial(struct storage *s, uint32_t serial) {
        size_t cursor = 0;

        for (struct kept *k; serial && (k = map_next(s->machines, &cursor));)
                if (k->serial == serial)
                        return k;
        return NULL;
}

static void step_ended(struct storage *s, struct kept *k, bool is_well, const char *words) {
        static const char *const names[STORAGE_STEPS] = { [STORAGE_MAKE] = "make",
                                                          [STORAGE_RESET] = "reset",
                                                          [STORAGE_OFFER] = "offer",
                                                          [STORAGE_WITHDRAW] = "withdraw",
                                                          [STORAGE_REMOVE] = "remove" };
        char name[VOLUME_NAME_SIZE];
        const enum storage_step step = k->step;

        (void)volume_export(&k->want.volume, name);
        k->serial = 0;
        s->n_on_way--;
        s->n_long -= is_long(step);
        storage_done(&k->volumes[k->at], step, &k->want, &k->boot, is_well);
        if (is_well)
                log_info("storage: done", "what", names[step], "volume", name, "kind",
                         volume_kind_name(k->want.volume.kind));
        else
                log_warn("storage: failed", "what", names[step], "volume", name, "kind",
                         volume_kind_name(k->want.volume.kind), "why", words);
        /* What is to be there no more is in no boot's way. */
        const bool is_in_its_way =
                step != STORAGE_WITHDRAW && (step != STORAGE_REMOVE || k->volumes[k->at].is_wanted);
        const bool is_in_vain = !is_well && is_in_its_way;
        if (is_in_vain && s->life)
                life_storage_failed(s->life, k->machine, words);
        tell_rack(s, k, is_in_vain ? words : NULL);
}

static void note_listed(struct storage *s, const struct volume *v) {
        CLEANUP(site_drop_at) struct site *site = s->config.keeper.site(s->config.keeper.ctx);
        struct kept *k = kept_of(s, v->machine);

        if (!k)
                return;
        k->volumes[index_of(v)].may_be_there = true;
        note_machine(k, site_machine(site, v->machine));
}

/* Calls @fn for each volume that nobody wants and nobody ordered away, with its machine where that is known.
 */
static void each_left(struct storage *s,
                      void (*fn)(void *ctx, const struct volume *v, const struct machine *m), void *ctx) {
        CLEANUP(site_drop_at) struct site *site = s->config.keeper.site(s->config.keeper.ctx);
        size_t cursor = 0;

        for (struct kept *k; (k = map_next(s->machines, &cursor));)
                for (size_t i = 0; i < VOLUMES; i++)
                        if (storage_is_left(&k->volumes[i]))
                                fn(ctx, &k->volumes[i].want.volume, site_machine(site, k->machine));
}

static void log_left(void *ctx, const struct volume *v, const struct machine *m) {
        char name[VOLUME_NAME_SIZE];
        (void)ctx;

        log_warn("storage: left alone, nobody ordered it away", "volume", volume_export(v, name), "kind",
                 volume_kind_name(v->kind), "why",
                 m ? "its machine is there, and wants nothing of it"
                   : "no machine of this number is known now");
}

static void on_answer(struct storage *s, const struct helper_answer *a) {
        struct kept *k = kept_by_serial(s, a->serial);

        if (a->kind == HELPER_LISTED) {
                note_listed(s, &a->volume);
        } else if (a->kind == HELPER_DONE && a->serial == s->list_serial) {
                s->is_listed = true;
                each_left(s, log_left, NULL);
        } else if (a->kind == HELPER_DONE && a->serial == s->check_serial) {
                s->check_serial = 0;
                if (a->text[0])
                        log_warn("storage: the servers of running roots", "what", a->text);
        } else if (k && a->kind == HELPER_PROGRESS && s->life) {
                life_storage_progress(s->life, k->machine, a->done, a->total, clock_unix_s());
        } else if (k && a->kind == HELPER_DONE) {
                step_ended(s, k, a->result == 0, a->text);
        }
}

static void lose_helper(struct storage *s) {
        size_t cursor = 0;

        log_error("storage: bramble-helper is gone, running roots go on and new ones wait for it");
        loop_unwatch(TAKE(s->io));
        (void)close(s->fd);
        s->fd = -1;
        s->is_listed = false;
        s->check_serial = 0;
        for (struct kept *k; (k = map_next(s->machines, &cursor));) {
                k->serial = 0;
                for (size_t i = 0; i < VOLUMES; i++)
                        storage_begin_again(&k->volumes[i]);
                tell_rack(s, k, NO_HELPER);
        }
        s->n_on_way = s->n_long = 0;
}

static void on_readable(void *ctx) {
        struct storage *s = ctx;
        uint8_t octets[HELPER_ANSWER_SIZE + 1];
        struct helper_answer a;

        for (;;) {
                ssize_t n = recv(s->fd, octets, sizeof(octets), MSG_DONTWAIT);
                if (n < 0 && (errno == EAGAIN || errno == EINTR))
                        break;
                if (n <= 0 || helper_answer_parse(octets, (size_t)n, &a) < 0) {
                        lose_helper(s);
                        return;
                }
                on_answer(s, &a);
        }
        go_on_all(s);
}

/* ---- time ---- */

static int listen_to_helper(struct storage *s) {
        struct helper_request list = { .verb = HELPER_LIST };

        s->io = loop_watch(s->config.loop, s->fd, on_readable, s);
        if (!s->io || !send_request(s, &list))
                return -EPIPE;
        s->list_serial = list.serial;
        return 0;
}

/* One that systemd has started again for us. */
static void find_helper(struct storage *s) {
        if (!s->config.socket[0] || (s->fd = connect_helper(s->config.socket)) < 0)
                return;
        if (listen_to_helper(s) < 0) {
                lose_helper(s);
                return;
        }
        log_info("storage: bramble-helper is there again");
}

/* Machines that were deleted want nothing; what is of no use any more is forgotten. */
static void look_for_deleted(struct storage *s) {
        CLEANUP(site_drop_at) struct site *site = s->config.keeper.site(s->config.keeper.ctx);
        size_t cursor = 0;

        for (struct kept *k; (k = map_next(s->machines, &cursor));) {
                note_machine(k, site_machine(site, k->machine));
                if (is_of_no_use(k)) {
                        (void)map_remove(s->machines, &k->machine, sizeof(k->machine));
                        free(k);
                        cursor = 0; /* what was behind it may stand before it now */
                }
        }
}

static void on_tick(void *ctx) {
        struct storage *s = ctx;
        struct helper_request check = { .verb = HELPER_CHECK };

        if (s->fd < 0)
                find_helper(s);
        if (!s->is_listed)
                return;
        look_for_deleted(s);
        if (s->check_serial == 0 && map_len(s->machines) > 0 && send_request(s, &check))
                s->check_serial = check.serial;
        go_on_all(s);
}

/* ---- the doctor's side ---- */

static void add_left(void *ctx, const struct volume *v, const struct machine *m) {
        struct site_names *names = ctx;
        char name[VOLUME_NAME_SIZE];

        site_names_add(names, "%s %s %s%s", volume_kind_name(v->kind), volume_export(v, name),
                       m ? "is of no use to machine " : "is of no machine that is known", m ? m->name : "");
}

void storage_facts(struct storage *s, struct site_facts *ret) {
        each_left(s, add_left, &ret->left);
}

/* ---- the whole ---- */

unsigned storage_roots(const struct storage *s) {
        return (s->kinds & 1U << VOLUME_NFS ? 1U << ROOT_NFS : 0) |
               (s->kinds & 1U << VOLUME_NBD ? 1U << ROOT_NBD : 0);
}

const char *storage_lack(const struct storage *s) {
        return s->lack;
}

void storage_set_life(struct storage *s, struct life *life) {
        s->life = life;
}

void storage_set_rack(struct storage *s, struct rack *rack) {
        s->rack = rack;
}

static void meet_helper(struct storage *s) {
        if (s->fd < 0 && s->config.socket[0])
                s->fd = connect_helper(s->config.socket);
        if (s->fd >= 0 && say_hello(s) == 0 && listen_to_helper(s) == 0)
                return;
        (void)snprintf(s->lack, sizeof(s->lack), "%s", s->fd < 0 ? NO_HELPER : OTHER_HELPER);
        loop_unwatch(TAKE(s->io));
        if (s->fd >= 0)
                (void)close(s->fd);
        s->fd = -1;
        s->kinds = 0;
}

int storage_start(const struct storage_config *config, struct storage **ret, struct error *reterr) {
        struct storage *s = calloc(1, sizeof(*s));

        if (!s)
                return error_set(reterr, -ENOMEM, "out of memory");
        s->config = *config;
        s->fd = config->helper;
        s->machines = map_new(random_hash_key());
        s->tick = loop_timer_new(config->loop, on_tick, s);
        if (!s->machines || !s->tick) {
                storage_free(s);
                return error_set(reterr, -ENOMEM, "out of memory");
        }
        meet_helper(s);
        if (s->lack[0])
                log_info("storage: not every root can be served here", "why", s->lack);
        loop_timer_set(s->tick, TICK_MS, TICK_MS);
        *ret = s;
        return 0;
}

void storage_free(struct storage *s) {
        size_t cursor = 0;

        if (!s)
                return;
        for (struct kept *k; s->machines && (k = map_next(s->machines, &cursor));)
                free(k);
        map_free(s->machines);
        loop_unwatch(s->io);
        loop_timer_free(s->tick);
        if (s->fd >= 0)
                (void)close(s->fd);
        free(s);
}
