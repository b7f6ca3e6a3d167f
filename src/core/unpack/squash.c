/* Trees to squashfs; see squash.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/squash.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "core/unpack/filter.h"

enum { BUF_SIZE = 256 * 1024 };

struct squashing {
        struct archive *out;
        uint64_t left; /* octets that files may still have */
        uint8_t buf[BUF_SIZE];
};

static int write_failed(struct squashing *s, struct error *reterr) {
        return error_set(reterr, -EIO, "tar2sqfs does not take the files: %s", archive_error_string(s->out));
}

static int copy_content(struct squashing *s, struct stream *content, struct error *reterr) {
        for (;;) {
                ssize_t n = stream_read(content, s->buf, sizeof(s->buf), reterr);
                if (n <= 0)
                        return (int)n;
                if ((uint64_t)n > s->left)
                        return error_set(reterr, -EFBIG, "its files have more octets than an image may have");
                s->left -= (uint64_t)n;
                if (archive_write_data(s->out, s->buf, (size_t)n) != n)
                        return write_failed(s, reterr);
        }
}

static int take_entry(void *ctx, struct archive_entry *e, struct stream *content, struct error *reterr) {
        struct squashing *s = ctx;

        archive_entry_sparse_clear(e); /* squashfs finds holes by itself */
        if (archive_entry_filetype(e) == AE_IFSOCK)
                return 0; /* no tar archive can hold one, and none outlives its server */
        if (archive_write_header(s->out, e) < ARCHIVE_WARN)
                return write_failed(s, reterr);
        bool has_content = content && !archive_entry_hardlink(e) && archive_entry_filetype(e) == AE_IFREG;
        return has_content ? copy_content(s, content, reterr) : 0;
}

static int send(const struct tree *t, const char *path, uint64_t offset, int fd, uint64_t max,
                struct progress *progress, struct error *reterr) {
        CLEANUP(free_at) struct squashing *s = calloc(1, sizeof(*s));
        struct archive *out = archive_write_new();

        if (!s || !out || archive_write_set_format_pax_restricted(out) != ARCHIVE_OK ||
            archive_write_open_fd(out, fd) != ARCHIVE_OK) {
                (void)archive_write_free(out);
                return error_set(reterr, -ENOMEM, "out of memory");
        }
        s->out = out;
        s->left = max;
        int r = t->each(path, offset, take_entry, s, progress, reterr);
        if (r == 0 && archive_write_close(out) != ARCHIVE_OK)
                r = write_failed(s, reterr);
        (void)archive_write_free(out);
        return r;
}

/* Higher levels take several times as long for a few hundredths of the size. */
static const char *level_of(const char *compression) {
        static const struct {
                const char *name, *level;
        } rows[] = { { "zstd", "level=9" }, { "gzip", "level=6" } };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (strcmp(rows[i].name, compression) == 0)
                        return rows[i].level;
        return NULL;
}

int squash(const struct tree *t, const char *path, uint64_t offset, const char *compression, const char *to,
           uint64_t max, struct progress *progress, struct error *reterr) {
        /* The root directory is the same whatever the source says: it is not always in it. */
        const char *argv[] = { "tar2sqfs", "-q",        "--no-skip", "-d", "uid=0,gid=0,mode=0755,mtime=0",
                               "-c",       compression, to,          NULL, NULL,
                               NULL };
        const char *level = level_of(compression);
        struct filter f;

        if (level) {
                argv[7] = "-X";
                argv[8] = level;
                argv[9] = to;
        }
        int r = filter_start(&f, argv, true, "squashfs-tools-ng", reterr);
        if (r < 0)
                return r;
        (void)signal(SIGPIPE, SIG_IGN);
        return filter_end(&f, send(t, path, offset, f.fd, max, progress, reterr), reterr);
}
