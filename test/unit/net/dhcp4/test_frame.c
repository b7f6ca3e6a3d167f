/* Frames: headers and checksums as the wire has them, and frames that lie about their lengths. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/dhcp4/frame.h"

static const struct dhcp4_ends ends = {
        .src_mac = { { 2, 0, 0, 0, 0, 1 } },
        .dst_mac = { { 2, 0, 0, 0, 0, 2 } },
        .src = 0x0a4d0001,
        .dst = 0x0a4d0005,
        .src_port = 67,
        .dst_port = 68,
};

/* The checksums were worked out by another program. */
static void writes_headers(void **state) {
        static const uint8_t expected[] = {
                2,    0,   0,   0,  0,  2,  2,    0,    0,  0,  0,    1,    8, 0, /* Ethernet */
                0x45, 0,   0,   31, 0,  0,  0x40, 0,    64, 17, 0x26, 0x2f,       /* IPv4 */
                10,   77,  0,   1,  10, 77, 0,    5,                              /* who to whom */
                0,    67,  0,   68, 0,  11, 0x26, 0x4f,                           /* UDP */
                'a',  'b', 'c',
        };
        uint8_t frame[DHCP4_FRAME_HEAD + 3];
        (void)state;

        memcpy(frame + DHCP4_FRAME_HEAD, "abc", 3);
        dhcp4_frame_write_head(frame, 3, &ends);
        assert_memory_equal(frame, expected, sizeof(expected));
}

static void reads_what_it_writes(void **state) {
        uint8_t frame[DHCP4_FRAME_HEAD + 20] = { 0 };
        struct dhcp4_ends got;
        const uint8_t *message;
        size_t len;
        (void)state;

        dhcp4_frame_write_head(frame, 3, &ends); /* what follows the datagram is Ethernet's padding */
        assert_int_equal(dhcp4_frame_parse(frame, sizeof(frame), &got, &message, &len), 0);
        assert_memory_equal(&got, &ends, sizeof(ends));
        assert_int_equal(len, 3);
        assert_ptr_equal(message, frame + DHCP4_FRAME_HEAD);
}

static const struct lie {
        const char *remark;
        size_t at;
        uint8_t octet;
} lies[] = {
        { "not IPv4", 12, 0x86 },
        { "IP version 6", 14, 0x65 },
        { "header of four words", 14, 0x44 },
        { "header longer than the packet", 14, 0x4f },
        { "longer than the frame", 16, 1 },
        { "a fragment", 20, 0x20 },
        { "TCP", 23, 6 },
        { "checksum", 24, 0xff },
        { "UDP longer than IP", 38, 1 },
        { "UDP shorter than its header", 39, 7 },
};

static void refuses_lies(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
                uint8_t frame[DHCP4_FRAME_HEAD + 3] = { 0 };
                struct dhcp4_ends got;
                const uint8_t *message;
                size_t len;

                dhcp4_frame_write_head(frame, 3, &ends);
                frame[lies[i].at] = lies[i].octet;
                if (dhcp4_frame_parse(frame, sizeof(frame), &got, &message, &len) != -EBADMSG)
                        fail_msg("%s: believed", lies[i].remark);
        }
        for (size_t cut = 0; cut < DHCP4_FRAME_HEAD + 3; cut++) {
                uint8_t frame[DHCP4_FRAME_HEAD + 3] = { 0 };
                struct dhcp4_ends got;
                const uint8_t *message;
                size_t len;

                dhcp4_frame_write_head(frame, 3, &ends);
                assert_int_equal(dhcp4_frame_parse(frame, cut, &got, &message, &len), -EBADMSG);
        }
}

static void speaks_arp(void **state) {
        static const uint8_t expected[] = {
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0,  6,  4, 0,
                1,    2,    0,    0,    0,    0,    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 77, 0, 5,
        };
        const struct dhcp4_arp who_has = { .op = DHCP4_ARP_REQUEST,
                                           .sender_mac = { { 2, 0, 0, 0, 0, 1 } },
                                           .target = 0x0a4d0005 };
        uint8_t frame[DHCP4_ARP_SIZE];
        struct dhcp4_arp got;
        (void)state;

        dhcp4_arp_write(&who_has, frame);
        assert_memory_equal(frame, expected, sizeof(expected));
        assert_int_equal(dhcp4_arp_parse(frame, 42, &got), 0);
        assert_int_equal(got.target, who_has.target);
        assert_true(mac_equal(&got.sender_mac, &who_has.sender_mac));
        assert_int_equal(dhcp4_arp_parse(frame, 41, &got), -EBADMSG);
        frame[21] = 8; /* InARP */
        assert_int_equal(dhcp4_arp_parse(frame, 42, &got), -EBADMSG);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(writes_headers),
                cmocka_unit_test(reads_what_it_writes),
                cmocka_unit_test(refuses_lies),
                cmocka_unit_test(speaks_arp),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
