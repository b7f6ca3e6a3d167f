/* Files of an EEPROM image, in a small image of our own. */
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

#include "base/writer.h"
#include "eeprom_image.h"
#include "format/eeprom.h"

enum { SIZE = EEPROM_SIZE_2711, CONF_AT = 0x10000, NEXT_AT = 0x11000 };

static void put_file(struct writer *w, const char *name, const char *text) {
        eeprom_image_put_file(w, name, text, strlen(text));
}

/* Code, a file that must not be touched, the configuration in its slot, another file. */
static uint8_t *make(void) {
        uint8_t *image = malloc(SIZE);
        struct writer w = writer_of(image, SIZE);

        assert_non_null(image);
        put_file(&w, "bootconf.txt", "before the place of files"); /* not this one */
        eeprom_image_put_padding(&w, CONF_AT);
        put_file(&w, "bootconf.txt", "[all]\nBOOT_UART=0\n");
        eeprom_image_put_padding(&w, NEXT_AT);
        put_file(&w, "cacert.der", "x");
        memset(image + writer_len(&w), 0xff, SIZE - writer_len(&w));
        return image;
}

static void finds_and_replaces(void **state) {
        (void)state;
        CLEANUP(free_at) uint8_t *image = make();
        CLEANUP(free_at) uint8_t *as_it_was = make();
        static const char longer[] = "[all]\nBOOT_UART=0\nBOOT_ORDER=0xf12\n";
        static const char as_before[] = "[all]\nBOOT_UART=0\n";
        struct eeprom_file f;

        assert_int_equal(eeprom_find(image, SIZE, "bootconf.txt", &f), 0);
        assert_true(f.at == CONF_AT + 24 && f.len == strlen(as_before));
        assert_int_equal(eeprom_put(image, SIZE, "bootconf.txt", longer, strlen(longer)), 0);
        assert_int_equal(eeprom_find(image, SIZE, "bootconf.txt", &f), 0);
        assert_int_equal(f.len, strlen(longer));
        assert_memory_equal(image + f.at, longer, f.len);
        assert_memory_equal(image, as_it_was, CONF_AT);
        assert_memory_equal(image + NEXT_AT, as_it_was + NEXT_AT, SIZE - NEXT_AT);
        /* And back again: octet for octet what it was. */
        assert_int_equal(eeprom_put(image, SIZE, "bootconf.txt", as_before, strlen(as_before)), 0);
        assert_memory_equal(image, as_it_was, SIZE);
        assert_int_equal(eeprom_find(image, SIZE, "cacert.der", &f), 0);
        assert_int_equal(f.len, 1);
}

static void refuses_what_does_not_fit(void **state) {
        (void)state;
        CLEANUP(free_at) uint8_t *image = make();
        CLEANUP(free_at) uint8_t *as_it_was = make();
        enum { ROOM = NEXT_AT - CONF_AT - 24 };
        static const char large[ROOM + 1] = "";
        struct eeprom_file f;
        size_t room = 0;

        assert_int_equal(eeprom_room(image, SIZE, "bootconf.txt", &room), 0);
        assert_int_equal(room, ROOM);
        assert_int_equal(eeprom_put(image, SIZE, "bootconf.txt", large, ROOM), 0);
        assert_memory_equal(image + NEXT_AT, as_it_was + NEXT_AT, SIZE - NEXT_AT);
        assert_int_equal(eeprom_put(image, SIZE, "bootconf.txt", large, sizeof(large)), -E2BIG);
        assert_int_equal(eeprom_put(image, SIZE, "pubkey.bin", "x", 1), -ENOENT);
        image[CONF_AT + 3] = 0x1e; /* no magic that ends so */
        image[CONF_AT] = 0x12;
        assert_int_equal(eeprom_find(image, SIZE, "bootconf.txt", &f), -EBADMSG);
        assert_int_equal(eeprom_room(image, CONF_AT, "bootconf.txt", &room), -ENOENT); /* cut short */
        assert_false(eeprom_size_is_known(SIZE - 1));
        assert_int_equal(eeprom_soc(SIZE), 2711);
        assert_int_equal(eeprom_soc((size_t)4 * SIZE), 2712);
}

/* What is behind the last file is nobody's: no padding is said to be there. */
static void the_last_file_ends_the_image(void **state) {
        (void)state;
        CLEANUP(free_at) uint8_t *image = make();
        struct writer w = writer_of(image + CONF_AT, SIZE - CONF_AT);
        struct eeprom_file f;

        put_file(&w, "bootconf.txt", "[all]\nBOOT_ORDER=0xf41\n");
        memset(image + CONF_AT + writer_len(&w), 0xff, SIZE - CONF_AT - writer_len(&w));
        assert_int_equal(eeprom_put(image, SIZE, "bootconf.txt", "x", 1), 0);
        assert_int_equal(eeprom_find(image, SIZE, "bootconf.txt", &f), 0);
        assert_int_equal(f.len, 1);
        for (size_t i = f.at + 1; i < SIZE; i++)
                assert_int_equal(image[i], 0xff);
}

