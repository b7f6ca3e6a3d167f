/* Operators' scripts in the database, whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/db.h"
#include "core/site/script.h"

/** db_own_script_put() - add, or replace by id; inside the caller's transaction. */
MUST_CHECK int db_own_script_put(struct db *db, const struct script *s, struct error *reterr);
MUST_CHECK int db_own_script_delete(struct db *db, uint64_t id, struct error *reterr);

/** db_own_script_each() - every script by id, borrowed for the call, until @fn returns negative: that, or
 * -errno. */
MUST_CHECK int db_own_script_each(struct db *db, int (*fn)(void *ctx, struct script *s, struct error *reterr),
                                  void *ctx, struct error *reterr);
