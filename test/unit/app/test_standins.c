/* Stand-ins: the same for the same thing, wherever and however it is written. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/report/hear.h"
#include "app/bramble/report/standins.h"
#include "base/cleanup.h"

static const struct mac mac = { { 0xdc, 0xa6, 0x32, 0xa7, 0xed, 0x89 } };

/* What is known before: a board's own MAC, serial and name. */
static void add_board(struct standins *s) {
        standins_add_mac(s, &mac);
        standins_add_mac(s, &mac);
        standins_add_serial(s, 0xe5ef6e9d);
        standins_add_name(s, "shelf-07", 8);
        standins_add_name(s, "pi", 2); /* would be in half of all file names */
}

struct row {
        const char *before, *after;
};

static void check(const struct row *rows, size_t n, bool is_heard) {
        for (size_t i = 0; i < n; i++) {
                CLEANUP(free_at) struct standins *s = calloc(1, sizeof(*s));
                char text[200];
                add_board(s);
                (void)snprintf(text, sizeof(text), "%s", rows[i].before);
                if (is_heard)
                        hear_text(s, text);
                standins_apply_text(s, text);
                assert_string_equal(text, rows[i].after);
                assert_false(s->is_full);
        }
}

static void texts(void **state) {
        static const struct row rows[] = {
                { "DC:A6:32:A7:ED:89 is dc-a6-32-a7-ed-89/", "dc:a6:32:00:00:01 is dc-a6-32-00-00-01/" },
                { "dca632a7ed89", "dca632000001" },
                { "fe80::dea6:32ff:fea7:ed89", "fe80::dea6:32ff:fe00:0001" },
                { "pi4b-a7ed89", "pi4b-000001" },
                { "dc:a6:32:a7:ed:8a", "dc:a6:32:a7:ed:8a" }, /* not heard */
                { "e5ef6e9d/start4.elf, 10000000E5EF6E9D", "10000001/start4.elf, 1000000010000001" },
                { "shelf-07: shelf-070, a-shelf-07, shelf-07", "machine-: shelf-070, a-shelf-07, machine-" },
                { "token=0123456789abcdef0123456789ABCDEF&x", "token=00000000000000000000000000000000&x" },
                { "sha 0123456789abcdef", "sha 0123456789abcdef" }, /* too short to be one */
                { "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqx+Zkz9Q1bWm0yGxSx5Zkz9Q1b x",
                  "ssh-ed25519 0000000000000000000000000000000000000000000000000000 x" },
                { "MD5:c4:26:18:cf:a0:15:9a:5f:f3:bf:96:d8:3b:19:ef:7b",
                  "MD5:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00" },
                { "cut here: dc:a6:32:a7:e", "cut here: dc:a6:32:00:0" },
                { "overlays/vc4-kms-v3d-pi4.dtbo", "overlays/vc4-kms-v3d-pi4.dtbo" },
        };
        (void)state;

        check(rows, ARRAY_LEN(rows), false);
}

