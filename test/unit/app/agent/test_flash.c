/* The update of an EEPROM from the task to the chip: what is written, and when nothing is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/eeprom/flash.h"
#include "eeprom_image.h"
#include "format/eeprom_files.h"
#include "nor_chip.h"

enum { SIZE = EEPROM_SIZE_2711 };

#define HAD "[all]\nBOOT_ORDER=0xf1\n"
#define GETS "[all]\nBOOT_ORDER=0xf2\n"
#define KEY_1 EEPROM_PUBLIC_KEY " 0102\n"
#define KEY_2 EEPROM_PUBLIC_KEY " 0103\n"
#define SIGNED EEPROM_CONFIG_SIGNATURE " 7369670a\n" /* "sig" */

static struct nor_chip chip;
static uint8_t firmware[SIZE];

/* The board has firmware with @files; the update is the same firmware. */
static struct flash_update begin(const char *files, const char *next_files) {
        nor_chip_start(&chip);
        eeprom_image_make(chip.octets, HAD);
        assert_int_equal(eeprom_fill(chip.octets, SIZE,
                                     &(struct eeprom_filling){ HAD, strlen(HAD), files, strlen(files) }),
                         0);
        eeprom_image_make(firmware, "");
        return (struct flash_update){ .image = firmware,
                                      .size = SIZE,
                                      .config = GETS,
                                      .files = next_files,
                                      .ts = 1796000000,
                                      .device = "/dev/spidev0.0" };
}

static int write_it(const struct flash_update *u, size_t *ret_n, struct error *reterr) {
        const struct nor_bus bus = nor_chip_bus(&chip);
        int r = flash_prepare(u, reterr);

        *ret_n = 0;
        return r < 0 ? r : flash_write(u, &bus, NULL, NULL, ret_n, reterr);
}

static void assert_has(const char *name, const char *text) {
        struct eeprom_file f;

        assert_int_equal(eeprom_find(chip.octets, SIZE, name, &f), 0);
        assert_true(f.len == strlen(text) && memcmp(chip.octets + f.at, text, f.len) == 0);
}

static void a_configuration_is_two_sectors(void **state) {
        struct flash_update u = begin("", "");
        struct error error = {};
        uint32_t ts;
        size_t n;
        (void)state;

        assert_int_equal(write_it(&u, &n, &error), 0);
        assert_int_equal(n, 2); /* its own, and that of the time */
        assert_memory_equal(chip.octets, firmware, SIZE);
        assert_has("bootconf.txt", GETS);
        assert_true(eeprom_timestamp(chip.octets, SIZE, &ts) == 0 && ts == 1796000000 && !chip.is_wrong);
}

static void what_boots_are_checked_by_goes_with_it(void **state) {
        struct flash_update u = begin(KEY_1, KEY_1 SIGNED);
        struct error error = {};
        size_t n;
        (void)state;

        u.is_signed = true;
        assert_int_equal(write_it(&u, &n, &error), 0);
        assert_has(EEPROM_PUBLIC_KEY, "\1\2");
        assert_has(EEPROM_CONFIG_SIGNATURE, "sig\n");
        assert_has("bootconf.txt", GETS);
}

static void nothing_is_written_that_would_end_it(void **state) {
        static const struct {
                const char *remark, *had, *gets;
                bool is_signed;
                int r;
                const char *says;
        } rows[] = {
                { "the key would be gone", KEY_1, "", false, -EPERM, "the update has none" },
                { "another key, for a board that asks for its own", KEY_1, KEY_2 SIGNED, true, -EPERM,
                  "the update has another key" },
                { "another key, in the middle of a rotation", KEY_1, KEY_2 SIGNED, false, 0, "" },
                { "the first key", "", KEY_1 SIGNED, false, 0, "" },
                { "a file that no EEPROM has", "", "kernel.img 00\n", false, -EINVAL, "does not fit" },
                { "half an octet", "", EEPROM_PUBLIC_KEY " 012\n", false, -EINVAL, "does not fit" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct flash_update u = begin(rows[i].had, rows[i].gets);
                struct error error = {};
                size_t n;

                u.is_signed = rows[i].is_signed;
                int r = write_it(&u, &n, &error);
                if (r != rows[i].r || (n > 0) != (r == 0) || !strstr(error.text, rows[i].says))
                        fail_msg("%s: %d, %zu sectors, \"%s\"", rows[i].remark, r, n, error.text);
        }
}

static void another_chip_is_left_alone(void **state) {
        struct flash_update u = begin("", "");
        struct error error = {};
        size_t n;
        (void)state;

        chip.id[2] = 0x15;
        assert_int_equal(write_it(&u, &n, &error), -ENODEV);
        assert_non_null(strstr(error.text, "/dev/spidev0.0 is not its EEPROM: it has 2097152 octets"));
        u = begin("", "");
        memset(chip.octets, 0xff, SIZE);
        assert_int_equal(write_it(&u, &n, &error), -EBADMSG);
        assert_int_equal(n, 0);
        assert_int_equal(chip.n_programmed, 0);
}

static void who_writes_in_part_says_what_to_do(void **state) {
        struct flash_update u = begin("", KEY_1);
        struct error error = {};
        size_t n;
        (void)state;

        chip.power = 5; /* within the second sector */
        assert_true(write_it(&u, &n, &error) < 0);
        assert_non_null(strstr(error.text, "have a card with recovery.bin at hand"));
        chip.is_dead = false;
        chip.busy = 0;
        chip.power = 0;
        u = (struct flash_update){ .image = firmware, .size = SIZE, .config = GETS, .files = KEY_1 };
        eeprom_image_make(firmware, "");
        assert_int_equal(write_it(&u, &n, &error), 0);
        assert_memory_equal(chip.octets, firmware, SIZE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_configuration_is_two_sectors),
                cmocka_unit_test(what_boots_are_checked_by_goes_with_it),
                cmocka_unit_test(nothing_is_written_that_would_end_it),
                cmocka_unit_test(another_chip_is_left_alone),
                cmocka_unit_test(who_writes_in_part_says_what_to_do),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
