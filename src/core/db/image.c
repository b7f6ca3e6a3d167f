/* Images in the database; see image.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/db/image.h"
#include "core/db/texts.h"

static json_t *boards_json(const struct image *i) {
        json_t *boards = json_array();

        for (char **board = i->boards; board && *board; board++)
                (void)json_array_append_new(boards, json_string(*board));
        return boards;
}

static json_t *roots_json(const struct image *i) {
        json_t *roots = json_array();

        for (unsigned r = 0; r < ROOT_KINDS; r++)
                if (i->roots & 1U << r)
                        (void)json_array_append_new(roots, json_string(root_name((enum root_kind)r)));
        return roots;
}

static json_t *why_not_json(const struct image *i) {
        json_t *reasons = json_array();

        for (unsigned r = 0; r < ROOT_KINDS; r++)
                if (i->why_not[r])
                        (void)json_array_append_new(
                                reasons, json_sprintf("%s: %s", root_name((enum root_kind)r), i->why_not[r]));
        return reasons;
}

static json_t *done_json(const struct image *i) {
        json_t *signals = json_array();

        for (unsigned bit = 1; image_done_name((enum image_done)bit); bit <<= 1)
                if (i->done_signals & bit)
                        (void)json_array_append_new(signals,
                                                    json_string(image_done_name((enum image_done)bit)));
        return signals;
}

static json_t *ties_json(const struct image *i) {
        json_t *names = json_array();

        for (const char *at = i->ties; at && *at;) {
                size_t len = strcspn(at, " ");
                (void)json_array_append_new(names, json_stringn(at, len));
                at += len + (at[len] == ' ');
        }
        return names;
}

static int put_row(struct db *db, const struct image *i, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        char ref[IMAGE_REF_SIZE];
        int r = db_prepare(
                db,
                "INSERT INTO image (id, name, kind, arch, cmdline, boards, created_s, os, roots, why_not,"
                " done_signals, ties) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
                " ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, arch = "
                "excluded.arch,"
                " cmdline = excluded.cmdline, boards = excluded.boards, created_s = excluded.created_s,"
                " os = excluded.os, roots = excluded.roots, why_not = excluded.why_not,"
                " done_signals = excluded.done_signals, ties = excluded.ties",
                &q, reterr);
        if (r < 0)
                return r;

        db_bind_id(&q, 1, i->id);
        db_bind_text(&q, 2, image_ref(i, ref));
        db_bind_text(&q, 3, image_kind_name(i->kind));
        db_bind_text_or_null(&q, 4, arch_name(i->arch));
        db_bind_text_or_null(&q, 5, i->cmdline);
        db_bind_texts(&q, 6, boards_json(i));
        db_bind_i64(&q, 7, i->created_s);
        db_bind_text_or_null(&q, 8, i->os);
        db_bind_texts(&q, 9, roots_json(i));
        db_bind_texts(&q, 10, why_not_json(i));
        db_bind_texts(&q, 11, done_json(i));
        db_bind_texts(&q, 12, ties_json(i));
        return db_do(&q, reterr);
}

static int put_files(struct db *db, const struct image *i, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query gone = {};
        CLEANUP(db_query_end) struct db_query q = {};

        int r = db_prepare(db, "DELETE FROM image_file WHERE image_id = $1", &gone, reterr);
        if (r == 0)
                r = db_prepare(db,
                               "INSERT INTO image_file (image_id, path, role, sha256, size, octets)"
                               " VALUES ($1, $2, $3, $4, $5, $6)",
                               &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&gone, 1, i->id);
        r = db_do(&gone, reterr);
        for (size_t n = 0; n < i->n_files && r == 0; n++) {
                const struct image_file *f = &i->files[n];
                db_reset(&q);
                db_bind_id(&q, 1, i->id);
                db_bind_text(&q, 2, f->path);
                db_bind_text(&q, 3, image_role_name(f->role));
                db_bind_octets(&q, 4, f->blob.octets, sizeof(f->blob.octets));
                db_bind_i64(&q, 5, (int64_t)f->size);
                if (f->octets)
                        db_bind_octets(&q, 6, f->octets, f->size);
                r = db_do(&q, reterr);
        }
        return r;
}

int db_image_put(struct db *db, const struct image *i, struct error *reterr) {
        int r = put_row(db, i, reterr);
        return r < 0 ? r : put_files(db, i, reterr);
}

int db_image_delete(struct db *db, uint64_t id, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db, "DELETE FROM image WHERE id = $1", &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, id);
        return db_do(&q, reterr);
}

static int read_file(struct db_query *q, struct image_file *f) {
        const char *path = db_text(q, 0), *role = db_text(q, 1);
        size_t sha256_len = 0, len = 0;
        const void *sha256 = db_octets(q, 2, &sha256_len);
        int64_t size = db_i64(q, 3);

        if (!path || !role || image_role_parse(role, &f->role) < 0 || !sha256 ||
            sha256_len != sizeof(f->blob.octets) || size < 0)
                return -EBADMSG;
        memcpy(f->blob.octets, sha256, sha256_len);
        f->size = (uint64_t)size;
        f->path = strdup(path);

        const void *octets = db_octets(q, 4, &len);
        if (octets && len != f->size)
                return -EBADMSG;
        if (octets && (f->octets = calloc(1, len + 1)))
                memcpy(f->octets, octets, len);
        return f->path && (!octets || f->octets) ? 0 : -ENOMEM;
}

static int read_files(struct db_query *q, struct image *i, size_t n_files, struct error *reterr) {
        int r;

        if (n_files > IMAGE_FILES_MAX)
                return -EBADMSG;
        i->files = calloc(n_files ? n_files : 1, sizeof(*i->files));
        if (!i->files)
                return -ENOMEM;
        db_reset(q);
        db_bind_id(q, 1, i->id);
        while ((r = db_step(q, reterr)) > 0) {
                if (i->n_files == n_files)
                        return -EBADMSG;
                r = read_file(q, &i->files[i->n_files++]);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : image_index(i);
}

static int read_boards(struct db_query *q, int column, struct image *i) {
        json_t *boards = db_texts(q, column);
        size_t n = json_array_size(boards);

        if (!boards)
                return -EBADMSG;
        i->boards = calloc(n + 1, sizeof(*i->boards));
        bool is_whole = i->boards != NULL;
        for (size_t at = 0; at < n && is_whole; at++)
                is_whole = (i->boards[at] = strdup(json_string_value(json_array_get(boards, at)))) != NULL;
        json_decref(boards);
        return is_whole ? 0 : -ENOMEM;
}

/* Each text of the list in a column, as a mark in @i. */
static int read_marks(struct db_query *q, int column, int (*take)(struct image *i, const char *text),
                      struct image *i) {
        json_t *texts = db_texts(q, column);
        const json_t *text;
        size_t n;
        int r = texts ? 0 : -EBADMSG;

        json_array_foreach(texts, n, text) {
                if (r == 0)
                        r = take(i, json_string_value(text));
        }
        json_decref(texts);
        return r;
}

