/* Unpacking into memory; see unpack.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "app/bramble-agent/unpack.h"
#include "base/cleanup.h"

enum { LZMA_MEMORY_MAX = 128 << 20, GZIP_WINDOW = 16 + MAX_WBITS };

/* Each unpacks into @out of @size octets; true and the length when all of it fits. */
static bool copy(const void *data, size_t len, void *out, size_t size, size_t *ret_len) {
        if (len > size)
                return false;
        memcpy(out, data, len);
        *ret_len = len;
        return true;
}

static bool unpack_gzip(const void *data, size_t len, void *out, size_t size, size_t *ret_len) {
        z_stream z = { .avail_in = (uInt)len, .avail_out = (uInt)size, .next_out = out };

        z.next_in = (z_const Bytef *)data;
        if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
                return false;
        int r = inflate(&z, Z_FINISH);
        (void)inflateEnd(&z);
        *ret_len = z.total_out;
        return r == Z_STREAM_END;
}

static bool unpack_xz(const void *data, size_t len, void *out, size_t size, size_t *ret_len) {
        uint64_t memory = LZMA_MEMORY_MAX;
        size_t in_at = 0, out_at = 0;

        if (lzma_stream_buffer_decode(&memory, 0, NULL, data, &in_at, len, out, &out_at, size) != LZMA_OK)
                return false;
        *ret_len = out_at;
        return true;
}

static bool unpack_zstd(const void *data, size_t len, void *out, size_t size, size_t *ret_len) {
        size_t n = ZSTD_decompress(out, size, data, len);

        *ret_len = n;
        return !ZSTD_isError(n);
}

static const struct {
        const char *magic;
        size_t magic_len;
        bool (*unpack)(const void *data, size_t len, void *out, size_t size, size_t *ret_len);
} packers[] = {
        { "\x1f\x8b", 2, unpack_gzip },
        { "\xfd"
          "7zXZ",
          6, unpack_xz },
        { "\x28\xb5\x2f\xfd", 4, unpack_zstd },
        { "", 0, copy },
};

void *unpack_octets(const void *data, size_t len, size_t max, size_t *ret_len) {
        size_t i = 0;

        while (len < packers[i].magic_len || memcmp(data, packers[i].magic, packers[i].magic_len) != 0)
                i++;
        /* How long it will be, nobody says for sure: try with ever more room. */
        for (size_t size = 4 * len + 4096;; size *= 4) {
                bool is_last = size >= max;
                CLEANUP(free_at) void *out = malloc(is_last ? max : size);
                if (!out)
                        return NULL;
                if (packers[i].unpack(data, len, out, is_last ? max : size, ret_len))
                        return TAKE(out);
                if (is_last)
                        return NULL;
        }
}
