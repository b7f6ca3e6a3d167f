/* What follows from a report; see decide.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/life/decision.h"
#include "core/life/enlist.h"
#include "core/life/report.h"
#include "core/life/rollout.h"
#include "core/life/run.h"
#include "core/life/task.h"
#include "core/life/trial.h"

/* What each says: 1 when the machine changed, 0 when nothing follows, or -errno. */

/* Its time runs from the first boot of it that is heard of. */
static int begin_trial(struct decision *d) {
        if (d->job->is_tried)
                return 0;
        int r = decision_happen(d, EVENT_AGENT_UP);
        if (r <= 0)
                return r;
        d->job->is_tried = true;
        d->job->wait_s = d->job->trial_s;
        d->m->deadline_s = d->facts->now_s + d->job->trial_s;
        return r;
}

/* A boot of what was good before: nothing runs from the root any more that was not taken. */
static int forget_left(struct decision *d) {
        decision_because(d, "%s", d->m->reason ? d->m->reason : "");
        return trial_forget_left(d->m) < 0 ? decision_no_memory(d) : 1;
}

/* Something is new that is no reason for anything else: what was said of the machine is said on. */
static int go_on(struct decision *d) {
        if (d->m->reason)
                decision_because(d, "%s", d->m->reason);
        return 1;
}

/* What it has in its EEPROM now, and what that says of an update. */
static int note_eeprom(struct decision *d, const json_t *eeprom) {
        struct eeprom_found found = {};
        struct eeprom_order order;

        int r = enlist_note_eeprom(eeprom, d->m);
        if (r < 0)
                return decision_no_memory(d);
        if (eeprom)
                (void)eeprom_found_of(d->m, &found);
        if (!rollout_on_found(d->m, &found, d->facts->now_s, &order))
                return r;
        char *text = eeprom_order_print(&order);
        if (!text)
                return decision_no_memory(d);
        free(d->m->eeprom);
        d->m->eeprom = text;
        return 1;
}

static int agent_is_up(struct decision *d) {
        if (trial_is_on(d->m) && d->job && d->job->trial_s && machine_is_run_by_agent(d->m))
                return begin_trial(d);
        if (d->m->state == STATE_DEPLOYED && machine_is_run_by_agent(d->m) && trial_has_left(d->m))
                return forget_left(d);
        if (!boot_purpose_is_agent(machine_purpose(d->m)) && !machine_is_run_by_agent(d->m))
                return 0;
        return decision_happen(d, EVENT_AGENT_UP);
}

static int on_hello(struct decision *d, const struct agent_report *r) {
        CLEANUP(json_decref_at) json_t *said = r->body ? json_loads(r->body, 0, NULL) : NULL;
        const int noted = note_eeprom(d, json_object_get(said, "eeprom"));

        if (noted < 0)
                return noted;
        const int e = agent_is_up(d);
        return e == 0 && noted > 0 ? go_on(d) : e;
}

/* As its agent has it now; a word that is not known here is one of a later agent. */
static void note_boot_first(struct decision *d, const json_t *from) {
        const char *word = json_string_value(json_object_get(from, "boot_first"));
        enum boot_first first;

        if (word && boot_first_parse(word, &first) == 0)
                d->m->found_first = first;
}

static int note_inventory(struct decision *d, const struct result_report *result, struct life_outcome *ret) {
        const json_t *board = json_object_get(result->data, "board");

        if (!result->data)
                return error_set(d->reterr, -EBADMSG, "machine %s: its agent's inventory is empty",
                                 d->m->name);
        ret->inventory = json_dumps(result->data, JSON_COMPACT);
        if (!ret->inventory)
                return decision_no_memory(d);
        d->m->inventory_s = d->facts->now_s;
        d->m->found_first = BOOT_FIRST_UNKNOWN;
        note_boot_first(d, board);
        enlist_note_trust(board, d->m);
        if (note_eeprom(d, json_object_get(json_object_get(board, "pi"), "eeprom")) < 0)
                return -ENOMEM;
        enlist_add_macs(d->site, result->data, d->m);
        if (d->job && d->job->event == EVENT_CONVERT && d->m->found_first != BOOT_FIRST_NETWORK) {
                decision_because(d, "its EEPROM has not taken the update: it may be protected against "
                                    "writing, or the card "
                                    "is none that it boots from");
                return decision_happen(d, EVENT_TASK_FAILED);
        }
        return decision_happen(d, EVENT_INVENTORY);
}

