/* The doctor; see doctor.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trail/doctor/doctor.h"

#include <stdio.h>
#include <string.h>

#include "core/trail/doctor/boot_view.h"

enum { MINUTE_MS = 60000, OLD_NEWS_MS = 10 * MINUTE_MS };

static void try_sign(const struct boot_view *v, const struct doctor_sign *sign, struct doctor_report *ret) {
        struct doctor_finding f = { .sign = sign };

        if (ret->n_findings < DOCTOR_FINDINGS_MAX && sign->holds(v, &f))
                ret->findings[ret->n_findings++] = f;
}

static bool hides(const struct doctor_sign *sign, const struct doctor_sign *other) {
        for (const char *const *id = sign->hides; id < sign->hides + ARRAY_LEN(sign->hides) && *id; id++)
                if (strcmp(*id, other->id) == 0)
                        return true;
        return false;
}

static bool is_hidden(const struct doctor_report *r, const struct doctor_sign *sign) {
        for (size_t i = 0; i < r->n_findings; i++)
                if (hides(r->findings[i].sign, sign))
                        return true;
        return false;
}

/* What another finding explains goes. */
static void leave_out_hidden(struct doctor_report *r) {
        struct doctor_report kept = *r;

        kept.n_findings = 0;
        for (size_t i = 0; i < r->n_findings; i++)
                if (!is_hidden(r, r->findings[i].sign))
                        kept.findings[kept.n_findings++] = r->findings[i];
        *r = kept;
}

static double seconds(int64_t ms) {
        return (double)ms / 1000;
}

/* "2.5 s", "3 minutes", "2 days" */
static const char *time_text(int64_t ms, char buf[static 32]) {
        static const struct {
                int64_t ms;
                const char *one, *many;
        } units[] = { { 24 * 60 * MINUTE_MS, "day", "days" },
                      { 60 * MINUTE_MS, "hour", "hours" },
                      { MINUTE_MS, "minute", "minutes" } };

        for (size_t i = 0; i < ARRAY_LEN(units); i++) {
                long long n = ms / units[i].ms;
                if (n == 0)
                        continue;
                (void)snprintf(buf, 32, "%lld %s", n, n == 1 ? units[i].one : units[i].many);
                return buf;
        }
        (void)snprintf(buf, 32, "%.1f s", seconds(ms));
        return buf;
}

static void say(struct doctor_report *r, const char *sentence) {
        (void)snprintf(r->summary, sizeof(r->summary), "%s", sentence);
}

static const char *last_text(const struct boot_view *v, char *buf, size_t size) {
        const struct trail_event *e = v->last;

        (void)snprintf(buf, size, "%.60s%s%.100s", e ? e->what : "nothing", e && e->detail[0] ? ", " : "",
                       e ? e->detail : "");
        return buf;
}

static void summarise(const struct boot_view *v, struct doctor_report *r) {
        const struct trail_session *s = v->boot;
        char last[192], ago[32], took[32];

        if (!s) {
                say(r, "Nothing of it was ever seen on the network.");
                return;
        }
        int64_t age_ms = v->facts->now_ms > s->last_ms ? v->facts->now_ms - s->last_ms : 0;
        (void)time_text(age_ms, ago);
        (void)time_text(s->last_ms - s->start_ms, took);
        (void)last_text(v, last, sizeof(last));
        if (v->system || (s->is_finished && v->kernel))
                (void)snprintf(r->summary, sizeof(r->summary),
                               "Its last boot came through: its system asked for an address %s ago.", ago);
        else if (v->agent)
                (void)snprintf(r->summary, sizeof(r->summary),
                               "Its last boot brought the agent up, which was last heard %s ago.", ago);
        else if (v->is_for_disk && !r->n_findings)
                (void)snprintf(r->summary, sizeof(r->summary), "It was sent to its disk %s ago.", ago);
        else if (boot_view_has_stopped(v))
                (void)snprintf(r->summary, sizeof(r->summary),
                               "Its last boot stopped after %s, %s ago. Its last step: %s.", took, ago, last);
        else
                (void)snprintf(r->summary, sizeof(r->summary),
                               "A boot is under way, or its system starts. Its last step, %s ago: %s.", ago,
                               last);
}

/* A boot that goes on, or went well, says nothing of the one before; but a board that began anew may have. */
static bool looks_further(const struct trail_session *const *boots, size_t n, const struct boot_view *v,
                          const struct doctor_report *r) {
        return r->n_findings == 0 && n > 1 && v->boot && !v->boot->is_finished && !v->system && !v->agent &&
               !boot_view_has_stopped(v) && v->boot->start_ms - boots[1]->last_ms < OLD_NEWS_MS;
}

void doctor_examine(const struct trail_session *const *boots, size_t n, const struct doctor_facts *facts,
                    struct doctor_report *ret) {
        struct doctor_report r = {};
        struct boot_view v;

        n = n < DOCTOR_BOOTS_MAX ? n : DOCTOR_BOOTS_MAX;
        for (size_t at = 0; at == 0 || (at == 1 && looks_further(boots, n, &v, &r)); at++) {
                boot_view_of(boots, n, at, facts, &v);
                r.boot = v.boot;
                for (size_t i = 0; i < doctor_n_signs; i++)
                        try_sign(&v, &doctor_signs[i], &r);
        }
        leave_out_hidden(&r);
        if (v.is_superseded && r.n_findings == 0) {
                boot_view_of(boots, n, 0, facts, &v);
                r.boot = v.boot;
        }
        summarise(&v, &r);
        *ret = r;
}

const char *doctor_weight_name(enum doctor_weight w) {
        static const char *const names[] = { "hint", "warning", "fault" };
        return names[w];
}
