/* Looking into blobs; see look.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/look.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

static enum arch arch_of(enum kernel_arch arch) {
        static const enum arch rows[] = {
                [KERNEL_ARCH_NONE] = ARCH_NONE,   [KERNEL_ARCH_AMD64] = ARCH_AMD64,
                [KERNEL_ARCH_ARM64] = ARCH_ARM64, [KERNEL_ARCH_ARMHF] = ARCH_ARMHF,
                [KERNEL_ARCH_I386] = ARCH_I386,   [KERNEL_ARCH_RISCV64] = ARCH_RISCV64,
        };
        return rows[arch];
}

/* The begin of what a gzip holds; how many octets, 0 when it is broken. */
static size_t unpack_begin(const uint8_t *data, size_t len, uint8_t *ret, size_t size) {
        z_stream z = { .next_in = (Bytef *)(uintptr_t)data,
                       .avail_in = (uInt)len,
                       .next_out = ret,
                       .avail_out = (uInt)size };

        if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) /* 16: with gzip's header */
                return 0;
        int r = inflate(&z, Z_SYNC_FLUSH);
        size_t n = size - z.avail_out;
        (void)inflateEnd(&z);
        return r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR ? n : 0;
}

/* A gzip is taken for the kernel in it; one without a kernel stays a gzip (an initrd, mostly). */
static void look_inside(const uint8_t *data, size_t len, struct image_look *ret) {
        CLEANUP(free_at) uint8_t *inner = malloc(KERNEL_PROBE_SIZE);
        if (!inner)
                return;

        size_t n = unpack_begin(data, len, inner, KERNEL_PROBE_SIZE);
        struct kernel_info info = kernel_probe(inner, n);
        if (!kernel_is_linux(info.kind))
                return;
        ret->kind = info.kind;
        ret->arch = arch_of(info.arch);
}

int image_look(const struct blob_source *blobs, const struct blob_id *id, struct image_look *ret) {
        int error = 0;
        CLEANUP(blob_drop_at) struct blob *b = blobs->open(blobs->ctx, id, &error);
        if (!b)
                return error;

        size_t len = b->size < KERNEL_PROBE_SIZE ? (size_t)b->size : KERNEL_PROBE_SIZE;
        CLEANUP(free_at) uint8_t *data = malloc(len ? len : 1);
        if (!data)
                return -ENOMEM;
        int r = len ? b->read(b, 0, data, len) : 0;
        if (r < 0)
                return r;

        struct kernel_info info = kernel_probe(data, len);
        struct image_look look = { .kind = info.kind,
                                   .arch = arch_of(info.arch),
                                   .is_gzip = info.kind == KERNEL_GZIP };
        look.begin_len = len < LOOK_BEGIN ? len : LOOK_BEGIN;
        memcpy(look.begin, data, look.begin_len);
        if (look.is_gzip)
                look_inside(data, len, &look);
        *ret = look;
        return 0;
}

int image_look_refuse(const struct image_look *look, const char *path, const char *wanted,
                      struct error *reterr) {
        char hex[3 * LOOK_BEGIN + 1] = "";

        if (look->kind == KERNEL_EMPTY)
                return error_set(reterr, -EBADMSG, "%s is no %s: it is empty", path, wanted);
        for (size_t i = 0; i < look->begin_len; i++)
                (void)snprintf(hex + 3 * i, sizeof(hex) - 3 * i, "%02x ", look->begin[i]);
        return error_set(reterr, -EBADMSG, "%s is no %s: it begins with %s(%s)", path, wanted, hex,
                         kernel_kind_name(look->kind));
}

int image_read_text(const struct blob_source *blobs, const struct blob_id *id, size_t max, uint8_t **ret) {
        int error = 0;
        CLEANUP(blob_drop_at) struct blob *b = blobs->open(blobs->ctx, id, &error);
        if (!b)
                return error;
        if (b->size >= max)
                return -EFBIG;

        CLEANUP(free_at) uint8_t *text = calloc(1, (size_t)b->size + 1);
        if (!text)
                return -ENOMEM;
        int r = b->size ? b->read(b, 0, text, (size_t)b->size) : 0;
        if (r < 0)
                return r;
        *ret = TAKE(text);
        return 0;
}
