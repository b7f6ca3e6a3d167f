/* Health of disks from their own pages, and memory that remembers something else. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/check/pattern.h"
#include "app/bramble-agent/check/smart.h"

static void reads_an_nvme_page(void **state) {
        (void)state;
        uint8_t page[SMART_PAGE] = { 0 };
        struct smart_health h;

        page[1] = 0x36, page[2] = 0x01; /* 310 K */
        page[3] = 100, page[4] = 10;
        page[5] = 93;
        memcpy(page + 128, "\x10\x27", 2); /* 10,000 hours */
        page[160] = 4;
        assert_int_equal(smart_parse_nvme(page, sizeof(page), &h), 0);
        assert_false(h.is_failing);
        assert_int_equal(h.celsius, 37);
        assert_int_equal(h.used_percent, 93);
        assert_int_equal(h.power_on_hours, 10000);
        assert_int_equal(h.media_errors, 4);
        assert_int_equal(h.bad_sectors, SMART_UNKNOWN);
        page[0] = 1; /* spare below its threshold */
        assert_int_equal(smart_parse_nvme(page, sizeof(page), &h), 0);
        assert_true(h.is_failing);
        assert_int_equal(smart_parse_nvme(page, 100, &h), -EBADMSG);
}

static void put_attribute(uint8_t *page, unsigned at, uint8_t id, uint8_t value, uint32_t raw) {
        uint8_t *a = page + 2 + at * 12;
        a[0] = id;
        a[3] = value;
        a[5] = (uint8_t)raw;
        a[6] = (uint8_t)(raw >> 8);
        a[7] = (uint8_t)(raw >> 16);
}

static void reads_ata_attributes(void **state) {
        (void)state;
        uint8_t page[SMART_PAGE] = { 0x10, 0 }, sum = 0;
        struct smart_health h;

        put_attribute(page, 0, 5, 99, 8);
        put_attribute(page, 1, 9, 90, 70000);
        put_attribute(page, 2, 194, 60, 41);
        put_attribute(page, 3, 197, 100, 2);
        put_attribute(page, 4, 177, 95, 50);
        assert_int_equal(smart_parse_ata(page, sizeof(page), &h), -EBADMSG); /* its sum is not zero */
        for (size_t i = 0; i < sizeof(page) - 1; i++)
                sum = (uint8_t)(sum + page[i]);
        page[SMART_PAGE - 1] = (uint8_t)-sum;
        assert_int_equal(smart_parse_ata(page, sizeof(page), &h), 0);
        assert_int_equal(h.bad_sectors, 10);
        assert_int_equal(h.power_on_hours, 70000);
        assert_int_equal(h.celsius, 41);
        assert_int_equal(h.used_percent, 5);
        assert_int_equal(smart_parse_ata(page, 511, &h), -EBADMSG);
}

static void reads_emmc_life(void **state) {
        (void)state;
        static const struct {
                const char *life, *eol;
                int used;
                bool failing;
        } rows[] = {
                { "0x01 0x01", "0x01", 10, false },
                { "0x02 0x09", "0x01", 90, false },
                { "0x0b 0x01", "0x01", 110, true },
                { "0x01 0x01", "0x03", 10, true },
                { "0x00 0x00", "0x00", SMART_UNKNOWN, false },
                { "", "0x02", SMART_UNKNOWN, false },
        };
        struct smart_health h;

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                assert_int_equal(smart_parse_emmc(rows[i].life, rows[i].eol, &h), 0);
                assert_int_equal(h.used_percent, rows[i].used);
                assert_int_equal(h.is_failing, rows[i].failing);
        }
        assert_int_equal(smart_parse_emmc("", "", &h), -EBADMSG);
}

static void finds_the_bit_that_flipped(void **state) {
        (void)state;
        static uint64_t words[4096];
        uint64_t bits = 0;

        for (enum pattern p = 0; p < PATTERNS; p++) {
                pattern_fill(p, words, 4096, 1000);
                assert_int_equal(pattern_find_fault(p, words, 4096, 1000, &bits), 4096);
                words[1234] ^= 1ull << 45;
                assert_int_equal(pattern_find_fault(p, words, 4096, 1000, &bits), 1234);
                assert_true(bits == 1ull << 45);
                words[1234] ^= 1ull << 45;
                if (p != PATTERN_STRIPES) /* another place has another word: a broken address line shows */
                        assert_int_not_equal(pattern_find_fault(p, words, 4096, 1001, &bits), 4096);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_an_nvme_page),
                cmocka_unit_test(reads_ata_attributes),
                cmocka_unit_test(reads_emmc_life),
                cmocka_unit_test(finds_the_bit_that_flipped),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
