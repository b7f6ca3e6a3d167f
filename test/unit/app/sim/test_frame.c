/* Frames as small firmware builds and reads them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-sim/frame.h"
#include "base/cleanup.h"

static const struct mac us = { { 2, 0, 0, 0, 0, 1 } }, them = { { 2, 0, 0, 0, 0, 2 } };
static const struct frame_style rom = { .ttl = 128 }, eeprom = { .ttl = 64, .has_udp_checksum = true };

static size_t write_udp(const struct frame_style *style, const char *payload, uint8_t *buf) {
        return frame_write_udp(&(struct frame_udp){ .dst = them,
                                                    .src = us,
                                                    .src_ip = 0x0a4d0005,
                                                    .dst_ip = 0x0a4d0001,
                                                    .src_port = 49152,
                                                    .dst_port = 69,
                                                    .payload = payload,
                                                    .len = strlen(payload) },
                               style, buf);
}

/* The sum over a header with its checksum in it, RFC 1071. */
static uint32_t sum(const uint8_t *at, size_t len, uint32_t total) {
        for (size_t i = 0; i < len; i++)
                total += (uint32_t)at[i] << (i % 2 ? 0 : 8);
        while (total >> 16)
                total = (total & 0xffff) + (total >> 16);
        return total;
}

static void udp_there_and_back(void **state) {
        static const char *const payloads[] = { "", "x", "an odd one",
                                                "bootcode.bin and what lies behind it, in full" };
        uint8_t buf[FRAME_MAX];
        struct frame f;
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(payloads); i++) {
                size_t payload_len = strlen(payloads[i]);
                size_t len = write_udp(&eeprom, payloads[i], buf);
                assert_int_equal(len, payload_len + 42 < 60 ? 60 : payload_len + 42);
                frame_parse(buf, len, &f);
                assert_int_equal(f.kind, FRAME_UDP);
                assert_true(mac_equal(&f.dst, &them) && mac_equal(&f.src, &us));
                assert_int_equal(f.udp.src, 0x0a4d0005);
                assert_int_equal(f.udp.dst, 0x0a4d0001);
                assert_int_equal(f.udp.src_port, 49152);
                assert_int_equal(f.udp.dst_port, 69);
                assert_int_equal(f.udp.len, payload_len); /* and not the padding */
                assert_memory_equal(f.udp.payload, payloads[i], payload_len);

                uint32_t pseudo = sum(buf + 26, 8, 17 + 8 + (uint32_t)payload_len);
                assert_int_equal(sum(buf + 14, 20, 0), 0xffff);
                assert_int_equal(sum(buf + 34, 8 + payload_len, pseudo), 0xffff);
        }
}

static void the_boot_rom_is_peculiar(void **state) {
        uint8_t buf[FRAME_MAX];
        (void)state;

        (void)write_udp(&rom, "x", buf);
        assert_int_equal(buf[22], 128);         /* TTL */
        assert_int_equal(buf[18] | buf[19], 0); /* identification */
        assert_int_equal(buf[40] | buf[41], 0); /* no UDP checksum */
        (void)write_udp(&eeprom, "x", buf);
        assert_int_equal(buf[22], 64);
        assert_int_not_equal(buf[40] | buf[41], 0);
}

static void arp_there_and_back(void **state) {
        uint8_t buf[FRAME_MAX];
        struct frame f;
        (void)state;

        size_t len = frame_write_arp(&us, &frame_broadcast, true, 1, 2, buf);
        assert_int_equal(len, 60);
        frame_parse(buf, len, &f);
        assert_int_equal(f.kind, FRAME_ARP);
        assert_true(f.arp.is_request && f.arp.sender == 1 && f.arp.target == 2);
        assert_int_equal(buf[32] | buf[37], 0); /* the address that is asked for is not known */
        frame_parse(buf, frame_write_arp(&us, &them, false, 1, 2, buf), &f);
        assert_true(f.kind == FRAME_ARP && !f.arp.is_request && mac_equal(&f.arp.sender_mac, &us));
}

static void tcp_there_and_back(void **state) {
        uint8_t buf[FRAME_MAX];
        struct frame f;
        struct frame_tcp t = { .dst = them,
                               .src = us,
                               .src_ip = 1,
                               .dst_ip = 2,
                               .src_port = 30000,
                               .dst_port = 5248,
                               .seq = 0xfffffff0,
                               .flags = FRAME_TCP_SYN };
        (void)state;

        frame_parse(buf, frame_write_tcp(&t, &eeprom, buf), &f);
        assert_true(f.kind == FRAME_TCP && f.tcp.flags == FRAME_TCP_SYN && f.tcp.len == 0);
        assert_memory_equal(buf + 54, "\x02\x04\x05\xb4", 4); /* segments that fit into a frame */
        t.flags = FRAME_TCP_ACK;
        t.ack = 7;
        t.payload = "GET / HTTP/1.1\r\n of some length, no padding";
        t.len = strlen(t.payload);
        frame_parse(buf, frame_write_tcp(&t, &eeprom, buf), &f);
        assert_true(f.kind == FRAME_TCP && f.tcp.seq == 0xfffffff0 && f.tcp.ack == 7 && f.tcp.src == 1 &&
                    f.tcp.dst == 2 && f.tcp.src_port == 30000 && f.tcp.dst_port == 5248);
        assert_int_equal(f.tcp.len, t.len);
        assert_memory_equal(f.tcp.payload, t.payload, t.len);
        buf[46] = 0xf0; /* a header that is longer than the segment */
        frame_parse(buf, 60, &f);
        assert_int_equal(f.kind, FRAME_OTHER);
}

/* One octet of a good frame is made bad. */
static void what_is_neither_is_left_alone(void **state) {
        static const struct {
                size_t at;
                uint8_t octet;
                const char *why;
        } rows[] = {
                { 12, 0x86, "another protocol" },
                { 14, 0x65, "IP of another version" },
                { 14, 0x44, "a header too short" },
                { 14, 0x4f, "a header longer than the packet" },
                { 16, 0x7f, "longer than the frame" },
                { 20, 0x20, "a fragment" },
                { 23, 1, "ICMP" },
                { 38, 0x7f, "UDP longer than IP" },
                { 39, 7, "UDP shorter than its head" },
        };
        uint8_t buf[FRAME_MAX];
        struct frame f;
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                size_t len = write_udp(&eeprom, "something of some length, no padding", buf);
                buf[rows[i].at] = rows[i].octet;
                frame_parse(buf, len, &f);
                if (f.kind != FRAME_OTHER)
                        fail_msg("%s", rows[i].why);
        }
        for (size_t len = 0; len < 42; len++) {
                (void)write_udp(&eeprom, "x", buf);
                frame_parse(buf, len, &f);
                assert_int_equal(f.kind, FRAME_OTHER);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(udp_there_and_back),
                cmocka_unit_test(the_boot_rom_is_peculiar),
                cmocka_unit_test(arp_there_and_back),
                cmocka_unit_test(tcp_there_and_back),
                cmocka_unit_test(what_is_neither_is_left_alone),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
