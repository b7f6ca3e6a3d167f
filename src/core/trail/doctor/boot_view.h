/*
 * One boot as the doctor's rules see it: what came of it, found out once, and how to ask for more. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/machine/board.h"
#include "core/trail/doctor/doctor.h"

enum { FIRMWARE_PATIENCE_MS = 15 * 1000 }; /* firmware that works is never silent for so long */

struct boot_view {
        const struct doctor_facts *facts;
        const struct trail_session *boot; /* NULL: none was ever seen */
        const struct trail_session *const *older;
        size_t n_older;      /* boots before it, newest first */
        bool is_superseded;  /* another boot has begun since */
        int64_t silent_ms;   /* from its last step to now, or to the boot after it */
        int64_t patience_ms; /* for a system; firmware has less */

        const char *client; /* of its firmware, as boot_client names it; "" not known */
        bool is_pi, is_pi3; /* of any family; of the one whose DHCP ends with the OFFER */
        bool is_for_disk, is_for_agent;

        unsigned n_discovers, n_offers, n_requests; /* of firmware; offers: of a boot, by us */
        unsigned n_files, n_served;                 /* files that were asked for, that were there */

        /* Events; NULL: there is none such. */
        const struct trail_event *discover, *last_discover, *ack; /* of firmware; ack: the first */
        const struct trail_event *last_file;                      /* that was asked for */
        const struct trail_event *kernel;                         /* the last that arrived whole */
        const struct trail_event *system; /* the operating system's DHCP, after that */
        const struct trail_event *agent;  /* the first word of the agent */
        const struct trail_event *last;   /* step of the conversation */
};

/**
 * boot_view_of() - look at a boot
 * @boots, @n:  all of them, newest first
 * @at:         which one; beyond @n: none was seen
 */
void boot_view_of(const struct trail_session *const *boots, size_t n, size_t at,
                  const struct doctor_facts *facts, struct boot_view *ret);

/** boot_view_has_stopped() - whether it did not come through, and firmware says no more. */
bool boot_view_has_stopped(const struct boot_view *v);

/** boot_view_is_silent() - whether a system had time enough to be heard. */
bool boot_view_is_silent(const struct boot_view *v);

/* ---- events ---- */

bool event_is_file(const struct trail_event *e);

/** event_name() - the file's name without folders. */
const char *event_name(const struct trail_event *e);
bool event_is_named(const struct trail_event *e, const char *name);

/** event_has_prefix() - whether it was asked for below a folder. */
bool event_has_prefix(const struct trail_event *e);

/** event_is_whole() - a file from its first octet to its last. */
bool event_is_whole(const struct trail_event *e);

/** event_broke_off() - a file of which some octets arrived, and not all. */
bool event_broke_off(const struct trail_event *e);

/** event_is_kernel() - a file by the name of a kernel. */
bool event_is_kernel(const struct boot_view *v, const struct trail_event *e);

/* What to look for; NULL members match all. */
struct event_want {
        const char *name; /* of a file, without folders */
        int outcome;      /* enum trail_outcome; -1: any */
        const struct trail_event *after;
};

/** boot_view_find() - the first file that matches; NULL: none. */
const struct trail_event *boot_view_find(const struct boot_view *v, struct event_want want);

/** boot_view_heard() - what was heard on the wire, TRAIL_OFFER_ELSEWHERE and the like; NULL: it was not. */
const struct trail_event *boot_view_heard(const struct boot_view *v, const char *what);

/** boot_view_note() - the first note that begins with @text; NULL: none. */
const struct trail_event *boot_view_note(const struct boot_view *v, const char *text);

/* ---- findings ---- */

/** doctor_cite() - @e shows it; NULL, what was cited already and what has no room is passed over. */
void doctor_cite(struct doctor_finding *f, const struct trail_session *boot, const struct trail_event *e);

/** doctor_say() - the finding's sentence; returns true, so that a rule can end with it. */
bool doctor_say(struct doctor_finding *f, const char *format, ...) PRINTF(2, 3);