/* Where the last page before the scratch page is a file's, rpi-eeprom-config lets it reach four octets into
 * that; where a section follows, those four would be its head. */
static void four_octets_more_where_nothing_follows(void **state) {
        (void)state;
        enum { LAST_AT = SIZE - 2 * 4096 };
        CLEANUP(free_at) uint8_t *image = make();
        struct writer w = writer_of(image, SIZE);
        char text[EEPROM_FILE_MAX + 1];
        struct eeprom_file f;

        memset(text, '#', sizeof(text));
        eeprom_image_put_padding(&w, LAST_AT);
        put_file(&w, "bootconf.txt", "[all]\n");
        memset(image + writer_len(&w), 0xff, SIZE - writer_len(&w));
        assert_int_equal(eeprom_put(image, SIZE, "bootconf.txt", text, EEPROM_FILE_MAX), 0);
        assert_int_equal(eeprom_find(image, SIZE, "bootconf.txt", &f), 0);
        assert_true(f.len == EEPROM_FILE_MAX && f.at + f.len == SIZE - 4096 + 4);
        assert_memory_equal(image + f.at, text, f.len);
        assert_int_equal(image[f.at + f.len], 0xff);
        assert_int_equal(eeprom_put(image, SIZE, "bootconf.txt", text, sizeof(text)), -E2BIG);
}

/* With two halves: padding goes to the end of the first, and the time stands in two places. */
static uint8_t *make_ab(void) {
        enum { ROOM = EEPROM_SIZE_2712, HALF = 0x107000, BEHIND = 0x1fe000 };
        uint8_t *image = malloc(ROOM);
        struct writer w = writer_of(image, ROOM);

        assert_non_null(image);
        put_file(&w, "updatetime", "12345678");
        eeprom_image_put_padding(&w, 0x10000);
        put_file(&w, "bootsys",
                 "the bootloader: BUILD_TIMESTAMP=x BUILD_TIMESTAMP=1779045198 VERSION:224877da");
        put_file(&w, "updatetime", "12345678");
        put_file(&w, "bootconf.txt", "[all]\nBOOT_UART=1\n");
        eeprom_image_put_padding(&w, HALF);
        eeprom_image_put_padding(&w, BEHIND);
        memset(image + writer_len(&w), 0xff, ROOM - writer_len(&w));
        return image;
}

static void an_image_of_two_halves(void **state) {
        (void)state;
        enum { ROOM = EEPROM_SIZE_2712, HALF = 0x107000 };
        CLEANUP(free_at) uint8_t *image = make_ab();
        CLEANUP(free_at) uint8_t *as_it_was = make_ab();
        static const uint8_t time_octets[] = { 0xff, 0x0e, 0xac, 0x9a, 0x00, 0xf1, 0x53, 0x65 };
        char version[EEPROM_VERSION_SIZE];
        struct eeprom_section s = {};
        unsigned n_times = 0;
        uint32_t ts;
        int r;

        assert_true(eeprom_is_ab(image, ROOM));
        assert_int_equal(eeprom_version(image, ROOM, version), 0);
        assert_string_equal(version, "2026-05-17 (1779045198, 224877da)");
        assert_int_equal(eeprom_put(image, ROOM, "bootconf.txt", "[all]\n", 6), 0);
        assert_memory_equal(image + HALF, as_it_was + HALF, ROOM - HALF);
        assert_int_equal(eeprom_check(image, ROOM), 0);
        assert_int_equal(eeprom_put(image, ROOM, "bootconf.txt", "[all]\nBOOT_UART=1\n", 18), 0);
        assert_memory_equal(image, as_it_was, ROOM);

        assert_int_equal(eeprom_timestamp(image, ROOM, &ts), -ENOENT); /* 12345678 is no time */
        assert_int_equal(eeprom_set_timestamp(image, ROOM, 1700000000), 0);
        assert_int_equal(eeprom_timestamp(image, ROOM, &ts), 0);
        assert_int_equal(ts, 1700000000);
        while ((r = eeprom_next(image, ROOM, &s)) > 0)
                if (strcmp(s.name, "updatetime") == 0 && ++n_times)
                        assert_memory_equal(image + s.data_at, time_octets, sizeof(time_octets));
        assert_true(r == 0 && n_times == 2);
        assert_memory_equal(image + ROOM - 4096, as_it_was + ROOM - 4096, 4096);
}

