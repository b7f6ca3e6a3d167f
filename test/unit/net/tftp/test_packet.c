/* TFTP packets as vectors; the requests are those that real firmware sends. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/tftp/packet.h"

#define OCTETS(s) s, sizeof(s) - 1
enum { B = TFTP_OPTION_BLKSIZE, W = TFTP_OPTION_WINDOWSIZE, S = TFTP_OPTION_TSIZE, T = TFTP_OPTION_TIMEOUT };

static const struct {
        const char *remark;
        const char *octets;
        size_t len;
        const char *path;
        enum tftp_mode mode;
        struct tftp_options options;
} requests[] = {
        { "Pi ROM: no options", OCTETS("\0\1bootcode.bin\0octet\0"), "bootcode.bin", TFTP_MODE_OCTET, {} },
        { "Pi 4 EEPROM",
          OCTETS("\0\1a1b2c3d4/start4.elf\0octet\0tsize\0000\0blksize\0001024\0"),
          "a1b2c3d4/start4.elf",
          TFTP_MODE_OCTET,
          { .present = S | B, .blksize = 1024 } },
        { "EDK2",
          OCTETS("\0\1bootaa64.efi\0octet\0tsize\0000\0blksize\0001468\0windowsize\0004\0"),
          "bootaa64.efi",
          TFTP_MODE_OCTET,
          { .present = S | B | W, .blksize = 1468, .windowsize = 4 } },
        { "U-Boot",
          OCTETS("\0\1boot.scr.uimg\0octet\0timeout\0005\0blksize\0001468\0"),
          "boot.scr.uimg",
          TFTP_MODE_OCTET,
          { .present = T | B, .blksize = 1468, .timeout_s = 5 } },
        { "letters of either case",
          OCTETS("\0\1A\0OcTeT\0BLKSIZE\000512\0"),
          "A",
          TFTP_MODE_OCTET,
          { .present = B, .blksize = 512 } },
        { "netascii", OCTETS("\0\1a\0NETASCII\0"), "a", TFTP_MODE_NETASCII, {} },
        { "mail", OCTETS("\0\1a\0mail\0"), "a", TFTP_MODE_OTHER, {} },
        { "unknown options are skipped",
          OCTETS("\0\1a\0octet\0multicast\0\0blksize\0008\0x\0y\0"),
          "a",
          TFTP_MODE_OCTET,
          { .present = B, .blksize = 8 } },
        { "blksize below what RFC 2348 allows",
          OCTETS("\0\1a\0octet\0blksize\0007\0"),
          "a",
          TFTP_MODE_OCTET,
          {} },
        { "blksize above: answered with the largest",
          OCTETS("\0\1a\0octet\0blksize\00065465\0"),
          "a",
          TFTP_MODE_OCTET,
          { .present = B, .blksize = 65464 } },
        { "windowsize 0", OCTETS("\0\1a\0octet\0windowsize\0000\0"), "a", TFTP_MODE_OCTET, {} },
        { "windowsize above ours",
          OCTETS("\0\1a\0octet\0windowsize\00065535\0"),
          "a",
          TFTP_MODE_OCTET,
          { .present = W, .windowsize = 64 } },
        { "windowsize above RFC 7440's",
          OCTETS("\0\1a\0octet\0windowsize\00065536\0"),
          "a",
          TFTP_MODE_OCTET,
          {} },
        { "timeout 0", OCTETS("\0\1a\0octet\0timeout\0000\0"), "a", TFTP_MODE_OCTET, {} },
        { "timeout 256", OCTETS("\0\1a\0octet\0timeout\000256\0"), "a", TFTP_MODE_OCTET, {} },
        { "a sign is no number", OCTETS("\0\1a\0octet\0blksize\000-8\0"), "a", TFTP_MODE_OCTET, {} },
        { "text behind a number", OCTETS("\0\1a\0octet\0blksize\000512x\0"), "a", TFTP_MODE_OCTET, {} },
        { "no number", OCTETS("\0\1a\0octet\0blksize\0\0"), "a", TFTP_MODE_OCTET, {} },
        { "beyond 64 bits",
          OCTETS("\0\1a\0octet\0blksize\00099999999999999999999999\0"),
          "a",
          TFTP_MODE_OCTET,
          {} },
        { "twice: the first counts",
          OCTETS("\0\1a\0octet\0blksize\0001000\0blksize\0002000\0"),
          "a",
          TFTP_MODE_OCTET,
          { .present = B, .blksize = 1000 } },
        { "cut option at the end",
          OCTETS("\0\1a\0octet\0blksize\0001000\0tsize\0000"),
          "a",
          TFTP_MODE_OCTET,
          { .present = B, .blksize = 1000 } },
        { "padding", OCTETS("\0\1a\0octet\0\0\0\0"), "a", TFTP_MODE_OCTET, {} },
        { "empty path", OCTETS("\0\1\0octet\0"), "", TFTP_MODE_OCTET, {} },
};

static void test_requests(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
                struct tftp_packet p;
                if (tftp_packet_parse(requests[i].octets, requests[i].len, &p) < 0)
                        fail_msg("%s: refused", requests[i].remark);
                assert_int_equal(p.op, TFTP_RRQ);
                const struct tftp_options *got = &p.request.options, *want = &requests[i].options;
                if (strcmp(p.request.path, requests[i].path) != 0 || p.request.mode != requests[i].mode ||
                    got->present != want->present || got->blksize != want->blksize ||
                    got->windowsize != want->windowsize || got->timeout_s != want->timeout_s)
                        fail_msg("%s: options %x, blksize %u, windowsize %u, timeout %u", requests[i].remark,
                                 got->present, got->blksize, got->windowsize, got->timeout_s);
        }
}

static void test_other_packets(void **state) {
        struct tftp_packet p;

        (void)state;
        assert_int_equal(tftp_packet_parse(OCTETS("\0\4\377\376"), &p), 0);
        assert_int_equal(p.ack.block, 65534);
        assert_int_equal(tftp_packet_parse(OCTETS("\0\5\0\10User aborted\0"), &p), 0);
        assert_int_equal(p.error.code, TFTP_ERROR_OPTION);
        assert_int_equal(p.error.text_len, 12);
        assert_memory_equal(p.error.text, "User aborted", 12);
        assert_int_equal(tftp_packet_parse(OCTETS("\0\5\0\0Early"), &p), 0); /* without its NUL */
        assert_int_equal(p.error.text_len, 5);
        assert_int_equal(tftp_packet_parse(OCTETS("\0\5\0\0"), &p), 0); /* without a text */
        assert_int_equal(p.error.text_len, 0);
        assert_int_equal(tftp_packet_parse(OCTETS("\0\2up\0octet\0"), &p), 0);
        assert_int_equal(p.op, TFTP_WRQ);
        assert_string_equal(p.request.path, "up");
}

