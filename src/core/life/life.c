/* The life of all machines; see life.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/map.h"
#include "core/life/life_inside.h"
#include "core/life/task.h"
#include "core/life/trial.h"
#include "core/life/work.h"
#include "io/log.h"

/* What is remembered of one machine. */
struct watch {
        uint64_t machine;
        int64_t heard_s; /* a sign of its agent; 0: none */
        struct work work;
        struct ip_addr ip; /* where its system was seen last */

        int64_t deadline_s;   /* as committed; 0: none */
        bool is_time_decided; /* a decision about its deadline is on the way */
        uint64_t power_job;   /* that the power was asked for; 0: none */
        bool is_power_gone;   /* and told to go */
        unsigned n_going;     /* actions that were told to go and have not ended; of other jobs, too */
};

static void question_free(struct question *q) {
        if (!q)
                return;
        agent_report_free(q->report);
        free(q->words);
        free(q->parameters);
        free(q);
}

static struct watch *watch_of(const struct life *l, uint64_t machine) {
        return map_get(l->watches, &machine, sizeof(machine));
}

static struct watch *watch_begin(struct life *l, uint64_t machine) {
        struct watch *w = watch_of(l, machine);
        if (w)
                return w;
        w = calloc(1, sizeof(*w));
        if (!w)
                return NULL;
        w->machine = machine;
        if (map_put(l->watches, &machine, sizeof(machine), w, NULL) < 0) {
                free(w);
                return NULL;
        }
        return w;
}

static void watch_end(struct life *l, struct watch *w) {
        if (w->power_job && !w->is_power_gone)
                l->config.power.drop(l->config.power.ctx, w->power_job);
        (void)map_remove(l->watches, &w->machine, sizeof(w->machine));
        free(w);
}

/* Not once its power was told to go: what runs there has seconds left. */
static bool agent_is_up(const struct watch *w, int64_t now_s) {
        return w && w->heard_s && now_s - w->heard_s < LIFE_SILENCE_S && w->n_going == 0;
}

static void know(struct life *l, const struct machine *m, int64_t now_s, struct life_facts *ret) {
        *ret = (struct life_facts){
                .now_s = now_s, .job_id = ++l->last_job, .roots = l->config.roots, .lack = l->config.lack
        };
        if (m) {
                ret->agent_is_up = agent_is_up(watch_of(l, m->id), now_s);
                ret->power_can = m->power[0] ? l->config.power.can(l->config.power.ctx, m->power) : 0;
        }
        l->config.token(l->config.ctx, ret->token, ret->token_hash);
}

/* The step of the job that was committed, on to the power. */
static void do_step(struct life *l, struct watch *w, const struct machine *m, const struct job *j) {
        static const enum life_power_action actions[JOB_STEPS] = {
                [STEP_BOOT] = LIFE_POWER_BOOT, [STEP_OFF] = LIFE_POWER_OFF
        };
        const bool is_wanted = j && (j->step == STEP_BOOT || j->step == STEP_OFF);
        struct error error = {};

        if (w->power_job && (!is_wanted || w->power_job != j->id)) {
                if (!w->is_power_gone)
                        l->config.power.drop(l->config.power.ctx, w->power_job);
                w->power_job = 0;
                w->is_power_gone = false;
        }
        if (!is_wanted || w->power_job)
                return;
        w->power_job = j->id;
        /* Begun before a restart: it may be off, and may be starting. On it must be, and nothing else. */
        enum life_power_action action =
                j->step == STEP_BOOT && j->is_begun ? LIFE_POWER_ON : actions[j->step];
        int r = l->config.power.ask(l->config.power.ctx, m, j->id, action, &error);
        if (r < 0)
                life_power_done(l, m->id, j->id, r, error.text, NULL);
}

/* Once it is sent to its own system: what answered before was another one. Where a hand sends it, that is
 * seen when a system asks for an address. */
