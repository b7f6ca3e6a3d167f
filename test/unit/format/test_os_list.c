/* Lists of images as Raspberry Pi Imager has them: what is taken, what is left out, and where it ends. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "format/os_list.h"

#define SUM "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define IMAGE(name, url) "{\"name\":\"" name "\",\"url\":\"" url "\",\"extract_sha256\":\"" SUM "\"}"
#define LIST(items) "{\"os_list\":[" items "]}"

static int read_text(const char *text, struct os_list *l) {
        return os_list_read(text, strlen(text), l);
}

static void all_that_an_image_says(void **state) {
        CLEANUP(os_list_free) struct os_list l = {};
        (void)state;

        assert_int_equal(
                read_text("{\"imager\":{\"latest_version\":\"2\"},\"os_list\":[{\"name\":\"Raspberry Pi OS "
                          "Lite (64-bit)\","
                          "\"description\":\"No "
                          "desktop\",\"icon\":\"x.png\",\"url\":\"https://a/raspios.img.xz\","
                          "\"extract_size\":2000,\"extract_sha256\":\"" SUM "\",\"image_download_size\":1000,"
                          "\"image_download_sha256\":\"ff"
                          "112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\","
                          "\"release_date\":\"2026-05-01\",\"devices\":[\"pi5-64bit\",\"pi4-64bit\",7]}]}",
                          &l),
                0);
        assert_int_equal(l.n, 1);
        const struct os_image *i = os_list_find(&l, "raspberry-pi-os-lite-64-bit");
        assert_non_null(i);
        assert_string_equal(i->title, "Raspberry Pi OS Lite (64-bit)");
        assert_string_equal(i->url, "https://a/raspios.img.xz");
        assert_string_equal(i->released, "2026-05-01");
        assert_int_equal(i->size, 2000);
        assert_int_equal(i->packed_size, 1000);
        assert_true(i->has_digest && i->has_packed_digest);
        assert_int_equal(i->packed_digest[0], 0xff);
        assert_int_equal(i->digest[1], 0x11);
        assert_string_equal(i->devices[1], "pi4-64bit");
        assert_null(i->devices[2]);
}

static void lists_in_lists_and_elsewhere(void **state) {
        CLEANUP(os_list_free) struct os_list l = {};
        (void)state;

        assert_int_equal(
                read_text(
                        LIST(IMAGE("A", "u/a") ",{\"name\":\"Other\",\"subitems\":[" IMAGE(
                                "B",
                                "u/b") ",{\"name\":\"Deeper\","
                                       "\"subitems\":[" IMAGE("A", "u/c") "," IMAGE(
                                               "The first again",
                                               "u/a") "]}]},"
                                                      "{\"name\":\"Far\",\"subitems_url\":\"https://far/"
                                                      "list.json\"},"
                                                      "{\"name\":\"Far "
                                                      "again\",\"subitems_url\":\"https://far/list.json\"}"),
                        &l),
                0);
        assert_int_equal(l.n, 3);
        assert_string_equal(os_list_find(&l, "a")->url, "u/a");
        assert_string_equal(os_list_find(&l, "a-2")->url, "u/c"); /* another image of the same title */
        assert_int_equal(l.n_more, 1);
        assert_string_equal(l.more[0], "https://far/list.json");
}

static void what_cannot_be_checked_is_left_out(void **state) {
        static const char *const rows[] = {
                "{\"name\":\"Bare\",\"url\":\"u\"}",
                "{\"name\":\"Sum\",\"url\":\"u\",\"extract_sha256\":\"1234\"}",
                "{\"name\":\"Sum\",\"url\":7,\"extract_sha256\":\"" SUM "\"}",
                "{\"name\":\"\",\"url\":\"u\",\"extract_sha256\":\"" SUM "\"}",
                "{\"name\":\"Line\\nbreak\",\"url\":\"u\",\"extract_sha256\":\"" SUM "\"}",
                "{\"name\":\"---\",\"url\":\"u\",\"extract_sha256\":\"" SUM "\"}",
                "7",
                "null",
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(os_list_free) struct os_list l = {};
                CLEANUP(text_free) struct text text = {};
                text_printf(&text, "{\"os_list\":[%s]}", rows[i]);
                assert_int_equal(os_list_read(text.octets, text.len, &l), 0);
                assert_int_equal(l.n, 0);
                assert_int_equal(l.n_skipped, 1);
        }
}

static void where_it_ends(void **state) {
        CLEANUP(text_free) struct text deep = {}, wide = {};
        (void)state;

        text_append(&deep, "{\"os_list\":");
        for (unsigned i = 0; i < OS_LIST_DEPTH_MAX; i++)
                text_append(&deep, "[{\"name\":\"x\",\"subitems\":");
        text_append(&deep, "[]");
        for (unsigned i = 0; i < OS_LIST_DEPTH_MAX; i++)
                text_append(&deep, "}]");
        text_append(&deep, "}");
        text_append(&wide, "{\"os_list\":[");
        for (unsigned i = 0; i <= OS_LIST_IMAGES_MAX; i++)
                text_printf(&wide, "%s{\"name\":\"n%u\",\"url\":\"u%u\",\"extract_sha256\":\"" SUM "\"}",
                            i ? "," : "", i, i);
        text_append(&wide, "]}");
        const struct {
                const char *text;
                int wanted;
        } rows[] = {
                { deep.octets, -E2BIG },
                { wide.octets, -E2BIG },
                { "", -EBADMSG },
                { "[]", -EBADMSG },
                { "{\"os_list\":{}}", -EBADMSG },
                { LIST(IMAGE("A", "u")) "x", -EBADMSG },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(os_list_free) struct os_list l = {};
                assert_int_equal(read_text(rows[i].text, &l), rows[i].wanted);
        }
        CLEANUP(os_list_free) struct os_list l = {};
        assert_int_equal(os_list_read("", OS_LIST_SIZE_MAX + 1, &l), -E2BIG);
}

static void names(void **state) {
        static const struct {
                const char *title, *wanted;
        } rows[] = {
                { "Ubuntu Server 24.04.1 LTS (64-bit)", "ubuntu-server-24-04-1-lts-64-bit" },
                { "  RISC OS  ", "risc-os" },
                { "B\xc3\xa9ta", "b-ta" },
                { "A title of more than sixty-three octets, which is longer than any label may be",
                  "a-title-of-more-than-sixty-three-octets-which-is-longer-than-an" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char name[OS_LIST_NAME_SIZE];
                os_list_name(rows[i].title, name);
                assert_string_equal(name, rows[i].wanted);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(all_that_an_image_says),
                cmocka_unit_test(lists_in_lists_and_elsewhere),
                cmocka_unit_test(what_cannot_be_checked_is_left_out),
                cmocka_unit_test(where_it_ends),
                cmocka_unit_test(names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
