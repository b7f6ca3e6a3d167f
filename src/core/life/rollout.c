/* Roll-outs of EEPROM updates; see rollout.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/rollout.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "core/life/decide.h"

static int look_at(void *ctx, const struct machine *m) {
        struct rollout *r = ctx;
        struct eeprom_order o;

        if (!eeprom_order_of(m, &o) || o.rollout != r->id)
                return 0;
        if (o.step == EEPROM_FAILED && !r->failed[0])
                (void)snprintf(r->failed, sizeof(r->failed), "%s", m->name);
        if (o.step != EEPROM_DONE && o.wave < r->first_open)
                r->first_open = o.wave;
        return 0;
}

struct rollout rollout_of(const struct site *s, uint64_t id) {
        struct rollout r = { .id = id, .first_open = UINT_MAX };

        (void)site_each_machine(s, look_at, &r);
        return r;
}

static void go(struct eeprom_order *o, enum eeprom_step step, int64_t now_s) {
        o->step = step;
        o->since_s = now_s;
        o->why[0] = 0;
}

int rollout_on_time(const struct rollout *r, const struct machine *m, int64_t now_s,
                    struct eeprom_order *ret) {
        if (!eeprom_order_of(m, ret) || ret->rollout != r->id || !eeprom_step_is_open(ret->step))
                return 0;
        if (ret->step == EEPROM_TAKEN) {
                if (now_s - ret->since_s < ROLLOUT_RETURN_S)
                        return 0;
                go(ret, EEPROM_FAILED, now_s);
                (void)snprintf(ret->why, sizeof(ret->why),
                               "it has not come back in %d s since it fetched the update: see what its LED "
                               "says",
                               ROLLOUT_RETURN_S);
                return 1;
        }
        if (r->failed[0]) {
                go(ret, EEPROM_STOPPED, now_s);
                (void)snprintf(ret->why, sizeof(ret->why), "the update failed on machine %s", r->failed);
                return 1;
        }
        if (ret->step != EEPROM_WAITING || ret->wave > r->first_open)
                return 0;
        go(ret, EEPROM_OFFERED, now_s);
        return 1;
}

int rollout_on_report(const struct machine *m, enum agent_report_kind kind, int64_t now_s,
                      struct eeprom_order *ret) {
        if (!eeprom_order_of(m, ret))
                return 0;
        if (kind == REPORT_EEPROM_FETCHED && ret->step == EEPROM_OFFERED) {
                go(ret, EEPROM_TAKEN, now_s);
                return 1;
        }
        if (ret->step != EEPROM_TAKEN)
                return 0;
        if (kind == REPORT_EEPROM_STARTED) {
                go(ret, EEPROM_DONE, now_s);
                return 1;
        }
        if (kind != REPORT_EEPROM_LEFT)
                return 0;
        go(ret, EEPROM_FAILED, now_s);
        (void)snprintf(ret->why, sizeof(ret->why),
                       "it fetched the update and went on without a restart: its EEPROM is protected against "
                       "writing, or what it has is not older");
        return 1;
}

int rollout_stop(const struct machine *m, int64_t now_s, struct eeprom_order *ret) {
        if (!eeprom_order_of(m, ret) || (ret->step != EEPROM_WAITING && ret->step != EEPROM_OFFERED))
                return 0;
        go(ret, EEPROM_STOPPED, now_s);
        (void)snprintf(ret->why, sizeof(ret->why), "somebody stopped the roll-out");
        return 1;
}

int rollout_decide(const struct machine *m, const struct eeprom_order *o, struct life_outcome *ret,
                   struct error *reterr) {
        CLEANUP(machine_drop_at) struct machine *now = machine_copy(m);
        CLEANUP(free_at) char *text = o ? eeprom_order_print(o) : NULL;

        if (!now || (o && !text))
                return error_set(reterr, -ENOMEM, "out of memory");
        free(now->eeprom);
        now->eeprom = TAKE(text);
        ret->now = TAKE(now);
        return 0;
}
