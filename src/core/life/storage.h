/*
 * What is kept for diskless machines on the server: which volumes one wants as it stands in the snapshot, and
 * what is to be done next for each. Pure.
 *
 * The wish is level, not edge: whatever was done before a restart, the next step follows from what is wanted
 * and what is known to be there. Only removing wants an order that was given since the start: that nobody
 * wants a volume may as well mean that its machine could not be read, or that the database is an older one.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/addr.h"
#include "core/export/volume.h"
#include "core/site/site.h"

enum { STORAGE_WANTS_MAX = 4 }; /* of one machine: a root, data, and what is set aside of both roots */

struct storage_want {
        struct volume volume;
        uint8_t content[32]; /* of a squashfs; zeros: it begins empty */
        uint64_t size;       /* octets of a disk */
        uint64_t deployment; /* another one's is another volume */
        bool is_reset;       /* it is as new in each boot */
        bool is_ordered;     /* its deployment is under way: what another one left there makes room for it */
        bool is_aside;       /* it stays as it is, and no boot is to reach it; nothing else is said of it */
};

bool storage_want_equal(const struct storage_want *a, const struct storage_want *b);

/** storage_wants() - what @m wants of @s now. Return: how many. */
size_t storage_wants(const struct site *s, const struct machine *m,
                     struct storage_want ret[static STORAGE_WANTS_MAX]);

/* A boot that is to reach it. */
struct storage_boot {
        uint64_t session; /* 0: none */
        struct ip_addr server, client;
};

/* One volume, as far as it is known. */
struct storage_state {
        bool is_wanted;
        struct storage_want want;       /* while it is wanted; else only the volume */
        bool may_be_there;              /* it was listed, or was begun to be made */
        bool is_given_up; /* an order ended it: what only happens to stand there is not removed */
        bool is_stale;    /* what stands there was given up, and is not what is wanted now */
        bool is_made;                   /* as it is wanted */
        bool has_failed;                /* to be made: not again before a boot asks for it */
        struct storage_boot boot;       /* the newest that asked for it */
        uint64_t reset_for, offered_to; /* sessions; of what is set aside: withdrawn for */
        bool boot_failed;
};

enum storage_step {
        STORAGE_REST,
        STORAGE_MAKE,
        STORAGE_RESET,
        STORAGE_OFFER,
        STORAGE_WITHDRAW,
        STORAGE_REMOVE,
        STORAGE_STEPS
};

/** storage_next() - what is to be done for it now. */
enum storage_step storage_next(const struct storage_state *s);

/** storage_want() - what is wanted of it from now on; NULL: nothing, which gives up what was wanted so far.
 */
void storage_want(struct storage_state *s, const struct storage_want *want);

/** storage_give_up() - its machine was deleted or deployed anew: what is not wanted of it goes. */
void storage_give_up(struct storage_state *s);

/** storage_begin_again() - how far it is is not known any more: what was on its way may have been done, or
 * half.
 */
void storage_begin_again(struct storage_state *s);

/** storage_is_left() - whether it stands there, nobody wants it, and nobody ordered it away. */
bool storage_is_left(const struct storage_state *s);

/** storage_ask() - a boot asks for it. */
void storage_ask(struct storage_state *s, const struct storage_boot *boot);

/** storage_done() - what came of a step that was begun for @want and @boot, which may have changed meanwhile.
 */
void storage_done(struct storage_state *s, enum storage_step step, const struct storage_want *want,
                  const struct storage_boot *boot, bool is_well);

/** storage_is_ready() - whether the boot that asked can reach it, or is not to. */
bool storage_is_ready(const struct storage_state *s);
