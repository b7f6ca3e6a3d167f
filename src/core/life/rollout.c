/* Roll-outs of EEPROM updates; see rollout.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/rollout.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/life/decide.h"
#include "core/life/task.h"
#include "format/bootconf_lines.h"

static int look_at(void *ctx, const struct machine *m) {
        struct rollout *r = ctx;
        struct eeprom_order o;

        if (!eeprom_order_of(m, &o) || o.rollout != r->id)
                return 0;
        /* Who goes back by itself has failed, or another one has. */
        const bool goes_back = o.flags & EEPROM_IS_BACK && o.flags & EEPROM_GOES_BACK;
        if ((o.step == EEPROM_FAILED || goes_back) && !r->failed[0])
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

static int fail(struct eeprom_order *o, int64_t now_s, const char *format, ...) PRINTF(3, 4);

static int fail(struct eeprom_order *o, int64_t now_s, const char *format, ...) {
        va_list args;

        go(o, EEPROM_FAILED, now_s);
        va_start(args, format);
        (void)vsnprintf(o->why, sizeof(o->why), format, args);
        va_end(args);
        return 1;
}

static bool has_taken(const struct eeprom_order *o) {
        return o->flags & EEPROM_HAS_TAKEN && !(o->flags & EEPROM_IS_BACK);
}

/* It has an end, and what it has now is another thing than before. */
static bool waits_to_go_back(const struct eeprom_order *o) {
        return o->flags & EEPROM_GOES_BACK && has_taken(o) && !eeprom_step_is_open(o->step) &&
               !eeprom_order_no_way_back(o);
}

bool rollout_is_open(const struct eeprom_order *o) {
        return eeprom_step_is_open(o->step) || waits_to_go_back(o);
}