static int scripts_are_done(struct decision *d) {
        CLEANUP(text_free) struct text names = {};

        for (size_t i = 0; d->job && i < json_array_size(d->job->failed); i++)
                text_printf(&names, "%s%s", i ? ", " : "",
                            json_string_value(json_array_get(d->job->failed, i)));
        if (names.failed)
                return decision_no_memory(d);
        if (!names.octets)
                return decision_happen(d, EVENT_SCRIPTS_PASSED);
        decision_because(d, "scripts that did not pass: %.900s", names.octets);
        return decision_happen(d, EVENT_TASK_FAILED);
}

/* A machine that is sent on by its agent is gone when the agent says so. */
static int agent_left(struct decision *d) {
        task_clear(d->m);
        int r = decision_happen(d, EVENT_LEFT);
        return r < 0 ? r : 1;
}

/* It was erased with the rest, or alone, unless it was to be kept. */
static void forget_data_on_disk(struct decision *d) {
        CLEANUP(json_decref_at) json_t *task = json_loads(d->m->task, 0, NULL);
        char uuid[RUN_UUID_SIZE];

        if (run_data_disk(d->m->run, uuid) && !json_object_get(task, "keep"))
                free(TAKE(d->m->run));
}

/* What its agent left out, of all disks that were to be erased; an agent that looks for one volume left none
 * out. */
static int note_not_erased(struct decision *d, const json_t *data) {
        CLEANUP(json_decref_at) json_t *task = json_loads(d->m->task, 0, NULL);
        const json_t *disks = json_object_get(data, "disks");
        const bool is_none = json_is_object(disks) && json_object_size(disks) == 0;
        char kept[200];

        report_names(json_object_get(data, "kept"), kept, sizeof(kept));
        if (json_object_get(task, "volumes") || (!is_none && !kept[0]))
                return 0;
        if (!kept[0])
                decision_because(d, "no disk of it is erased: its agent found none to erase");
        else
                decision_because(d, "%s, as the firmware that it boots from is there: %s",
                                 is_none ? "no disk of it is erased" : "not all of its disks are erased",
                                 kept);
        return d->job ? decision_keep_not_erased(d) : 0;
}

static int erase_is_done(struct decision *d, const struct result_report *result) {
        int r = note_not_erased(d, result->data);

        forget_data_on_disk(d);
        return r < 0 ? r : decision_happen(d, EVENT_ERASED);
}

static int task_is_done(struct decision *d, const struct result_report *result, struct life_outcome *ret) {
        switch (task_kind_of(d->m)) {
        case TASK_INVENTORY:
                return note_inventory(d, result, ret);
        case TASK_CONVERT:
                return decision_happen(d, EVENT_CONVERTED);
        case TASK_SCRIPTS:
                return scripts_are_done(d);
        case TASK_DEPLOY:
                note_boot_first(d, result->data);
                return decision_happen(d, EVENT_WRITTEN);
        case TASK_ERASE:
                return erase_is_done(d, result);
        case TASK_RESCUE:
                return decision_happen(d, EVENT_RESCUE_UP);
        case TASK_REBOOT:
        case TASK_POWEROFF:
                return agent_left(d);
        default:
                return 0;
        }
}

/* How the agent fared with the root of a system: where that starts, it is the system that gives the sign. */
static int on_root(struct decision *d, const struct agent_report *r) {
        CLEANUP(result_report_clear) struct result_report result = {};

        if (d->m->state != STATE_DEPLOYING || !machine_is_run_by_agent(d->m))
                return 0;
        int e = result_report_read(r, &result, d->reterr);
        if (e < 0 || result.is_ok)
                return e;
        decision_because(d, "root %s: %s", root_name(d->m->root),
                         result.error[0] ? result.error : "its agent does not say why it cannot be had");
        return decision_happen(d, EVENT_TASK_FAILED);
}

