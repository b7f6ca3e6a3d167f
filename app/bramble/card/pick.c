/* Picking files; see pick.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/pick.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "app/bramble/card/source.h"

enum { WANTS_MAX = 16 };

/* The best that was found for a want in one source. */
struct found {
        size_t rank; /* of the pattern; the lower the better */
        char *path;
        uint8_t *data;
        size_t len;
};

struct picking {
        const struct card_pick *pick;
        struct card_files *out;
        struct found found[WANTS_MAX];
        char *folder; /* of pick->whole in this source, with its slash; NULL: it is not in it */
};

static void picking_free(struct picking *p) {
        for (size_t i = 0; i < WANTS_MAX; i++) {
                free(p->found[i].path);
                free(p->found[i].data);
        }
        free(p->folder);
}

static const char *last_part(const char *path) {
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

/* The pattern that a path fits: its number, or how many there are. */
static size_t rank_of(const struct card_want *w, const char *path) {
        size_t i = 0;

        while (w->patterns[i] && fnmatch(w->patterns[i], path, 0) != 0)
                i++;
        return i;
}

static bool is_better(const struct card_want *w, const struct found *f, const struct source_entry *e,
                      size_t rank) {
        if (!w->patterns[rank] || (w->size && e->size != w->size))
                return false;
        return !f->path || rank < f->rank ||
               (rank == f->rank && strcmp(last_part(e->path), last_part(f->path)) > 0);
}

static int take(struct found *f, const struct source_entry *e, size_t rank, struct error *reterr) {
        CLEANUP(free_at) char *path = strdup(e->path);
        CLEANUP(free_at) uint8_t *data = NULL;

        if (!path)
                return error_set(reterr, -ENOMEM, "out of memory");
        const int r = source_read(e, &data, reterr);
        if (r < 0)
                return r;
        free(f->path);
        free(f->data);
        *f = (struct found){ .rank = rank, .path = TAKE(path), .data = TAKE(data), .len = (size_t)e->size };
        return 0;
}

/* Several wants may be met by one file of an archive, whose octets come once: the first takes it. */
static int look_at(void *ctx, const struct source_entry *e, struct error *reterr) {
        struct picking *p = ctx;

        for (size_t i = 0; i < p->pick->n_wants; i++) {
                const struct card_want *w = &p->pick->wants[i];
                const size_t rank = rank_of(w, e->path);
                if (!card_files_find(p->out, w->name) && is_better(w, &p->found[i], e, rank))
                        return take(&p->found[i], e, rank, reterr);
        }
        return 0;
}

static int find_folder(void *ctx, const struct source_entry *e, struct error *reterr) {
        struct picking *p = ctx;

        if (strcasecmp(last_part(e->path), p->pick->whole) != 0)
                return 0;
        p->folder = strndup(e->path, (size_t)(last_part(e->path) - e->path));
        return p->folder ? 1 : error_set(reterr, -ENOMEM, "out of memory");
}

static int take_below(void *ctx, const struct source_entry *e, struct error *reterr) {
        struct picking *p = ctx;
        const size_t skip = strlen(p->folder);
        CLEANUP(free_at) uint8_t *data = NULL;

        if (strncmp(e->path, p->folder, skip) != 0 || card_files_find(p->out, e->path + skip))
                return 0;
        int r = source_read(e, &data, reterr);
        if (r == 0 && (r = card_files_put(p->out, e->path + skip, data, (size_t)e->size, reterr)) == 0)
                data = NULL;
        return r;
}

static int take_found(struct picking *p, struct error *reterr) {
        for (size_t i = 0; i < p->pick->n_wants; i++) {
                struct found *f = &p->found[i];
                if (!f->data)
                        continue;
                const int r = card_files_put(p->out, p->pick->wants[i].name, f->data, f->len, reterr);
                if (r < 0)
                        return r;
                f->data = NULL;
        }
        return 0;
}

static int pick_from(const struct card_pick *pick, const char *source, struct card_files *out,
                     struct error *reterr) {
        CLEANUP(picking_free) struct picking p = { .pick = pick, .out = out };
        int r = 0;

        if (pick->whole && (r = source_each(source, find_folder, &p, reterr)) < 0)
                return r;
        if (p.folder && (r = source_each(source, take_below, &p, reterr)) < 0)
                return r;
        if ((r = source_each(source, look_at, &p, reterr)) < 0)
                return r;
        return take_found(&p, reterr);
}

int card_pick_run(const struct card_pick *p, struct card_files *out, struct error *reterr) {
        for (const char *const *source = p->sources; *source; source++) {
                const int r = pick_from(p, *source, out, reterr);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < p->n_wants; i++) {
                const struct card_want *w = &p->wants[i];
                if (!w->is_optional && !card_files_find(out, w->name))
                        return error_set(
                                reterr, -ENOENT,
                                "the card needs %s, and what --firmware names has none: %s brings it",
                                w->name, w->from);
        }
        return 0;
}
