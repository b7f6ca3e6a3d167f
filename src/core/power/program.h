/* Programs that switch power: started for one action, asked and heard by the words of bramble-power-exec(7).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "core/power/power.h"

/**
 * power_program_run() - have a program carry out one attempt
 * @dir:        where it lies
 * @name:       of the file there, without a path
 * @is_ours:    it sees no files but libraries; an operator's may see what brambled's user may
 *
 * Return: as an action of a driver.
 */
MUST_CHECK int power_program_run(const struct power_target *t, enum power_action action, const char *dir,
                                 const char *name, bool is_ours, struct power_outcome *ret,
                                 struct error *reterr);

/** power_left_ms() - what is left of an attempt; at least a moment. */
unsigned power_left_ms(const struct power_target *t);

/** power_no_answer() - the sentence of an attempt that is over: -ETIMEDOUT. */
int power_no_answer(const struct power_target *t, struct error *reterr);
