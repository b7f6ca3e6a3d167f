/* One boot as the doctor's rules see it; see boot_view.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trail/doctor/boot_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* ---- events ---- */

bool event_is_file(const struct trail_event *e) {
        return e->kind == TRAIL_TFTP || e->kind == TRAIL_HTTP;
}

const char *event_name(const struct trail_event *e) {
        const char *slash = strrchr(e->what, '/');
        return slash ? slash + 1 : e->what;
}

bool event_is_named(const struct trail_event *e, const char *name) {
        return event_is_file(e) && strcasecmp(event_name(e), name) == 0;
}

bool event_has_prefix(const struct trail_event *e) {
        const char *path = e->what + strspn(e->what, "/");
        return strchr(path, '/') != NULL;
}

bool event_is_whole(const struct trail_event *e) {
        return event_is_file(e) && e->outcome == TRAIL_OK && e->octets == e->size;
}

bool event_broke_off(const struct trail_event *e) {
        return event_is_file(e) && e->outcome == TRAIL_FAILED && e->octets > 0 && e->octets < e->size;
}

/* Raspberry Pi firmware's own names and Debian's; what else an image calls it is known from its plan. */
bool event_is_kernel(const struct boot_view *v, const struct trail_event *e) {
        const char *name = event_is_file(e) ? event_name(e) : "";

        if (v->facts->kernel && strcmp(name, v->facts->kernel) == 0)
                return true;
        return (text_starts_with(name, "kernel") && text_ends_with(name, ".img")) ||
               text_starts_with(name, "vmlinuz");
}

/* ---- the look ---- */

static bool is_firmware(const struct trail_event *e) {
        return e->client[0] && strcmp(e->client, "other") != 0 && strcmp(e->client, "grub") != 0;
}

static bool offers_boot(const struct trail_event *e) {
        return e->outcome == TRAIL_OK && !text_ends_with(e->detail, TRAIL_NO_BOOT) &&
               !text_ends_with(e->detail, TRAIL_NOT_BOOTED);
}

static void see_firmware(struct boot_view *v, const struct trail_event *e) {
        if (!v->client[0])
                v->client = e->client;
        if (strcmp(e->what, "DISCOVER") == 0) {
                v->discover = v->discover ? v->discover : e;
                v->last_discover = e;
                v->n_discovers++;
                v->n_offers += offers_boot(e);
        } else if (strcmp(e->what, "REQUEST") == 0) {
                v->n_requests++;
                if (e->outcome == TRAIL_OK && !v->ack)
                        v->ack = e;
        }
}

static void see_file(struct boot_view *v, const struct trail_event *e) {
        if (!v->client[0] && is_firmware(e))
                v->client = e->client;
        v->last_file = e;
        v->n_files++;
        v->n_served += e->outcome == TRAIL_OK || e->outcome == TRAIL_PROBE;
        if (event_is_whole(e) && event_is_kernel(v, e)) {
                v->kernel = e;
                v->system = NULL; /* what spoke before was of another stage */
        }
}

static void see(struct boot_view *v, const struct trail_event *e) {
        if (e->kind != TRAIL_NOTE && e->kind != TRAIL_WIRE && e->kind != TRAIL_CONSOLE)
                v->last = e;
        if (event_is_file(e))
                see_file(v, e);
        else if (e->kind == TRAIL_DHCP && is_firmware(e))
                see_firmware(v, e);
        else if (e->kind == TRAIL_DHCP && strcmp(e->client, "other") == 0)
                v->system = e;
        else if (e->kind == TRAIL_AGENT && !v->agent)
                v->agent = e;
}

static int64_t end_of(const struct trail_event *e) {
        return e->at_ms + e->took_ms;
}

static int64_t silence_of(const struct boot_view *v, const struct trail_session *newer) {
        int64_t until_ms = newer ? newer->start_ms : v->facts->now_ms, last_ms = v->boot->start_ms;

        for (size_t i = 0; i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                if (e->kind != TRAIL_NOTE && end_of(e) > last_ms)
                        last_ms = end_of(e);
        }
        return until_ms > last_ms ? until_ms - last_ms : 0;
}

void boot_view_of(const struct trail_session *const *boots, size_t n, size_t at,
                  const struct doctor_facts *facts, struct boot_view *ret) {
        struct boot_view v = { .facts = facts, .client = "" };

        v.patience_ms = facts->patience_ms ? facts->patience_ms : DOCTOR_PATIENCE_MS;
        if (at < n) {
                v.boot = boots[at];
                v.older = boots + at + 1;
                v.n_older = n - at - 1;
                v.is_superseded = at > 0;
                for (size_t i = 0; i < v.boot->n_events; i++)
                        see(&v, &v.boot->events[i]);
                v.silent_ms = silence_of(&v, at > 0 ? boots[at - 1] : NULL);
                v.is_pi3 = strcmp(v.client, "pi3") == 0 || strcmp(v.client, "pi3-rom") == 0;
                v.is_pi = text_starts_with(v.client, "pi");
                v.is_for_disk = boot_view_note(&v, TRAIL_TO_DISK);
                v.is_for_agent = boot_view_note(&v, TRAIL_TO_AGENT) || boot_view_note(&v, TRAIL_BY_AGENT);
        }
        *ret = v;
}

bool boot_view_has_stopped(const struct boot_view *v) {
        bool is_firmware = !v->kernel && v->patience_ms > FIRMWARE_PATIENCE_MS;
        int64_t patience_ms = is_firmware ? FIRMWARE_PATIENCE_MS : v->patience_ms;

        return v->boot && !v->system && !v->agent && !v->boot->is_finished &&
               (v->is_superseded || v->silent_ms >= patience_ms);
}

bool boot_view_is_silent(const struct boot_view *v) {
        return v->boot && (v->is_superseded || v->silent_ms >= v->patience_ms);
}

const struct trail_event *boot_view_find(const struct boot_view *v, struct event_want want) {
        for (size_t i = 0; v->boot && i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                if (event_is_file(e) && (!want.after || e > want.after) &&
                    (!want.name || event_is_named(e, want.name)) &&
                    (want.outcome < 0 || want.outcome == (int)e->outcome))
                        return e;
        }
        return NULL;
}

static const struct trail_event *find_kind(const struct boot_view *v, enum trail_kind kind,
                                           const char *text) {
        for (size_t i = 0; v->boot && i < v->boot->n_events; i++)
                if (v->boot->events[i].kind == kind && text_starts_with(v->boot->events[i].what, text))
                        return &v->boot->events[i];
        return NULL;
}

const struct trail_event *boot_view_heard(const struct boot_view *v, const char *what) {
        return find_kind(v, TRAIL_WIRE, what);
}

const struct trail_event *boot_view_note(const struct boot_view *v, const char *text) {
        return find_kind(v, TRAIL_NOTE, text);
}

/* ---- findings ---- */

void doctor_cite(struct doctor_finding *f, const struct trail_session *boot, const struct trail_event *e) {
        if (!e || f->n_evidence == DOCTOR_EVIDENCE_MAX)
                return;
        for (size_t i = 0; i < f->n_evidence; i++)
                if (f->evidence[i].event == e)
                        return;
        f->evidence[f->n_evidence++] = (struct doctor_evidence){ boot, e };
}

bool doctor_say(struct doctor_finding *f, const char *format, ...) {
        va_list args;

        va_start(args, format);
        (void)vsnprintf(f->words, sizeof(f->words), format, args);
        va_end(args);
        return true;
}