static void do_probe(struct life *l, struct watch *w, const struct machine *m, const struct job *j) {
        const bool is_sent = j && (j->step == STEP_NONE || (j->step == STEP_HAND && ip_is_set(&w->ip)));
        const bool is_starting = is_sent && m->state == STATE_DEPLOYING && m->boots_own;
        const struct ip_addr *ip = ip_is_set(&w->ip) ? &w->ip : &m->ip;

        if (!is_starting)
                w->ip = (struct ip_addr){};
        else if (l->config.probe && j->done == DONE_SSH && ip_is_set(ip))
                l->config.probe(l->config.ctx, m->id, ip);
}

/* A machine is as @m says, on disk: what is left to be done? */
static void settle(struct life *l, const struct machine *m) {
        CLEANUP(job_free_at) struct job *j = NULL;
        struct watch *w = watch_of(l, m->id);

        if (l->config.storage.keep)
                l->config.storage.keep(l->config.storage.ctx, m);
        if (!w && !m->job && !m->deadline_s)
                return;
        if (m->job && job_parse(m->job, &j) < 0)
                log_warn("life: a job makes no sense, its machine waits for its time to run out", "machine",
                         m->name);
        w = watch_begin(l, m->id);
        if (!w) {
                log_error("life: out of memory, its job waits for the next start", "machine", m->name);
                return;
        }
        if (!m->job) /* what comes next begins anew, also where its first words are those of the last */
                w->work = (struct work){};
        w->deadline_s = m->deadline_s;
        do_step(l, w, m, j);
        do_probe(l, w, m, j);
}

static const struct machine *machine_of(const struct question *q, const struct site *s) {
        if (q->name)
                return site_machine_by_name(s, q->name);
        if (q->machine)
                return site_machine(s, q->machine);
        return q->report ? site_machine_by_mac(s, &q->report->mac) : NULL;
}

static int on_decide(void *ctx, const struct site *s, int64_t now_s, struct life_outcome *ret,
                     struct error *reterr) {
        struct question *q = ctx;
        const struct machine *m = machine_of(q, s);
        struct life_facts facts;

        if (!m && q->name)
                return error_set(reterr, -ENOENT, "there is no machine %s", q->name);
        if (!m && q->machine)
                return 0; /* it was deleted meanwhile */
        know(q->life, m, now_s, &facts);
        return q->decide(q, s, m, &facts, ret, reterr);
}

/* What comes from the wire is told once a second at most: strangers shall not fill the log. */
static void complain(const struct question *q, const struct error *error) {
        if (q->report && q->report->at_s == q->life->complained_s)
                return;
        if (q->report)
                q->life->complained_s = q->report->at_s;
        log_warn("life: nothing follows", "why", error->text);
}

static void log_change(const struct machine *m) {
        log_info("life: machine", "machine", m->name, "state", machine_state_name(m->state), "reason",
                 m->reason ? m->reason : "");
}

/* Whatever was heard was said by the board that is no longer its. */
static void forget_old_board(const struct question *q, const struct machine *m) {
        struct watch *w = q->order && q->order->verb == ORDER_REPLACE ? watch_of(q->life, m->id) : NULL;
        if (w) {
                w->heard_s = 0;
                w->ip = (struct ip_addr){};
                w->work = (struct work){};
        }
}

/* The agent whose words registered a machine runs on it. */
static void note_enlisted(const struct question *q, const struct machine *m) {
        struct watch *w = q->report && !q->machine ? watch_begin(q->life, m->id) : NULL;
        if (w)
                w->heard_s = q->report->at_s;
}

/* What it told last was that it is done: it makes room for the system of the machine, where there is one now.
 */
static void forget_agent(const struct question *q, const struct machine *m) {
        struct watch *w = q->report && m->state == STATE_DEPLOYED ? watch_of(q->life, m->id) : NULL;
        if (w)
                w->heard_s = 0;
}

static void on_decided(void *ctx, const struct site *s, int result, const struct error *error) {
        struct question *q = ctx;
        const struct machine *m = s ? machine_of(q, s) : NULL;
        struct watch *w = s && !m ? watch_of(q->life, q->machine) : NULL;

        if (w) /* the machine was deleted */
                watch_end(q->life, w);
        if (result < 0 && !q->is_awaited && result != -ESHUTDOWN)
                complain(q, error);
        if (result == 0 && m) {
                log_change(m);
                note_enlisted(q, m);
                forget_old_board(q, m);
                forget_agent(q, m);
                settle(q->life, m);
        }
        if (q->done)
                q->done(q, m, result);
        if (!q->is_awaited)
                question_free(q);
}

