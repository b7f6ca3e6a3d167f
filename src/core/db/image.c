/* Images in the database; see image.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/db/image.h"
#include "core/db/texts.h"

static int put_row(struct db *db, const struct image *i, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(
                db,
                "INSERT INTO image (id, name, kind, arch, cmdline, boards, created_s)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7)"
                " ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, arch = "
                "excluded.arch,"
                " cmdline = excluded.cmdline, boards = excluded.boards, created_s = excluded.created_s",
                &q, reterr);
        if (r < 0)
                return r;

        json_t *boards = json_array();
        for (char **board = i->boards; board && *board; board++)
                (void)json_array_append_new(boards, json_string(*board));
        db_bind_id(&q, 1, i->id);
        db_bind_text(&q, 2, i->name);
        db_bind_text(&q, 3, image_kind_name(i->kind));
        db_bind_text_or_null(&q, 4, arch_name(i->arch));
        db_bind_text_or_null(&q, 5, i->cmdline);
        db_bind_texts(&q, 6, boards);
        db_bind_i64(&q, 7, i->created_s);
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

static int read_row(struct db_query *q, struct image *i) {
        const char *name = db_text(q, 1), *kind = db_text(q, 2), *arch = db_text(q, 3),
                   *cmdline = db_text(q, 4);

        i->id = (uint64_t)db_i64(q, 0);
        i->created_s = db_i64(q, 6);
        if (!name || text_copy(i->name, sizeof(i->name), name) < 0 || !kind ||
            image_kind_parse(kind, &i->kind) < 0 || (arch && arch_parse(arch, &i->arch) < 0))
                return -EBADMSG;
        i->cmdline = strdup(cmdline ? cmdline : "");
        return i->cmdline ? read_boards(q, 5, i) : -ENOMEM;
}

int db_image_each(struct db *db, int (*fn)(void *ctx, struct image *i, struct error *reterr), void *ctx,
                  struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        CLEANUP(db_query_end) struct db_query files = {};
        int r = db_prepare(
                db,
                "SELECT id, name, kind, arch, cmdline, boards, created_s,"
                " (SELECT count(*) FROM image_file WHERE image_id = image.id) FROM image ORDER BY id",
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
                        r = read_files(&files, i, (size_t)db_i64(&q, 7), reterr);
                if (r == -EBADMSG || r == -EEXIST)
                        return error_set(reterr, -EBADMSG,
                                         "database: image %ju \"%s\": its rows make no sense",
                                         (uintmax_t)i->id, i->name);
                if (r >= 0)
                        r = fn(ctx, i, reterr);
        }
        return r;
}
