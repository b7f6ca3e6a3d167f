/* Power for the daemon; see switchboard.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/brambled/switchboard.h"

#include <errno.h>
#include <limits.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"
#include "base/text.h"
#include "core/db/findings.h"
#include "core/life/neighbour.h"
#include "io/log.h"
#include "io/ping.h"

enum {
        STAGGER_MS = 20, /* between two machines that begin to draw current: fifty a second */
        PING_MS = 1000   /* how long a machine may take to say that it is alive after all */
};

#define OWN_PROGRAM "bramble-power-snmp"

/* Job numbers of the API's actions; life's are milliseconds since 1970. */
#define API_JOB (UINT64_C(1) << 63)

/* An API's thread that waits. */
struct waiter {
        struct list link;
        struct switchboard *board;
        const struct machine *machine;
        enum power_action action;
        uint64_t job;
        sem_t done;
        int result;
        struct power_outcome *outcome;
        char *learnt; /* parameters to be kept; NULL: as they are */
        struct error error;
};

struct switchboard {
        struct switchboard_config config;
        struct power_runner *runner;
        struct life *life;
        struct rack *rack;
        struct list waiters;
        uint64_t last_job; /* of the API's */
        bool is_stopping;
        char *programs_dir, own_dir[PATH_MAX];
};

/* ---- An order, filled in ---- */

struct look_up {
        uint64_t machine;
        char *parameters, *inventory;
};

static int look_up(void *ctx, struct db *db, struct error *reterr) {
        struct look_up *l = ctx;
        return db_power_get(db, l->machine, &l->parameters, reterr);
}

static int look_up_inventory(void *ctx, struct db *db, struct error *reterr) {
        struct look_up *l = ctx;
        return db_inventory_get(db, l->machine, &l->inventory, reterr);
}

/* Whether its driver finds the outlet by the neighbour, and was not told which one it is. */
static bool wants_neighbour(const struct power_params *p) {
        const struct power_driver *d = p->driver;
        return d->takes_any_key || (d->outlet_key && !power_param(p, d->outlet_key));
}

/* As its agent heard it last; what cannot be read is not known. */
static void find_neighbour(struct switchboard *s, const struct machine *m, struct power_neighbour *ret) {
        struct look_up l = { .machine = m->id };

        if (db_reader_use(s->config.reader, look_up_inventory, &l, NULL) == 0)
                (void)neighbour_of_inventory(l.inventory, m->macs, m->n_macs, ret);
        free(l.inventory);
}

static int find_params(struct switchboard *s, const struct machine *m, struct power_params **ret,
                       struct error *reterr) {
        const char *name = m->power[0] ? m->power : "manual";
        const struct power_driver *driver = power_driver_by_name(name);
        struct look_up l = { .machine = m->id };

        if (!driver)
                return error_set(reterr, -EINVAL, "machine %s: there is no power driver %s", m->name, name);
        int r = db_reader_use(s->config.reader, look_up, &l, reterr);
        if (r == 0)
                r = power_params_parse(driver, l.parameters, NULL, ret, reterr);
        free(l.parameters);
        return r;
}

/* The interface of the subnet that the machine is on, as far as one can know. */
static void find_interface(struct switchboard *s, const struct boot_ask *ask, char *buf, size_t size) {
        CLEANUP(site_drop_at) struct site *site = s->config.keeper.site(s->config.keeper.ctx);

        for (size_t i = 0; i < site_n_subnets(site); i++) {
                const struct subnet *subnet = site_subnet(site, i);
                if (ip_equal(&subnet->net.addr, &ask->subnet))
                        (void)text_copy(buf, size, subnet->interface);
        }
}

static int fill_order(struct switchboard *s, const struct machine *m, uint64_t job, enum power_action action,
                      struct power_order *ret, struct error *reterr) {
        static const struct mac none;
        struct boot_ask ask = {};
        struct power_order o = { .job = job, .machine = m->id, .action = action, .n_macs = m->n_macs };

        (void)snprintf(o.name, sizeof(o.name), "%s", m->name);
        memcpy(o.macs, m->macs, m->n_macs * sizeof(*m->macs));
        if (s->rack && rack_ask_for(s->rack, m, &none, CLIENT_OTHER, &ask)) {
                find_interface(s, &ask, o.interface, sizeof(o.interface));
                o.ip = ask.client_ip;
        }
        if (!ip_is_set(&o.ip))
                o.ip = m->ip;
        int r = find_params(s, m, &o.params, reterr);
        if (r < 0)
                return r;
        if (wants_neighbour(o.params))
                find_neighbour(s, m, &o.neighbour);
        *ret = o;
        return 0;
}

