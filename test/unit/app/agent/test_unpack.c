/* Packed octets come out as they went in, and what is broken or too long does not. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "app/bramble-agent/unpack.h"
#include "base/cleanup.h"

enum { PLAIN = 300000 };

static uint8_t plain[PLAIN], packed[PLAIN];

static size_t pack_gzip(void) {
        z_stream z = { .next_in = plain, .avail_in = PLAIN, .next_out = packed, .avail_out = sizeof(packed) };

        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        assert_int_equal(deflateEnd(&z), Z_OK);
        return z.total_out;
}

static size_t pack_xz(void) {
        size_t len = 0;
        assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, plain, PLAIN, packed, &len,
                                                 sizeof(packed)),
                         LZMA_OK);
        return len;
}

static size_t pack_zstd(void) {
        return ZSTD_compress(packed, sizeof(packed), plain, PLAIN, 1);
}

static void comes_out_as_it_went_in(void **state) {
        (void)state;
        size_t (*const packers[])(void) = { pack_gzip, pack_xz, pack_zstd };

        for (size_t i = 0; i < PLAIN; i++)
                plain[i] = (uint8_t)(i / 977);
        for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
                size_t packed_len = packers[i](), len;
                assert_in_range(packed_len, 20, PLAIN / 8);
                CLEANUP(free_at) uint8_t *out = unpack_octets(packed, packed_len, PLAIN, &len);
                assert_non_null(out);
                assert_int_equal(len, PLAIN);
                assert_memory_equal(out, plain, PLAIN);
                assert_null(unpack_octets(packed, packed_len, PLAIN - 1, &len));
                assert_null(unpack_octets(packed, packed_len / 2, PLAIN, &len));
        }
}

static void what_is_not_packed_is_copied(void **state) {
        (void)state;
        size_t len;
        CLEANUP(free_at) char *out = unpack_octets("\177ELF", 4, 100, &len);

        assert_int_equal(len, 4);
        assert_memory_equal(out, "\177ELF", 4);
        assert_null(unpack_octets("\177ELF", 4, 3, &len));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(comes_out_as_it_went_in),
                cmocka_unit_test(what_is_not_packed_is_copied),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
