/* What a machine's state means, and what a person's word does to it; see machine.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "core/machine/machine.h"
#include "core/machine/seed_secret.h"

DEFINE_CLEANUP(json_t, json_decref)

static enum boot_purpose own_purpose(const struct machine *m) {
        return m->root == ROOT_DISK ? PURPOSE_LOCAL : PURPOSE_RUN;
}

enum boot_purpose machine_purpose(const struct machine *m) {
        switch (m->state) {
        case STATE_NEW: /* registered by hand, it may have a disk that somebody needs */
                return m->inventory_s ? PURPOSE_PARK : PURPOSE_LOCAL;
        case STATE_COMMISSIONING:
        case STATE_TESTING:
                return PURPOSE_COMMISSION;
        case STATE_DEPLOYING:
                return m->boots_own ? own_purpose(m) : PURPOSE_DEPLOY;
        case STATE_DISK_ERASING:
                return PURPOSE_ERASE;
        case STATE_ENTERING_RESCUE_MODE:
        case STATE_RESCUE_MODE:
                return PURPOSE_RESCUE;
        case STATE_FAILED_DEPLOYMENT:
                return PURPOSE_PARK;
        case STATE_RETIRED:
                return PURPOSE_REFUSE;
        default:
                return m->boots_own ? own_purpose(m) : PURPOSE_PARK;
        }
}

bool machine_is_run_by_agent(const struct machine *m) {
        return m->run && machine_purpose(m) == PURPOSE_RUN;
}

bool machine_falls_back_to(const struct machine *m, const char *ref) {
        size_t len = strlen(ref);
        return m->good && strncmp(m->good, ref, len) == 0 && m->good[len] == ' ';
}

void machine_declare(struct machine *m) {
        m->boots_own = m->image[0] != 0;
        m->state = m->boots_own ? STATE_DEPLOYED : STATE_NEW;
        m->root = ROOT_INITRD;
}

/* What only core/life may change. */
static int keep_life(struct machine *now, const struct machine *was, struct error *reterr) {
        const struct {
                char **now;
                const char *was;
        } texts[] = {
                { &now->reason, was->reason }, { &now->seed, was->seed },
                { &now->run, was->run },       { &now->good, was->good },
                { &now->task, was->task },     { &now->job, was->job },
                { &now->eeprom, was->eeprom }, { &now->eeprom_found, was->eeprom_found },
        };

        now->state = was->state;
        now->prior = was->prior;
        now->state_since_s = was->state_since_s;
        now->deadline_s = was->deadline_s;
        now->is_locked = was->is_locked;
        now->needs_approval = was->needs_approval;
        now->has_claim = was->has_claim;
        memcpy(now->claim_hash, was->claim_hash, sizeof(now->claim_hash));
        now->claim_until_s = was->claim_until_s;
        now->inventory_s = was->inventory_s;
        now->found_first = was->found_first;
        memcpy(now->trust, was->trust, sizeof(now->trust));
        now->asks_back = was->asks_back;
        now->deployment = was->deployment;
        now->root = was->root;
        now->boots_own = was->boots_own;
        now->has_token = was->has_token;
        memcpy(now->token_hash, was->token_hash, sizeof(now->token_hash));
        now->task_id = was->task_id;
        memcpy(now->power, was->power, sizeof(now->power));
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                free(*texts[i].now);
                *texts[i].now = texts[i].was ? strdup(texts[i].was) : NULL;
                if (texts[i].was && !*texts[i].now)
                        return error_set(reterr, -ENOMEM, "out of memory");
        }
        return 0;
}

/* The seed that comes back if the new revision is no good; the caller's. NULL: there is none. */
static char *seed_of_good(const struct machine *m) {
        const char *rest = m->good ? strchr(m->good, ' ') : NULL;
        CLEANUP(json_decref_at) json_t *kept = rest ? json_loads(rest, 0, NULL) : NULL;
        const char *seed = json_string_value(json_object_get(kept, "seed"));

        return seed ? strdup(seed) : NULL;
}

/*
 * From now on nothing but its address proves that it is the machine: what a deployment brought, or is
 * bringing, under another rule has to be gone before.
 */
static int begin_trust(const struct machine *was, struct error *reterr) {
        CLEANUP(free_at) char *good = seed_of_good(was);
        const char *secret = !seed_may_be_given(was->seed) ? seed_secret(was->seed)
                             : !seed_may_be_given(good)    ? seed_secret(good)
                                                           : NULL;

        if (was->state == STATE_DEPLOYING)
                return error_set(
                        reterr, -EBUSY,
                        "machine %s is Deploying: that it requires trust can be said when that is over",
                        was->name);
        if (!secret)
                return 0;
        return error_set(
                reterr, -EBUSY,
                "machine %s is deployed with %s, and where it requires trust whoever has its address "
                "could read that: release it or deploy it without first, or deploy it with "
                "--give-secrets, which says that they may",
                was->name, secret);
}

int machine_amend(struct machine *now, const struct machine *was, struct error *reterr) {
        const bool is_declared =
                was->state == STATE_NEW || (was->state == STATE_DEPLOYED && was->root == ROOT_INITRD);

        if (was->is_locked)
                return error_set(reterr, -EBUSY, "machine %s is locked: unlock it first", was->name);
        int r = now->require_trusted && !was->require_trusted ? begin_trust(was, reterr) : 0;
        if (r == 0)
                r = keep_life(now, was, reterr);
        if (r < 0 || strcmp(now->image, was->image) == 0)
                return r;
        if (!is_declared)
                return error_set(reterr, -EBUSY, "machine %s is %s: it gets another image by deploy",
                                 was->name, machine_state_name(was->state));
        machine_declare(now);
        now->state_since_s = now->state == was->state ? was->state_since_s : 0;
        return 0;
}
