/* Signs of what was started, and is not heard; see rules.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "core/trail/doctor/rules.h"

enum {
        LOOP_BOOTS = 3,
        LOOP_MS = 3 * 60 * 1000, /* from one boot of a loop to the next: a panic reboots after some seconds */
        DISK_ROUNDS = 3,
};

/* What a kernel says when it ends; the second is why, where that is the root. */
static const char *const last_words[] = { "Kernel panic", "Unable to mount root fs",
                                          "Cannot open root device" };

static const struct trail_event *panic_in(const struct boot_view *v) {
        for (size_t i = 0; v->boot && i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                for (size_t w = 0; e->kind == TRAIL_CONSOLE && w < ARRAY_LEN(last_words); w++)
                        if (strstr(e->what, last_words[w]) || strstr(e->detail, last_words[w]))
                                return e;
        }
        return NULL;
}

/* The boots follow one another though each had its kernel, its system spoke, and no agent did. */
static bool is_loop(const struct boot_view *v, const struct trail_session *const *boots, size_t n) {
        struct boot_view before;

        if (n < LOOP_BOOTS)
                return false;
        for (size_t i = 1; i < LOOP_BOOTS; i++) {
                boot_view_of(boots, n, i, v->facts, &before);
                if (!before.kernel || !before.system || before.agent ||
                    boots[i - 1]->start_ms - before.boot->start_ms > LOOP_MS)
                        return false;
        }
        return true;
}

bool no_root(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *panic = panic_in(v);

        if (panic) {
                doctor_cite(f, v->boot, v->kernel);
                doctor_cite(f, v->boot, panic);
                return doctor_say(f, "Its kernel started, and gave up: %s%s%s", panic->what,
                                  panic->detail[0] ? ": " : "", panic->detail);
        }
        if (!v->kernel || !v->system || v->agent)
                return false;
        doctor_cite(f, v->boot, v->kernel);
        doctor_cite(f, v->boot, v->system);
        if (v->is_for_agent)
                return boot_view_is_silent(v) &&
                       doctor_say(f,
                                  "Its kernel started and asked for an address, and then the agent that was "
                                  "to bring up its root was not heard.");
        return is_loop(v, v->older - 1, v->n_older + 1) &&
               doctor_say(f, "Its system starts again and again: %d times within %d minutes.", LOOP_BOOTS,
                          LOOP_BOOTS * LOOP_MS / 60000);
}

/* Anything that only what was started can have said. */
static bool is_heard(const struct boot_view *v) {
        for (const struct trail_event *e = v->kernel + 1; e < v->boot->events + v->boot->n_events; e++)
                if (e->kind == TRAIL_HTTP || e->kind == TRAIL_CONSOLE || e->kind == TRAIL_AGENT)
                        return true;
        return v->system != NULL;
}

bool no_network(const struct boot_view *v, struct doctor_finding *f) {
        if (!v->kernel || is_heard(v) || v->agent || !boot_view_is_silent(v) || v->boot->is_finished ||
            v->last_file->outcome == TRAIL_FAILED)
                return false;
        doctor_cite(f, v->boot, v->kernel);
        doctor_cite(f, v->boot, v->last_file);
        return doctor_say(f, "It has its kernel, %s, and its system never asked for an address.",
                          event_name(v->kernel));
}

/* Rounds of the boot order: each begins with the file that firmware asks for first. */
static unsigned rounds_of(const struct boot_view *v) {
        unsigned n = 0;

        for (size_t i = 0; i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                bool is_begin = event_is_named(e, "start4.elf") || event_is_named(e, "config.txt") ||
                                event_is_named(e, "bootcode.bin");
                n += is_begin && e->outcome == TRAIL_MISS && !event_has_prefix(e);
        }
        return n;
}

bool disk_not_booted(const struct boot_view *v, struct doctor_finding *f) {
        if (!v->is_for_disk || v->n_served || v->system || v->boot->is_finished || rounds_of(v) < DISK_ROUNDS)
                return false;
        doctor_cite(f, v->boot, boot_view_note(v, TRAIL_TO_DISK));
        doctor_cite(f, v->boot, v->discover);
        doctor_cite(f, v->boot, v->last_discover);
        return doctor_say(f, "It was sent to its disk %u times, and came back to the network each time.",
                          rounds_of(v));
}

/* The last one: an agent that is done with a task is told to restart by the next. */
static const struct trail_event *restart_in(const struct boot_view *v) {
        const struct trail_event *restart = NULL;

        for (size_t i = 0; v->boot && i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                if (e->kind == TRAIL_NOTE && text_starts_with(e->what, TRAIL_AGENT_RESTARTS))
                        restart = e;
        }
        return restart;
}

bool no_warm_reboot(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *restart = restart_in(v);

        if (!restart || strcmp(v->client, "pi4") != 0 || v->last > restart || v->is_superseded ||
            v->facts->is_quiet || !boot_view_is_silent(v))
                return false;
        doctor_cite(f, v->boot, v->discover);
        doctor_cite(f, v->boot, v->last);
        doctor_cite(f, v->boot, restart);
        return doctor_say(f,
                          "It booted after it was switched on, and is gone since its agent restarted it: no "
                          "DISCOVER came.");
}
