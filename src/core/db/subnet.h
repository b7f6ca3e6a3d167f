/* Subnets in the database. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/db.h"
#include "core/site/subnet.h"

/** db_subnet_put() - add, or replace by id; inside the caller's transaction. */
MUST_CHECK int db_subnet_put(struct db *db, const struct subnet *s, struct error *reterr);
MUST_CHECK int db_subnet_delete(struct db *db, uint64_t id, struct error *reterr);

/** db_subnet_each() - every subnet by id, borrowed for the call, until @fn returns negative: that, or -errno.
 */
MUST_CHECK int db_subnet_each(struct db *db, int (*fn)(void *ctx, struct subnet *s, struct error *reterr),
                              void *ctx, struct error *reterr);
