/* The table of trees, and tar archives as one of them; see tree.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/tree.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "core/unpack/ext4.h"
#include "core/unpack/filter.h"
#include "core/unpack/formats.h"
#include "core/unpack/packed.h"
#include "core/unpack/progress.h"

const char *tree_clean_path(const char *path, struct error *reterr) {
        for (;;) {
                if (path[0] == '/')
                        path++;
                else if (path[0] == '.' && path[1] == '/')
                        path += 2;
                else
                        break;
        }
        if (strcmp(path, ".") == 0)
                return "";
        if (strlen(path) >= TREE_PATH_OCTETS) {
                (void)error_set(reterr, -EBADMSG, "a path in it has more than %d octets",
                                TREE_PATH_OCTETS - 1);
                return NULL;
        }
        for (const char *at = path; *at;) {
                size_t len = strcspn(at, "/");
                if (len == 2 && at[0] == '.' && at[1] == '.') {
                        (void)error_set(
                                reterr, -EBADMSG,
                                "it has the path %.200s, which leads out of it: no honest archive has", path);
                        return NULL;
                }
                at += len + (at[len] == '/');
        }
        return path;
}

static int clean_entry(struct archive_entry *e, struct error *reterr) {
        const char *path = archive_entry_pathname(e), *link = archive_entry_hardlink(e);

        if (!path)
                return error_set(reterr, -EBADMSG, "it has a path that cannot be read");
        path = tree_clean_path(path, reterr);
        link = path && link ? tree_clean_path(link, reterr) : link;
        if (!path || (archive_entry_hardlink(e) && !link))
                return -EBADMSG;
        CLEANUP(free_at) char *own_path = strdup(path), *own_link = link ? strdup(link) : NULL;
        if (!own_path || (link && !own_link))
                return error_set(reterr, -ENOMEM, "out of memory");
        archive_entry_set_pathname(e, own_path);
        if (own_link)
                archive_entry_set_hardlink(e, own_link);
        return 0;
}

struct tar_reader {
        struct format_found *found;
        tree_fn fn;
        void *ctx;
        struct progress *progress;
};

static int take_entry(void *ctx, struct archive_entry *e, struct stream *content, struct error *reterr) {
        struct tar_reader *w = ctx;

        int r = clean_entry(e, reterr);
        if (r == 0 && *archive_entry_pathname(e))
                r = w->fn(w->ctx, e, content, reterr);
        progress_tell(w->progress, stream_offset(w->found->file));
        return r;
}

static int tar_each(const char *path, uint64_t offset, tree_fn fn, void *ctx, struct progress *progress,
                    struct error *reterr) {
        struct format_found found;
        struct tar_reader w = { .found = &found, .fn = fn, .ctx = ctx, .progress = progress };

        (void)offset;
        int r = format_open(path, &found, reterr);
        if (r < 0)
                return r;
        r = found.kind == FORMAT_TREE ? tar_walk(found.stream, take_entry, &w, reterr)
                                      : error_set(reterr, -EBADMSG, "this is no tar archive");
        stream_free(found.stream);
        return r;
}

/* Another program turns it into a tar archive. */
static int squashfs_each(const char *path, uint64_t offset, tree_fn fn, void *ctx, struct progress *progress,
                         struct error *reterr) {
        const char *const argv[] = { "sqfs2tar", path, NULL };
        struct filter f;

        (void)offset;
        int r = filter_start(&f, argv, false, "squashfs-tools-ng", reterr);
        if (r < 0)
                return r;
        CLEANUP(stream_free_at) struct stream *tar = stream_of_fd(f.fd, reterr);
        struct format_found found = { .file = tar };
        struct tar_reader w = { .found = &found, .fn = fn, .ctx = ctx, .progress = progress };
        return filter_end(&f, tar ? tar_walk(tar, take_entry, &w, reterr) : -ENOMEM, reterr);
}

const struct tree trees[] = {
        { "tar", tar_each },
        { "ext4", ext4_each },
        { "squashfs", squashfs_each },
        {},
};

const struct tree *tree_find(const char *name) {
        for (const struct tree *t = trees; t->name; t++)
                if (strcmp(t->name, name) == 0)
                        return t;
        return NULL;
}
