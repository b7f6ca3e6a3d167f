/*
 * A new revision of a diskless system is on trial: what ran before it is kept until it has given its sign,
 * and is taken again where that does not come. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/machine/machine.h"

enum { TRIAL_MINUTES = 10, TRIAL_MINUTES_MAX = 24 * 60 };

/** trial_is_possible() - whether the system that runs on @m could be kept beside another one: it is in
 * memory, so that nothing but its image is needed to start it again. */
bool trial_is_possible(const struct machine *m);

/** trial_is_on() - whether @m has a system to fall back to. */
bool trial_is_on(const struct machine *m);

/** trial_keep() - what @m runs now is what it falls back to. 0 or -ENOMEM. */
MUST_CHECK int trial_keep(struct machine *m);

/** trial_fall_back() - @m runs again what was kept. 0, -ENOMEM, or -EBADMSG. */
MUST_CHECK int trial_fall_back(struct machine *m);

/** trial_end() - the new revision is as good as the old one was. */
void trial_end(struct machine *m);
