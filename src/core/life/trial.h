/*
 * A new revision of a diskless system is on trial: what ran before it is kept until it has given its sign,
 * and is taken again where that does not come. Pure.
 *
 * A root on the server is made beside the one that was good, under the other one of two names. Whichever of
 * both is not taken is named by nobody in the end, and goes. docs/decisions/trials.md
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "core/export/volume.h"
#include "core/machine/machine.h"

enum { TRIAL_MINUTES = 10, TRIAL_MINUTES_MAX = 24 * 60 };

/* The member of a machine's run that says which root was not taken, with what is in it: a system may still
 * run from it until the machine boots. */
#define TRIAL_LEFT "left"

/** trial_is_possible() - whether the system that runs on @m could be kept beside another one: it is on no
 * disk of its own, so that what is needed to start it again is here. */
bool trial_is_possible(const struct machine *m);

/** trial_is_on() - whether @m has a system to fall back to. */
bool trial_is_on(const struct machine *m);

/** trial_keep() - what @m runs now is what it falls back to. 0 or -ENOMEM. */
MUST_CHECK int trial_keep(struct machine *m);

/** trial_fall_back() - @m runs again what was kept. 0, -ENOMEM, or -EBADMSG. */
MUST_CHECK int trial_fall_back(struct machine *m);

/** trial_end() - the new revision is as good as the old one was. */
void trial_end(struct machine *m);

/** trial_good_run() - what it ran as its agent reads it, the caller's; NULL: no trial is on. */
json_t *trial_good_run(const struct machine *m);

/** trial_part_of() - which of a machine's roots @run is about; of what says nothing the first. */
enum volume_part trial_part_of(const json_t *run);

/** trial_next_part() - the one that a root made now is to be. */
enum volume_part trial_next_part(const struct machine *m);

/** trial_wish() - what @wish asks for as a new revision of what runs on @m: what it says nothing about is as
 * it is now. The caller's; NULL: out of memory. */
json_t *trial_wish(const struct machine *m, const json_t *wish);

/** trial_has_left() - whether what was not taken is still there; trial_forget_left() - it is not needed: it
 * booted since. 0 or -ENOMEM. */
bool trial_has_left(const struct machine *m);
MUST_CHECK int trial_forget_left(struct machine *m);
