/* Stand-ins: the same for the same thing, wherever and however it is written. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/report/standins.h"
#include "base/cleanup.h"

static const struct mac mac = { { 0xdc, 0xa6, 0x32, 0xa7, 0xed, 0x89 } };

static void texts(void **state) {
        static const struct {
                const char *before, *after;
        } rows[] = {
                { "DC:A6:32:A7:ED:89 is dc-a6-32-a7-ed-89/", "dc:a6:32:00:00:01 is dc-a6-32-00-00-01/" },
                { "dca632a7ed89", "dca632000001" },
                { "dc:a6:32:a7:ed:8a", "dc:a6:32:a7:ed:8a" }, /* somebody else's */
                { "e5ef6e9d/start4.elf, 10000000E5EF6E9D", "10000001/start4.elf, 1000000010000001" },
                { "shelf-07: shelf-070, a-shelf-07, shelf-07", "machine-: shelf-070, a-shelf-07, machine-" },
                { "token=0123456789abcdef0123456789ABCDEF&x", "token=00000000000000000000000000000000&x" },
                { "sha 0123456789abcdef", "sha 0123456789abcdef" }, /* too short to be one */
                { "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqx+Zkz9Q1bWm0yGxSx5Zkz9Q1b x",
                  "ssh-ed25519 0000000000000000000000000000000000000000000000000000 x" },
                { "overlays/vc4-kms-v3d-pi4.dtbo", "overlays/vc4-kms-v3d-pi4.dtbo" },
        };
        struct standins s = {};
        (void)state;

        standins_add_mac(&s, &mac);
        standins_add_mac(&s, &mac);
        standins_add_serial(&s, 0xe5ef6e9d);
        standins_add_name(&s, "shelf-07");
        standins_add_name(&s, "pi"); /* would be in half of all file names */
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char text[100];
                (void)snprintf(text, sizeof(text), "%s", rows[i].before);
                standins_apply_text(&s, text);
                assert_string_equal(text, rows[i].after);
        }
}

/* A DISCOVER of a Raspberry Pi 4 with a host name. */
static size_t make_discover(const char *uuid, uint8_t buf[static 300]) {
        static const uint8_t cookie[] = { 0x63, 0x82, 0x53, 0x63 };
        size_t at = 240;

        memset(buf, 0, 300);
        memcpy(buf + 28, mac.octets, 6);
        memcpy(buf + 236, cookie, 4);
        memcpy(buf + at, (uint8_t[]){ 0, 12, 5 }, 3);
        memcpy(buf + at + 3, "attic", 5);
        memcpy(buf + at + 8, (uint8_t[]){ 97, 17 }, 2);
        memcpy(buf + at + 10, uuid, 17);
        at += 27;
        buf[at++] = 0xff;
        return at;
}

static void what_a_message_says(void **state) {
        static const struct {
                const char *uuid, *wanted;
        } rows[] = {
                { "\0RPi4\x12\x31\xc0\x00\x32\xa7\xed\x89\x9d\x6e\xef\xe5",
                  "\0RPi4\x12\x31\xc0\x00\x32\x00\x00\x01\x01\x00\x00\x10" },
                /* an older one: the serial four times */
                { "\0\x9d\x6e\xef\xe5\x9d\x6e\xef\xe5\x9d\x6e\xef\xe5\x9d\x6e\xef\xe5",
                  "\0\1\0\0\x10\1\0\0\x10\1\0\0\x10\1\0\0\x10" },
                /* a boot ROM: the same on all boards */
                { "\0DDDDDDDDDDDDDDDD", "\0DDDDDDDDDDDDDDDD" },
                /* a PC */
                { "\0\x5a\x1e\x6b\x01\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd",
                  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct standins s = {};
                uint8_t message[300];
                const size_t len = make_discover(rows[i].uuid, message);
                standins_hear(&s, message, len);
                standins_apply_octets(&s, message, len);
                assert_memory_equal(message + 28, "\xdc\xa6\x32\0\0\1", 6);
                assert_memory_equal(message + 250, rows[i].wanted, 17);
                assert_memory_equal(message + 243, "machi", 5);
        }
}

static void a_message_that_is_cut(void **state) {
        uint8_t message[300];
        const size_t len = make_discover("\0RPi4\x12\x31\xc0\x00\x32\xa7\xed\x89\x9d\x6e\xef\xe5", message);
        (void)state;

        for (size_t cut = 0; cut <= len; cut++) {
                struct standins s = {};
                standins_hear(&s, message, cut);
                assert_int_equal(s.n_macs, cut >= 34);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(texts),
                cmocka_unit_test(what_a_message_says),
                cmocka_unit_test(a_message_that_is_cut),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
