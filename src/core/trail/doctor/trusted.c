/* Signs of signatures, certificates, updates, and of who it is; see rules.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/trail/doctor/rules.h"

enum {
        RAMDISK_MAX =
                96 * 1000 * 1000 /* octets; firmware cuts what is longer, and the signature is wrong then */
};

static const struct trail_event *find(const struct boot_view *v, const char *name, int outcome,
                                      const struct trail_event *after) {
        return boot_view_find(v, (struct event_want){ name, outcome, after });
}

/* It had the whole of it, and wants it again. */
static const struct trail_event *read_again(const struct boot_view *v, const struct trail_event *image) {
        const struct trail_event *again = image ? find(v, "boot.img", TRAIL_OK, image) : NULL;
        return again && event_is_whole(image) ? again : NULL;
}

static bool was_read_before(const struct boot_view *v) {
        for (size_t i = 0; v->n_older && i < v->older[0]->n_events; i++)
                if (event_is_named(&v->older[0]->events[i], "boot.img") &&
                    event_is_whole(&v->older[0]->events[i]))
                        return !v->older[0]->is_finished;
        return false;
}

bool signed_boot(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *image = find(v, "boot.img", -1, NULL);
        const struct trail_event *unsigned_ = find(v, "boot.sig", TRAIL_MISS, NULL);
        const struct trail_event *broken = find(v, "boot.img", TRAIL_FAILED, NULL);
        const struct trail_event *again = read_again(v, find(v, "boot.img", TRAIL_OK, NULL));

        if (v->system || v->agent || v->kernel || (!image && !unsigned_))
                return false;
        doctor_cite(f, v->boot, image);
        doctor_cite(f, v->boot, unsigned_);
        doctor_cite(f, v->boot, broken);
        doctor_cite(f, v->boot, again);
        if (unsigned_)
                return doctor_say(f, "It asks for the signature of its boot image, and there is none.");
        if (broken && boot_view_has_stopped(v))
                return doctor_say(f, "It broke boot.img off after %.1f MB: %s.", (double)broken->octets / 1e6,
                                  broken->detail);
        if (again || (event_is_whole(image) && was_read_before(v)))
                return doctor_say(f, "It read all of boot.img, did not start it, and read it again.");
        return image->octets > RAMDISK_MAX && boot_view_has_stopped(v) &&
               doctor_say(f, "boot.img has %.1f MB, more than its firmware holds.",
                          (double)image->octets / 1e6);
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

static const struct trail_event *update_in(const struct trail_session *s) {
        for (size_t i = 0; i < s->n_events; i++)
                if (event_is_named(&s->events[i], "pieeprom.upd") && event_is_whole(&s->events[i]))
                        return &s->events[i];
        return NULL;
}

bool eeprom_loop(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *now = v->boot ? update_in(v->boot) : NULL;
        const struct trail_event *before = v->n_older ? update_in(v->older[0]) : NULL;
        const struct trail_event *again = now ? find(v, "pieeprom.upd", TRAIL_OK, now) : NULL;

        if (!now || (!before && !(again && event_is_whole(again))))
                return false;
        doctor_cite(f, before ? v->older[0] : v->boot, before ? before : again);
        doctor_cite(f, v->boot, now);
        return doctor_say(f,
                          "It reads the whole EEPROM update at each start, and so does not write it, or does "
                          "not see that it did.");
}

bool wrong_identity(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *note = boot_view_note(v, TRAIL_IDENTITY);

        if (!note)
                return false;
        doctor_cite(f, v->boot, note);
        return doctor_say(f, "It says who it is, and that does not fit: %s.", note->detail);
}
