/*
 * What belongs to a machine and is not in the snapshot: what its agent found out, and how its power is
 * switched.
 *
 * Read seldom and by name: the API shows it, the power drivers need it. Each goes with its machine.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/db.h"
#include "core/machine/script_result.h"

/** db_power_put() - the parameters of its power driver, a JSON object; in the place of those so far. */
MUST_CHECK int db_power_put(struct db *db, uint64_t machine, const char *parameters, struct error *reterr);

/** db_power_get() - the caller's to free; *@ret NULL: none are set. Secrets: not for logs, not for the API.
 */
MUST_CHECK int db_power_get(struct db *db, uint64_t machine, char **ret, struct error *reterr);

MUST_CHECK int db_inventory_put(struct db *db, uint64_t machine, const char *inventory, struct error *reterr);

/** db_inventory_move() - from one machine to another, in the place of what that one had; @from 0, or a
 * machine that has none: only that goes away. */
MUST_CHECK int db_inventory_move(struct db *db, uint64_t from, uint64_t to, struct error *reterr);
MUST_CHECK int db_inventory_get(struct db *db, uint64_t machine, char **ret,
                                struct error *reterr); /* likewise */

/** db_script_put() - one result; of each machine the newest SCRIPT_TASKS_KEPT tasks are kept. */
MUST_CHECK int db_script_put(struct db *db, const struct script_result *r, struct error *reterr);

/** db_script_each() - all results of one machine, the newest task first, by name, until @fn returns non-zero.
 */
MUST_CHECK int db_script_each(struct db *db, uint64_t machine,
                              int (*fn)(void *ctx, const struct script_result *r), void *ctx,
                              struct error *reterr);