/* Days around the ends of months and years. */
static void a_version_is_a_day(void **state) {
        (void)state;
        static const struct {
                const char *built, *day;
        } rows[] = {
                { "1", "1970-01-01" },          { "951782400", "2000-02-29" },
                { "951868800", "2000-03-01" },  { "1735689599", "2024-12-31" },
                { "1735689600", "2025-01-01" }, { "4294967295", "2106-02-07" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char version[EEPROM_VERSION_SIZE], image[64];

                (void)snprintf(image, sizeof(image), "BUILD_TIMESTAMP=%s", rows[i].built);
                assert_int_equal(eeprom_version(image, strlen(image), version), 0);
                assert_memory_equal(version, rows[i].day, strlen(rows[i].day));
        }
}

static void an_image_of_one_half_has_its_time_at_the_end(void **state) {
        (void)state;
        CLEANUP(free_at) uint8_t *image = make();
        CLEANUP(free_at) uint8_t *as_it_was = make();
        uint32_t ts;

        assert_false(eeprom_is_ab(image, SIZE));
        assert_int_equal(eeprom_timestamp(image, SIZE, &ts), -ENOENT);
        assert_int_equal(eeprom_set_timestamp(image, SIZE, 1700000000), 0);
        assert_int_equal(eeprom_timestamp(image, SIZE, &ts), 0);
        assert_int_equal(ts, 1700000000);
        assert_memory_equal(image, as_it_was, SIZE - 8);
        assert_memory_equal(image + SIZE - 4, "\x00\xf1\x53\x65", 4);
}

/* Half of the places of the time: rather none than one. */
static void a_time_that_is_only_in_one_half_is_not_written(void **state) {
        (void)state;
        CLEANUP(free_at) uint8_t *image = make_ab();
        struct eeprom_section s = {};

        while (eeprom_next(image, EEPROM_SIZE_2712, &s) > 0)
                if (strcmp(s.name, "updatetime") == 0 && s.at > 0)
                        image[s.at + 8] = 'U';
        assert_int_equal(eeprom_set_timestamp(image, EEPROM_SIZE_2712, 1700000000), -ENOENT);
        assert_memory_equal(image + 24, "12345678", 8);
}

static void sections_are_listed(void **state) {
        (void)state;
        CLEANUP(free_at) uint8_t *image = malloc(SIZE);
        static const struct {
                uint32_t magic;
                enum eeprom_kind kind;
                const char *name;
                size_t data_len;
        } rows[] = {
                { 0x55aaf00f, EEPROM_CODE, "", 20 },
                { 0x55aafeef, EEPROM_PADDING, "", 20 },
                { 0x55aaf44f, EEPROM_MODULE, "bootmain", 4 },
                { 0x55aaf33f, EEPROM_MODULE, "bootmain", 4 },
                { 0x55aaf11f, EEPROM_FILE, "bootmain", 4 },
                { 0x55aaf55f, EEPROM_OTHER, "", 20 }, /* of a bootloader to come */
        };
        struct writer w = writer_of(image, SIZE);
        struct eeprom_section s = {};
        struct eeprom_file f;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                write_u32(&w, rows[i].magic);
                write_u32(&w, 20);
                write_octets(&w, "bootmain\0\0\0\0\0\0\0\0data", 20);
                write_u32(&w, UINT32_MAX);
        }
        memset(image + writer_len(&w), 0xff, SIZE - writer_len(&w));
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                assert_int_equal(eeprom_next(image, SIZE, &s), 1);
                assert_int_equal(s.kind, rows[i].kind);
                assert_string_equal(s.name, rows[i].name);
                assert_int_equal(s.data_len, rows[i].data_len);
                assert_int_equal(s.at, 32 * i);
        }
        assert_int_equal(eeprom_next(image, SIZE, &s), 0);
        assert_int_equal(eeprom_find(image, SIZE, "bootcode.bin", &f), 0);
        assert_true(f.at == 8 && f.len == 20);
        assert_int_equal(eeprom_find(image, SIZE, "bootmain", &f), 0); /* the first of its name */
        assert_memory_equal(image + f.at, "data", f.len);
        assert_int_equal(eeprom_find(image, SIZE, "", &f), -ENOENT);
        assert_int_equal(eeprom_put(image, SIZE, "bootmain", "x", 1), -ENOENT); /* not where files lie */
        image[32 + 4] = 0xff; /* a length that leads out of the image */
        assert_int_equal(eeprom_check(image, SIZE), -EBADMSG);
}

static void what_is_removed_is_empty(void **state) {
        (void)state;
        CLEANUP(free_at) uint8_t *image = make();
        struct eeprom_file f;

        assert_int_equal(eeprom_find(image, SIZE, "cacert.der", &f), 0);
        assert_false(eeprom_is_empty(image, &f));
        assert_int_equal(eeprom_remove(image, SIZE, "cacert.der"), 0);
        assert_true(eeprom_is_empty(image, &f));
        assert_int_equal(eeprom_remove(image, SIZE, "pubkey.bin"), -ENOENT);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(finds_and_replaces),
                cmocka_unit_test(the_last_file_ends_the_image),
                cmocka_unit_test(four_octets_more_where_nothing_follows),
                cmocka_unit_test(refuses_what_does_not_fit),
                cmocka_unit_test(an_image_of_two_halves),
                cmocka_unit_test(a_version_is_a_day),
                cmocka_unit_test(an_image_of_one_half_has_its_time_at_the_end),
                cmocka_unit_test(a_time_that_is_only_in_one_half_is_not_written),
                cmocka_unit_test(sections_are_listed),
                cmocka_unit_test(what_is_removed_is_empty),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