/* Nobody told of these before: their form does, or the words beside them. */
static void what_a_text_says(void **state) {
        static const struct row rows[] = {
                { "the boot ROM of b8:27:eb:92:00:d8 asks at the same time, with the same number",
                  "the boot ROM of b8:27:eb:00:00:02 asks at the same time, with the same number" },
                { "it asks for files of MAC b8:27:eb:92:00:d8: it is dc:a6:32:a7:ed:89",
                  "it asks for files of MAC b8:27:eb:00:00:02: it is dc:a6:32:00:00:01" },
                { "pxelinux.cfg/01-52-54-00-92-00-d8", "pxelinux.cfg/01-52-54-00-00-00-02" },
                { "grub/grub.cfg-01-52-54-00-92-00-d8", "grub/grub.cfg-01-52-54-00-00-00-02" },
                { "smsc95xx.macaddr=B8:27:EB:92:00:D8 eth0: renamed enxb827eb9200d8",
                  "smsc95xx.macaddr=b8:27:eb:00:00:02 eth0: renamed enxb827eb000002" },
                { "b8-27-eb-92-00-d8/config.txt", "b8-27-eb-00-00-02/config.txt" },
                { "to ff:ff:ff:ff:ff:ff and 01:00:5e:00:00:fb",
                  "to ff:ff:ff:ff:ff:ff and 01:00:5e:00:00:fb" },
                { "2026-11-29T22:11:01.492Z", "2026-11-29T22:11:01.492Z" },
                { "e09200d8/config.txt", "10000002/config.txt" },
                { "/e09200d8/config.txt, e09200d8/start.elf", "/10000002/config.txt, 10000002/start.elf" },
                { "pxelinux.cfg/0A4D0064", "pxelinux.cfg/0A4D0064" }, /* an address */
                { "initrd of 10485760 octets", "initrd of 10485760 octets" },
                { "b8:27:eb:92:00:d8 says serial e09200d8 as well",
                  "b8:27:eb:00:00:02 says serial 10000002 as well" },
                { "it asks for files of serial e09200d8: DHCP said e5ef6e9e",
                  "it asks for files of serial 10000002: DHCP said 10000003" },
                { "it asks for files of serial e09200d8: that is machine rack-3, and this is shelf-07",
                  "it asks for files of serial 10000002: that is machine machi2, and this is machine-" },
                { "it asks for files of serial e09200d8: machine shelf-07 is registered with e5ef6e9e",
                  "it asks for files of serial 10000002: machine machine- is registered with 10000003" },
                { "it says serial e09200d8, and e5ef6e9e is registered",
                  "it says serial 10000002, and 10000003 is registered" },
                { "serial e09200d8 is registered for machine rack-3: one of the two",
                  "serial 10000002 is registered for machine machi2: one of the two" },
                { "RPi: BOOTLOADER VERSION:8ba17717 serial e09200d8 boardrev c03112",
                  "RPi: BOOTLOADER VERSION:8ba17717 serial 10000002 boardrev c03112" },
                { "the system is up, host name attic-9", "the system is up, host name machin2" },
                { "the system is up, host name attic.home.example",
                  "the system is up, host name mach2.mac3.example" },
                { "systemd[1]: Hostname set to <attic-9>.", "systemd[1]: Hostname set to <machin2>." },
                { "bcm2709.serial=0xe09200d8 console=serial0,115200",
                  "bcm2709.serial=0x10000002 console=serial0,115200" },
                { "Serial 10000000e09200d8", "Serial 1000000010000002" },
                { "serial-number 7c4f2d1be09200d8, e09200d8/a",
                  "serial-number 1000000010000002, 10000002/a" }, /* all of a Pi 5's says which it is */
                { "usb 1-1: SerialNumber: 4C530001 and 4C530001-0:0",
                  "usb 1-1: SerialNumber: 10000002 and 10000002-0:0" },
                { "usb 1-1: SerialNumber: DD564198838E6", "usb 1-1: SerialNumber: 0000000000001" },
                { "usb usb1: SerialNumber: 0000:01:00.0", "usb usb1: SerialNumber: 0000:01:00.0" },
                { "usb usb2: SerialNumber: fe980000.usb", "usb usb2: SerialNumber: fe980000.usb" },
                { "New USB device strings: Mfr=1, Product=2, SerialNumber=3",
                  "New USB device strings: Mfr=1, Product=2, SerialNumber=3" },
                { "pc : ffffffc008012345 x1 : 0000000000012345",
                  "pc : ffffffc008012345 x1 : 0000000000012345" },
                { "pxelinux.cfg/44454c4c-4b00-1051-8053-b4c04f4a4b32",
                  "pxelinux.cfg/00000000-0000-0000-0000-000000000001" },
        };
        (void)state;

        check(rows, ARRAY_LEN(rows), true);
}

/* Many names, each with a stand-in of its own; and more of all than there is room for. */
static void many(void **state) {
        CLEANUP(free_at) struct standins *s = calloc(1, sizeof(*s));
        char text[] = "rack-1 rack-2 rack-1";
        (void)state;

        standins_add_name(s, "rack-1", 6);
        standins_add_name(s, "rack-2", 6);
        standins_apply_text(s, text);
        assert_string_equal(text, "machin machi2 machin");
        for (uint32_t i = 1; !s->is_full; i++) {
                assert_in_range(i, 1, STANDINS_MAX);
                standins_add_serial(s, i);
        }
        assert_int_equal(s->n, STANDINS_MAX);
}

/* A DISCOVER with two options. */
static size_t make_discover(uint8_t number, const void *value, size_t n, const char *uuid,
                            uint8_t buf[static 400]) {
        static const uint8_t cookie[] = { 0x63, 0x82, 0x53, 0x63 };
        size_t at = 240;

        memset(buf, 0, 400);
        memcpy(buf + 28, mac.octets, 6);
        memcpy(buf + 236, cookie, 4);
        buf[at++] = 0;
        memcpy(buf + at, (uint8_t[]){ number, (uint8_t)n }, 2);
        memcpy(buf + at + 2, value, n);
        at += 2 + n;
        memcpy(buf + at, (uint8_t[]){ 97, 17 }, 2);
        memcpy(buf + at + 2, uuid, 17);
        at += 19;
        buf[at++] = 0xff;
        return at;
}

