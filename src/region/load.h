/* From the database to the first snapshot. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/db.h"
#include "core/site/site.h"

/**
 * region_load() - read everything that is configured
 *
 * What no longer makes sense (a board that this version does not know) is left out and logged: one row must
 * not keep all machines from booting. Return: 0, or -errno with a sentence when the database cannot be read.
 */
MUST_CHECK int region_load(struct db *db, const struct board_set *boards, struct site **ret,
                           struct error *reterr);
