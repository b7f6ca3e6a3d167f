/* Hashes against published vectors. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

/* The paper's own vector: key 00..0f, input 00..0e (Aumasson and Bernstein, appendix A). */
static void siphash(void **state) {
        const struct hash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
        uint8_t input[15];
        (void)state;

        for (uint8_t i = 0; i < sizeof(input); i++)
                input[i] = i;
        assert_true(hash_siphash(key, input, sizeof(input)) == 0xa129ca6149be45e5);
        assert_true(hash_siphash(key, "", 0) == 0x726fdb47dd0e0e31);
}

/* RFC 3720 appendix B.4. */
static void crc32c(void **state) {
        uint8_t octets[32];
        (void)state;

        memset(octets, 0, sizeof(octets));
        assert_int_equal(hash_crc32c(0, octets, sizeof(octets)), 0x8a9136aa);
        memset(octets, 0xff, sizeof(octets));
        assert_int_equal(hash_crc32c(0, octets, sizeof(octets)), 0x62a8ab43);
        for (uint8_t i = 0; i < sizeof(octets); i++)
                octets[i] = i;
        assert_int_equal(hash_crc32c(0, octets, sizeof(octets)), 0x46dd794e);
        assert_int_equal(hash_crc32c(hash_crc32c(0, octets, 7), octets + 7, 25),
                         0x46dd794e); /* in two pieces */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(siphash),
                cmocka_unit_test(crc32c),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