static void test_malformed(void **state) {
        static const struct {
                const char *remark;
                const char *octets;
                size_t len;
        } rows[] = {
                { "nothing", OCTETS("") },
                { "half an operation", OCTETS("\0") },
                { "operation 0", OCTETS("\0\0\0\0") },
                { "DATA is not for us", OCTETS("\0\3\0\1abc") },
                { "OACK is not for us", OCTETS("\0\6blksize\000512\0") },
                { "operation 7", OCTETS("\0\7") },
                { "operation 256", OCTETS("\1\1a\0octet\0") },
                { "half an ACK", OCTETS("\0\4\0") },
                { "ERROR without a code", OCTETS("\0\5\0") },
                { "request without a NUL", OCTETS("\0\1abc") },
                { "request without a mode", OCTETS("\0\1abc\0") },
                { "mode without a NUL", OCTETS("\0\1abc\0octet") },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct tftp_packet p;
                if (tftp_packet_parse(rows[i].octets, rows[i].len, &p) != -EBADMSG)
                        fail_msg("%s: taken", rows[i].remark);
        }
}

static void test_writing(void **state) {
        uint8_t buf[TFTP_OACK_SIZE_MAX];
        struct writer w = writer_of(buf, sizeof(buf));
        const struct tftp_options all = { .present = B | W | S | T,
                                          .blksize = TFTP_BLKSIZE_MAX,
                                          .windowsize = TFTP_WINDOWSIZE_MAX,
                                          .tsize = UINT64_MAX,
                                          .timeout_s = TFTP_TIMEOUT_S_MAX };
        static const char oack[] =
                "\0\6blksize\00065464\0windowsize\00064\0tsize\00018446744073709551615\0timeout\000255";

        (void)state;
        tftp_oack_write(&w, &all);
        assert_false(w.full);
        assert_int_equal(writer_len(&w), sizeof(oack));
        assert_memory_equal(buf, oack, sizeof(oack));

        w = writer_of(buf, sizeof(buf));
        tftp_error_write(&w, TFTP_ERROR_NOT_FOUND, "File not found");
        assert_int_equal(writer_len(&w), 4 + 15);
        assert_memory_equal(buf, "\0\5\0\1File not found", 4 + 15);

        tftp_data_header_put(buf, 0x1234);
        assert_memory_equal(buf, "\0\3\x12\x34", 4);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_requests),
                cmocka_unit_test(test_other_packets),
                cmocka_unit_test(test_malformed),
                cmocka_unit_test(test_writing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
