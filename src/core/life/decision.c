/* Decisions over the lifecycle table; see decision.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/life/decision.h"
#include "core/life/run.h"
#include "core/life/task.h"
#include "core/life/trial.h"

#define BY_HAND_TO_OWN "its power is by hand: switch it off and on, so that it boots its own system"

int decision_no_memory(struct decision *d) {
        return error_set(d->reterr, -ENOMEM, "out of memory");
}

void life_outcome_clear(struct life_outcome *o) {
        machine_drop(o->now);
        machine_drop(o->old);
        free(o->inventory);
        free(o->power);
        script_result_free(&o->script);
        *o = (struct life_outcome){};
}

void decision_end(struct decision *d) {
        machine_drop(d->m);
        machine_drop(d->old);
        job_free(d->job);
}

int decision_begin(struct decision *d, const struct site *s, const struct machine *m,
                   const struct life_facts *f, struct error *reterr) {
        *d = (struct decision){ .site = s, .facts = f, .reterr = reterr };
        d->m = machine_copy(m);
        if (!d->m)
                return decision_no_memory(d);
        /* One of another version is left out: what is under way ends by its deadline. */
        return m->job && job_parse(m->job, &d->job) == -ENOMEM ? decision_no_memory(d) : 0;
}

void decision_because(struct decision *d, const char *format, ...) {
        va_list args;

        va_start(args, format);
        (void)vsnprintf(d->because, sizeof(d->because), format, args);
        va_end(args);
}

const char *decision_wish(const struct decision *d, const char *member) {
        return json_string_value(json_object_get(d->wish, member));
}

/* How it is taken back from a system on its disk, once that runs. */
static enum back_way way_from_disk(const struct decision *d) {
        return back_way(machine_boot_first(d->m), d->facts->power_can, d->m->asks_back, false);
}

static bool has_own_disk(const struct decision *d) {
        return d->m->boots_own && d->m->root == ROOT_DISK;
}

bool decision_is_stuck(const struct decision *d) {
        return !d->facts->agent_is_up && has_own_disk(d) && way_from_disk(d) == BACK_BY_NOTHING;
}

void decision_say_not_erased(struct decision *d) {
        decision_because(
                d,
                "its disks are not erased: it boots its disk first, and nothing here can bring it away from "
                "there; to take it up again, %s, and: bramble machine commission %s",
                back_advice(machine_boot_first(d->m)), d->m->name);
}

int decision_keep_not_erased(struct decision *d) {
        return json_object_set_new(d->job->wish, JOB_NOT_ERASED, json_string(d->because)) < 0
                       ? decision_no_memory(d)
                       : 0;
}

/* What a job waits for, once the machine is where the job happens. */
static const char *work_of(const struct decision *d) {
        static const char *const signs[DONE_SIGNS] = {
                [DONE_PHONE_HOME] = "its system starts, and is to phone home",
                [DONE_SSH] = "its system starts, and is to answer by SSH",
                [DONE_DHCP] = "its system starts, and is to ask for an address",
                [DONE_WRITTEN] = "it is on its way to its own system",
        };
        static const char *const works[TASK_KINDS] = {
                [TASK_INVENTORY] = "its agent looks at what it is made of",
                [TASK_CONVERT] = "its agent prepares an update of its EEPROM",
                [TASK_SCRIPTS] = "its agent runs scripts",
                [TASK_DEPLOY] = "its agent writes the image to its disk",
                [TASK_ERASE] = "its agent erases its disks",
                [TASK_RESCUE] = "its agent lets people in",
                [TASK_PARK] = "its agent waits",
                [TASK_REBOOT] = "its agent reboots it",
                [TASK_POWEROFF] = "its agent switches it off",
                [TASK_BLINK] = "its agent blinks",
                [TASK_EEPROM] = "its agent writes its EEPROM",
        };

        if (d->m->state == STATE_DEPLOYING && d->m->boots_own && d->job)
                return signs[d->job->done];
        return works[task_kind_of(d->m)];
}

