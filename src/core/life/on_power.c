/* What follows from power, from what is kept on the server, and from the passing of time; see decide.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/life/decision.h"
#include "core/life/task.h"

static bool is_step_of(const struct decision *d, uint64_t job) {
        return d->job && d->job->id == job && (d->job->step == STEP_BOOT || d->job->step == STEP_OFF);
}

int life_on_power_begun(const struct machine *m, uint64_t job, struct life_outcome *ret,
                        struct error *reterr) {
        static const struct life_facts none;
        CLEANUP(decision_end) struct decision d;

        int r = decision_begin(&d, NULL, m, &none, reterr);
        if (r < 0 || !is_step_of(&d, job) || d.job->is_begun)
                return r;
        d.job->is_begun = true;
        return decision_finish(&d, ret);
}

/* What the power has to say, NULL: nothing, and what is to be said on of its job. */
static void say(struct decision *d, const char *words) {
        const char *not_erased = json_string_value(json_object_get(d->job->wish, JOB_NOT_ERASED));

        if (words && not_erased)
                decision_because(d, "%.300s; %s", words, not_erased);
        else if (words || not_erased)
                decision_because(d, "%s", words ? words : not_erased);
}

/* The step is done: on to what it was for. */
static int go_on(struct decision *d) {
        const bool is_sent_on = d->m->state == STATE_RELEASING || d->m->state == STATE_EXITING_RESCUE_MODE;

        d->job->step = STEP_NONE;
        say(d, NULL);
        if (is_sent_on)
                return decision_happen(d, EVENT_LEFT);
        if (lifecycle_is_waiting(
                    d->m->state)) /* waiting for the switch does not count as waiting for the machine */
                d->m->deadline_s = d->facts->now_s + d->job->wait_s;
        return 1;
}

static int need_hand(struct decision *d, const char *words) {
        d->job->step = STEP_HAND;
        say(d, words);
        if (d->m->deadline_s)
                d->m->deadline_s = d->facts->now_s + LIFE_HAND_S;
        return 1;
}

static int give_up(struct decision *d, const char *words) {
        d->job->step = STEP_NONE;
        say(d, words);
        int r = decision_happen(d, EVENT_POWER_FAILED);
        return r < 0 ? r : 1;
}

static int keep_parameters(struct life_outcome *ret, const char *parameters, struct error *reterr) {
        ret->power = parameters ? strdup(parameters) : NULL;
        return parameters && !ret->power ? error_set(reterr, -ENOMEM, "out of memory") : 0;
}

int life_on_power_done(const struct site *s, const struct machine *m, uint64_t job, int result,
                       const char *words, const char *parameters, const struct life_facts *f,
                       struct life_outcome *ret, struct error *reterr) {
        CLEANUP(decision_end) struct decision d;

        int r = decision_begin(&d, s, m, f, reterr);
        if (r < 0 || !is_step_of(&d, job))
                return r;
        r = keep_parameters(ret, parameters, reterr);
        if (r == 0)
                r = result == 0 ? go_on(&d) : result > 0 ? need_hand(&d, words) : give_up(&d, words);
        return r < 0 ? r : decision_finish(&d, ret);
}

int life_on_power_set(const struct machine *m, const char *driver, const char *parameters,
                      struct life_outcome *ret, struct error *reterr) {
        if (m->is_locked)
                return error_set(reterr, -EBUSY, "machine %s is locked: unlock it first", m->name);
        ret->now = machine_copy(m);
        if (!ret->now)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (text_copy(ret->now->power, sizeof(ret->now->power), driver) < 0)
                return error_set(reterr, -EINVAL, "the name of a power driver is not that long");
        return keep_parameters(ret, parameters, reterr);
}

/* "20 minutes", "7 days", "90 s". */
static const char *duration(int64_t s, char *buf, size_t size) {
        static const struct {
                int64_t s;
                const char *name;
        } units[] = { { 24 * 3600, "days" }, { 3600, "hours" }, { 60, "minutes" }, { 1, "s" } };

        for (size_t i = 0; i < ARRAY_LEN(units); i++) {
                if (s >= 2 * units[i].s || units[i].s == 1) {
                        (void)snprintf(buf, size, "%lld %s", (long long)(s / units[i].s), units[i].name);
                        break;
                }
        }
        return buf;
}