/* ---- Life's side ---- */

static unsigned can(void *ctx, const char *driver) {
        const struct power_driver *d = power_driver_by_name(driver);
        (void)ctx;

        if (!d)
                return 0;
        return (d->can & 1u << POWER_TURN_ON ? LIFE_CAN_BOOT : 0u) |
               (d->can & 1u << POWER_TURN_OFF ? LIFE_CAN_OFF : 0u) |
               (d->can & 1u << POWER_NETWORK_ONCE ? LIFE_CAN_CHOOSE : 0u);
}

static int ask(void *ctx, const struct machine *m, uint64_t job, enum life_power_action action,
               struct error *reterr) {
        static const enum power_action actions[] = { [LIFE_POWER_BOOT] = POWER_BOOT,
                                                     [LIFE_POWER_ON] = POWER_TURN_ON,
                                                     [LIFE_POWER_OFF] = POWER_TURN_OFF };
        struct switchboard *s = ctx;
        struct power_order order;

        int r = fill_order(s, m, job, actions[action], &order, reterr);
        return r < 0 ? r : power_runner_ask(s->runner, &order, reterr);
}

static void go(void *ctx, uint64_t job) {
        struct switchboard *s = ctx;
        power_runner_go(s->runner, job);
}

static void drop(void *ctx, uint64_t job) {
        struct switchboard *s = ctx;
        power_runner_drop(s->runner, job);
}

struct life_power switchboard_table(struct switchboard *s) {
        return (struct life_power){ .ctx = s, .can = can, .ask = ask, .go = go, .drop = drop };
}

/* ---- The API's side ---- */

static void begin(void *ctx) {
        struct waiter *w = ctx;
        struct switchboard *s = w->board;
        struct power_order order;

        w->job = API_JOB | ++s->last_job;
        w->result = fill_order(s, w->machine, w->job, w->action, &order, &w->error);
        if (w->result == 0)
                w->result = power_runner_ask(s->runner, &order, &w->error);
        if (w->result == 0)
                list_append(&s->waiters, &w->link);
        else
                (void)sem_post(&w->done);
}

int switchboard_act(struct switchboard *s, const struct machine *m, enum power_action action,
                    struct power_outcome *ret, struct error *reterr) {
        struct waiter w = { .board = s, .machine = m, .action = action, .outcome = ret };

        (void)sem_init(&w.done, 0, 0);
        if (!loop_call(s->config.loop, begin, &w)) {
                (void)sem_destroy(&w.done);
                return error_set(reterr, -ESHUTDOWN, "the daemon is stopping");
        }
        while (sem_wait(&w.done) < 0)
                ; /* a signal */
        (void)sem_destroy(&w.done);
        if (w.learnt && life_set_power(s->life, m->name, m->power, w.learnt, &w.error) < 0)
                log_warn("power: what a driver found out is not kept", "machine", m->name, "why",
                         w.error.text);
        free(w.learnt);
        if (w.result != POWER_DONE && reterr)
                *reterr = w.error;
        return w.result;
}

static struct waiter *waiter_of(struct switchboard *s, uint64_t job) {
        LIST_FOR_EACH(link, &s->waiters) {
                struct waiter *w = LIST_ITEM(link, struct waiter, link);
                if (w->job == job)
                        return w;
        }
        return NULL;
}

static void wake(struct waiter *w, int result, const struct power_outcome *outcome, const struct error *error,
                 char *learnt) {
        list_remove(&w->link);
        w->result = result;
        w->learnt = learnt;
        w->error = *error;
        if (result == POWER_DONE)
                *w->outcome = *outcome;
        (void)sem_post(&w->done);
}

/* ---- The runner's side ---- */

static void turn(void *ctx, uint64_t machine, uint64_t job) {
        struct switchboard *s = ctx;

        if (job & API_JOB)
                power_runner_go(s->runner, job);
        else
                life_power_turn(s->life, machine, job);
}