static int take_root(struct image *i, const char *text) {
        enum root_kind root;

        if (root_parse(text, &root) < 0)
                return -EBADMSG;
        i->roots |= 1U << root;
        return 0;
}

static int take_why_not(struct image *i, const char *text) {
        char name[16];
        enum root_kind root;
        size_t len = strcspn(text, ":");

        if (len >= sizeof(name) || strncmp(text + len, ": ", 2) != 0)
                return -EBADMSG;
        memcpy(name, text, len);
        name[len] = '\0';
        if (root_parse(name, &root) < 0 || i->why_not[root])
                return -EBADMSG;
        i->why_not[root] = strdup(text + len + 2);
        return i->why_not[root] ? 0 : -ENOMEM;
}

static int take_done(struct image *i, const char *text) {
        enum image_done done;

        if (image_done_parse(text, &done) < 0)
                return -EBADMSG;
        i->done_signals |= done;
        return 0;
}

static int take_tie(struct image *i, const char *text) {
        char *ties = NULL;

        if (asprintf(&ties, "%s%s%s", i->ties ? i->ties : "", i->ties ? " " : "", text) < 0)
                return -ENOMEM;
        free(i->ties);
        i->ties = ties;
        return 0;
}

static int read_row(struct db_query *q, struct image *i) {
        const char *ref = db_text(q, 1), *kind = db_text(q, 2), *arch = db_text(q, 3),
                   *cmdline = db_text(q, 4), *os = db_text(q, 7);

        i->id = (uint64_t)db_i64(q, 0);
        i->created_s = db_i64(q, 6);
        if (!ref || image_ref_parse(ref, i->name, &i->version) < 0 || !kind ||
            image_kind_parse(kind, &i->kind) < 0 || (arch && arch_parse(arch, &i->arch) < 0))
                return -EBADMSG;
        i->cmdline = strdup(cmdline ? cmdline : "");
        i->os = os ? strdup(os) : NULL;
        if (!i->cmdline || (os && !i->os))
                return -ENOMEM;
        int r = read_boards(q, 5, i);
        if (r == 0)
                r = read_marks(q, 8, take_root, i);
        if (r == 0)
                r = read_marks(q, 9, take_why_not, i);
        if (r == 0)
                r = read_marks(q, 10, take_done, i);
        return r == 0 ? read_marks(q, 11, take_tie, i) : r;
}

int db_image_each(struct db *db, int (*fn)(void *ctx, struct image *i, struct error *reterr), void *ctx,
                  struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        CLEANUP(db_query_end) struct db_query files = {};
        int r = db_prepare(
                db,
                "SELECT id, name, kind, arch, cmdline, boards, created_s, os, roots, why_not, done_signals,"
                " ties, (SELECT count(*) FROM image_file WHERE image_id = image.id) FROM image ORDER BY id",
                &q, reterr);
        if (r == 0)
                r = db_prepare(db,
                               "SELECT path, role, sha256, size, octets FROM image_file WHERE image_id = $1",
                               &files, reterr);

        while (r >= 0 && (r = db_step(&q, reterr)) > 0) {
                CLEANUP(image_drop_at) struct image *i = image_new();
                if (!i)
                        return error_set(reterr, -ENOMEM, "database: out of memory");
                r = read_row(&q, i);
                if (r == 0)
                        r = read_files(&files, i, (size_t)db_i64(&q, 12), reterr);
                if (r == -EBADMSG || r == -EEXIST)
                        return error_set(reterr, -EBADMSG,
                                         "database: image %ju \"%s\": its rows make no sense",
                                         (uintmax_t)i->id, i->name);
                if (r >= 0)
                        r = fn(ctx, i, reterr);
        }
        return r;
}
