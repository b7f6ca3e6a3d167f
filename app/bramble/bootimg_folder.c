/* Files for a boot volume; see bootimg_folder.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/bootimg_folder.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/bramble/cli.h"
#include "base/text.h"

/* A walk through the folder. */
struct walk {
        const char *folder;
        char *real;      /* the folder without links */
        bool has_out;    /* the volume is there already */
        struct stat out; /* and is this one */
        char hidden[NAME_MAX + 1];
        size_t n_hidden;
        struct bootimg_folder *files;
};

void bootimg_folder_free(struct bootimg_folder *f) {
        for (size_t i = 0; f && i < f->n; i++)
                free((char *)(uintptr_t)f->files[i].path);
        free(f);
}

static int refuse(const struct walk *w, const char *path, const char *why) {
        return cli_fail(CLI_LOCAL, "%s: %s %s", w->folder, path, why);
}

static int add(struct walk *w, const char *path, const struct stat *st) {
        struct bootimg_folder *f = w->files;

        if (w->has_out && st->st_dev == w->out.st_dev && st->st_ino == w->out.st_ino)
                return CLI_OK;
        if (f->n == FAT_IMAGE_FILES_MAX)
                return cli_fail(CLI_LOCAL, "%s: it is more than a volume of this kind can hold", w->folder);
        char *copy = strdup(path);
        if (!copy)
                return cli_fail(CLI_LOCAL, "out of memory");
        f->files[f->n++] = (struct fat_image_file){ .path = copy, .size = (uint64_t)st->st_size };
        return CLI_OK;
}

static bool is_below(const char *path, const char *folder) {
        const size_t len = strlen(folder);
        return text_starts_with(path, folder) && (path[len] == '/' || (len == 1 && *folder == '/'));
}

/* What a volume gets is what lies in the folder: a link that leads out of it is no file of it. */
static int add_link(struct walk *w, const char *path, const char *whole) {
        CLEANUP(free_at) char *real = realpath(whole, NULL);
        struct stat st;

        if (!real || stat(real, &st) < 0)
                return refuse(w, path, "is a link that leads nowhere");
        if (!is_below(real, w->real))
                return refuse(w, path, "is a link that leads out of the folder: put the file in its place");
        if (!S_ISREG(st.st_mode))
                return refuse(w, path, "is a link to something that is no file: put a file in its place");
        return add(w, path, &st);
}

static void note_hidden(struct walk *w, const char *name) {
        if (w->n_hidden++ == 0)
                (void)snprintf(w->hidden, sizeof(w->hidden), "%s", name);
}

static int look_at(struct walk *w, FTS *tree, FTSENT *e, const char *path) {
        const bool is_hidden = e->fts_level > 0 && e->fts_name[0] == '.';

        if (is_hidden && e->fts_info != FTS_DP)
                note_hidden(w, e->fts_name);
        if (is_hidden) {
                (void)fts_set(tree, e, FTS_SKIP);
                return CLI_OK;
        }
        switch (e->fts_info) {
        case FTS_D:
        case FTS_DP:
                return CLI_OK;
        case FTS_F:
                return e->fts_level > 0 ? add(w, path, e->fts_statp)
                                        : cli_fail(CLI_LOCAL, "%s: is no folder", w->folder);
        case FTS_SL:
                return add_link(w, path, e->fts_accpath);
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
                return cli_fail(CLI_LOCAL, "%s: %s", e->fts_path, strerror(e->fts_errno));
        default:
                return e->fts_level > 0 ? refuse(w, path, "is no file, and cannot be put into a volume")
                                        : cli_fail(CLI_LOCAL, "%s: is no folder", w->folder);
        }
}

static int compare_entries(const FTSENT **a, const FTSENT **b) {
        return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int walk(struct walk *w, FTS *tree) {
        const size_t len = strlen(w->folder), skip = len > 0 && w->folder[len - 1] == '/' ? len : len + 1;

        for (FTSENT *e; (e = fts_read(tree));) {
                const int code = look_at(w, tree, e, e->fts_level > 0 ? e->fts_path + skip : "");
                if (code != CLI_OK)
                        return code;
        }
        return CLI_OK;
}

/* The same on every machine, whatever its language sorts by. */
static int compare_paths(const void *a, const void *b) {
        return strcmp(((const struct fat_image_file *)a)->path, ((const struct fat_image_file *)b)->path);
}

int bootimg_folder_list(const char *folder, const char *out, struct bootimg_folder *ret) {
        char *const roots[] = { (char *)(uintptr_t)folder, NULL };
        CLEANUP(free_at) char *real = realpath(folder, NULL);
        struct walk w = { .folder = folder, .real = real, .files = ret };
        FTS *tree =
                real ? fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, compare_entries) : NULL;

        if (!tree)
                return cli_fail(CLI_LOCAL, "%s: %s", folder, strerror(errno));
        w.has_out = stat(out, &w.out) == 0;
        const int code = walk(&w, tree);
        (void)fts_close(tree);
        if (code != CLI_OK)
                return code;
        if (w.n_hidden)
                cli_note("%s: %zu names that begin with a dot are left out, as in %s", folder, w.n_hidden,
                         w.hidden);
        qsort(ret->files, ret->n, sizeof(ret->files[0]), compare_paths);
        return CLI_OK;
}
