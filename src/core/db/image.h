/* Images in the database: what their files are; the octets are in the store. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/db.h"
#include "core/site/image.h"

/** db_image_put() - add, or replace by id with all its files; inside the caller's transaction. */
MUST_CHECK int db_image_put(struct db *db, const struct image *i, struct error *reterr);
MUST_CHECK int db_image_delete(struct db *db, uint64_t id, struct error *reterr);

/** db_image_each() - every image by id, indexed, borrowed for the call, until @fn returns negative: that, or
 * -errno. */
MUST_CHECK int db_image_each(struct db *db, int (*fn)(void *ctx, struct image *i, struct error *reterr),
                             void *ctx, struct error *reterr);
