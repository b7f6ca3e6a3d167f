/* Lists of texts; see texts.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>

#include "core/db/texts.h"

void db_bind_texts(struct db_query *q, int parameter, json_t *texts) {
        CLEANUP(free_at) char *dumped = texts ? json_dumps(texts, JSON_COMPACT) : NULL;
        json_decref(texts);
        if (dumped)
                db_bind_text(q, parameter, dumped);
        else
                q->failure = -ENOMEM;
}

json_t *db_texts(struct db_query *q, int column) {
        const char *dumped = db_text(q, column);
        json_t *texts = dumped ? json_loads(dumped, 0, NULL) : NULL;
        bool is_right = json_is_array(texts);

        for (size_t i = 0; is_right && i < json_array_size(texts); i++)
                is_right = json_is_string(json_array_get(texts, i));
        if (is_right)
                return texts;
        json_decref(texts);
        return NULL;
}
