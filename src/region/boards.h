/* The operator's folder of boards: laid over the built-in ones when the daemon starts. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "core/machine/board.h"

/**
 * region_boards_load() - the built-in boards with every NAME.yaml of a folder laid over them, in the order of
 * names
 * @dir:        a folder that is not there means none
 *
 * A file that is no board is left out and logged: one mistake must not keep all other machines from booting.
 *
 * Return: 0, or -errno with a sentence when the folder is there and cannot be read.
 */
MUST_CHECK int region_boards_load(const char *dir, struct board_set **ret, struct error *reterr);
