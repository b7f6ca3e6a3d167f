/* Signs of signatures, certificates, updates, and of who it is; see rules.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/trail/doctor/rules.h"

enum {
        RETRY_MS = 60 * 1000 /* what refuses a volume asks for it again some seconds later; a system that was
                                started is not switched off so soon */
};

static const struct trail_event *find(const struct boot_view *v, const char *name, int outcome,
                                      const struct trail_event *after) {
        return boot_view_find(v, (struct event_want){ name, outcome, after });
}

/* ---- a volume and its signature ---- */

/* The first one of which every octet came. */
static const struct trail_event *whole_image(const struct boot_view *v) {
        for (size_t i = 0; v->boot && i < v->boot->n_events; i++)
                if (event_is_named(&v->boot->events[i], "boot.img") && event_is_whole(&v->boot->events[i]))
                        return &v->boot->events[i];
        return NULL;
}

/* Each try of a board that goes on is a boot of its own: the volume is large (rack/session.c). */
static const struct trail_event *read_before(const struct boot_view *v) {
        struct boot_view before;

        if (!v->n_older)
                return NULL;
        boot_view_of(v->older - 1, v->n_older + 1, 1, v->facts, &before);
        return before.system || before.agent || before.silent_ms > RETRY_MS ? NULL : whole_image(&before);
}

/* Firmware asks for files of another way to boot. */
static bool went_on(const struct boot_view *v, const struct trail_event *from) {
        for (const struct trail_event *e = from + 1; e < v->boot->events + v->boot->n_events; e++)
                if (event_is_file(e) && !event_is_named(e, "boot.img") && !event_is_named(e, "boot.sig"))
                        return true;
        return false;
}

/* The signature that was not there, where that ended the boot: nothing more is heard, or firmware came around
 * to it again. Who looks by HTTP first, and boots a card or by other files, misses it as well. */
static const struct trail_event *missed_signature(const struct boot_view *v) {
        const struct trail_event *missed = find(v, "boot.sig", TRAIL_MISS, NULL);

        if (!missed || went_on(v, missed))
                return NULL;
        const bool comes_around =
                v->last_discover > missed && find(v, "boot.sig", TRAIL_MISS, v->last_discover);
        return comes_around || (boot_view_has_stopped(v) && boot_view_is_silent(v)) ? missed : NULL;
}

static bool say_broken(const struct boot_view *v, const struct trail_event *broken,
                       struct doctor_finding *f) {
        char day[BOARD_DAY_SIZE];
        const bool has_day =
                broken->kind == TRAIL_TFTP && board_since_day(v->facts->board, BOARD_SINCE_SIGNED_TFTP, day);

        doctor_cite(f, v->boot, broken);
        return doctor_say(f, "It broke boot.img off after %.1f MB: %s.%s%s%s", (double)broken->octets / 1e6,
                          broken->detail, has_day ? " EEPROMs before " : "", has_day ? day : "",
                          has_day ? " do so over TFTP." : "");
}

bool signed_boot(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *image = whole_image(v), *missed = missed_signature(v);
        const struct trail_event *broken = find(v, "boot.img", TRAIL_FAILED, NULL);
        const struct trail_event *again = image ? find(v, "boot.img", TRAIL_OK, image) : NULL;
        const struct trail_event *before = image ? read_before(v) : NULL;

        if (v->system || v->agent || v->kernel || v->is_for_disk)
                return false;
        doctor_cite(f, v->n_older ? v->older[0] : NULL, before);
        doctor_cite(f, v->boot, image);
        doctor_cite(f, v->boot, missed);
        if (missed)
                return doctor_say(f, "It asks for the signature of its boot image, and there is none.");
        if (broken && boot_view_has_stopped(v))
                return say_broken(v, broken, f);
        doctor_cite(f, v->boot, again);
        if (image && image->octets > BOARD_RAMDISK_MAX && (again || before || boot_view_has_stopped(v)))
                return doctor_say(f, "boot.img has %.1f MiB, and its firmware holds %d MiB.",
                                  (double)image->octets / (1 << 20), BOARD_RAMDISK_MAX >> 20);
        return (again || before) &&
               doctor_say(f, "It read all of boot.img, did not start it, and read it again.");
}

bool https_failed(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *unasked = boot_view_heard(v, TRAIL_UNASKED);
        const struct trail_event *signature = find(v, "boot.sig", TRAIL_OK, NULL);

        if (v->system || v->agent || !v->boot)
                return false;
        doctor_cite(f, v->boot, unasked);
        doctor_cite(f, v->boot, signature);
        if (unasked && !find(v, "boot.img", -1, NULL))
                return doctor_say(f, "It connected by HTTPS and asked for nothing: it does not take the "
                                     "certificate, or speaks no TLS that the server does.");
        return signature && signature->kind == TRAIL_HTTP && !find(v, "boot.img", -1, NULL) &&
               boot_view_has_stopped(v) && doctor_say(f, "It fetched boot.sig by HTTP and then no boot.img.");
}

/* ---- updates ---- */

/* The last two updates that were read whole, and how often its firmware looked for one since: at each start
 * it reads pieeprom.sig, and the update where that is news to it. */
struct updates {
        const struct trail_session *boot, *boot_before;
        const struct trail_event *last, *before;
        unsigned looks, looks_before; /* since the last one; from the one before to the last one */
};

static void see_updates(struct updates *u, const struct trail_session *s) {
        for (size_t i = 0; i < s->n_events; i++) {
                const struct trail_event *e = &s->events[i];
                if (event_is_named(e, "pieeprom.sig") && e->outcome != TRAIL_PROBE)
                        u->looks++;
                if (!event_is_named(e, "pieeprom.upd") || !event_is_whole(e))
                        continue;
                *u = (struct updates){ .boot = s,
                                       .boot_before = u->boot,
                                       .last = e,
                                       .before = u->last,
                                       .looks_before = u->looks };
        }
}

/* Read at two starts that follow one another. With a start between that read none, the first one was taken,
 * and the second is another: an update, and the way back from it. */
bool eeprom_loop(const struct boot_view *v, struct doctor_finding *f) {
        struct updates u = {};

        if (!v->boot)
                return false;
        if (v->n_older)
                see_updates(&u, v->older[0]);
        see_updates(&u, v->boot);
        if (u.boot != v->boot || !u.before || u.looks_before > 1 || u.looks > 0)
                return false;
        doctor_cite(f, u.boot_before, u.before);
        doctor_cite(f, u.boot, u.last);
        return doctor_say(f,
                          "It reads the whole EEPROM update at each start, and so does not write it, or does "
                          "not see that it did.");
}

/* ---- who it is ---- */

bool wrong_identity(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *note = boot_view_note(v, TRAIL_IDENTITY);

        if (!note)
                return false;
        doctor_cite(f, v->boot, note);
        return doctor_say(f, "It says who it is, and that does not fit: %s.", note->detail);
}
