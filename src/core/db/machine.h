/* Machines in the database. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/db.h"
#include "core/machine/machine.h"

/** db_machine_put() - add, or replace by id; inside the caller's transaction. */
MUST_CHECK int db_machine_put(struct db *db, const struct machine *m, struct error *reterr);
MUST_CHECK int db_machine_delete(struct db *db, uint64_t id, struct error *reterr);

/** db_machine_each() - every machine by id, borrowed for the call, until @fn returns negative: that, or
 * -errno. */
MUST_CHECK int db_machine_each(struct db *db, int (*fn)(void *ctx, struct machine *m, struct error *reterr),
                               void *ctx, struct error *reterr);