/* Nothing hangs on it. */
static int end_blink(struct decision *d, const struct result_report *result) {
        if (!result->is_ok)
                decision_because(d, "its agent cannot blink: %.900s", result->error);
        task_clear(d->m);
        return result->is_ok ? go_on(d) : 1;
}

/* Nothing hangs on it but the roll-out that it is a part of. */
static int end_eeprom(struct decision *d, const struct result_report *result) {
        struct eeprom_order order;

        task_clear(d->m);
        if (!eeprom_order_of(d->m, &order) || order.step != EEPROM_OFFERED)
                return go_on(d);
        rollout_on_written(&order,
                           result->is_ok      ? ""
                           : result->error[0] ? result->error
                                              : "it does not say why it cannot be written",
                           d->facts->now_s);
        char *text = eeprom_order_print(&order);
        if (!text)
                return decision_no_memory(d);
        free(d->m->eeprom);
        d->m->eeprom = text;
        return go_on(d);
}

static int on_result(struct decision *d, const struct agent_report *r, struct life_outcome *ret) {
        CLEANUP(result_report_clear) struct result_report result = {};
        const char *kind = task_kind_name(task_kind_of(d->m));

        if (r->task == AGENT_TASK_ROOT)
                return on_root(d, r);
        if (!d->m->task || r->task != d->m->task_id)
                return 0; /* it counted when it came first */
        int e = result_report_read(r, &result, d->reterr);
        if (e < 0)
                return e;
        if (task_kind_of(d->m) == TASK_BLINK)
                return end_blink(d, &result);
        if (task_kind_of(d->m) == TASK_EEPROM)
                return end_eeprom(d, &result);
        if (result.is_ok)
                return task_is_done(d, &result, ret);
        decision_because(d, "%s failed: %s", kind,
                         result.error[0] ? result.error : "its agent does not say why");
        return decision_happen(d, EVENT_TASK_FAILED);
}

static int on_script(struct decision *d, const struct agent_report *r, struct life_outcome *ret) {
        if (r->task != d->m->task_id || task_kind_of(d->m) != TASK_SCRIPTS || !d->job)
                return 0;
        int e = script_report_read(r, &ret->script, d->reterr);
        if (e < 0)
                return e;
        ret->has_script = true;
        if (ret->script.status != SCRIPT_FAILED && ret->script.status != SCRIPT_TIMED_OUT)
                return 1;
        for (size_t i = 0; i < json_array_size(d->job->failed); i++) {
                if (strcmp(json_string_value(json_array_get(d->job->failed, i)), ret->script.name) == 0)
                        return 1;
        }
        return json_array_append_new(d->job->failed, json_string(ret->script.name)) < 0
                       ? decision_no_memory(d)
                       : 1;
}

/* An agent without work whose result never arrived is told again, under another number. */
static int on_progress(struct decision *d, const struct agent_report *r) {
        CLEANUP(json_decref_at) json_t *task = NULL;
        struct progress_report progress;

        if (!d->m->task || r->task != d->m->task_id || !lifecycle_is_waiting(d->m->state))
                return 0;
        int e = progress_report_read(r, &progress, d->reterr);
        if (e < 0 || !progress.is_idle)
                return e;
        task = json_loads(d->m->task, 0, NULL);
        e = task_set(d->m, task_kind_of(d->m), TAKE(task));
        return e < 0 ? decision_no_memory(d) : 1;
}

static int on_sign(struct decision *d, enum done_when sign) {
        if (d->m->state != STATE_DEPLOYING || !d->m->boots_own || !d->job)
                return 0;
        /* Whoever phones home is up, whatever was waited for. */
        return sign == DONE_PHONE_HOME || sign == d->job->done ? decision_happen(d, EVENT_UP) : 0;
}

int life_on_ssh(const struct site *s, const struct machine *m, const struct life_facts *f,
                struct life_outcome *ret, struct error *reterr) {
        CLEANUP(decision_end) struct decision d;
        int e = decision_begin(&d, s, m, f, reterr);

        if (e == 0)
                e = on_sign(&d, DONE_SSH);
        return e > 0 ? decision_finish(&d, ret) : e;
}