/* "6 h", "45 min", "20 s": the largest unit that leaves no rest. */
static const char *duration(uint32_t s, char *buf, size_t size) {
        static const struct {
                uint32_t s;
                const char *name;
        } units[] = { { 24 * 3600, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
        size_t i = 0;

        while (s % units[i].s != 0)
                i++;
        (void)snprintf(buf, size, "%u %s", s / units[i].s, units[i].name);
        return buf;
}

/* From then on it is as good as fetched: what was begun is not broken off. */
static bool is_being_written(const struct machine *m, const struct eeprom_order *o) {
        return o->step == EEPROM_OFFERED && o->flags & EEPROM_BY_AGENT && task_kind_of(m) == TASK_EEPROM;
}

static int out_of_time(struct eeprom_order *o, int64_t now_s) {
        const int64_t waited_s = now_s - o->since_s;
        char within[32];

        if (o->step == EEPROM_TAKEN && waited_s >= ROLLOUT_RETURN_S)
                return fail(o, now_s,
                            "it has not come back in %d s since it fetched the update: see what its LED says",
                            ROLLOUT_RETURN_S);
        if (o->step == EEPROM_STARTED && waited_s >= ROLLOUT_TELL_S)
                return fail(o, now_s,
                            "it started with the update, and its agent has not told in %d s what it has now",
                            ROLLOUT_TELL_S);
        if (o->step != EEPROM_OFFERED || waited_s < (int64_t)o->within_s)
                return 0;
        if (o->flags & EEPROM_BY_AGENT)
                return fail(o, now_s, "its agent has not written the update in %s: is it up, and parked?",
                            duration(o->within_s, within, sizeof(within)));
        return fail(o, now_s,
                    "it has not fetched the update in %s: it was not started, does not boot from the "
                    "network, or its EEPROM takes none (ENABLE_SELF_UPDATE, FREEZE_VERSION)",
                    duration(o->within_s, within, sizeof(within)));
}

int rollout_on_time(const struct rollout *r, const struct machine *m, int64_t now_s,
                    struct eeprom_order *ret) {
        struct error ignored = {};

        if (!eeprom_order_of(m, ret) || ret->rollout != r->id || !rollout_is_open(ret))
                return 0;
        if (waits_to_go_back(ret)) {
                if (!r->failed[0] || rollout_go_back(m, now_s, ret, &ignored) <= 0)
                        return 0;
                ret->flags |= EEPROM_GOES_BACK;
                return 1;
        }
        const bool is_withdrawn = r->failed[0] && !(ret->flags & EEPROM_IS_BACK) && !is_being_written(m, ret);
        if (is_withdrawn && (ret->step == EEPROM_WAITING || ret->step == EEPROM_OFFERED)) {
                go(ret, EEPROM_STOPPED, now_s);
                (void)snprintf(ret->why, sizeof(ret->why), "the update failed on machine %s", r->failed);
                return 1;
        }
        if (ret->step != EEPROM_WAITING)
                return out_of_time(ret, now_s);
        if (ret->wave > r->first_open)
                return 0;
        go(ret, EEPROM_OFFERED, now_s);
        return 1;
}

bool rollout_wants_agent(const struct machine *m, const struct eeprom_order *o) {
        return o->step == EEPROM_OFFERED && o->flags & EEPROM_BY_AGENT &&
               boot_purpose_is_agent(machine_purpose(m)) && !lifecycle_is_waiting(m->state) &&
               task_kind_of(m) == TASK_PARK;
}

void rollout_on_written(struct eeprom_order *o, const char *error, int64_t now_s) {
        if (!*error) {
                go(o, EEPROM_TAKEN, now_s);
                return;
        }
        if (!(o->flags & EEPROM_OR_NETWORK)) {
                (void)fail(o, now_s, "its agent: %s", error);
                return;
        }
        o->flags &= ~(unsigned)EEPROM_BY_AGENT;
        go(o, EEPROM_OFFERED, now_s);
        (void)snprintf(o->why, sizeof(o->why), "by the network, because its agent cannot: %.200s", error);
}

/* An agent comes up in this boot, which reads the EEPROM. */
static bool has_reader(const struct machine *m) {
        return boot_purpose_is_agent(machine_purpose(m)) || machine_is_run_by_agent(m);
}

static int on_started(const struct machine *m, int64_t now_s, struct eeprom_order *o) {
        o->flags |= EEPROM_HAS_TAKEN;
        go(o, has_reader(m) ? EEPROM_STARTED : EEPROM_DONE, now_s);
        if (o->step == EEPROM_DONE)
                (void)snprintf(
                        o->why, sizeof(o->why),
                        "it started with the update; what it has now is seen when its agent runs next");
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
        if (kind == REPORT_EEPROM_STARTED)
                return on_started(m, now_s, ret);
        if (kind != REPORT_EEPROM_LEFT)
                return 0;
        return fail(ret, now_s,
                    "it fetched the update and went on without a restart: its EEPROM is protected against "
                    "writing, or what it has is not older");
}

static void add_change(void *ctx, char sign, const char *line, size_t len) {
        struct text *out = ctx;
        text_printf(out, "%s%c%.*s", out->len ? ", " : "", sign, (int)len, line);
}

static int judge(struct eeprom_order *o, const struct eeprom_found *found, int64_t now_s) {
        CLEANUP(free_at) char *wanted = strndup(o->now.config, o->now.config_len);
        CLEANUP(text_free) struct text changes = {};

        if (!wanted || !found->config)
                return 0;
        o->flags |= EEPROM_IS_READ;
        if (o->now.build_s && found->build_s && o->now.build_s != found->build_s)
                return fail(o, now_s, "it started with other firmware than that of image %s: %.*s",
                            o->now.image, (int)sizeof(found->version), found->version);
        if (!bootconf_is_same(wanted, found->config)) {
                bootconf_each_change(wanted, found->config, add_change, &changes);
                return fail(o, now_s, "it started with another configuration than it was offered: %.170s",
                            changes.octets ? changes.octets : "its lines are in another order");
        }
        go(o, EEPROM_DONE, now_s);
        return 1;
}

bool rollout_wants_found(const struct eeprom_order *o) {
        const bool has_come_back = o->step == EEPROM_STARTED || o->step == EEPROM_DONE;
        return has_come_back && o->flags & EEPROM_HAS_TAKEN && !(o->flags & EEPROM_IS_READ);
}

int rollout_on_found(const struct machine *m, const struct eeprom_found *found, int64_t now_s,
                     struct eeprom_order *ret) {
        if (!eeprom_order_of(m, ret) || !rollout_wants_found(ret))
                return 0;
        if (judge(ret, found, now_s))
                return 1;
        if (ret->step == EEPROM_DONE)
                return 0;
        go(ret, EEPROM_DONE, now_s);
        (void)snprintf(ret->why, sizeof(ret->why),
                       "it started with the update; its agent cannot read its configuration");
        return 1;
}

int rollout_go_back(const struct machine *m, int64_t now_s, struct eeprom_order *ret, struct error *reterr) {
        if (!eeprom_order_of(m, ret) || !has_taken(ret))
                return 0;
        const char *lack = eeprom_order_no_way_back(ret);
        if (lack)
                return error_set(reterr, -ENOENT, "machine %s: %s", m->name, lack);
        ret->now = ret->former;
        ret->former = (struct eeprom_content){};
        ret->flags = EEPROM_IS_BACK | (ret->flags & (EEPROM_BY_AGENT | EEPROM_OR_NETWORK)); /* as it came */
        ret->ts = now_s > (int64_t)ret->ts ? (uint32_t)now_s : ret->ts + 1; /* a board takes what is later */
        go(ret, EEPROM_OFFERED, now_s);
        (void)snprintf(ret->why, sizeof(ret->why), "what it had before is offered");
        return 1;
}

int rollout_stop(const struct machine *m, int64_t now_s, struct eeprom_order *ret) {
        if (!eeprom_order_of(m, ret) || (ret->step != EEPROM_WAITING && ret->step != EEPROM_OFFERED) ||
            is_being_written(m, ret))
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
        if (task_kind_of(now) == TASK_EEPROM &&
            !(o && o->step == EEPROM_OFFERED && o->flags & EEPROM_BY_AGENT))
                task_clear(now);
        ret->now = TAKE(now);
        return 0;
}