static bool is_disk_before_network(const struct machine *m) {
        const enum boot_first first = machine_boot_first(m);
        return first == BOOT_FIRST_DISK || first == BOOT_FIRST_DISK_ONLY;
}

/* Of work that does not get on, or of which nothing is heard any more. */
static void say_stuck(struct decision *d, const struct work *work) {
        const bool is_heard = d->facts->agent_is_up;
        char still[32], at[WORK_TEXT_SIZE];

        (void)duration(d->facts->now_s - (is_heard ? work->changed_s : work->told_s), still, sizeof(still));
        (void)work_text(work, at);
        if (is_heard)
                decision_because(d, "its agent told of no progress for %s: it is at %s", still, at);
        else
                decision_because(d, "its agent was heard of last %s ago: it was at %s", still, at);
}

/* Why it was waited for in vain, as far as one can know. */
static void say_why(struct decision *d, const struct work *work) {
        const bool is_to_agent = boot_purpose_is_agent(machine_purpose(d->m));
        const enum job_step step = d->job ? d->job->step : STEP_NONE;
        char waited[32], hand[32];

        (void)duration(d->job ? d->job->wait_s : 0, waited, sizeof(waited));
        (void)duration(LIFE_HAND_S, hand, sizeof(hand));
        if (step == STEP_HAND)
                decision_because(d, "nobody switched it on within %s, and its power is by hand", hand);
        else if (step != STEP_NONE)
                decision_because(d, "its power was not switched within %s", waited);
        else if (work && (is_to_agent || d->facts->agent_is_up) && !d->job->is_tried)
                say_stuck(d, work);
        else if (!is_to_agent)
                decision_because(
                        d, "no sign of its system came within %s; look at its trail: bramble boot trail %s",
                        waited, d->m->name);
        else if (d->facts->agent_is_up)
                decision_because(d, "its agent told of no progress for %s", waited);
        else if (is_disk_before_network(d->m))
                decision_because(d, "no agent came up within %s: it boots its disk first; %s", waited,
                                 back_advice(machine_boot_first(d->m)));
        else
                decision_because(
                        d,
                        "no agent came up within %s: it may boot something else before the network; look at "
                        "its trail: bramble boot trail %s",
                        waited, d->m->name);
}

/* Until when its work may stay as it is. Who is not heard any more is given less; and what is long is looked
 * at again meanwhile. */
static int64_t next_look_s(const struct decision *d, const struct work *work) {
        const int64_t now_s = d->facts->now_s;
        int64_t until_s = 0;

        if (work && d->facts->agent_is_up)
                until_s = work->changed_s + work_patience_s(work, d->m);
        else if (work)
                until_s = work->told_s + d->job->wait_s;
        return until_s < now_s + d->job->wait_s ? until_s : now_s + d->job->wait_s;
}

int life_on_time(const struct site *s, const struct machine *m, const struct work *work,
                 const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        CLEANUP(decision_end) struct decision d;

        if (m->deadline_s == 0 || m->deadline_s > f->now_s)
                return 0;
        int r = decision_begin(&d, s, m, f, reterr);
        if (r < 0)
                return r;
        const int64_t look_s = d.job && !d.job->is_tried ? next_look_s(&d, work) : 0;
        if (look_s > f->now_s) {
                d.m->deadline_s = look_s;
        } else {
                say_why(&d, d.job ? work : NULL);
                d.m->deadline_s = 0;
                r = decision_happen(&d, EVENT_TIMEOUT);
        }
        return r < 0 ? r : decision_finish(&d, ret);
}

int life_on_storage_failed(const struct site *s, const struct machine *m, const char *words,
                           const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        CLEANUP(decision_end) struct decision d;

        int r = decision_begin(&d, s, m, f, reterr);
        if (r < 0 || m->state != STATE_DEPLOYING || !m->run)
                return r;
        decision_because(&d, "%s", words);
        r = decision_happen(&d, EVENT_TASK_FAILED);
        return r > 0 ? decision_finish(&d, ret) : r;
}
