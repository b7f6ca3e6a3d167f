/* Whether the firmware of a Raspberry Pi gets to its kernel with the files of an image, and what it means
 * that it does not. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/method.h"

/**
 * pi_verdict() - why the plan's board would stop on the way to its kernel
 *
 * By the firmware's rules, the image's config.txt and the operator's lines. An image that import found to
 * start the board is not looked at again unless lines are laid over it.
 *
 * Return: a sentence in the plan's arena; NULL: nothing is known to stop it.
 */
const char *pi_verdict(const struct boot_plan *p);

/** pi_verdict_note() - adds to the reasons what may stop some boards of its kind, which do not tell that they
 * are of them. */
void pi_verdict_note(struct boot_plan *p);
