/* Whether the firmware of a Raspberry Pi gets to its kernel with the files of an image, and what it means
 * that it does not. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/method.h"

/**
 * pi_verdict_refuse() - take the boot from a board that would stop on the way to its kernel, and say why
 *
 * By the firmware's rules, the image's config.txt and the operator's lines: what is missing, and what cannot
 * be made of it, be it config.txt or the boot.img of who loads that. An image that import found to start the
 * board is not searched again unless lines are laid over it, or the board's stepping is known. Firmware that
 * stops shows nothing; that is offered nothing goes on to the next entry of its boot order.
 *
 * Return: true: the plan is one that refuses now.
 */
bool pi_verdict_refuse(struct boot_plan *p);

/** pi_verdict_note() - adds to the reasons what may stop some boards of its kind, which do not tell that they
 * are of them. */
void pi_verdict_note(struct boot_plan *p);
