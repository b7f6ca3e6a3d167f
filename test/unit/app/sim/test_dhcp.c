/* DHCP as Raspberry Pi firmware speaks it: the order of its options octet by octet, and what it takes from an
 * answer. The vectors of option 97 are captures of real boards. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-sim/board.h"
#include "base/cleanup.h"
#include "base/text.h"

/* A world that keeps the last frame. */
static uint8_t last[FRAME_MAX];
static size_t last_len;

static void keep_frame(void *ctx, const void *frame, size_t len) {
        (void)ctx;
        memcpy(last, frame, len);
        last_len = len;
}

static uint32_t no_chance(void *ctx) {
        (void)ctx;
        return 0x11223344;
}

static const struct board_world world = { .send = keep_frame, .random = no_chance };

static const uint8_t *discover(const char *family, const char *mac, uint32_t serial, uint32_t revision,
                               size_t *len) {
        static struct board b;
        struct frame f;

        b = (struct board){ .family = family_by_name(family),
                            .world = &world,
                            .serial = serial,
                            .revision = revision,
                            .boot_order = BOARD_ORDER_NETWORK };
        assert_int_equal(mac_parse(mac, &b.mac), 0);
        board_power_on(&b, 1000);
        frame_parse(last, last_len, &f);
        assert_int_equal(f.kind, FRAME_UDP);
        assert_true(mac_equal(&f.dst, &frame_broadcast));
        assert_int_equal(f.udp.src, 0);
        assert_int_equal(f.udp.dst, UINT32_MAX);
        *len = f.udp.len;
        return f.udp.payload;
}

/* "53,55,60": the numbers in their order. */
static void option_numbers(const uint8_t *message, size_t len, char *buf, size_t size) {
        size_t used = 0;

        buf[0] = 0;
        for (size_t at = 240; at + 1 < len && message[at] != 255; at += 2u + message[at + 1])
                used += (size_t)snprintf(buf + used, size - used, "%s%u", used ? "," : "", message[at]);
}

static const uint8_t *option(const uint8_t *message, size_t len, uint8_t number) {
        for (size_t at = 240; at + 1 < len && message[at] != 255; at += 2u + message[at + 1])
                if (message[at] == number)
                        return message + at + 1;
        return NULL;
}

static void discovers_octet_by_octet(void **state) {
        static const struct {
                const char *family, *order, *params;
                size_t frame_len;
                uint32_t xid;
        } rows[] = {
                { "pi3", "53,55,93,94,97,60", "\x0c\53\74\103\200\201\202\203\204\205\206\207\102", 364,
                  0x26f30339 },
                { "pi4", "53,55,60,93,94,97", "\x0e\1\3\53\74\102\103\200\201\202\203\204\205\206\207", 364,
                  0x11223344 },
                { "pi5", "53,55,60,93,94,97", "\x0e\1\3\53\74\102\103\200\201\202\203\204\205\206\207", 364,
                  0x11223344 },
        };
        static const char head[] = "\1\1\6\0";
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char order[64];
                size_t len;
                const uint8_t *m = discover(rows[i].family, "dc:a6:32:b0:23:c3", 0xe09200d8, 0xd03114, &len);

                assert_int_equal(last_len, rows[i].frame_len);
                assert_memory_equal(m, head, 4);
                assert_int_equal((uint32_t)m[4] << 24 | (uint32_t)m[5] << 16 | (uint32_t)m[6] << 8 | m[7],
                                 rows[i].xid);
                assert_int_equal(m[10], 0x80); /* broadcast */
                assert_memory_equal(m + 28, "\xdc\xa6\x32\xb0\x23\xc3", 6);
                option_numbers(m, len, order, sizeof(order));
                assert_string_equal(order, rows[i].order);
                assert_memory_equal(option(m, len, 53), "\1\1", 2);
                assert_memory_equal(option(m, len, 55), rows[i].params, strlen(rows[i].params));
                assert_memory_equal(option(m, len, 60), "\40PXEClient:Arch:00000:UNDI:002001", 33);
                assert_memory_equal(option(m, len, 93), "\2\0\0", 3);
                assert_memory_equal(option(m, len, 94), "\3\1\2\1", 4);
                assert_int_equal(option(m, len, 97)[0], 17);
        }
}