int life_on_report(const struct site *s, const struct machine *m, const struct agent_report *r,
                   const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        CLEANUP(decision_end) struct decision d;
        int e = decision_begin(&d, s, m, f, reterr);
        if (e < 0)
                return e;

        switch (r->kind) {
        case REPORT_HELLO:
                e = on_hello(&d, r);
                break;
        case REPORT_PROGRESS:
                e = on_progress(&d, r);
                break;
        case REPORT_RESULT:
                e = on_result(&d, r, ret);
                break;
        case REPORT_SCRIPT:
                e = on_script(&d, r, ret);
                break;
        case REPORT_PHONE_HOME:
                e = on_sign(&d, DONE_PHONE_HOME);
                break;
        case REPORT_SYSTEM_DHCP:
                e = on_sign(&d, DONE_DHCP);
                break;
        case REPORT_EEPROM_FETCHED:
        case REPORT_EEPROM_STARTED:
        case REPORT_EEPROM_LEFT:
                break; /* rollout.c has them */
        }
        return e > 0 ? decision_finish(&d, ret) : e;
}

/* Machines that enlisted themselves and that nobody has taken up yet. */
struct enlisted {
        size_t n, n_pending;
};

static int count_enlisted(void *ctx, const struct machine *m) {
        struct enlisted *e = ctx;

        e->n += m->state == STATE_NEW && m->inventory_s != 0;
        e->n_pending += m->needs_approval && !m->has_claim; /* those are a person's */
        return 0;
}

static int check_room(const struct site *s, bool is_pending, struct error *reterr) {
        struct enlisted e = {};

        (void)site_each_machine(s, count_enlisted, &e);
        if (is_pending && e.n_pending >= LIFE_PENDING_MAX)
                return error_set(reterr, -ENOSPC,
                                 "%d machines wait for approval already; approve or delete some of them",
                                 LIFE_PENDING_MAX);
        if (e.n >= LIFE_ENLISTED_MAX)
                return error_set(reterr, -ENOSPC,
                                 "%d machines enlisted themselves and are New; no more are taken",
                                 LIFE_ENLISTED_MAX);
        return 0;
}

static int enlist(const struct site *s, const struct agent_report *r, const struct result_report *result,
                  bool is_pending, struct life_outcome *ret, struct error *reterr) {
        int e = check_room(s, is_pending, reterr);
        if (e < 0)
                return e;
        ret->inventory = json_dumps(result->data, JSON_COMPACT);
        ret->now = enlist_machine(s, r, result->data);
        if (!ret->inventory || !ret->now)
                return error_set(reterr, -ENOMEM, "out of memory");
        ret->is_new = true;
        ret->now->needs_approval = is_pending;
        if (is_pending)
                ret->now->reason = strdup("it enlisted itself and waits for approval");
        return 0;
}

int life_on_stranger(const struct site *s, const struct agent_report *r, const struct life_facts *f,
                     struct life_outcome *ret, struct error *reterr) {
        CLEANUP(result_report_clear) struct result_report result = {};
        const struct subnet *subnet = site_subnet_of(s, &r->client_ip);
        char mac[MAC_TEXT_SIZE];
        (void)f;

        if (r->kind != REPORT_RESULT || r->task != AGENT_TASK_ENLIST || site_machine_by_mac(s, &r->mac))
                return 0;
        int e = result_report_read(r, &result, reterr);
        if (e < 0)
                return e;
        if (!result.is_ok || !result.data)
                return error_set(reterr, -EBADMSG, "%s cannot be enlisted: %s", mac_text(&r->mac, mac),
                                 result.error[0] ? result.error : "its agent sent no inventory");
        enum subnet_unknown policy =
                subnet ? subnet_unknown_for(subnet, &r->mac, r->has_serial ? &r->serial : NULL)
                       : SUBNET_UNKNOWN_REFUSE;
        if (policy != SUBNET_UNKNOWN_ENLIST && policy != SUBNET_UNKNOWN_APPROVE)
                return error_set(reterr, -EACCES, "%s is not enlisted: its subnet says unknown=%s",
                                 mac_text(&r->mac, mac), subnet_unknown_name(policy));
        return enlist(s, r, &result, policy == SUBNET_UNKNOWN_APPROVE, ret, reterr);
}
