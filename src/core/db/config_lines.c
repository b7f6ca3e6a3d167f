/* Operators' lines for files of Raspberry Pis in the database; see config_lines.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/db/config_lines.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

int db_config_lines_put(struct db *db, const struct config_lines *l, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db,
                           "INSERT INTO config_lines (id, file, scope, name, text, firmware, created_s)"
                           " VALUES ($1, $2, $3, $4, $5, $6, $7)"
                           " ON CONFLICT (id) DO UPDATE SET file = excluded.file, scope = excluded.scope,"
                           " name = excluded.name, text = excluded.text, firmware = excluded.firmware,"
                           " created_s = excluded.created_s",
                           &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, l->id);
        db_bind_text(&q, 2, config_lines_file_name(l->file));
        db_bind_text(&q, 3, config_lines_scope_name(l->scope));
        db_bind_text(&q, 4, l->name);
        db_bind_text(&q, 5, l->text);
        db_bind_text_or_null(&q, 6, l->firmware);
        db_bind_i64(&q, 7, l->created_s);
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
        const char *file = db_text(q, 1), *scope = db_text(q, 2), *name = db_text(q, 3),
                   *text = db_text(q, 4);
        const char *firmware = db_text(q, 5);

        l->id = (uint64_t)db_i64(q, 0);
        l->created_s = db_i64(q, 6);
        l->text = text ? strdup(text) : NULL;
        return file && config_lines_file_parse(file, &l->file) == 0 &&
               text_copy(l->firmware, sizeof(l->firmware), firmware ? firmware : "") == 0 && scope &&
               config_lines_scope_parse(scope, &l->scope) == 0 && name &&
               text_copy(l->name, sizeof(l->name), name) == 0 && l->text;
}

int db_config_lines_each(struct db *db, int (*fn)(void *ctx, struct config_lines *l, struct error *reterr),
                         void *ctx, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(
                db, "SELECT id, file, scope, name, text, firmware, created_s FROM config_lines ORDER BY id",
                &q, reterr);

        while (r >= 0 && (r = db_step(&q, reterr)) > 0) {
                CLEANUP(config_lines_drop_at) struct config_lines *l = config_lines_new();
                if (!l)
                        return error_set(reterr, -ENOMEM, "database: out of memory");
                if (!read_row(&q, l))
                        return error_set(reterr, -EBADMSG,
                                         "database: operators' lines %ju: their row makes no sense",
                                         (uintmax_t)l->id);
                r = fn(ctx, l, reterr);
        }
        return r;
}
