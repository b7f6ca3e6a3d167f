/* Files of an EEPROM image, in a small image of our own. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/writer.h"
#include "format/eeprom.h"

enum { SIZE = EEPROM_SIZE_2711, CONF_AT = 0x10000, NEXT_AT = 0x11000 };

static void put_file(struct writer *w, const char *name, const char *text) {
        char field[16] = "";

        memcpy(field, name, strlen(name));
        write_u32(w, 0x55aaf11f);
        write_u32(w, (uint32_t)(strlen(text) + 16));
        write_octets(w, field, sizeof(field));
        write_octets(w, text, strlen(text));
        while (writer_len(w) % 8)
                write_u8(w, 0xff);
}

static void put_padding(struct writer *w, size_t end) {
        const size_t len = end - writer_len(w) - 8;

        write_u32(w, 0x55aafeef);
        write_u32(w, (uint32_t)len);
        for (size_t i = 0; i < len; i++)
                write_u8(w, 0xff);
}

/* Code, a file that must not be touched, the configuration in its slot, another file. */
static uint8_t *make(void) {
        uint8_t *image = malloc(SIZE);
        struct writer w = writer_of(image, SIZE);

        assert_non_null(image);
        put_file(&w, "bootconf.txt", "before the place of files"); /* not this one */
        put_padding(&w, CONF_AT);
        put_file(&w, "bootconf.txt", "[all]\nBOOT_UART=0\n");
        put_padding(&w, NEXT_AT);
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
        static const char large[EEPROM_FILE_MAX + 1] = "";
        struct eeprom_file f;

        assert_int_equal(eeprom_put(image, SIZE, "bootconf.txt", large, EEPROM_FILE_MAX), 0);
        assert_memory_equal(image + NEXT_AT, as_it_was + NEXT_AT, SIZE - NEXT_AT);
        assert_int_equal(eeprom_put(image, SIZE, "bootconf.txt", large, sizeof(large)), -E2BIG);
        assert_int_equal(eeprom_put(image, SIZE, "pubkey.bin", "x", 1), -ENOENT);
        image[CONF_AT + 3] = 0x1e; /* no magic that ends so */
        image[CONF_AT] = 0x12;
        assert_int_equal(eeprom_find(image, SIZE, "bootconf.txt", &f), -EBADMSG);
        assert_int_equal(eeprom_find(image, CONF_AT, "bootconf.txt", &f), -ENOENT); /* cut short */
        assert_false(eeprom_size_is_known(SIZE - 1));
        assert_true(eeprom_size_is_known(SIZE) && eeprom_size_is_known(4 * SIZE));
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

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(finds_and_replaces),
                cmocka_unit_test(the_last_file_ends_the_image),
                cmocka_unit_test(refuses_what_does_not_fit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
