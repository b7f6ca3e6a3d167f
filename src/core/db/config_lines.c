/* Operators' lines for config.txt in the database; see config_lines.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/db/config_lines.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

int db_config_lines_put(struct db *db, const struct config_lines *l, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db,
                           "INSERT INTO config_lines (id, scope, name, text, created_s)"
                           " VALUES ($1, $2, $3, $4, $5)"
                           " ON CONFLICT (id) DO UPDATE SET scope = excluded.scope, name = excluded.name,"
                           " text = excluded.text, created_s = excluded.created_s",
                           &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, l->id);
        db_bind_text(&q, 2, config_lines_scope_name(l->scope));
        db_bind_text(&q, 3, l->name);
        db_bind_text(&q, 4, l->text);
        db_bind_i64(&q, 5, l->created_s);
        return db_do(&q, reterr);
}

int db_config_lines_delete(struct db *db, uint64_t id, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db, "DELETE FROM config_lines WHERE id = $1", &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, id);
        return db_do(&q, reterr);
}

static bool read_row(struct db_query *q, struct config_lines *l) {
        const char *scope = db_text(q, 1), *name = db_text(q, 2), *text = db_text(q, 3);

        l->id = (uint64_t)db_i64(q, 0);
        l->created_s = db_i64(q, 4);
        l->text = text ? strdup(text) : NULL;
        return scope && config_lines_scope_parse(scope, &l->scope) == 0 && name &&
               text_copy(l->name, sizeof(l->name), name) == 0 && l->text;
}

int db_config_lines_each(struct db *db, int (*fn)(void *ctx, struct config_lines *l, struct error *reterr),
                         void *ctx, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db, "SELECT id, scope, name, text, created_s FROM config_lines ORDER BY id", &q,
                           reterr);

        while (r >= 0 && (r = db_step(&q, reterr)) > 0) {
                CLEANUP(config_lines_drop_at) struct config_lines *l = config_lines_new();
                if (!l)
                        return error_set(reterr, -ENOMEM, "database: out of memory");
                if (!read_row(&q, l))
                        return error_set(reterr, -EBADMSG,
                                         "database: lines %ju for config.txt: their row makes no sense",
                                         (uintmax_t)l->id);
                r = fn(ctx, l, reterr);
        }
        return r;
}
