/* Downloads as firmware makes them, as conversations: what the server sends, what goes back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-sim/fetch.h"
#include "base/cleanup.h"

enum { TID = 2000, NO_OPTIONS, TSIZE, BLKSIZE_1468 }; /* the last three: which family asks */

#define O(text) text, sizeof(text) - 1

/* One turn: a packet comes, or time passes (@octets NULL), and a packet goes out. */
struct turn {
        uint64_t at_ms;
        const char *octets; /* the packet's first octets … */
        size_t len;
        unsigned data; /* … and so many more of a file */
        uint16_t port; /* 0: TID */
        const char *sends;
        size_t sends_len; /* 0: silence */
        enum fetch_state state;
        const char *remark;
};

static const struct family *asks(int how) {
        static struct family f;
        f = (struct family){ .packet_ms = 1000, .file_ms = 5000 };
        f.rrq_blksize = how == BLKSIZE_1468 ? 1468 : how == TSIZE ? 1 : 0;
        return &f;
}

static void play(int how, enum want want, const struct turn *turns, size_t n) {
        struct fetch f;
        uint8_t buf[FETCH_PACKET_SIZE], packet[2048];
        struct fetch_step step = fetch_begin(&f, asks(how), "a", want, 49152, 0, buf);

        assert_true(step.to_listener && step.send_len > 0);
        for (size_t i = 0; i < n; i++) {
                const struct turn *t = &turns[i];
                if (t->octets) {
                        memcpy(packet, t->octets, t->len);
                        memset(packet + t->len, 'x', t->data);
                        step = fetch_packet(&f, t->port ? t->port : TID, packet, t->len + t->data, t->at_ms,
                                            buf);
                } else {
                        step = fetch_tick(&f, t->at_ms, buf);
                }
                if (f.state != t->state || step.send_len != t->sends_len ||
                    memcmp(buf, t->sends ? t->sends : "", t->sends_len) != 0)
                        fail_msg("turn %zu (%s): state %d, sends %zu octets", i, t->remark, f.state,
                                 step.send_len);
        }
}
#define PLAY(how, want, turns) play(how, want, turns, ARRAY_LEN(turns))

static void requests_octet_by_octet(void **state) {
        static const struct {
                int how;
                const char *octets;
                size_t len;
        } rows[] = {
                { NO_OPTIONS, O("\0\1a\0octet\0") }, /* the boot ROM */
                { TSIZE, O("\0\1a\0octet\0tsize\0"
                           "0\0") }, /* bootcode.bin */
                { BLKSIZE_1468, O("\0\1a\0octet\0tsize\0"
                                  "0\0blksize\0"
                                  "1468\0") }, /* EEPROM since 2022-10 */
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct fetch f;
                uint8_t buf[FETCH_PACKET_SIZE];
                struct fetch_step step = fetch_begin(&f, asks(rows[i].how), "a", WANT_WHOLE, 49152, 0, buf);
                assert_int_equal(step.send_len, rows[i].len);
                assert_memory_equal(buf, rows[i].octets, rows[i].len);
        }
}

static void plain_blocks_to_the_end(void **state) {
        static const struct turn turns[] = {
                { 10, O("\0\3\0\1"), 512, 0, O("\0\4\0\1"), FETCH_READING, "" },
                { 20, O("\0\3\0\2"), 512, 0, O("\0\4\0\2"), FETCH_READING, "" },
                { 30, O("\0\3\0\3"), 0, 0, O("\0\4\0\3"), FETCH_WHOLE, "an empty block ends it" },
                { 40, O("\0\3\0\3"), 0, 0, O("\0\4\0\3"), FETCH_WHOLE, "our last ACK was lost" },
                { 50, O("\0\3\0\2"), 512, 0, O("\0\4\0\3"), FETCH_WHOLE, "very late" },
        };
        (void)state;
        PLAY(NO_OPTIONS, WANT_WHOLE, turns);
}

