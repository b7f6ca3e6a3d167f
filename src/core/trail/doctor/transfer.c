/* Signs of how files come across; see rules.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "core/trail/doctor/rules.h"

enum {
        FILE_TIMEOUT_MS = 4800, /* TFTP_FILE_TIMEOUT is 5 s at least */
        LAST_BLOCK = 65535,
        RESENT_MIN = 10, /* below it chance says nothing */
        EARLY_ENDS_MIN = 3,
};

/* The client's own end of a transfer, in its middle. */
static bool was_given_up(const struct trail_event *e) {
        return event_broke_off(e) && e->kind == TRAIL_TFTP &&
               text_starts_with(e->detail, TRAIL_CLIENT_GAVE_UP);
}

static bool is_at_wall(const struct trail_event *e) {
        return event_broke_off(e) && e->blksize && e->octets / e->blksize >= LAST_BLOCK - 1 &&
               e->octets / e->blksize <= LAST_BLOCK + 1;
}

bool file_timeout(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *slow = NULL;

        for (size_t i = 0; v->boot && i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                if (was_given_up(e) && e->took_ms >= FILE_TIMEOUT_MS && !is_at_wall(e))
                        slow = e;
        }
        if (!slow)
                return false;
        doctor_cite(f, v->boot, slow);
        return doctor_say(
                f, "It gave %s up after %.1f s, with %.1f of %.1f MB: it allows no more for one file.",
                event_name(slow), slow->took_ms / 1e3, (double)slow->octets / 1e6, (double)slow->size / 1e6);
}

bool block_wall(const struct boot_view *v, struct doctor_finding *f) {
        char day[BOARD_DAY_SIZE];

        for (size_t i = 0; v->boot && i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                if (!is_at_wall(e))
                        continue;
                const bool has_day = board_since_day(v->facts->board, BOARD_SINCE_BLOCK_ROLLOVER, day);
                doctor_cite(f, v->boot, e);
                return doctor_say(
                        f,
                        "%s stopped at block %d of %u octets: this firmware cannot count further, and "
                        "the file has %.1f MB.%s%s%s",
                        event_name(e), LAST_BLOCK, e->blksize, (double)e->size / 1e6,
                        has_day ? " EEPROMs since " : "", has_day ? day : "", has_day ? " can." : "");
        }
        return false;
}

struct losses {
        uint64_t blocks, resent;
        unsigned early_ends;
        const struct trail_event *worst, *early;
};

static struct losses losses_of(const struct boot_view *v) {
        struct losses l = {};

        for (size_t i = 0; v->boot && i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                if (e->kind != TRAIL_TFTP || !e->blksize)
                        continue;
                l.blocks += e->octets / e->blksize + 1;
                l.resent += e->resent;
                if (e->resent && (!l.worst || e->resent > l.worst->resent))
                        l.worst = e;
                if (event_broke_off(e) && e->took_ms < FILE_TIMEOUT_MS && !is_at_wall(e)) {
                        l.early_ends++;
                        l.early = e;
                }
        }
        return l;
}

/* A kernel that did not come across, and the next name that this firmware tries instead. */
static const struct trail_event *lost_kernel(const struct boot_view *v) {
        const struct trail_event *seven =
                boot_view_find(v, (struct event_want){ "kernel7.img", .outcome = TRAIL_FAILED });
        return seven && boot_view_find(v, (struct event_want){ "kernel.img", -1, .after = seven }) ? seven
                                                                                                   : NULL;
}

bool lossy_path(const struct boot_view *v, struct doctor_finding *f) {
        const struct losses l = losses_of(v);
        const struct trail_event *kernel = lost_kernel(v);

        if (l.resent >= RESENT_MIN && l.resent * 100 > l.blocks) {
                doctor_cite(f, v->boot, l.worst);
                doctor_cite(f, v->boot, l.early);
                return doctor_say(f, "%llu of %llu blocks had to be sent again: packets get lost on its way.",
                                  (unsigned long long)l.resent, (unsigned long long)l.blocks);
        }
        if (kernel) {
                doctor_cite(f, v->boot, kernel);
                return doctor_say(f, "kernel7.img did not come across, and it fell back to kernel.img.");
        }
        if (l.early_ends < EARLY_ENDS_MIN)
                return false;
        doctor_cite(f, v->boot, l.early);
        return doctor_say(f, "%u transfers broke off in their middle.", l.early_ends);
}

/* Small files and the one behind them begin within a millisecond or two, which is as exactly as beginnings
 * are known: what ended last is surer than what began last. */
static const struct trail_event *last_to_end(const struct boot_view *v) {
        const struct trail_event *last = NULL;

        for (size_t i = 0; v->boot && i < v->boot->n_events; i++) {
                const struct trail_event *e = &v->boot->events[i];
                if (event_is_file(e) && (!last || e->at_ms + e->took_ms >= last->at_ms + last->took_ms))
                        last = e;
        }
        return last;
}

bool pi5_hang(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *e = last_to_end(v);

        if (strcmp(v->client, "pi5") != 0 || !e || !event_broke_off(e) || v->last_discover > e ||
            !boot_view_has_stopped(v))
                return false;
        bool is_big = event_is_kernel(v, e) || text_starts_with(event_name(e), "initramfs") ||
                      text_starts_with(event_name(e), "initrd") ||
                      (v->facts->initramfs && event_is_named(e, v->facts->initramfs));
        if (!is_big)
                return false;
        doctor_cite(f, v->boot, e);
        return doctor_say(f, "%s broke off, and a Pi 5 does not try again: its screen stays black.",
                          event_name(e));
}