struct question *life_question(uint64_t machine, uint64_t job) {
        struct question *q = calloc(1, sizeof(*q));
        if (!q) {
                log_error("life: out of memory, a job waits for its time to run out");
                return NULL;
        }
        *q = (struct question){ .machine = machine, .job = job };
        return q;
}

void life_ask(struct life *l, struct question *q) {
        q->life = l;
        l->config.keeper.decide(l->config.keeper.ctx, on_decide, on_decided, q);
}

int life_ask_and_wait(struct life *l, struct question *q, struct error *reterr) {
        q->life = l;
        q->is_awaited = true;
        return l->config.keeper.decide_and_wait(l->config.keeper.ctx, on_decide, on_decided, q, reterr);
}

/* Reports. */

static int decide_report(struct question *q, const struct site *s, const struct machine *m,
                         const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        return m ? life_on_report(s, m, q->report, f, ret, reterr)
                 : life_on_stranger(s, q->report, f, ret, reterr);
}

/* Whether it is about what the agent shall do now: its task, or the root of its system. */
static bool is_current(const struct machine *m, const struct agent_report *r) {
        if (r->task == AGENT_TASK_ROOT)
                return machine_is_run_by_agent(m);
        return m->task && r->task == m->task_id;
}

/* What says nothing new goes no further: most heartbeats, and all progress. */
static bool is_news(struct watch *w, const struct machine *m, const struct agent_report *r) {
        struct progress_report progress;

        switch (r->kind) {
        case REPORT_HELLO:
                return lifecycle_is_waiting(m->state) || trial_has_left(m) || life_tells_eeprom(m, r);
        case REPORT_PROGRESS:
                if (!is_current(m, r) || progress_report_read(r, &progress, NULL) < 0)
                        return false;
                if (progress.is_idle)
                        return lifecycle_is_waiting(m->state);
                work_note(&w->work, r->task, &progress, r->at_s);
                return false;
        case REPORT_RESULT:
        case REPORT_SCRIPT:
                return is_current(m, r);
        case REPORT_PHONE_HOME:
        case REPORT_SYSTEM_DHCP:
                return m->state == STATE_DEPLOYING && m->boots_own;
        case REPORT_EEPROM_FETCHED:
        case REPORT_EEPROM_STARTED:
        case REPORT_EEPROM_LEFT:
                break;
        }
        return false;
}

/* The root is there, and its agent makes room for the system; where it is not, the agent is still there. */
static bool has_made_room(const struct agent_report *r) {
        CLEANUP(result_report_clear) struct result_report result = {};
        return r->task == AGENT_TASK_ROOT && result_report_read(r, &result, NULL) == 0 && result.is_ok;
}

/* Whether the agent is gone by it: it reboots, or another system runs there now. */
static bool is_last_word(const struct machine *m, const struct agent_report *r) {
        const bool is_done = r->kind == REPORT_RESULT && is_current(m, r);
        enum task_kind kind = is_done && r->task != AGENT_TASK_ROOT ? task_kind_of(m) : TASK_PARK;

        return (is_done && has_made_room(r)) || r->kind == REPORT_SYSTEM_DHCP ||
               r->kind == REPORT_PHONE_HOME || kind == TASK_REBOOT || kind == TASK_POWEROFF ||
               kind == TASK_CONVERT || kind == TASK_EEPROM;
}

/* Whether its words are a system's that runs until another is started: while its power is being switched any
 * are, and where a hand is to come those of one that renews its address. */
static bool is_of_before(const struct machine *m, const struct agent_report *r) {
        CLEANUP(job_free_at) struct job *j = NULL;

        if (r->kind != REPORT_SYSTEM_DHCP || !m->job || job_parse(m->job, &j) < 0)
                return false;
        return j->step == STEP_BOOT || (j->step == STEP_HAND && r->is_renewed);
}

