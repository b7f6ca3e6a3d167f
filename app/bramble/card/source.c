/* Folders, archives, packages; see source.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/source.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/bramble/card/files.h"
#include "base/text.h"

enum { PIECE = 64 * 1024 };

/* One walk through a source. */
struct walk {
        const char *path; /* as it was named */
        int (*fn)(void *ctx, const struct source_entry *e, struct error *reterr);
        void *ctx;
        size_t n;
        struct error *reterr;
};

static int tell(struct walk *w, const struct source_entry *e) {
        if (w->n++ == SOURCE_ENTRIES_MAX)
                return error_set(
                        w->reterr, -E2BIG,
                        "%s has more than %d files: name the folder or the package that has the firmware",
                        w->path, SOURCE_ENTRIES_MAX);
        return w->fn(w->ctx, e, w->reterr);
}

/* ---- folders ---- */

static int read_file(const struct source_entry *e, void *buf, struct error *reterr) {
        FILE *f = fopen(e->ctx, "re");
        const bool is_whole = f && fread(buf, 1, e->size, f) == e->size;
        const int fault = !f || ferror(f) ? -errno : -EIO;

        if (f)
                (void)fclose(f);
        return is_whole ? 0
                        : error_set(reterr, fault, "cannot read %s: %s", (const char *)e->ctx,
                                    strerror(-fault));
}