static const char *by_hand_to_agent(const struct decision *d) {
        if (d->m->asks_back && way_from_disk(d) == BACK_BY_SYSTEM)
                return "its system asks at its next start whether it is wanted back: restart it, or switch "
                       "it off and on";
        switch (machine_boot_first(d->m)) {
        case BOOT_FIRST_DISK:
                return "it boots its disk first: switch it on, or off and on, and choose the network in its "
                       "boot menu, unless its disk is empty";
        case BOOT_FIRST_DISK_ONLY:
                return "it never boots from the network by itself: choose that in its boot menu, or put it "
                       "into its boot order";
        default:
                return "its power is by hand: switch it on, or off and on, so that it boots from the network";
        }
}

/* The sentence of a state that waits, where nothing else was said; a state that rests needs none. */
static const char *usual_reason(const struct decision *d) {
        const enum job_step step = d->job ? d->job->step : STEP_NONE;
        const bool is_to_agent = boot_purpose_is_agent(machine_purpose(d->m));

        if (step == STEP_HAND)
                return is_to_agent ? by_hand_to_agent(d) : BY_HAND_TO_OWN;
        if (step == STEP_BOOT)
                return is_to_agent ? "its power is being switched, so that it boots its agent"
                                   : "its power is being switched, so that it boots its own system";
        if (step == STEP_OFF)
                return "its power is being switched off";
        if (!lifecycle_is_waiting(d->m->state))
                return "";
        return is_to_agent && !d->facts->agent_is_up ? "its agent is waited for" : work_of(d);
}

static int give_reason(struct decision *d) {
        const char *sentence = d->because[0] ? d->because : usual_reason(d);
        char *reason = sentence[0] ? strdup(sentence) : NULL;

        if (sentence[0] && !reason)
                return decision_no_memory(d);
        free(d->m->reason);
        d->m->reason = reason;
        return 0;
}

/* The decision's result, written into the machine. */
int decision_finish(struct decision *d, struct life_outcome *ret) {
        const bool is_over = d->job && !lifecycle_is_waiting(d->m->state) && d->job->step != STEP_BOOT &&
                             d->job->step != STEP_OFF;

        int r = give_reason(d);
        if (r < 0)
                return r;
        if (is_over) {
                job_free(d->job);
                d->job = NULL;
        }
        free(TAKE(d->m->job));
        if (d->job && !(d->m->job = job_print(d->job)))
                return decision_no_memory(d);
        ret->now = TAKE(d->m);
        ret->old = TAKE(d->old);
        ret->gone = d->gone;
        ret->has_new_board = d->has_new_board;
        return 0;
}

/* The token by which its system asks whether it is wanted back. */
static void forget_token(struct machine *m) {
        m->has_token = m->asks_back = false;
        memset(m->token_hash, 0, sizeof(m->token_hash));
}

/* @is_called: its system must still be able to ask. */
static void forget(struct machine *m, bool is_called) {
        m->image[0] = m->owner[0] = 0;
        m->root = ROOT_INITRD;
        m->boots_own = false;
        m->deployment = 0;
        if (!is_called)
                forget_token(m);
        free(TAKE(m->seed));
        free(TAKE(m->run));
        free(TAKE(m->good));
}

/* Under a number of its own: an earlier one of the same job may still be under way, its machine being faster
 * than the answer of what switched it. */
static void begin_step(struct decision *d, enum job_step step) {
        d->job->id = d->facts->job_id;
        d->job->step = step;
        d->job->is_begun = false;
}

/* The machine is to boot: by its power, or by a hand, which takes its time. */
static void need_boot(struct decision *d) {
        const bool is_switched = d->facts->power_can & LIFE_CAN_BOOT &&
                                 !(decision_is_stuck(d) && boot_purpose_is_agent(machine_purpose(d->m)));

        begin_step(d, is_switched ? STEP_BOOT : STEP_HAND);
        if (d->job->step == STEP_HAND && d->m->deadline_s)
                d->m->deadline_s = d->facts->now_s + LIFE_HAND_S;
}

/* On its next boot at once: by the agent where it runs. */
static int reboot(struct decision *d) {
        if (!d->facts->agent_is_up) {
                need_boot(d);
                return 0;
        }
        return task_set(d->m, TASK_REBOOT, json_object()) < 0 ? decision_no_memory(d) : 0;
}

