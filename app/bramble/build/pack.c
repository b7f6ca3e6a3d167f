/* Writing archives; see pack.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/bramble/build/pack.h"

enum { DIR_MODE = 0755, FILE_MODE = 0644, PIECE = 128 * 1024 };

static int failed(const struct pack *a, struct error *reterr) {
        const int number = archive_errno(a->archive);
        const char *why = archive_error_string(a->archive);

        return error_set(reterr, number > 0 ? -number : -EIO, "cannot write %s: %s", a->path,
                         why ? why : "no memory");
}

int pack_begin(const char *path, enum pack_form form, struct pack *ret, struct error *reterr) {
        struct pack a = { .archive = archive_write_new(), .path = path };
        int r;

        if (!a.archive)
                return error_set(reterr, -ENOMEM, "out of memory");
        r = form == PACK_TAR ? archive_write_set_format_gnutar(a.archive)
                             : archive_write_set_format_cpio_newc(a.archive);
        if (r == ARCHIVE_OK && form == PACK_CPIO_ZSTD)
                r = archive_write_add_filter_zstd(a.archive);
        if (r == ARCHIVE_OK)
                r = archive_write_open_filename(a.archive, path);
        if (r != ARCHIVE_OK) {
                r = failed(&a, reterr);
                (void)archive_write_free(a.archive);
                return r;
        }
        *ret = a;
        return 0;
}

void pack_drop(struct pack *a) {
        if (a->archive)
                (void)archive_write_free(a->archive);
        a->archive = NULL;
}

int pack_end(struct pack *a, struct error *reterr) {
        if (archive_write_close(a->archive) != ARCHIVE_OK)
                return failed(a, reterr);
        pack_drop(a);
        return 0;
}

static int put_header(struct pack *a, const char *name, mode_t type, mode_t mode, uint64_t size,
                      struct error *reterr) {
        struct archive_entry *e = archive_entry_new();

        if (!e)
                return error_set(reterr, -ENOMEM, "out of memory");
        archive_entry_set_pathname(e, name);
        archive_entry_set_filetype(e, type);
        archive_entry_set_perm(e, mode);
        archive_entry_set_size(e, (int64_t)size);
        archive_entry_set_mtime(e, 0, 0);
        archive_entry_set_nlink(e, 1);
        const int r = archive_write_header(a->archive, e);
        archive_entry_free(e);
        return r == ARCHIVE_OK ? 0 : failed(a, reterr);
}

static int put_data(struct pack *a, const void *data, size_t len, struct error *reterr) {
        return archive_write_data(a->archive, data, len) == (ssize_t)len ? 0 : failed(a, reterr);
}

int pack_dir(struct pack *a, const char *name, struct error *reterr) {
        return put_header(a, name, AE_IFDIR, DIR_MODE, 0, reterr);
}

int pack_text(struct pack *a, const char *name, const char *text, struct error *reterr) {
        const int r = put_header(a, name, AE_IFREG, FILE_MODE, strlen(text), reterr);
        return r < 0 ? r : put_data(a, text, strlen(text), reterr);
}

static int put_file(struct pack *a, const char *name, const char *source, FILE *f, struct error *reterr) {
        CLEANUP(free_at) char *piece = malloc(PIECE);
        struct stat status;
        int r;

        if (!piece)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (fstat(fileno(f), &status) < 0)
                return error_set(reterr, -errno, "cannot read %s: %s", source, strerror(errno));
        r = put_header(a, name, AE_IFREG, FILE_MODE, (uint64_t)status.st_size, reterr);
        for (uint64_t left = (uint64_t)status.st_size; r == 0 && left > 0;) {
                const size_t n = fread(piece, 1, left < PIECE ? (size_t)left : PIECE, f);
                if (n == 0)
                        return error_set(reterr, -EIO, "%s became shorter while it was read", source);
                left -= n;
                r = put_data(a, piece, n, reterr);
        }
        return r;
}

int pack_file(struct pack *a, const char *name, const char *source, struct error *reterr) {
        FILE *f = fopen(source, "re");

        if (!f)
                return error_set(reterr, -errno, "cannot read %s: %s", source, strerror(errno));
        const int r = put_file(a, name, source, f, reterr);
        (void)fclose(f);
        return r;
}

static int by_name(const FTSENT **a, const FTSENT **b) {
        return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int visit(struct pack *a, const char *name, const FTSENT *at, size_t root_len, struct error *reterr) {
        CLEANUP(free_at) char *inside = NULL;

        if (asprintf(&inside, "%s%s", name, at->fts_path + root_len) < 0) {
                inside = NULL;
                return error_set(reterr, -ENOMEM, "out of memory");
        }
        switch (at->fts_info) {
        case FTS_D:
                return pack_dir(a, inside, reterr);
        case FTS_F:
                return pack_file(a, inside, at->fts_path, reterr);
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
                return error_set(reterr, -at->fts_errno, "cannot read %s: %s", at->fts_path,
                                 strerror(at->fts_errno));
        default:
                return 0;
        }
}

int pack_tree(struct pack *a, const char *name, const char *dir, struct error *reterr) {
        FTS *walk = fts_open((char *[]){ (char *)(uintptr_t)dir, NULL }, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
        int r = 0;

        if (!walk)
                return error_set(reterr, -errno, "cannot read %s: %s", dir, strerror(errno));
        for (const FTSENT *at; r == 0 && (at = fts_read(walk));)
                r = visit(a, name, at, strlen(dir), reterr);
        (void)fts_close(walk);
        return r;
}