static void negotiated(void **state) {
        static const struct turn turns[] = {
                { 10,
                  O("\0\6tsize\0"
                    "1500\0blksize\0"
                    "1468\0"),
                  0, 0, O("\0\4\0\0"), FETCH_READING, "OACK" },
                { 20,
                  O("\0\6tsize\0"
                    "1500\0blksize\0"
                    "1468\0"),
                  0, 0, O("\0\4\0\0"), FETCH_READING, "again: ACK 0 was lost" },
                { 30, O("\0\3\0\1"), 1468, 0, O("\0\4\0\1"), FETCH_READING, "" },
                { 40, O("\0\3\0\1"), 1468, 0, O("\0\4\0\1"), FETCH_READING, "a duplicate counts once" },
                { 50, O("\0\3\0\3"), 100, 0, NULL, 0, FETCH_READING, "one out of order is left alone" },
                { 60, O("\0\3\0\2"), 1469, 0, NULL, 0, FETCH_READING, "larger than agreed" },
                { 70, O("\0\3\0\2"), 32, 0, O("\0\4\0\2"), FETCH_WHOLE, "" },
        };
        (void)state;
        PLAY(BLKSIZE_1468, WANT_WHOLE, turns);
}

static void a_probe_ends_as_soon_as_it_begins(void **state) {
        static const struct turn oack[] = { { 10,
                                              O("\0\6tsize\0"
                                                "1500\0blksize\0"
                                                "1468\0"),
                                              0, 0, O("\0\5\0\0Early terminate\0"), FETCH_FOUND, "" },
                                            { 20, O("\0\3\0\1"), 512, 0, NULL, 0, FETCH_FOUND, "too late" } };
        static const struct turn data[] = { { 10, O("\0\3\0\1"), 512, 0, O("\0\5\0\0Early terminate\0"),
                                              FETCH_FOUND, "a server without options" } };
        static const struct turn miss[] = { { 10, O("\0\5\0\1no\0"), 0, 0, NULL, 0, FETCH_NOT_FOUND, "" } };
        (void)state;
        PLAY(BLKSIZE_1468, WANT_PROBE, oack);
        PLAY(BLKSIZE_1468, WANT_PROBE, data);
        PLAY(TSIZE, WANT_PROBE, miss);
}

static void loss(void **state) {
        static const struct turn request_lost[] = {
                { 999, NULL, 0, 0, 0, NULL, 0, FETCH_ASKING, "" },
                { 1000, NULL, 0, 0, 0, O("\0\1a\0octet\0"), FETCH_ASKING, "RRQ again" },
                { 1010, O("\0\3\0\1"), 5, 0, O("\0\4\0\1"), FETCH_WHOLE, "" },
                { 9000, NULL, 0, 0, 0, NULL, 0, FETCH_WHOLE, "" },
        };
        static const struct turn data_lost[] = {
                { 10, O("\0\3\0\1"), 512, 0, O("\0\4\0\1"), FETCH_READING, "" },
                { 1010, NULL, 0, 0, 0, O("\0\4\0\1"), FETCH_READING, "ACK again" },
                { 1020, O("\0\3\0\2"), 5, 0, O("\0\4\0\2"), FETCH_WHOLE, "" },
        };
        static const struct turn dead[] = {
                { 10, O("\0\3\0\1"), 512, 0, O("\0\4\0\1"), FETCH_READING, "" },
                { 1010, NULL, 0, 0, 0, O("\0\4\0\1"), FETCH_READING, "" },
                { 5010, NULL, 0, 0, 0, O("\0\5\0\0Early terminate\0"), FETCH_BROKEN,
                  "the time for one file is up, and the server is told" },
        };
        (void)state;
        PLAY(NO_OPTIONS, WANT_WHOLE, request_lost);
        PLAY(NO_OPTIONS, WANT_WHOLE, data_lost);
        PLAY(NO_OPTIONS, WANT_WHOLE, dead);
}

static void another_transfer_id(void **state) {
        static const struct turn turns[] = {
                { 10, O("\0\3\0\1"), 512, 0, O("\0\4\0\1"), FETCH_READING, "" },
                { 20, O("\0\3\0\2"), 5, TID + 1, NULL, 0, FETCH_READING, "not of this transfer" },
                { 30, O("\0\5\0\1x\0"), 0, TID + 1, NULL, 0, FETCH_READING, "an error of another, too" },
                { 40, O("\0\3\0\2"), 5, 0, O("\0\4\0\2"), FETCH_WHOLE, "" },
        };
        (void)state;
        PLAY(NO_OPTIONS, WANT_WHOLE, turns);
}

