/* Netconsole's datagrams and what they say. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "net/netconsole/packet.h"

/* Of a Pi 4 before it has an address. */
static const uint8_t frame[] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xdc, 0xa6, 0x32, 0xa7, 0xed, 0x89, 0x08, 0x00, /* Ethernet */
        0x45, 0,    0,    34,   0,    0,    0,    0,    64,   17,   0,    0,                /* IPv4 */
        169,  254,  1,    1,    255,  255,  255,  255,                                      /* from, to */
        0x1a, 0x09, 0x1a, 0x0a, 0,    14,   0,    0,                                        /* 6665 to 6666 */
        'N',  'V',  'M',  'E',  '!',  '\n', 0,    0,    0,    0, /* and padding to the smallest frame */
};

static void a_frame_is_read(void **state) {
        struct netconsole_datagram d;
        (void)state;

        assert_int_equal(netconsole_frame_parse(frame, sizeof(frame), &d), 0);
        assert_memory_equal(d.mac.octets, frame + 6, 6);
        assert_int_equal(d.src, 0xa9fe0101);
        assert_int_equal(d.src_port, 6665);
        assert_int_equal(d.dst_port, 6666);
        assert_int_equal(d.len, 6);
        assert_memory_equal(d.text, "NVME!\n", 6);
        assert_true(netconsole_is_firmware(&d));
        d.src = 0x0a4d0033;
        assert_false(netconsole_is_firmware(&d));
}

static void what_is_none_is_refused(void **state) {
        static const struct {
                size_t at;
                uint8_t octet; /* in its place */
        } rows[] = {
                { 12, 0x86 }, /* not IPv4 */
                { 14, 0x65 }, /* version 6 in it */
                { 14, 0x44 }, /* a header shorter than one */
                { 14, 0x4f }, /* a header longer than the packet */
                { 17, 35 },   /* a packet longer than its UDP: well */
                { 20, 0x20 }, /* a fragment */
                { 21, 1 },    /* its rest */
                { 23, 6 },    /* TCP */
                { 39, 7 },    /* UDP shorter than its header */
                { 39, 99 },   /* longer than its packet */
        };
        struct netconsole_datagram d;
        (void)state;

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                uint8_t copy[sizeof(frame)];
                memcpy(copy, frame, sizeof(frame));
                copy[rows[i].at] = rows[i].octet;
                assert_int_equal(netconsole_frame_parse(copy, sizeof(copy), &d), i == 4 ? 0 : -EBADMSG);
        }
        for (size_t cut = 0; cut < 48; cut++)
                assert_int_equal(netconsole_frame_parse(frame, cut, &d), -EBADMSG);
}

static void records_are_read(void **state) {
        static const struct {
                const char *octets, *text;
                bool is_extended;
                unsigned priority;
                uint64_t sequence;
                uint32_t offset, of_size;
        } rows[] = {
                { "Boot mode: NETWORK (02) order f\n", "Boot mode: NETWORK (02) order f\n", false, 0, 0, 0,
                  0 },
                { "6,416,1758426,-,caller=T1;the 3rd message\n", "the 3rd message", true, 6, 416, 0, 0 },
                { "28,7,1,-;a facility", "a facility", true, 4, 7, 0, 0 },
                { "6,444,501151268,-;net eth0: f\n SUBSYSTEM=net\n DEVICE=+pci:0\n", "net eth0: f", true, 6,
                  444, 0, 0 },
                { "6,416,1758426,-,ncfrag=16/53;xt part\n", "xt part", true, 6, 416, 16, 53 },
                { "6.1.0-13-arm64,6,416,1758426,-;of 6.1\n", "of 6.1", true, 6, 416, 0, 0 },
                { "6,416,1758426,-", "6,416,1758426,-", false, 0, 0, 0, 0 }, /* no text */
                { "6,416,1,-,ncfrag=9/9;x", "6,416,1,-,ncfrag=9/9;x", false, 0, 0, 0,
                  0 }, /* behind its end */
                { "6,416,1,-,ncfrag=9;x", "6,416,1,-,ncfrag=9;x", false, 0, 0, 0, 0 },
                { "256,1,1,-;x", "256,1,1,-;x", false, 0, 0, 0, 0 },
                { "99999999999999999999,1,1,-;x", "99999999999999999999,1,1,-;x", false, 0, 0, 0, 0 },
                { "", "", false, 0, 0, 0, 0 },
        };
        (void)state;

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                struct netconsole_record r;
                netconsole_record_read(rows[i].octets, strlen(rows[i].octets), &r);
                assert_int_equal(r.is_extended, rows[i].is_extended);
                assert_int_equal(r.priority, rows[i].priority);
                assert_int_equal(r.sequence, rows[i].sequence);
                assert_int_equal(r.offset, rows[i].offset);
                assert_int_equal(r.of_size, rows[i].of_size);
                assert_int_equal(r.len, strlen(rows[i].text));
                assert_memory_equal(r.text, rows[i].text, r.len);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_frame_is_read),
                cmocka_unit_test(what_is_none_is_refused),
                cmocka_unit_test(records_are_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
