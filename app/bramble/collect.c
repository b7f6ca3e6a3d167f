/* Walking directories for an import. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/bramble/collect.h"
#include "base/text.h"

void collection_free(struct collection *c) {
        for (size_t i = 0; i < c->n; i++) {
                free(c->files[i].source);
                free(c->files[i].name);
        }
        free(c->files);
        *c = (struct collection){};
}

struct collected *collection_find(const struct collection *c, const char *name) {
        for (size_t i = 0; i < c->n; i++)
                if (strcmp(c->files[i].name, name) == 0)
                        return &c->files[i];
        return NULL;
}

static int by_name(const void *a, const void *b) {
        const struct collected *x = a, *y = b;
        return strcmp(x->name, y->name);
}

void collection_sort(struct collection *c) {
        if (c->n)
                qsort(c->files, c->n, sizeof(*c->files), by_name);
}

static int make_room(struct collection *c, struct error *reterr) {
        if (c->n < c->room)
                return 0;
        if (c->n >= COLLECTION_FILES_MAX)
                return error_set(reterr, -E2BIG,
                                 "more than %d files are no boot files: is this the right directory?",
                                 COLLECTION_FILES_MAX);
        const size_t room = c->room ? c->room * 2 : 64;
        struct collected *grown = reallocarray(c->files, room, sizeof(*grown));
        if (!grown)
                return error_set(reterr, -ENOMEM, "out of memory");
        c->files = grown;
        c->room = room;
        return 0;
}

static int put(struct collection *c, const char *source, const char *name, const char *role, uint64_t size,
               struct error *reterr) {
        struct collected *there = collection_find(c, name);
        CLEANUP(free_at) char *source_copy = strdup(source), *name_copy = strdup(name);
        int r;

        if (!source_copy || !name_copy)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (strlen(name) > COLLECTION_NAME_MAX)
                return error_set(reterr, -ENAMETOOLONG, "%s: a name has %d octets at most", name,
                                 COLLECTION_NAME_MAX);
        if (!there) {
                if ((r = make_room(c, reterr)) < 0)
                        return r;
                there = &c->files[c->n++];
                *there = (struct collected){};
        }
        c->size += size - there->size;
        free(there->source);
        free(there->name);
        *there = (struct collected){
                .source = TAKE(source_copy), .name = TAKE(name_copy), .role = role, .size = size
        };
        return 0;
}

int collect_file(struct collection *c, const char *source, const char *name, const char *role,
                 struct error *reterr) {
        struct stat status;

        if (stat(source, &status) < 0)
                return error_set(reterr, -errno, "cannot read %s: %s", source, strerror(errno));
        if (!S_ISREG(status.st_mode))
                return error_set(reterr, -EINVAL, "%s is no regular file", source);
        return put(c, source, name, role, (uint64_t)status.st_size, reterr);
}

/* Whether what @path leads to lies below @root, a path without links. */
static bool lies_inside(const char *root, const char *path) {
        CLEANUP(free_at) char *real = realpath(path, NULL);
        const size_t len = strlen(root);

        return real && strncmp(real, root, len) == 0 &&
               (real[len] == '/' || root[len - 1] == '/' || real[len] == '\0');
}

/* One thing that the walk comes by. */
static int visit(struct collection *c, FTS *walk, FTSENT *at, const char *root, const char *prefix,
                 const char *suffix, const char *role, struct error *reterr) {
        char name[PATH_MAX];

        switch (at->fts_info) {
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
                return error_set(reterr, -at->fts_errno, "cannot read %s: %s", at->fts_path,
                                 strerror(at->fts_errno));
        case FTS_D:
                if (lies_inside(root, at->fts_path))
                        return 0;
                c->n_skipped++;
                (void)fts_set(walk, at, FTS_SKIP);
                return 0;
        case FTS_F:
                break;
        case FTS_DP:
                return 0;
        default: /* a loop, a link to nowhere, a device */
                c->n_skipped++;
                return 0;
        }
        if (!lies_inside(root, at->fts_path)) {
                c->n_skipped++;
                return 0;
        }
        if (suffix && !text_ends_with(at->fts_path, suffix))
                return 0;
        (void)snprintf(name, sizeof(name), "%s%s", prefix, at->fts_path + strlen(root) + 1);
        return put(c, at->fts_path, name, role, (uint64_t)at->fts_statp->st_size, reterr);
}

int collect_dir(struct collection *c, const char *dir, const char *prefix, const char *suffix,
                const char *role, struct error *reterr) {
        CLEANUP(free_at) char *root = realpath(dir, NULL);
        int r = 0;

        if (!root)
                return error_set(reterr, -errno, "cannot read %s: %s", dir, strerror(errno));
        FTS *walk = fts_open((char *[]){ root, NULL }, FTS_LOGICAL | FTS_NOCHDIR, NULL);
        if (!walk)
                return error_set(reterr, -errno, "cannot read %s: %s", dir, strerror(errno));
        for (FTSENT *at; r == 0 && (at = fts_read(walk));)
                r = visit(c, walk, at, root, prefix, suffix, role, reterr);
        (void)fts_close(walk);
        return r;
}
