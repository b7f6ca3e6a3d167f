/* Scripts in the database; see script.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/db/script.h"

int db_own_script_put(struct db *db, const struct script *s, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(
                db,
                "INSERT INTO script (id, name, type, title, description, timeout_s, is_destructive, tags,"
                " parameters, notes, created_s, body)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
                " ON CONFLICT (id) DO UPDATE SET name = excluded.name, type = excluded.type,"
                " title = excluded.title, description = excluded.description,"
                " timeout_s = excluded.timeout_s, is_destructive = excluded.is_destructive,"
                " tags = excluded.tags, parameters = excluded.parameters, notes = excluded.notes,"
                " created_s = excluded.created_s, body = excluded.body",
                &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, s->id);
        db_bind_text(&q, 2, s->name);
        db_bind_text(&q, 3, script_type_name(s->type));
        db_bind_text_or_null(&q, 4, s->title);
        db_bind_text_or_null(&q, 5, s->description);
        db_bind_i64(&q, 6, s->timeout_s);
        db_bind_i64(&q, 7, s->is_destructive);
        db_bind_text_or_null(&q, 8, s->tags);
        db_bind_text_or_null(&q, 9, s->parameters);
        db_bind_text_or_null(&q, 10, s->notes);
        db_bind_i64(&q, 11, s->created_s);
        db_bind_octets(&q, 12, s->body, s->body_len);
        return db_do(&q, reterr);
}

int db_own_script_delete(struct db *db, uint64_t id, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db, "DELETE FROM script WHERE id = $1", &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, id);
        return db_do(&q, reterr);
}

static bool read_text(struct db_query *q, int column, char **ret) {
        const char *text = db_text(q, column);

        *ret = text ? strdup(text) : NULL;
        return *ret || !text;
}

static bool read_body(struct db_query *q, int column, struct script *s) {
        const void *octets = db_octets(q, column, &s->body_len);

        s->body = octets && s->body_len <= SCRIPT_BODY_MAX ? calloc(1, s->body_len + 1) : NULL;
        if (s->body)
                memcpy(s->body, octets, s->body_len);
        return s->body;
}

static bool read_row(struct db_query *q, struct script *s) {
        const char *name = db_text(q, 1), *type = db_text(q, 2);

        s->id = (uint64_t)db_i64(q, 0);
        s->timeout_s = (uint32_t)db_i64(q, 5);
        s->is_destructive = db_i64(q, 6) != 0;
        s->created_s = db_i64(q, 10);
        return name && script_is_name(name) && text_copy(s->name, sizeof(s->name), name) == 0 && type &&
               script_type_parse(type, &s->type) == 0 && read_text(q, 3, &s->title) &&
               read_text(q, 4, &s->description) && read_text(q, 7, &s->tags) &&
               read_text(q, 8, &s->parameters) && read_text(q, 9, &s->notes) && read_body(q, 11, s);
}

int db_own_script_each(struct db *db, int (*fn)(void *ctx, struct script *s, struct error *reterr), void *ctx,
                       struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db,
                           "SELECT id, name, type, title, description, timeout_s, is_destructive, tags,"
                           " parameters, notes, created_s, body FROM script ORDER BY id",
                           &q, reterr);

        while (r >= 0 && (r = db_step(&q, reterr)) > 0) {
                CLEANUP(script_drop_at) struct script *s = script_new();
                if (!s)
                        return error_set(reterr, -ENOMEM, "database: out of memory");
                if (!read_row(&q, s))
                        return error_set(reterr, -EBADMSG, "database: script %ju: its row makes no sense",
                                         (uintmax_t)s->id);
                r = fn(ctx, s, reterr);
        }
        return r;
}
