/* Looking through kernels; see kernel_text.h. Sources: scripts/extract-ikconfig and extract-vmlinux of Linux.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/kernel_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/unpack/gzip.h"
#include "core/unpack/packed.h"

enum { TRIES_MAX = 64, RELEASE_MAX = 64, CONFIG_MAX = 4 * 1024 * 1024, STEP = 1024 * 1024 };

static const struct {
        const char *magic;
        size_t len;
        int (*open)(struct stream *below, struct stream **ret, struct error *reterr);
} packings[] = {
        { "\x1f\x8b\x08", 3, open_gzip },
        { "\xfd"
          "7zXZ\0",
          6, open_xz },
        { "\x28\xb5\x2f\xfd", 4, open_zstd },
        { "BZh", 3, open_bzip2 },
        { "\x02\x21\x4c\x18", 4, open_lz4 },
        { "\x5d\0\0", 3, open_lzma },
};

struct octets {
        uint8_t *data;
        size_t len;
};

static void octets_free(struct octets *o) {
        free(o->data);
}

struct memory_stream {
        struct stream stream;
        const uint8_t *at, *end;
};

static ssize_t memory_read(struct stream *s, void *buf, size_t len, struct error *reterr) {
        struct memory_stream *m = (struct memory_stream *)s;
        size_t left = (size_t)(m->end - m->at);

        (void)reterr;
        len = len < left ? len : left;
        if (len)
                memcpy(buf, m->at, len);
        m->at += len;
        return (ssize_t)len;
}

static void memory_free(struct stream *s) {
        (void)s; /* on its user's stack */
}

/* All of a stream up to @max, or what came before it broke: behind a packed kernel other things follow. */
static int read_all(struct stream *s, size_t max, struct octets *ret, struct error *reterr) {
        CLEANUP(octets_free) struct octets all = { 0 };
        size_t room = 0;

        for (;;) {
                if (all.len == room) {
                        room += STEP;
                        if (room > max)
                                break;
                        uint8_t *grown = realloc(all.data, room);
                        if (!grown)
                                return error_set(reterr, -ENOMEM, "out of memory");
                        all.data = grown;
                }
                ssize_t n = stream_read(s, all.data + all.len, room - all.len, NULL);
                if (n <= 0)
                        break;
                all.len += (size_t)n;
        }
        *ret = all;
        all.data = NULL;
        return 0;
}

static int unpack(const uint8_t *data, size_t len,
                  int (*open)(struct stream *below, struct stream **ret, struct error *reterr), size_t max,
                  struct octets *ret, struct error *reterr) {
        struct memory_stream from = { .stream = { .read = memory_read, .free = memory_free },
                                      .at = data,
                                      .end = data + len };
        struct stream *s = NULL;

        if (open(&from.stream, &s, NULL) < 0)
                return -EBADMSG;
        int r = read_all(s, max, ret, reterr);
        stream_free(s);
        return r;
}

static const uint8_t *find(const struct octets *o, const char *what) {
        return o->len ? memmem(o->data, o->len, what, strlen(what)) : NULL;
}

/* "Linux version 6.1.0-28-arm64 (…": the format string of the same words has no digit there. */
static bool find_release(const struct octets *o, char ret[static RELEASE_MAX]) {
        static const char words[] = "Linux version ";
        struct octets rest = *o;

        for (const uint8_t *at; (at = find(&rest, words));) {
                at += sizeof(words) - 1;
                rest = (struct octets){ (uint8_t *)(uintptr_t)at, (size_t)(o->data + o->len - at) };
                size_t n = 0;
                while (n < rest.len && n < RELEASE_MAX - 1 && (isalnum(at[n]) || strchr("._+~-", at[n])) &&
                       at[n])
                        n++;
                if (n == 0 || !isdigit(at[0]))
                        continue;
                memcpy(ret, at, n);
                ret[n] = '\0';
                return true;
        }
        return false;
}

static int write_config(const struct octets *config, struct error *reterr) {
        FILE *f = fopen(KERNEL_CONFIG_FILE, "wxe");

        if (!f || fwrite(config->data, 1, config->len, f) != config->len) {
                int r = error_set(reterr, -errno, KERNEL_CONFIG_FILE ": %s", strerror(errno));
                if (f)
                        (void)fclose(f);
                return r;
        }
        return fclose(f) == 0 ? 0 : error_set(reterr, -errno, KERNEL_CONFIG_FILE ": %s", strerror(errno));
}

static int take_config(const struct octets *o, struct error *reterr) {
        CLEANUP(octets_free) struct octets config = { 0 };
        const uint8_t *at = find(o, "IKCFG_ST");

        if (!at)
                return 0;
        at += 8;
        int r = unpack(at, (size_t)(o->data + o->len - at), open_gzip, CONFIG_MAX, &config, reterr);
        return r == -EBADMSG ? 0 : r < 0 ? r : write_config(&config, reterr);
}

/* Whether this is a kernel, unpacked; if so it is told. */
static int tell(const struct octets *o, FILE *out, struct error *reterr) {
        char release[RELEASE_MAX];

        if (!find_release(o, release))
                return 0;
        (void)fprintf(out, "release %s\n", release);
        int r = take_config(o, reterr);
        return r < 0 ? r : 1;
}

static int look_inside(const struct octets *o, FILE *out, struct error *reterr) {
        unsigned tries = 0;

        for (size_t at = 0; at < o->len && tries < TRIES_MAX; at++)
                for (size_t i = 0; i < ARRAY_LEN(packings); i++) {
                        CLEANUP(octets_free) struct octets inner = { 0 };
                        if (o->len - at < packings[i].len ||
                            memcmp(o->data + at, packings[i].magic, packings[i].len) != 0)
                                continue;
                        tries++;
                        int r = unpack(o->data + at, o->len - at, packings[i].open, KERNEL_MAX, &inner,
                                       reterr);
                        if (r == 0)
                                r = tell(&inner, out, reterr);
                        if (r != 0 && r != -EBADMSG)
                                return r;
                }
        return 0;
}

int kernel_text(const char *path, FILE *out, struct error *reterr) {
        CLEANUP(octets_free) struct octets whole = { 0 };
        CLEANUP(stream_free_at) struct stream *s = stream_open(path, reterr);
        if (!s)
                return -EIO;

        int r = read_all(s, KERNEL_MAX, &whole, reterr);
        if (r == 0)
                r = tell(&whole, out, reterr);
        if (r == 0)
                r = look_inside(&whole, out, reterr);
        return r < 0 ? r : 0;
}