static void what_a_uuid_says(void **state) {
        static const struct {
                const char *uuid, *wanted;
        } rows[] = {
                { "\0RPi4\x12\x31\xc0\x00\x32\xa7\xed\x89\x9d\x6e\xef\xe5",
                  "\0RPi4\x12\x31\xc0\x00\x32\x00\x00\x01\x01\x00\x00\x10" },
                /* its letters are the operator's: the MAC tells */
                { "\0OURS\x12\x31\xc0\x00\x32\xa7\xed\x89\x9d\x6e\xef\xe5",
                  "\0OURS\x12\x31\xc0\x00\x32\x00\x00\x01\x01\x00\x00\x10" },
                /* it says another's MAC */
                { "\0RPi5\x70\x41\xd0\x00\x67\x12\x34\x56\x9d\x6e\xef\xe5",
                  "\0RPi5\x70\x41\xd0\x00\x00\x00\x00\x01\x01\x00\x00\x10" },
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
                CLEANUP(free_at) struct standins *s = calloc(1, sizeof(*s));
                uint8_t message[400];
                const size_t len = make_discover(12, "attic", 5, rows[i].uuid, message);
                hear_message(s, message, len);
                standins_apply_message(s, message, len);
                assert_memory_equal(message + 28, "\xdc\xa6\x32\0\0\1", 6);
                assert_memory_equal(message + 250, rows[i].wanted, 17);
                assert_memory_equal(message + 243, "machi", 5);
        }
}

static void what_a_message_says(void **state) {
        static const struct {
                uint8_t number;
                size_t len;
                const char *before, *after;
        } rows[] = {
                { 12, 18, "attic.home.example", "machi.mac2.example" },
                { 12, 9, "rpi-board", "machine-x" },
                { 61, 7, "\1\xdc\xa6\x32\xa7\xed\x89", "\1\xdc\xa6\x32\0\0\1" },
                { 61, 9, "\0e09200d8", "\0\0\0\0\0\0\0\0\1" },
                /* DUID-EN of systemd, behind the number of its interface */
                { 61, 19, "\xff\x5a\x1e\x6b\x01\0\2\0\0\xab\x11\x9d\x6e\xef\xe5\1\2\3\4",
                  "\xff\0\0\0\1\0\2\0\0\xab\x11\0\0\0\0\0\0\0\2" },
                /* DUID-LLT: a time, and a MAC */
                { 61, 19, "\xff\x32\xa7\xed\x89\0\1\0\1\x2a\x51\x5b\x11\xb8\x27\xeb\x92\0\xd8",
                  "\xff\x32\0\0\1\0\1\0\1\0\0\0\1\xb8\x27\xeb\0\0\2" },
                { 61, 15, "\xff\0\0\0\0\0\3\0\1\xdc\xa6\x32\xa7\xed\x89",
                  "\xff\0\0\0\0\0\3\0\1\xdc\xa6\x32\0\0\1" },
                { 81, 8, "\1\0\0attic", "\1\0\0machi" },
                { 81, 15, "\4\0\0\5attic\4home\0", "\4\0\0\5machi\4home\0" },
                { 82, 16, "\1\6\xb8\x27\xeb\x92\0\xd8\2\6port-7", "\1\6\xb8\x27\xeb\0\0\2\2\6\0\0\0\0\0\1" },
                { 60, 20, "PXEClient:Arch:00000", "PXEClient:Arch:00000" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(free_at) struct standins *s = calloc(1, sizeof(*s));
                uint8_t message[400];
                const size_t len = make_discover(rows[i].number, rows[i].before, rows[i].len,
                                                 "\0DDDDDDDDDDDDDDDD", message);
                hear_message(s, message, len);
                standins_apply_message(s, message, len);
                assert_memory_equal(message + 243, rows[i].after, rows[i].len);
        }
}

/* A machine that is called like a part of what all boards say: it stays in what is no text. */
static void a_name_among_octets(void **state) {
        CLEANUP(free_at) struct standins *s = calloc(1, sizeof(*s));
        uint8_t message[400];
        const size_t len = make_discover(12, "pi4", 3,
                                         "\0RPi4\x12\x31\xc0\x00\x32\xa7\xed\x89\x9d\x6e\xef\xe5", message);
        (void)state;

        hear_message(s, message, len);
        standins_apply_message(s, message, len);
        assert_memory_equal(message + 243, "mac", 3);
        assert_memory_equal(message + 248, "\0RPi4", 5);
}

static void a_message_that_is_cut(void **state) {
        uint8_t message[400];
        const size_t len = make_discover(12, "attic", 5,
                                         "\0RPi4\x12\x31\xc0\x00\x32\xa7\xed\x89\x9d\x6e\xef\xe5", message);
        (void)state;

        for (size_t cut = 0; cut <= len; cut++) {
                CLEANUP(free_at) struct standins *s = calloc(1, sizeof(*s));
                hear_message(s, message, cut);
                assert_int_equal(s->n_macs, cut >= 34);
                standins_apply_message(s, message, 0);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(texts),
                cmocka_unit_test(what_a_text_says),
                cmocka_unit_test(many),
                cmocka_unit_test(what_a_uuid_says),
                cmocka_unit_test(what_a_message_says),
                cmocka_unit_test(a_name_among_octets),
                cmocka_unit_test(a_message_that_is_cut),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