/* The parameters with what was found out among them, to be kept; NULL: nothing was. */
static char *learn(const struct power_order *o, const struct power_outcome *outcome) {
        struct error error = {};

        if (!outcome->learned_name[0] || power_param_is_given(o->params, outcome->learned_name))
                return NULL;
        int r = power_params_set(o->params, outcome->learned_name, outcome->learned_value, &error);
        char *kept = r == 0 ? power_params_json(o->params, false) : NULL;
        if (kept)
                log_info("power: found out", "machine", o->name, outcome->learned_name,
                         outcome->learned_value);
        else
                log_warn("power: what a driver found out is not kept", "machine", o->name, "why", error.text);
        return kept;
}

static bool ends_what_runs(enum power_action action) {
        return action == POWER_TURN_OFF || action == POWER_CYCLE || action == POWER_BOOT;
}

static void done(void *ctx, const struct power_order *o, int result, const struct power_outcome *outcome,
                 const struct error *error) {
        struct switchboard *s = ctx;
        struct waiter *w = o->job & API_JOB ? waiter_of(s, o->job) : NULL;
        CLEANUP(free_at) char *learnt = result == POWER_DONE ? learn(o, outcome) : NULL;

        if (result < 0)
                log_warn("power: failed", "machine", o->name, "action", power_action_name(o->action), "why",
                         error->text);
        else
                log_info("power: done", "machine", o->name, "action", power_action_name(o->action), "state",
                         result == POWER_BY_HAND ? "by hand" : power_state_name(outcome->state));
        if (w && result == POWER_DONE && ends_what_runs(o->action))
                life_power_switched(s->life, o->machine);
        if (w)
                wake(w, result, outcome, error, TAKE(learnt));
        else if (!s->is_stopping) /* at the end nothing is written down any more: life goes on at the next
                                     start */
                life_power_done(s->life, o->machine, o->job, result, error->text, learnt);
}

static bool is_answering(void *ctx, const struct power_order *o) {
        (void)ctx;
        return ip_is_set(&o->ip) && ping_answers(&o->ip, PING_MS);
}

/* ---- The whole ---- */

/* Beside the daemon where it was built, else where it is installed. */
static void find_own_dir(char dir[static PATH_MAX]) {
        char program[PATH_MAX + sizeof(OWN_PROGRAM) + 1];
        ssize_t n = readlink("/proc/self/exe", dir, PATH_MAX - 1);

        if (n > 0) {
                dir[n] = 0;
                char *slash = strrchr(dir, '/');
                if (slash)
                        *slash = 0;
                (void)snprintf(program, sizeof(program), "%s/%s", dir, OWN_PROGRAM);
                if (access(program, X_OK) == 0)
                        return;
        }
        (void)snprintf(dir, PATH_MAX, "%s", BRAMBLE_LIBEXEC);
}

int switchboard_start(const struct switchboard_config *config, struct switchboard **ret,
                      struct error *reterr) {
        struct switchboard *s = calloc(1, sizeof(*s));

        if (!s)
                return error_set(reterr, -ENOMEM, "out of memory");
        s->config = *config;
        list_init(&s->waiters);
        find_own_dir(s->own_dir);
        s->programs_dir = strdup(config->programs_dir);
        const struct power_runner_config runner = {
                .loop = config->loop,
                .host = { .programs_dir = s->programs_dir, .own_dir = s->own_dir },
                .stagger_ms = STAGGER_MS,
                .turn = turn,
                .done = done,
                .is_answering = is_answering,
                .ctx = s,
        };
        int r = s->programs_dir ? power_runner_start(&runner, &s->runner, reterr)
                                : error_set(reterr, -ENOMEM, "out of memory");
        if (r < 0) {
                switchboard_free(s);
                return r;
        }
        *ret = s;
        return 0;
}

void switchboard_set_life(struct switchboard *s, struct life *life) {
        s->life = life;
}

void switchboard_set_rack(struct switchboard *s, struct rack *rack) {
        s->rack = rack;
}

void switchboard_stop(struct switchboard *s) {
        if (!s)
                return;
        s->is_stopping = true;
        power_runner_stop(TAKE(s->runner));
}

void switchboard_free(struct switchboard *s) {
        if (!s)
                return;
        switchboard_stop(s);
        free(s->programs_dir);
        free(s);
}