/* Whether it is of interest, with what is remembered of it brought up to date. */
static bool take_note(struct life *l, const struct agent_report *r) {
        CLEANUP(site_drop_at) struct site *s = l->config.keeper.site(l->config.keeper.ctx);
        const struct machine *m = r->machine ? site_machine(s, r->machine) : site_machine_by_mac(s, &r->mac);

        struct watch *w = watch_of(l, r->machine);
        if (!m && w)
                watch_end(l, w);
        if (!m)
                return !r->machine && r->kind == REPORT_RESULT;
        if (is_of_before(m, r))
                return false;
        w = watch_begin(l, m->id);
        if (!w)
                return false;
        w->heard_s = is_last_word(m, r) ? 0 : r->at_s;
        if (r->kind == REPORT_SYSTEM_DHCP || r->kind == REPORT_PHONE_HOME)
                w->ip = r->client_ip;
        return is_news(w, m, r);
}

void life_report(struct life *l, const struct agent_report *r) {
        if (!life_is_of_eeprom(r) && !take_note(l, r))
                return;
        struct question *q = calloc(1, sizeof(*q));
        if (q)
                q->report = agent_report_copy(r);
        if (!q || !q->report) {
                question_free(q);
                log_error("life: out of memory, a report is lost");
                return;
        }
        q->machine = r->machine;
        q->decide = life_is_of_eeprom(r) ? life_decide_eeprom : decide_report;
        life_ask(l, q);
}

/* Orders. */

static int decide_order(struct question *q, const struct site *s, const struct machine *m,
                        const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        return life_on_order(s, m, q->order, f, ret, reterr);
}

int life_order(struct life *l, const char *name, const struct order *o, struct error *reterr) {
        struct question q = { .decide = decide_order, .order = o, .name = name };

        return life_ask_and_wait(l, &q, reterr);
}

static int decide_power_set(struct question *q, const struct site *s, const struct machine *m,
                            const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        (void)s;
        (void)f;
        return life_on_power_set(m, q->driver, q->parameters, ret, reterr);
}

int life_set_power(struct life *l, const char *name, const char *driver, const char *parameters,
                   struct error *reterr) {
        struct question q = {
                .decide = decide_power_set, .name = name, .driver = driver, .parameters = (char *)parameters
        };

        return life_ask_and_wait(l, &q, reterr);
}

/* Power. */

static int decide_begun(struct question *q, const struct site *s, const struct machine *m,
                        const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        (void)s;
        (void)f;
        return life_on_power_begun(m, q->job, ret, reterr);
}

static void begun(struct question *q, const struct machine *m, int result) {
        struct watch *w = m ? watch_of(q->life, m->id) : NULL;
        const struct life_power *power = &q->life->config.power;

        if (result < 0 || !w || w->power_job != q->job) {
                power->drop(power->ctx, q->job);
                return;
        }
        w->is_power_gone = true;
        w->n_going++;
        power->go(power->ctx, q->job);
}

void life_power_turn(struct life *l, uint64_t machine, uint64_t job) {
        struct question *q = life_question(machine, job);
        if (!q) {
                l->config.power.drop(l->config.power.ctx, job);
                return;
        }
        q->decide = decide_begun;
        q->done = begun;
        life_ask(l, q);
}

static int decide_done(struct question *q, const struct site *s, const struct machine *m,
                       const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        return life_on_power_done(s, m, q->job, q->result, q->words, q->parameters, f, ret, reterr);
}

void life_power_switched(struct life *l, uint64_t machine) {
        struct watch *w = watch_of(l, machine);
        if (w)
                w->heard_s = 0;
}

void life_power_done(struct life *l, uint64_t machine, uint64_t job, int result, const char *words,
                     const char *parameters) {
        struct watch *w = watch_of(l, machine);
        struct question *q = life_question(machine, job);

        if (w && w->n_going > 0)
                w->n_going--;
        if (w && w->power_job == job)
                w->is_power_gone = true; /* nothing that could be dropped */
        if (result == 0)
                life_power_switched(l, machine);
        if (!q)
                return;
        q->words = strdup(words ? words : "");
        q->parameters = parameters ? strdup(parameters) : NULL;
        if (!q->words || (parameters && !q->parameters)) {
                question_free(q);
                return;
        }
        q->result = result;
        q->decide = decide_done;
        life_ask(l, q);
}

/* Storage. */

