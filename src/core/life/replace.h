/* A machine's board is replaced by another one, and what it was stays what it is. Pure; a part of on_order.c.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/life/decision.h"

/**
 * replace_board() - give the machine the keys of the board that the order names
 *
 * Name, address, image, root and keys stay. The record of the new board, where it has one, goes away; the old
 * board becomes a machine of its own that is Retired, so that it is refused if it returns. Return: 0, or
 * -errno with a sentence.
 */
MUST_CHECK int replace_board(struct decision *d);
