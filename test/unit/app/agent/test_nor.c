/* NOR flash behind SPI: read, written, and what becomes of it when the chip is ill. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/eeprom/nor.h"
#include "nor_chip.h"

enum { SIZE = NOR_CHIP_SIZE };

static struct nor_chip chip;
static struct nor_bus bus;
static uint8_t now[SIZE], wanted[SIZE];

/* What the chip has is what @now says; @wanted differs in sectors 2 and 5. */
static void begin(void) {
        nor_chip_start(&chip);
        bus = nor_chip_bus(&chip);
        for (size_t i = 0; i < SIZE; i++)
                chip.octets[i] = (uint8_t)(i * 7);
        memcpy(now, chip.octets, SIZE);
        memcpy(wanted, now, SIZE);
        wanted[2 * NOR_SECTOR + 17] ^= 0x55;
        memset(wanted + 5 * NOR_SECTOR, 0xff, NOR_SECTOR);
        wanted[5 * NOR_SECTOR + 300] = 1;
}

static size_t n_told;

static void tell(void *ctx, size_t n, size_t of) {
        (void)ctx;
        assert_true(n == ++n_told && of == 2);
}

static void a_chip_tells_its_size(void **state) {
        (void)state;
        static const struct {
                uint8_t id[3];
                size_t size;
        } rows[] = {
                { { 0xef, 0x30, 0x13 }, 512 * 1024 },  /* W25X40, of a 2711 */
                { { 0xef, 0x70, 0x15 }, 2048 * 1024 }, /* W25Q16, of a 2712 */
                { { 0x00, 0x00, 0x00 }, 0 },           /* nothing is there */
                { { 0xff, 0xff, 0xff }, 0 },
                { { 0xef, 0x30, 0x10 }, 64 * 1024 }, /* the smallest that makes sense, and less */
                { { 0xef, 0x30, 0x0f }, 0 },
                { { 0xef, 0x30, 0x18 }, 16384 * 1024 }, /* the largest, and more */
                { { 0xef, 0x30, 0x19 }, 0 },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                begin();
                memcpy(chip.id, rows[i].id, sizeof(chip.id));
                assert_int_equal(nor_probe(&bus), rows[i].size);
        }
}

static void only_what_differs_is_written(void **state) {
        struct error error = {};
        size_t n = 0;
        (void)state;

        begin();
        n_told = 0;
        assert_int_equal(nor_read(&bus, 0, now, SIZE, &error), 0);
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, tell, NULL, &n, &error), 0);
        assert_true(n == 2 && n_told == 2 && !chip.is_wrong);
        assert_memory_equal(chip.octets, wanted, SIZE);
        assert_memory_equal(now, wanted, SIZE);
        for (size_t i = 0; i < NOR_CHIP_SECTORS; i++)
                assert_int_equal(chip.n_erased[i], i == 2 || i == 5);
        assert_int_equal(chip.n_programmed, NOR_SECTOR / NOR_PAGE + 1); /* blank pages are left as they are */
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error), 0);
        assert_int_equal(n, 0);
}

static void a_protected_chip_is_left_alone(void **state) {
        struct error error = {};
        size_t n = 0;
        (void)state;

        begin();
        chip.protected = 0x1c;
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error), -EPERM);
        assert_non_null(strstr(error.text, "protected against writing"));
        assert_memory_equal(chip.octets, now, SIZE);
        begin();
        chip.is_deaf = true;
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error), -EPERM);
        assert_int_equal(n, 0);
        assert_memory_equal(chip.octets, now, SIZE);
}

static void what_does_not_read_back_is_said(void **state) {
        struct error error = {};
        size_t n = 0;
        (void)state;

        begin();
        chip.stuck = 5 * NOR_SECTOR + 301;
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error), -EIO);
        assert_non_null(strstr(error.text, "reads back something else than was written at 0x5000"));
        assert_int_equal(n, 1);                /* sector 2 is as it shall be */
        assert_int_equal(chip.n_erased[5], 2); /* it was tried twice */
}

/* The known limit: some sectors are new, one is neither, the rest is old; and the next try mends it. */
static void a_loss_of_power_is_mended_by_the_next_try(void **state) {
        struct error error = {};
        size_t n = 0;
        (void)state;

        begin();
        chip.power = NOR_SECTOR / NOR_PAGE + 2; /* sector 2 whole, and 5 is being erased */
        assert_true(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error) < 0);
        assert_int_equal(n, 1);
        chip.is_dead = false;
        chip.busy = 0;
        assert_int_equal(nor_read(&bus, 0, now, SIZE, &error), 0);
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error), 0);
        assert_int_equal(n, 1);
        assert_memory_equal(chip.octets, wanted, SIZE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_chip_tells_its_size),
                cmocka_unit_test(only_what_differs_is_written),
                cmocka_unit_test(a_protected_chip_is_left_alone),
                cmocka_unit_test(what_does_not_read_back_is_said),
                cmocka_unit_test(a_loss_of_power_is_mended_by_the_next_try),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