static int decide_storage_failed(struct question *q, const struct site *s, const struct machine *m,
                                 const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        return life_on_storage_failed(s, m, q->words, f, ret, reterr);
}

void life_storage_failed(struct life *l, uint64_t machine, const char *words) {
        struct question *q = life_question(machine, 0);

        if (!q)
                return;
        q->words = strdup(words);
        if (!q->words) {
                question_free(q);
                return;
        }
        q->decide = decide_storage_failed;
        life_ask(l, q);
}

void life_storage_progress(struct life *l, uint64_t machine, uint64_t done, uint64_t total, int64_t now_s) {
        struct watch *w = watch_of(l, machine);
        const struct progress_report progress = { .phase = "storage", .done = done, .total = total };

        if (w)
                work_note(&w->work, AGENT_TASK_ROOT, &progress, now_s);
}

static int decide_probed(struct question *q, const struct site *s, const struct machine *m,
                         const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        (void)q;
        return life_on_ssh(s, m, f, ret, reterr);
}

void life_probed(struct life *l, uint64_t machine) {
        struct question *q = life_question(machine, 0);
        if (!q)
                return;
        q->decide = decide_probed;
        life_ask(l, q);
}

/* Time. */

/* Of what it is at now. */
static bool has_progress(const struct watch *w, const struct machine *m) {
        if (w->work.task == AGENT_TASK_ROOT)
                return w->work.told_s && m->state == STATE_DEPLOYING && machine_is_run_by_agent(m);
        return m->task && w->work.task == m->task_id;
}

static int decide_time(struct question *q, const struct site *s, const struct machine *m,
                       const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        const struct watch *w = m ? watch_of(q->life, m->id) : NULL;

        return life_on_time(s, m, w && has_progress(w, m) ? &w->work : NULL, f, ret, reterr);
}

static void time_decided(struct question *q, const struct machine *m, int result) {
        struct watch *w = m ? watch_of(q->life, m->id) : NULL;
        (void)result;
        if (w)
                w->is_time_decided = false;
}

static void run_out(struct life *l, struct watch *w) {
        struct question *q = life_question(w->machine, 0);
        if (!q)
                return;
        q->decide = decide_time;
        q->done = time_decided;
        w->is_time_decided = true;
        life_ask(l, q);
}

int64_t life_tick(struct life *l, int64_t now_s) {
        int64_t next_s = INT64_MAX;
        size_t cursor = 0;

        life_roll_on(l, now_s);
        for (struct watch *w; (w = map_next(l->watches, &cursor));) {
                if (w->deadline_s == 0 || w->is_time_decided)
                        continue;
                if (w->deadline_s <= now_s)
                        run_out(l, w);
                else if (w->deadline_s < next_s)
                        next_s = w->deadline_s;
        }
        return next_s;
}

/* Start and end. */

static int resume(void *ctx, const struct machine *m) {
        settle(ctx, m);
        return 0;
}

void life_resume(struct life *l, int64_t now_s) {
        CLEANUP(site_drop_at) struct site *s = l->config.keeper.site(l->config.keeper.ctx);

        (void)site_each_machine(s, resume, l);
        (void)life_tick(l, now_s);
}

bool life_view(const struct life *l, const struct machine *m, int64_t now_s, struct life_view *ret) {
        const struct watch *w = watch_of(l, m->id);

        if (!w)
                return false;
        *ret = (struct life_view){ .heard_s = w->heard_s,
                                   .agent_is_up = agent_is_up(w, now_s),
                                   .has_progress = has_progress(w, m),
                                   .progress_s = w->work.told_s,
                                   .progress = w->work.progress };
        return true;
}

struct life *life_new(const struct life_config *config) {
        CLEANUP(life_free_at) struct life *l = calloc(1, sizeof(*l));
        if (!l)
                return NULL;
        l->config = *config;
        l->last_job = config->first_job;
        l->watches = map_new(config->hash_key);
        return l->watches ? TAKE(l) : NULL;
}

void life_free(struct life *l) {
        if (!l)
                return;
        size_t cursor = 0;
        for (struct watch *w; l->watches && (w = map_next(l->watches, &cursor));)
                free(w);
        map_free(l->watches);
        free(l);
}
