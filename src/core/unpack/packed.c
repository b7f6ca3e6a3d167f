/* Streams by libarchive; see packed.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/packed.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "core/unpack/formats.h"

enum { IN_SIZE = 64 * 1024, TAR_IMAGE_MIN = 64 * 1024 };

/* What libarchive reads from: it lives as long as the archive. */
struct source {
        struct stream *below;
        struct error error; /* of reading below, which libarchive's own sentence would hide */
        uint8_t in[IN_SIZE];
};

struct archive_stream {
        struct stream stream;
        struct source source;
        struct archive *archive;
        const char *format;   /* for sentences */
        bool is_container;    /* of files, of which this is the one that is meant */
        uint64_t at, size;    /* size: of a file in a container; 0: until its end */
        const uint8_t *block; /* what libarchive handed out last */
        size_t block_len;
        uint64_t block_at;
        bool has_ended;
};

static la_ssize_t read_below(struct archive *a, void *ctx, const void **ret) {
        struct source *s = ctx;
        ssize_t n = stream_read(s->below, s->in, sizeof(s->in), &s->error);

        if (n < 0)
                archive_set_error(a, EIO, "%s", s->error.text);
        *ret = s->in;
        return n < 0 ? ARCHIVE_FATAL : n;
}

static la_int64_t seek_below(struct archive *a, void *ctx, la_int64_t offset, int whence) {
        struct source *s = ctx;
        int64_t at = stream_seek(s->below, offset, whence);

        if (at < 0)
                archive_set_error(a, (int)-at, "cannot seek");
        return at < 0 ? ARCHIVE_FATAL : at;
}

static int failed(const char *format, const struct source *s, struct archive *a, struct error *reterr) {
        const char *why = archive_error_string(a);

        if (s->error.code) {
                if (reterr)
                        *reterr = s->error;
                return s->error.code;
        }
        return error_set(reterr, -EBADMSG, "the %s data is damaged or cut: %s", format,
                         why ? why : "no reason is known");
}

static int open_source(struct source *s, struct archive *a) {
        if (s->below->seek)
                (void)archive_read_set_seek_callback(a, seek_below);
        return archive_read_open2(a, s, NULL, read_below, NULL, NULL) == ARCHIVE_OK ? 0 : -EBADMSG;
}

/* The next block, which may lie behind a hole. */
static int next_block(struct archive_stream *s, struct error *reterr) {
        const void *block = NULL;
        la_int64_t at = 0;

        int r = archive_read_data_block(s->archive, &block, &s->block_len, &at);
        if (r == ARCHIVE_EOF) {
                s->has_ended = true;
                s->block_len = 0;
                s->block_at = s->size;
                return 0;
        }
        if (r != ARCHIVE_OK)
                return failed(s->format, &s->source, s->archive, reterr);
        if (at < 0 || (uint64_t)at < s->at)
                return error_set(reterr, -EBADMSG, "the %s data goes back on itself", s->format);
        s->block = block;
        s->block_at = (uint64_t)at;
        return 0;
}

static bool is_image_name(const char *name) {
        static const char *const endings[] = { ".img", ".raw", ".qcow2" };
        size_t len = strlen(name);

        for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
                size_t ending = strlen(endings[i]);
                if (len > ending && strcasecmp(name + len - ending, endings[i]) == 0)
                        return true;
        }
        return false;
}

static const char *name_of(struct archive_entry *e) {
        const char *name = archive_entry_pathname(e);
        return name ? name : "";
}

/* Behind the image nothing else may come that could be meant as well. */
static int check_rest(struct archive_stream *s, struct error *reterr) {
        struct archive_entry *e;
        int r;

        if (!s->is_container)
                return 0;
        while ((r = archive_read_next_header(s->archive, &e)) == ARCHIVE_OK) {
                if (archive_entry_filetype(e) == AE_IFREG && is_image_name(name_of(e)))
                        return error_set(reterr, -EBADMSG,
                                         "the %s holds more than one disk image: unpack it, and import the "
                                         "one that is meant",
                                         s->format);
        }
        return r == ARCHIVE_EOF ? 0 : failed(s->format, &s->source, s->archive, reterr);
}

static ssize_t give(struct archive_stream *s, void *buf, size_t len) {
        uint64_t gap = s->block_at - s->at;

        if (gap > 0) {
                len = len < gap ? len : (size_t)gap;
                memset(buf, 0, len);
        } else {
                len = len < s->block_len ? len : s->block_len;
                memcpy(buf, s->block, len);
                s->block += len;
                s->block_len -= len;
                s->block_at += len;
        }
        s->at += len;
        return (ssize_t)len;
}

static ssize_t archive_stream_read(struct stream *stream, void *buf, size_t len, struct error *reterr) {
        struct archive_stream *s = (struct archive_stream *)stream;

        while (s->block_at <= s->at && s->block_len == 0) {
                if (s->has_ended)
                        return check_rest(s, reterr);
                int r = next_block(s, reterr);
                if (r < 0)
                        return r;
        }
        return give(s, buf, len);
}

static void archive_stream_free(struct stream *stream) {
        struct archive_stream *s = (struct archive_stream *)stream;

        (void)archive_read_free(s->archive);
        stream_free(s->source.below);
        free(s);
}

static struct archive_stream *stream_new(struct stream *below, const char *format, struct error *reterr) {
        struct archive_stream *s = calloc(1, sizeof(*s));
        struct archive *a = archive_read_new();