static void what_no_server_may_answer(void **state) {
        static const struct {
                int how;
                struct turn turn;
        } rows[] = {
                { BLKSIZE_1468,
                  { 10,
                    O("\0\6blksize\0"
                      "2000\0"),
                    0, 0, NULL, 0, FETCH_BROKEN, "more than asked for" } },
                { BLKSIZE_1468,
                  { 10,
                    O("\0\6blksize\0"
                      "0\0"),
                    0, 0, NULL, 0, FETCH_BROKEN, "no size at all" } },
                { TSIZE,
                  { 10,
                    O("\0\6blksize\0"
                      "1468\0"),
                    0, 0, NULL, 0, FETCH_BROKEN, "nobody asked for that" } },
                { NO_OPTIONS,
                  { 10,
                    O("\0\6tsize\0"
                      "5\0"),
                    0, 0, NULL, 0, FETCH_ASKING, "nor for anything" } },
                { BLKSIZE_1468,
                  { 10,
                    O("\0\6tsize\0"
                      "5"),
                    0, 0, NULL, 0, FETCH_ASKING, "cut off" } },
                { NO_OPTIONS, { 10, O("\0"), 0, 0, NULL, 0, FETCH_ASKING, "one octet" } },
                { NO_OPTIONS, { 10, O("\0\3\0"), 0, 0, NULL, 0, FETCH_ASKING, "no block number" } },
                { NO_OPTIONS, { 10, O("\0\5\0\2no\0"), 0, 0, NULL, 0, FETCH_BROKEN, "access violation" } },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                play(rows[i].how, WANT_WHOLE, &rows[i].turn, 1);
}

static void a_size_that_was_not_kept(void **state) {
        static const struct turn turns[] = {
                { 10,
                  O("\0\6tsize\0"
                    "100\0"),
                  0, 0, O("\0\4\0\0"), FETCH_READING, "" },
                { 20, O("\0\3\0\1"), 99, 0, O("\0\4\0\1"), FETCH_BROKEN, "one octet short" },
        };
        (void)state;
        PLAY(TSIZE, WANT_WHOLE, turns);
}

/* 65535 blocks and one more: the number wraps to 0. */
static void the_block_number_rolls_over(void **state) {
        struct fetch f;
        uint8_t buf[FETCH_PACKET_SIZE], packet[4 + 512] = { 0, 3 };
        (void)state;

        (void)fetch_begin(&f, asks(NO_OPTIONS), "a", WANT_WHOLE, 49152, 0, buf);
        for (uint32_t block = 1; block <= 65537; block++) {
                size_t len = block == 65537 ? 4 + 7 : sizeof(packet);
                packet[2] = (uint8_t)(block >> 8);
                packet[3] = (uint8_t)block;
                struct fetch_step step = fetch_packet(&f, TID, packet, len, block, buf);
                assert_int_equal(step.send_len, 4);
                assert_memory_equal(buf + 2, packet + 2, 2);
                assert_int_equal(step.data_len, len - 4);
        }
        assert_int_equal(f.state, FETCH_WHOLE);
        assert_int_equal(f.octets, 65536u * 512 + 7);
}

static void who_cannot_count_so_far_gives_up(void **state) {
        struct family f = *asks(NO_OPTIONS);
        struct fetch fetch;
        uint8_t buf[FETCH_PACKET_SIZE], packet[4 + 512] = { 0, 3, 0, 1 };
        (void)state;

        f.last_block = 2;
        (void)fetch_begin(&fetch, &f, "a", WANT_WHOLE, 49152, 0, buf);
        (void)fetch_packet(&fetch, TID, packet, sizeof(packet), 1, buf);
        assert_memory_equal(buf, "\0\4\0\1", 4);
        packet[3] = 2;
        (void)fetch_packet(&fetch, TID, packet, sizeof(packet), 2, buf);
        assert_memory_equal(buf, "\0\5\0\0Early", 9);
        assert_int_equal(fetch.state, FETCH_BROKEN);

        (void)fetch_begin(&fetch, &f, "a", WANT_WHOLE, 49152, 0,
                          buf); /* a file of no more blocks than that */
        packet[3] = 1;
        (void)fetch_packet(&fetch, TID, packet, sizeof(packet), 1, buf);
        packet[3] = 2;
        (void)fetch_packet(&fetch, TID, packet, 4 + 9, 2, buf);
        assert_int_equal(fetch.state, FETCH_WHOLE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(requests_octet_by_octet),
                cmocka_unit_test(plain_blocks_to_the_end),
                cmocka_unit_test(negotiated),
                cmocka_unit_test(a_probe_ends_as_soon_as_it_begins),
                cmocka_unit_test(loss),
                cmocka_unit_test(another_transfer_id),
                cmocka_unit_test(what_no_server_may_answer),
                cmocka_unit_test(a_size_that_was_not_kept),
                cmocka_unit_test(the_block_number_rolls_over),
                cmocka_unit_test(who_cannot_count_so_far_gives_up),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