static void option_97_as_captured(void **state) {
        static const struct {
                const char *family, *mac;
                uint32_t serial, revision;
                const char *hex;
        } rows[] = {
                { "pi4", "dc:a6:32:a7:ed:89", 0xe5ef6e9d, 0xc03112, "00525069341231c00032a7ed899d6eefe5" },
                { "pi4", "dc:a6:32:b0:23:c3", 0xe09200d8, 0xd03114, "00525069341431d00032b023c3d80092e0" },
                { "pi4", "dc:a6:32:2e:f8:ed", 0x5b154510, 0xa03111, "00525069341131a000322ef8ed1045155b" },
                { "pi5", "2c:cf:67:01:02:03", 0xa1b2c3d4, 0xc04170, "00525069357041c00067010203d4c3b2a1" },
                { "pi3", "b8:27:eb:2f:aa:eb", 0xb22faaeb, 0xa02082, "0044444444444444444444444444444444" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char hex[2 * 17 + 1];
                size_t len;
                const uint8_t *m =
                        discover(rows[i].family, rows[i].mac, rows[i].serial, rows[i].revision, &len);
                assert_string_equal(text_hex(option(m, len, 97) + 1, 17, hex), rows[i].hex);
        }
}

/* bootcode.bin, which starts over after the ROM. */
static void the_second_stage_says_its_serial(void **state) {
        const struct family *rom = family_by_name("pi3");
        static struct board b;
        struct frame f;
        char hex[2 * 17 + 1], order[64];
        (void)state;

        b = (struct board){
                .family = rom->then, .world = &world, .serial = 0xb22faaeb, .boot_order = BOARD_ORDER_NETWORK
        };
        board_power_on(&b, 0);
        frame_parse(last, last_len, &f);
        option_numbers(f.udp.payload, f.udp.len, order, sizeof(order));
        assert_string_equal(order, "53,55,93,94,97,60");
        assert_string_equal(text_hex(option(f.udp.payload, f.udp.len, 97) + 1, 17, hex),
                            "00ebaa2fb2ebaa2fb2ebaa2fb2ebaa2fb2");
        assert_int_equal(option(f.udp.payload, f.udp.len, 55)[0], 14);
        assert_int_equal(b.asker.xid, 0x11223344);
}

static void the_request_of_an_eeprom_lacks_its_class(void **state) {
        const struct dhcp_asker who = { .xid = 1 };
        uint8_t buf[DHCP_MESSAGE_SIZE];
        char order[64];
        (void)state;

        size_t len =
                dhcp_write(&family_by_name("pi4")->dhcp, &who, DHCP_REQUEST, 0x0a4d0005, 0x0a4d0001, buf);
        option_numbers(buf, len, order, sizeof(order));
        assert_string_equal(order, "53,55,93,94,97,50,54");
        assert_memory_equal(option(buf, len, 50), "\4\x0a\x4d\0\5", 5);
        assert_memory_equal(option(buf, len, 54), "\4\x0a\x4d\0\1", 5);
}

static void a_system_asks_as_no_firmware_does(void **state) {
        const struct dhcp_asker who = { .xid = 1 };
        uint8_t buf[DHCP_MESSAGE_SIZE];
        char order[64];
        (void)state;

        size_t len = dhcp_write(&family_system.dhcp, &who, DHCP_DISCOVER, 0, 0, buf);
        option_numbers(buf, len, order, sizeof(order));
        assert_string_equal(order, "53,55,60");
        assert_memory_equal(option(buf, len, 60) + 1, "udhcp", 5);
}

/* A server's message: header and then @options. */
static size_t reply(uint8_t *buf, const char *options, size_t len) {
        memset(buf, 0, 240);
        memcpy(buf, "\2\1\6", 3);
        memcpy(buf + 4, "\x11\x22\x33\x44", 4);
        memcpy(buf + 16, "\x0a\x4d\0\5", 4); /* yiaddr */
        memcpy(buf + 20, "\x0a\x4d\0\2", 4); /* siaddr */
        memcpy(buf + 28, "\2\0\0\0\0\1", 6);
        memcpy(buf + 236, "\x63\x82\x53\x63", 4);
        memcpy(buf + 240, options, len);
        return 240 + len;
}

#define OPTIONS(text) text, sizeof(text) - 1

static void what_makes_an_offer_a_boot(void **state) {
        static const struct {
                const char *octets;
                size_t len;
                bool names_menu, has_66;
                const char *remark;
        } rows[] = {
                { OPTIONS("\65\1\2\377"), false, false, "an address only" },
                { OPTIONS("\65\1\2\53\40\6\1\3\12\4\0PXE\11\24\0\0\21Raspberry Pi Boot\377\377"), true, false,
                  "the menu of 32 octets" },
                { OPTIONS("\65\1\2\53\43\6\1\3\12\4\0PXE\11\27\0\0\24Raspberry Pi Boot   \377\377"), true,
                  false, "with the three spaces of the 3B" },
                { OPTIONS("\65\1\2\53\24Raspberry Pi Boot   \377"), true, false, "bare text" },
                { OPTIONS("\65\1\2\53\23\11\21\0\0\16Raspberry Boot\377"), false, false, "another text" },
                { OPTIONS("\65\1\2\53\5\11\24\0\0\21\377"), false, false, "cut in the middle" },
                { OPTIONS("\65\1\2\102\01110.77.0.9\377"), false, true, "option 66" },
                { OPTIONS("\65\1\2\102\4host\377"), false, true, "a name that nobody resolves" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint8_t buf[512];
                struct dhcp_reply r;
                if (!dhcp_parse(buf, reply(buf, rows[i].octets, rows[i].len), &r) ||
                    r.names_menu != rows[i].names_menu || r.has_tftp_server != rows[i].has_66)
                        fail_msg("%s", rows[i].remark);
                assert_int_equal(r.addr, 0x0a4d0005);
                assert_int_equal(r.next_server, 0x0a4d0002);
        }
}

static void a_tftp_server_is_four_numbers(void **state) {
        static const struct {
                const char *octets;
                size_t len;
                uint32_t addr;
        } rows[] = {
                { OPTIONS("\65\1\2\102\01110.77.0.9\377"), 0x0a4d0009 },
                { OPTIONS("\65\1\2\102\01210.77.0.9\0\377"), 0 }, /* a NUL behind it: suspected in fw#871 */
                { OPTIONS("\65\1\2\102\4host\377"), 0 },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint8_t buf[512];
                struct dhcp_reply r;
                assert_true(dhcp_parse(buf, reply(buf, rows[i].octets, rows[i].len), &r));
                assert_int_equal(r.tftp_server, rows[i].addr);
        }
}

static void what_is_no_answer(void **state) {
        uint8_t buf[512];
        struct dhcp_reply r;
        (void)state;

        size_t len = reply(buf, OPTIONS("\65\1\2\66\4\x0a\x4d\0\1\377"));
        assert_true(dhcp_parse(buf, len, &r));
        assert_int_equal(r.server, 0x0a4d0001);
        for (size_t cut = 0; cut < 243; cut++)
                assert_false(dhcp_parse(buf, cut, &r));
        buf[0] = 1;
        assert_false(dhcp_parse(buf, len, &r)); /* a question */
        len = reply(buf, OPTIONS("\65\1\1\377"));
        assert_false(dhcp_parse(buf, len, &r)); /* DISCOVER */
        len = reply(buf, OPTIONS("\65\1\2\66\4\x0a"));
        assert_false(dhcp_parse(buf, len, &r)); /* an option beyond the end */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(discovers_octet_by_octet),
                cmocka_unit_test(option_97_as_captured),
                cmocka_unit_test(the_second_stage_says_its_serial),
                cmocka_unit_test(the_request_of_an_eeprom_lacks_its_class),
                cmocka_unit_test(a_system_asks_as_no_firmware_does),
                cmocka_unit_test(what_makes_an_offer_a_boot),
                cmocka_unit_test(a_tftp_server_is_four_numbers),
                cmocka_unit_test(what_is_no_answer),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