        if (!s || !a) {
                free(s);
                (void)archive_read_free(a);
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        s->stream = (struct stream){ .read = archive_stream_read, .free = archive_stream_free };
        s->source.below = below;
        s->archive = a;
        s->format = format;
        return s;
}

/* The stream below stays its caller's. */
static int give_up(struct archive_stream *s, int r) {
        s->source.below = NULL;
        stream_free(&s->stream);
        return r;
}

static int open_filter(struct stream *below, int filter, const char *format, struct stream **ret,
                       struct error *reterr) {
        struct archive_entry *e;
        struct archive_stream *s = stream_new(below, format, reterr);
        if (!s)
                return -ENOMEM;
        if (archive_read_append_filter(s->archive, filter) != ARCHIVE_OK ||
            archive_read_support_format_raw(s->archive) != ARCHIVE_OK ||
            archive_read_support_format_empty(s->archive) != ARCHIVE_OK ||
            open_source(&s->source, s->archive) < 0)
                return give_up(s, failed(format, &s->source, s->archive, reterr));
        int r = archive_read_next_header(s->archive, &e);
        if (r == ARCHIVE_EOF)
                return give_up(s, error_set(reterr, -EBADMSG, "the %s data holds nothing", format));
        if (r != ARCHIVE_OK)
                return give_up(s, failed(format, &s->source, s->archive, reterr));
        *ret = &s->stream;
        return 0;
}

int open_xz(struct stream *below, struct stream **ret, struct error *reterr) {
        return open_filter(below, ARCHIVE_FILTER_XZ, "xz", ret, reterr);
}

int open_zstd(struct stream *below, struct stream **ret, struct error *reterr) {
        return open_filter(below, ARCHIVE_FILTER_ZSTD, "zstd", ret, reterr);
}

int open_bzip2(struct stream *below, struct stream **ret, struct error *reterr) {
        return open_filter(below, ARCHIVE_FILTER_BZIP2, "bzip2", ret, reterr);
}

int open_lz4(struct stream *below, struct stream **ret, struct error *reterr) {
        return open_filter(below, ARCHIVE_FILTER_LZ4, "lz4", ret, reterr);
}

int open_lzma(struct stream *below, struct stream **ret, struct error *reterr) {
        return open_filter(below, ARCHIVE_FILTER_LZMA, "lzma", ret, reterr);
}

/* The stream is the content of this entry from now on. */
static void become_entry(struct archive_stream *s, struct archive_entry *e) {
        s->at = s->block_at = 0;
        s->block_len = 0;
        s->has_ended = false;
        s->size = archive_entry_size_is_set(e) && archive_entry_size(e) > 0 ? (uint64_t)archive_entry_size(e)
                                                                            : 0;
}

/* … which alone is meant of all that the archive holds. */
static void become_image(struct archive_stream *s, struct archive_entry *e) {
        become_entry(s, e);
        s->is_container = true;
}

int open_zip(struct stream *below, struct stream **ret, struct error *reterr) {
        struct archive_entry *e;
        struct archive_stream *s = stream_new(below, "zip", reterr);
        int r;

        if (!s)
                return -ENOMEM;
        if (archive_read_support_format_zip(s->archive) != ARCHIVE_OK ||
            open_source(&s->source, s->archive) < 0)
                return give_up(s, failed("zip", &s->source, s->archive, reterr));
        while ((r = archive_read_next_header(s->archive, &e)) == ARCHIVE_OK) {
                if (archive_entry_filetype(e) != AE_IFREG || !is_image_name(name_of(e)))
                        continue;
                if (archive_entry_is_data_encrypted(e))
                        return give_up(s,
                                       error_set(reterr, -ENOTSUP,
                                                 "the disk image in the zip is encrypted: unpack it first"));
                become_image(s, e);
                *ret = &s->stream;
                return 0;
        }
        return give_up(s, r == ARCHIVE_EOF
                                  ? error_set(reterr, -EBADMSG,
                                              "the zip holds no disk image: no file in it ends in .img, .raw "
                                              "or .qcow2")
                                  : failed("zip", &s->source, s->archive, reterr));
}

int open_tar(struct stream *below, struct stream **ret, struct error *reterr) {
        struct archive_entry *e;
        struct archive_stream *s = stream_new(below, "tar", reterr);
        int r;

        if (!s)
                return -ENOMEM;
        if (archive_read_support_format_tar(s->archive) != ARCHIVE_OK ||
            open_source(&s->source, s->archive) < 0)
                return give_up(s, failed("tar", &s->source, s->archive, reterr));
        while ((r = archive_read_next_header(s->archive, &e)) == ARCHIVE_OK) {
                if (archive_entry_filetype(e) != AE_IFREG)
                        continue;
                if (!is_image_name(name_of(e)) || archive_entry_size(e) < TAR_IMAGE_MIN)
                        return give_up(s, FORMAT_IS_TREE);
                become_image(s, e);
                *ret = &s->stream;
                return 0;
        }
        return give_up(s, r == ARCHIVE_EOF ? error_set(reterr, -EBADMSG, "the tar archive holds no files")
                                           : failed("tar", &s->source, s->archive, reterr));
}

int tar_walk(struct stream *tar,
             int (*fn)(void *ctx, struct archive_entry *e, struct stream *content, struct error *reterr),
             void *ctx, struct error *reterr) {
        struct archive_entry *e;
        struct archive_stream *s = stream_new(tar, "tar", reterr);
        int r;

        if (!s)
                return -ENOMEM;
        if (archive_read_support_format_tar(s->archive) != ARCHIVE_OK ||
            open_source(&s->source, s->archive) < 0)
                return give_up(s, failed("tar", &s->source, s->archive, reterr));
        while ((r = archive_read_next_header(s->archive, &e)) == ARCHIVE_OK) {
                become_entry(s, e);
                r = fn(ctx, e, &s->stream, reterr);
                if (r != 0)
                        return give_up(s, r);
        }
        return give_up(s, r == ARCHIVE_EOF ? 0 : failed("tar", &s->source, s->archive, reterr));
}
