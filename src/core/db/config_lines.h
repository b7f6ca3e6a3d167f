/* Operators' lines for files of Raspberry Pis in the database, whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/db.h"
#include "core/machine/config_lines.h"

/** db_config_lines_put() - add, or replace by id; inside the caller's transaction. */
MUST_CHECK int db_config_lines_put(struct db *db, const struct config_lines *l, struct error *reterr);
MUST_CHECK int db_config_lines_delete(struct db *db, uint64_t id, struct error *reterr);

/** db_config_lines_each() - all of them by id, borrowed for the call, until @fn returns negative: that, or
 * -errno. */
MUST_CHECK int db_config_lines_each(struct db *db,
                                    int (*fn)(void *ctx, struct config_lines *l, struct error *reterr),
                                    void *ctx, struct error *reterr);