static int by_name(const FTSENT **a, const FTSENT **b) {
        return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Links are followed: in a checkout of the firmware the folder of a channel is one. */
static int each_in_folder(struct walk *w) {
        FTS *walk =
                fts_open((char *[]){ (char *)(uintptr_t)w->path, NULL }, FTS_LOGICAL | FTS_NOCHDIR, by_name);
        const size_t skip = strlen(w->path);
        int r = 0;

        if (!walk)
                return error_set(w->reterr, -errno, "cannot read %s: %s", w->path, strerror(errno));
        for (const FTSENT *at; r == 0 && (at = fts_read(walk));) {
                if (at->fts_info == FTS_DNR || at->fts_info == FTS_ERR)
                        r = error_set(w->reterr, -at->fts_errno, "cannot read %s: %s", at->fts_path,
                                      strerror(at->fts_errno));
                if (at->fts_info != FTS_F)
                        continue;
                const char *inside = at->fts_path + skip;
                r = tell(w, &(struct source_entry){ .path = inside + strspn(inside, "/"),
                                                    .size = (uint64_t)at->fts_statp->st_size,
                                                    .read = read_file,
                                                    .ctx = at->fts_path });
        }
        (void)fts_close(walk);
        return r;
}

/* ---- archives ---- */

static int broken(struct archive *a, const char *path, struct error *reterr) {
        const char *why = archive_error_string(a);
        return error_set(reterr, -EBADMSG, "cannot read %s: %s", path, why ? why : "it is damaged");
}

struct packed {
        struct archive *archive;
        const char *path;
};

static int read_packed(const struct source_entry *e, void *buf, struct error *reterr) {
        const struct packed *p = e->ctx;

        for (uint64_t done = 0; done < e->size;) {
                const ssize_t n = archive_read_data(p->archive, (uint8_t *)buf + done, e->size - done);
                if (n < 0)
                        return broken(p->archive, p->path, reterr);
                if (n == 0)
                        return error_set(reterr, -EBADMSG, "cannot read %s: %s ends early", p->path, e->path);
                done += (uint64_t)n;
        }
        return 0;
}

static const char *last_part(const char *path) {
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

/* What no format knows is one file: its name is all that there is to tell what it is. */
static struct archive *new_reader(void) {
        struct archive *a = archive_read_new();

        if (!a)
                return NULL;
        (void)archive_read_support_filter_all(a);
        (void)archive_read_support_format_ar(a);
        (void)archive_read_support_format_tar(a);
        (void)archive_read_support_format_zip(a);
        (void)archive_read_support_format_cpio(a);
        (void)archive_read_support_format_raw(a);
        return a;
}

static int each_in_archive(struct walk *w, struct archive *a, bool may_be_package);

/* The tar in a Debian package, read through it. */
struct inner {
        struct archive *outer;
        uint8_t piece[PIECE];
};

static la_ssize_t read_inner(struct archive *a, void *ctx, const void **ret) {
        struct inner *in = ctx;
        const la_ssize_t n = archive_read_data(in->outer, in->piece, sizeof(in->piece));

        if (n < 0)
                archive_set_error(a, archive_errno(in->outer), "%s", archive_error_string(in->outer));
        *ret = in->piece;
        return n;
}

static int each_in_package(struct walk *w, struct archive *outer) {
        CLEANUP(free_at) struct inner *in = malloc(sizeof(*in));
        struct archive *a = new_reader();
        int r;

        if (!in || !a) {
                r = error_set(w->reterr, -ENOMEM, "out of memory");
        } else {
                in->outer = outer;
                r = archive_read_open(a, in, NULL, read_inner, NULL) == ARCHIVE_OK
                            ? each_in_archive(w, a, false)
                            : broken(a, w->path, w->reterr);
        }
        if (a)
                (void)archive_read_free(a);
        return r;
}

static int read_octets(const struct source_entry *e, void *buf, struct error *reterr) {
        (void)reterr;
        if (e->size)
                memcpy(buf, e->ctx, e->size);
        return 0;
}

/* One file that is no archive; it may be packed, so its size is known when it was read. */
static int tell_of_one(struct walk *w, struct archive *a) {
        CLEANUP(text_free) struct text data = {};
        CLEANUP(free_at) char *piece = malloc(PIECE);
        la_ssize_t n = piece ? 0 : -1;

        while (piece && data.len <= CARD_OCTETS_MAX && (n = archive_read_data(a, piece, PIECE)) > 0)
                text_append_octets(&data, piece, (size_t)n);
        if (!piece || data.failed)
                return error_set(w->reterr, -ENOMEM, "out of memory");
        if (n < 0)
                return broken(a, w->path, w->reterr);
        if (n > 0)
                return error_set(w->reterr, -E2BIG, "%s is larger than any firmware", w->path);
        return tell(w, &(struct source_entry){ .path = last_part(w->path),
                                               .size = data.len,
                                               .read = read_octets,
                                               .ctx = data.octets });
}

static int tell_of_entry(struct walk *w, struct archive *a, struct archive_entry *entry) {
        const char *path = archive_entry_pathname(entry);
        struct packed p = { .archive = a, .path = w->path };

        if (!path || archive_entry_filetype(entry) != AE_IFREG)
                return 0;
        while (text_starts_with(path, "./"))
                path += 2;
        return tell(w, &(struct source_entry){ .path = path,
                                               .size = (uint64_t)archive_entry_size(entry),
                                               .read = read_packed,
                                               .ctx = &p });
}

static int each_in_archive(struct walk *w, struct archive *a, bool may_be_package) {
        struct archive_entry *entry;
        int r = 0, got = ARCHIVE_OK;

        while (r == 0 && (got = archive_read_next_header(a, &entry)) == ARCHIVE_OK) {
                const int format = archive_format(a) & ARCHIVE_FORMAT_BASE_MASK;
                const char *path = archive_entry_pathname(entry);
                if (format == ARCHIVE_FORMAT_RAW && may_be_package)
                        r = tell_of_one(w, a);
                else if (format == ARCHIVE_FORMAT_AR && may_be_package && path &&
                         text_starts_with(path, "data.tar"))
                        r = each_in_package(w, a);
                else if (format != ARCHIVE_FORMAT_AR && format != ARCHIVE_FORMAT_RAW)
                        r = tell_of_entry(w, a, entry);
        }
        if (r == 0 && got != ARCHIVE_EOF && got != ARCHIVE_OK)
                return broken(a, w->path, w->reterr);
        return r;
}

int source_each(const char *path, int (*fn)(void *ctx, const struct source_entry *e, struct error *reterr),
                void *ctx, struct error *reterr) {
        struct walk w = { .path = path, .fn = fn, .ctx = ctx, .reterr = reterr };
        struct stat status;
        int r;

        if (stat(path, &status) < 0)
                return error_set(reterr, -errno, "cannot read %s: %s", path, strerror(errno));
        if (S_ISDIR(status.st_mode))
                return each_in_folder(&w);
        struct archive *a = new_reader();
        if (!a)
                return error_set(reterr, -ENOMEM, "out of memory");
        r = archive_read_open_filename(a, path, PIECE) == ARCHIVE_OK ? each_in_archive(&w, a, true)
                                                                     : broken(a, path, reterr);
        (void)archive_read_free(a);
        return r;
}

int source_read(const struct source_entry *e, uint8_t **ret, struct error *reterr) {
        if (e->size > CARD_OCTETS_MAX)
                return error_set(reterr, -E2BIG, "%s is larger than any firmware", e->path);
        CLEANUP(free_at) uint8_t *data = malloc(e->size ? (size_t)e->size : 1);
        if (!data)
                return error_set(reterr, -ENOMEM, "out of memory");
        const int r = e->read(e, data, reterr);
        if (r < 0)
                return r;
        *ret = TAKE(data);
        return 0;
}
