/* Lists of texts in one column, as JSON arrays: for what is only ever read whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/db/db.h"

/** db_bind_texts() - store a JSON array of texts, which this frees; NULL (out of memory) makes the next step
 * fail. */
void db_bind_texts(struct db_query *q, int parameter, json_t *texts);

/** db_texts() - the array in a column, the caller's; NULL when it is none. */
json_t *db_texts(struct db_query *q, int column);