static void park_or_off(struct decision *d) {
        task_clear(d->m);
        if (d->facts->power_can & LIFE_CAN_OFF)
                begin_step(d, STEP_OFF);
}

static int give_convert(struct decision *d) {
        const struct image *eeprom = task_eeprom_image(d->site, d->m, d->reterr);

        if (!eeprom)
                return d->reterr && d->reterr->code < 0 ? d->reterr->code : -ENOENT;
        return task_set(d->m, TASK_CONVERT, task_convert(eeprom)) < 0 ? decision_no_memory(d) : 0;
}

static int give_scripts(struct decision *d, const json_t *wish) {
        const struct script_wish scripts = {
                .site = d->site,
                .machine = d->m,
                .scripts = json_object_get(wish, "scripts"),
                .parameters = json_object_get(wish, "parameters"),
                .is_commission = d->job->event == EVENT_COMMISSION,
        };
        return task_set(d->m, TASK_SCRIPTS, task_scripts(&scripts));
}

static int give_task(struct decision *d, unsigned action) {
        const json_t *wish = d->wish ? d->wish : d->job->wish;
        int r = 0;

        if (action & ACT_TASK_PARK)
                task_clear(d->m);
        else if (action & ACT_TASK_INVENTORY)
                r = task_set(d->m, TASK_INVENTORY, json_object());
        else if (action & ACT_TASK_CONVERT)
                return give_convert(d);
        else if (action & ACT_TASK_SCRIPTS)
                r = give_scripts(d, wish);
        else if (action & ACT_TASK_ERASE)
                r = task_set(d->m, TASK_ERASE, task_erase(wish));
        else if (action & ACT_TASK_RESCUE)
                r = task_set(d->m, TASK_RESCUE, task_rescue(wish));
        else if (action & ACT_TASK_DEPLOY)
                r = task_set(
                        d->m, TASK_DEPLOY,
                        task_deploy(d->site, d->m, wish, d->facts->token, json_loads(d->m->seed, 0, NULL)));
        return r < 0 ? decision_no_memory(d) : 0;
}

static int send_it(struct decision *d, unsigned action) {
        if (action & ACT_BOOT_OWN)
                d->m->boots_own = true;
        if (action & ACT_BOOT_OWN || (action & ACT_LEAVE && d->m->boots_own))
                return reboot(d);
        if (action & (ACT_LEAVE | ACT_PARK_OR_OFF))
                park_or_off(d);
        else if (action & ACT_BOOT_AGENT && !d->facts->agent_is_up)
                need_boot(d);
        return 0;
}

/* What a later task needs of an order, and no more: it may hold secrets. */
static int keep_wish(const struct decision *d, struct job *job) {
        static const char *const members[] = { "scripts", "parameters" };
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(members) && r == 0; i++) {
                json_t *value = json_object_get(d->wish, members[i]);
                if (value && !json_is_null(value))
                        r = json_object_set(job->wish, members[i], value);
        }
        return r;
}

/* What is asked for begins a job of its own; what is noticed goes on in the one there is. */
static int have_job(struct decision *d, enum machine_event event) {
        if (d->job && event >= MACHINE_REQUESTS)
                return 0;
        CLEANUP(job_free_at) struct job *job = job_new(d->facts->job_id, event);
        if (!job || keep_wish(d, job) < 0)
                return decision_no_memory(d);
        job_free(d->job);
        d->job = TAKE(job);
        return 0;
}

/* Said while there is still something that can be done about it. An agent that wrote the system is on its way
 * out. */
static void warn_of_no_return(struct decision *d) {
        if (has_own_disk(d) && way_from_disk(d) == BACK_BY_NOTHING && !d->because[0])
                decision_because(
                        d,
                        "it boots its disk first, and nothing here could bring it away from there: before it "
                        "is released, put the network before the disk in its boot order");
}

/* One row of the table. */
static int follow(struct decision *d, const struct lifecycle_row *row) {
        struct machine *m = d->m;
        const enum machine_state from = m->state;
        const bool is_called =
                !d->facts->agent_is_up && has_own_disk(d) && way_from_disk(d) == BACK_BY_SYSTEM;

        int r = have_job(d, row->event);
        if (r < 0)
                return r;
        if (d->job->step == STEP_HAND && row->to == STATE_PRIOR) /* nothing waits for the hand any more */
                decision_because(d, "%s", BY_HAND_TO_OWN);
        d->job->step = STEP_NONE;
        d->job->wait_s = row->timeout_s;
        m->state = row->to == STATE_PRIOR ? lifecycle_return(from, m->prior, m->boots_own) : row->to;
        if (row->action & ACT_NOTE_PRIOR)
                m->prior = from;
        if (m->state != from)
                m->state_since_s = d->facts->now_s;
        m->deadline_s = row->timeout_s ? d->facts->now_s + row->timeout_s : 0;
        if (row->action & ACT_FORGET)
                forget(m, is_called && m->state == STATE_DISK_ERASING);
        if (row->event == EVENT_AGENT_UP && m->state == STATE_DISK_ERASING && m->asks_back)
                forget_token(m); /* it has come */
        if (!lifecycle_is_waiting(m->state) && m->state != STATE_RESCUE_MODE)
                task_clear(m);
        if (row->event == EVENT_UP)
                warn_of_no_return(d);
        if (row->event == EVENT_UP && run_has_come_up(&m->run) < 0)
                return decision_no_memory(d);
        r = give_task(d, row->action);
        return r < 0 ? r : send_it(d, row->action);
}

/* Whether an order of no scripts leaves nothing to wait for. */
static bool has_no_scripts(const struct decision *d) {
        const json_t *scripts = json_object_get(d->job->wish, "scripts");
        return json_is_array(scripts) && json_array_size(scripts) == 0;
}

/* What follows at once from where a machine is now; MACHINE_EVENTS: nothing, it has to be waited for. */
static enum machine_event next_event(const struct decision *d, enum machine_event last) {
        const bool is_by_power = d->job->step == STEP_BOOT || d->job->step == STEP_OFF;

        switch (d->m->state) {
        case STATE_RELEASING: /* never for a boot that cannot come */
                return is_by_power ? MACHINE_EVENTS : EVENT_LEFT;
        case STATE_EXITING_RESCUE_MODE:
                return is_by_power || task_kind_of(d->m) == TASK_REBOOT ? MACHINE_EVENTS : EVENT_LEFT;
        case STATE_DEPLOYING:
                return last == EVENT_WRITTEN && d->job->done == DONE_WRITTEN ? EVENT_UP : MACHINE_EVENTS;
        case STATE_COMMISSIONING:
                return last == EVENT_INVENTORY && has_no_scripts(d) ? EVENT_SCRIPTS_PASSED : MACHINE_EVENTS;
        default:
                return MACHINE_EVENTS;
        }
}

/* What would end a deployment in vain ends a trial: what ran before is taken again. */
static int judge_trial(struct decision *d, enum machine_event *event) {
        char image[sizeof(d->m->image)], why[sizeof(d->because)];
        const bool is_in_vain = *event == EVENT_TASK_FAILED || *event == EVENT_POWER_FAILED ||
                                *event == EVENT_TIMEOUT || *event == EVENT_ABORT;

        if (*event == EVENT_UP)
                trial_end(d->m);
        if (!is_in_vain || !trial_is_on(d->m))
                return 0;
        memcpy(image, d->m->image, sizeof(image));
        memcpy(why, d->because, sizeof(why));
        int r = trial_fall_back(d->m);
        if (r == -ENOMEM)
                return decision_no_memory(d);
        if (r < 0) /* of another version: there is nothing to go back to */
                return 0;
        decision_because(
                d, "image %s was on trial, and is not taken: %.600s; image %s is back with its next boot",
                image, why[0] ? why : "the trial was given up", d->m->image);
        *event = EVENT_FALL_BACK;
        return 0;
}

int decision_happen(struct decision *d, enum machine_event event) {
        int e = judge_trial(d, &event);
        if (e < 0)
                return e;
        const struct lifecycle_row *row = lifecycle_step(d->m->state, event);
        if (!row)
                return 0;
        while (row) {
                int r = follow(d, row);
                if (r < 0)
                        return r;
                event = next_event(d, event);
                row = event < MACHINE_EVENTS ? lifecycle_step(d->m->state, event) : NULL;
        }
        return 1;
}
