/* Downloads told as conversations: packets and time in, what to send out. No socket, no clock. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/tftp/transfer.h"

enum happens { ASK, ACK, ERR, TIME, ASK_AGAIN, NO_ROOM, END_AT, MOVED_ON };

#define NONE \
        { .act = TFTP_ACT_NOTHING }
#define OACK \
        { .act = TFTP_ACT_OACK }
#define BLOCKS(from, number) \
        { .act = TFTP_ACT_BLOCKS, .first = (from), .n = (number) }
#define OFFERING TFTP_STATE_OFFERING
#define SENDING TFTP_STATE_SENDING
#define DONE TFTP_STATE_DONE
#define PROBED TFTP_STATE_PROBED
#define ABORTED TFTP_STATE_ABORTED
#define TIMED_OUT TFTP_STATE_TIMED_OUT

struct step {
        uint32_t at_ms;
        enum happens happens;
        uint16_t value; /* block, or code of the error */
        struct tftp_todo want;
        enum tftp_state state;
        const char *remark;
};

struct conversation {
        const char *name;
        uint64_t size;
        struct tftp_options options;
        struct tftp_patience patience;
        const struct step *steps;
        uint32_t resent;   /* in the end */
        uint32_t needless; /* likewise */
};

#define BLKSIZE(n) \
        { .present = TFTP_OPTION_BLKSIZE, .blksize = (n) }
#define TIMEOUT(s) \
        { .present = TFTP_OPTION_TIMEOUT, .timeout_s = (s) }
#define WINDOW(b, w) \
        { .present = TFTP_OPTION_BLKSIZE | TFTP_OPTION_WINDOWSIZE, .blksize = (b), .windowsize = (w) }
#define END \
        { .remark = NULL }

static const struct step plain[] = {
        { 0, ASK, 0, BLOCKS(1, 1), SENDING, "no options: DATA at once (Pi ROM)" },
        { 2, ACK, 1, BLOCKS(2, 1), SENDING, "next" },
        { 3, ACK, 1, NONE, SENDING, "double ACK: silence, or the Sorcerer's Apprentice starts" },
        { 4, ACK, 0, NONE, SENDING, "older ACK" },
        { 5, ACK, 3, NONE, SENDING, "ACK of what was never sent" },
        { 21, TIME, 0, NONE, SENDING, "too early to send again" },
        { 22, TIME, 0, BLOCKS(2, 1), SENDING, "lost: again after 20 ms, as the round trip is short" },
        { 61, TIME, 0, NONE, SENDING, "backed off to 40 ms" },
        { 62, TIME, 0, BLOCKS(2, 1), SENDING, "and again" },
        { 63, ACK, 2, BLOCKS(3, 1), SENDING, "arrived" },
        { 64, ACK, 2, NONE, SENDING, "the answer to the double" },
        { 65, ACK, 3, NONE, DONE, "short block: the end" },
        { 66, ACK, 3, NONE, DONE, "late double after the end" },
        END
};
static const struct step empty[] = { { 0, ASK, 0, BLOCKS(1, 1), SENDING, "an empty file is one empty block" },
                                     { 1, ACK, 1, NONE, DONE, "done" },
                                     END };
static const struct step exact[] = { { 0, ASK, 0, OACK, OFFERING, "offer" },
                                     { 1, ACK, 1, NONE, OFFERING, "an ACK that is not of the offer" },
                                     { 2, ACK, 0, BLOCKS(1, 1), SENDING, "accepted" },
                                     { 3, ACK, 1, BLOCKS(2, 1), SENDING,
                                       "exact multiple: an empty block follows" },
                                     { 4, ACK, 2, NONE, DONE, "done" },
                                     END };
static const struct step offer_lost[] = {
        { 0, ASK, 0, OACK, OFFERING, "offer" },
        { 299, TIME, 0, NONE, OFFERING, "nothing is measured: 300 ms" },
        { 300, TIME, 0, OACK, OFFERING, "again" },
        { 899, TIME, 0, NONE, OFFERING, "600 ms" },
        { 900, TIME, 0, OACK, OFFERING, "again" },
        { 950, ACK, 0, BLOCKS(1, 1), SENDING, "accepted" },
        { 2149, TIME, 0, NONE, SENDING,
          "an answer to what was sent twice measures nothing (Karn): still 1.2 s" },
        { 2150, TIME, 0, BLOCKS(1, 1), SENDING, "again" },
        END
};
static const struct step asked_again[] = {
        { 0, ASK, 0, OACK, OFFERING, "offer" },
        { 100, ASK_AGAIN, 0, OACK, OFFERING, "the client did not wait: the same offer" },
        { 101, ACK, 0, BLOCKS(1, 1), SENDING, "accepted" },
        { 102, ASK_AGAIN, 0, NONE, SENDING, "a late double of the request" },
        END
};
static const struct step gives_up_unanswered[] = { { 0, ASK, 0, OACK, OFFERING, "offer" },
                                                   { 9999, TIME, 0, OACK, OFFERING, "still there" },
                                                   { 20000, TIME, 0, NONE, TIMED_OUT,
                                                     "never answered for 10 s: gone" },
                                                   { 20001, ACK, 0, NONE, TIMED_OUT, "too late" },
                                                   END };
static const struct step gives_up_later[] = { { 0, ASK, 0, BLOCKS(1, 1), SENDING, "" },
                                              { 1, ACK, 1, BLOCKS(2, 1), SENDING, "" },
                                              { 29999, TIME, 0, BLOCKS(2, 1), SENDING,
                                                "30 s for one that was there" },
                                              { 32000, TIME, 0, NONE, TIMED_OUT, "gone" },
                                              END };
static const struct step pi_rom[] = { { 0, ASK, 0, BLOCKS(1, 1), SENDING, "" },
                                      { 1, ACK, 1, BLOCKS(2, 1), SENDING, "a round trip of 1 ms" },
                                      { 500, TIME, 0, NONE, SENDING, "but never sooner than the ROM bears" },
                                      { 501, TIME, 0, BLOCKS(2, 1), SENDING, "0.5 s" },
                                      { 1501, TIME, 0, BLOCKS(2, 1), SENDING, "1 s" },
                                      { 2501, TIME, 0, BLOCKS(2, 1), SENDING,
                                        "and not more: it moves on to the next file" },
                                      { 3501, TIME, 0, BLOCKS(2, 1), SENDING, "" },
                                      END };
static const struct step timeout_option[] = { { 0, ASK, 0, OACK, OFFERING,
                                                "timeout=1 is the longest wait (RFC 2349)" },
                                              { 300, TIME, 0, OACK, OFFERING, "" },
                                              { 900, TIME, 0, OACK, OFFERING, "" },
                                              { 1900, TIME, 0, OACK, OFFERING, "1 s" },
                                              { 2900, TIME, 0, OACK, OFFERING, "1 s" },
                                              END };
static const struct step early_terminate[] = { { 0, ASK, 0, OACK, OFFERING,
                                                 "Pi 4: only the size was wanted" },
                                               { 1, ERR, 0, NONE, PROBED, "Early terminate" },
                                               END };
static const struct step early_terminate_acked[] = { { 0, ASK, 0, OACK, OFFERING, "" },
                                                     { 1, ACK, 0, BLOCKS(1, 1), SENDING,
                                                       "some Pis acknowledge first" },
                                                     { 2, ERR, 0, NONE, PROBED, "Early terminate" },
                                                     END };
static const struct step first_block_only[] = { { 0, ASK, 0, BLOCKS(1, 1), SENDING,
                                                  "Pi 5: the first block, abandoned" },
                                                { 1, ACK, 1, BLOCKS(2, 1), SENDING, "" },
                                                { 2, ERR, 0, NONE, PROBED, "" },
                                                END };
static const struct step edk2_abort[] = { { 0, ASK, 0, OACK, OFFERING, "EDK2 asks for the size" },
                                          { 1, ERR, 8, NONE, PROBED, "and ends with code 8" },
                                          END };
static const struct step disk_full[] = { { 0, ASK, 0, OACK, OFFERING, "" },
                                         { 1, ERR, 3, NONE, ABORTED,
                                           "another code is a failure, even so early" },
                                         END };
static const struct step aborted_late[] = { { 0, ASK, 0, BLOCKS(1, 1), SENDING, "" },
                                            { 1, ACK, 1, BLOCKS(2, 1), SENDING, "" },
                                            { 2, ACK, 2, BLOCKS(3, 1), SENDING, "" },
                                            { 3, ERR, 0, NONE, ABORTED, "in the middle: no probe" },
                                            END };
static const struct step window[] = { { 0, ASK, 0, OACK, OFFERING, "10 blocks in windows of 4" },
                                      { 1, ACK, 0, BLOCKS(1, 4), SENDING, "" },
                                      { 2, ACK, 4, BLOCKS(5, 4), SENDING, "" },
                                      { 3, ACK, 8, BLOCKS(9, 2), SENDING, "the last window is short" },
                                      { 4, ACK, 10, NONE, DONE, "" },
                                      END };
static const struct step go_back[] = {
        { 0, ASK, 0, OACK, OFFERING, "" },
        { 10, ACK, 0, BLOCKS(1, 4), SENDING, "" },
        { 20, ACK, 2, BLOCKS(3, 4), SENDING, "block 3 was lost: the window restarts there" },
        { 21, ACK, 2, NONE, SENDING, "block 4 of the old window drew the same ACK: once a round trip" },
        { 29, ACK, 2, NONE, SENDING, "still" },
        { 30, ACK, 2, BLOCKS(3, 4), SENDING, "a round trip later it is news: lost again" },
        { 40, ACK, 6, BLOCKS(7, 4), SENDING, "" },
        { 50, ACK, 6, NONE, SENDING, "the first block of a window was lost, but this may be an echo" },
        { 69, ACK, 6, NONE, SENDING, "still" },
        { 70, ACK, 6, BLOCKS(7, 4), SENDING, "it cannot be by now" },
        { 80, ACK, 9, BLOCKS(10, 1), SENDING, "the last block was lost" },
        { 90, ACK, 10, NONE, DONE, "" },
        END
};
static const struct step echoes[] = {
        { 0, ASK, 0, OACK, OFFERING, "" },
        { 10, ACK, 0, BLOCKS(1, 4), SENDING, "they arrive, but their ACK is slow" },
        { 40, TIME, 0, BLOCKS(1, 4), SENDING, "" },
        { 41, ACK, 4, BLOCKS(5, 4), SENDING, "here it is" },
        { 42, ACK, 4, NONE, SENDING, "EDK2 has block 1 already, and says again what it has" },
        { 42, ACK, 4, NONE, SENDING, "and 2" },
        { 43, ACK, 4, NONE, SENDING, "and 3" },
        { 43, ACK, 4, NONE, SENDING, "and 4: none of them sends the new window twice" },
        { 51, ACK, 8, BLOCKS(9, 2), SENDING, "" },
        { 65, ACK, 8, BLOCKS(9, 2), SENDING, "no echo: block 9 was lost" },
        { 75, ACK, 10, NONE, DONE, "" },
        END
};
static const struct step stalled[] = {
        { 0, ASK, 0, OACK, OFFERING, "" },
        { 10, ACK, 0, BLOCKS(1, 4), SENDING, "they arrive, but the client stands still" },
        { 40, TIME, 0, BLOCKS(1, 4), SENDING, "" },
        { 100, TIME, 0, BLOCKS(1, 4), SENDING, "and again" },
        { 200, ACK, 4, BLOCKS(5, 4), SENDING, "it runs, longer after than answers ever took" },
        { 201, ACK, 4, NONE, SENDING, "all that came meanwhile is echoed at its pace" },
        { 204, ACK, 4, NONE, SENDING, "" },
        { 208, ACK, 4, NONE, SENDING, "" },
        { 212, ACK, 4, NONE, SENDING, "later than the round trip of 10 ms, within what it varies" },
        { 213, ACK, 4, NONE, SENDING, "the echoes of the second time are still to come" },
        { 214, ACK, 8, BLOCKS(9, 2), SENDING, "" },
        { 215, ACK, 8, NONE, SENDING, "" },
        { 216, ACK, 8, NONE, SENDING, "" },
        { 217, ACK, 8, NONE, SENDING, "eight were sent again, and eight echoes heard" },
        { 218, ACK, 8, BLOCKS(9, 2), SENDING, "no echo: block 9 was lost" },
        { 228, ACK, 10, NONE, DONE, "" },
        END
};
static const struct step window_lost[] = { { 0, ASK, 0, OACK, OFFERING, "" },
                                           { 1, ACK, 0, BLOCKS(1, 4), SENDING, "" },
                                           { 21, TIME, 0, BLOCKS(1, 4), SENDING, "all of it, or its ACK" },
                                           { 22, ACK, 4, BLOCKS(5, 4), SENDING, "" },
                                           { 23, ACK, 3, NONE, SENDING, "older than what is acknowledged" },
                                           END };
static const struct step out_of_step[] = {
        { 0, ASK, 0, OACK, OFFERING, "" },
        { 10, ACK, 0, BLOCKS(1, 4), SENDING, "block 4 is lost" },
        { 40, TIME, 0, BLOCKS(1, 4), SENDING, "" },
        { 42, ACK, 3, BLOCKS(5, 3), SENDING,
          "EDK2 answers the double of 3, and counts its window from there: up to 7" },
        { 43, ACK, 3, NONE, SENDING, "and that of another" },
        { 44, ACK, 7, BLOCKS(8, 3), SENDING, "in step again" },
        { 54, ACK, 10, NONE, DONE, "" },
        END
};
static const struct step last_ack_lost[] = { { 0, ASK, 0, BLOCKS(1, 1), SENDING, "" },
                                             { 1, ACK, 1, BLOCKS(2, 1), SENDING, "the last block" },
                                             { 5, MOVED_ON, 0, NONE, DONE,
                                               "the client asks for the next file: only its ACK was lost" },
                                             END };
static const struct step moved_on_early[] = { { 0, ASK, 0, OACK, OFFERING, "" },
                                              { 1000, MOVED_ON, 0, NONE, TIMED_OUT,
                                                "the client gave up and asks for another file" },
                                              END };
static const struct step moved_on_meanwhile[] = { { 0, ASK, 0, BLOCKS(1, 1), SENDING, "" },
                                                  { 1, ACK, 1, BLOCKS(2, 1), SENDING, "" },
                                                  { 2, MOVED_ON, 0, NONE, SENDING,
                                                    "two at once from one port: allowed" },
                                                  { 3, ACK, 2, BLOCKS(3, 1), SENDING, "" },
                                                  END };
static const struct step no_room[] = { { 0, ASK, 0, BLOCKS(1, 1), SENDING, "" },
                                       { 0, NO_ROOM, 0, NONE, SENDING, "the kernel's buffers are full" },
                                       { 1, TIME, 0, NONE, SENDING, "" },
                                       { 2, TIME, 0, BLOCKS(1, 1), SENDING,
                                         "soon again; counts as the first time" },
                                       { 301, TIME, 0, NONE, SENDING, "no back-off" },
                                       { 302, TIME, 0, BLOCKS(1, 1), SENDING, "300 ms" },
                                       END };
static const struct step unknown_size[] = { { 0, ASK, 0, OACK, OFFERING, "netascii: the end shows itself" },
                                            { 1, ACK, 0, BLOCKS(1, 4), SENDING, "" },
                                            { 2, ACK, 4, BLOCKS(5, 4), SENDING, "" },
                                            { 2, END_AT, 6, NONE, SENDING,
                                              "block 6 turned out to be the last" },
                                            { 3, ACK, 5, BLOCKS(6, 1), SENDING, "it was lost" },
                                            { 4, ACK, 7, NONE, SENDING, "never sent" },
                                            { 5, ACK, 6, NONE, DONE, "" },
                                            END };

static const struct conversation conversations[] = {
        { "plain", 1030, {}, {}, plain, 2, 1 },
        { "empty", 0, {}, {}, empty, 0, 0 },
        { "exact multiple", 1030, BLKSIZE(1030), {}, exact, 0, 0 },
        { "offer lost", 5000, BLKSIZE(1468), {}, offer_lost, 1, 0 },
        { "asked again", 5000, BLKSIZE(1468), {}, asked_again, 0, 0 },
        { "gives up, never answered", 5000, BLKSIZE(1468), {}, gives_up_unanswered, 0, 0 },
        { "gives up later", 5000, {}, {}, gives_up_later, 1, 0 },
        { "Pi ROM's patience", 5000, {}, { 500, 1000 }, pi_rom, 4, 0 },
        { "timeout option", 5000, TIMEOUT(1), {}, timeout_option, 0, 0 },
        { "early terminate", 5000, BLKSIZE(1024), {}, early_terminate, 0, 0 },
        { "early terminate after ACK 0", 5000, BLKSIZE(1024), {}, early_terminate_acked, 0, 0 },
        { "first block only", 5000, {}, {}, first_block_only, 0, 0 },
        { "EDK2's abort", 5000, WINDOW(1468, 4), {}, edk2_abort, 0, 0 },
        { "disk full", 5000, BLKSIZE(1024), {}, disk_full, 0, 0 },
        { "aborted late", 5000, {}, {}, aborted_late, 0, 0 },
        { "window", 1000, WINDOW(110, 4), {}, window, 0, 0 },
        { "go back", 1000, WINDOW(110, 4), {}, go_back, 11, 5 },
        { "window lost", 1000, WINDOW(110, 4), {}, window_lost, 4, 0 },
        { "echoes of doubles", 1000, WINDOW(110, 4), {}, echoes, 6, 4 },
        { "a client that stood still", 1000, WINDOW(110, 4), {}, stalled, 10, 8 },
        { "windows out of step", 1000, WINDOW(110, 4), {}, out_of_step, 4, 1 },
        { "last ACK lost", 1000, {}, {}, last_ack_lost, 0, 0 },
        { "moved on early", 1000, BLKSIZE(1468), {}, moved_on_early, 0, 0 },
        { "moved on meanwhile", 5000, {}, {}, moved_on_meanwhile, 0, 0 },
        { "no room in the kernel", 1000, {}, {}, no_room, 1, 0 },
        { "unknown size", TFTP_SIZE_UNKNOWN, WINDOW(110, 4), {}, unknown_size, 1, 0 },
};

static struct tftp_todo play_step(struct tftp_transfer *t, const struct conversation *c,
                                  const struct step *s) {
        uint64_t now_us = 1000000 + s->at_ms * 1000ULL;
        const struct tftp_packet ack = { .op = TFTP_ACK, .ack.block = s->value };
        const struct tftp_packet error = { .op = TFTP_ERROR, .error = { .code = s->value, .text = "" } };

        switch (s->happens) {
        case ASK:
                return tftp_transfer_start(t, &c->options, c->size, &c->patience, now_us);
        case ACK:
                return tftp_transfer_packet(t, &ack, now_us);
        case ERR:
                return tftp_transfer_packet(t, &error, now_us);
        case TIME:
                return tftp_transfer_tick(t, now_us);
        case ASK_AGAIN:
                return tftp_transfer_asked_again(t, now_us);
        case NO_ROOM:
                tftp_transfer_not_sent(t, now_us);
                break;
        case MOVED_ON:
                tftp_transfer_moved_on(t);
                break;
        case END_AT:
                tftp_transfer_ends_with(t, s->value);
                break;
        }
        return (struct tftp_todo){};
}

static void test_conversations(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(conversations); i++) {
                const struct conversation *c = &conversations[i];
                struct tftp_transfer t = {};

                for (const struct step *s = c->steps; s->remark; s++) {
                        struct tftp_todo got = play_step(&t, c, s);
                        if (got.act != s->want.act || got.first != s->want.first || got.n != s->want.n ||
                            t.state != s->state)
                                fail_msg("%s, at %u ms (%s): act %d, %u blocks from %u, state %d", c->name,
                                         s->at_ms, s->remark, (int)got.act, got.n, (unsigned)got.first,
                                         (int)t.state);
                }
                if (t.resent != c->resent || t.needless != c->needless)
                        fail_msg("%s: %u blocks sent again, %u needlessly", c->name, t.resent, t.needless);
        }
}

/* The counter of blocks has 16 bits, files outgrow it: all of a file of 200,000 blocks, lock-step and by
 * windows. */
static void test_roll_over(void **state) {
        static const unsigned windowsizes[] = { 1, 3, 64 };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(windowsizes); i++) {
                const struct tftp_options o = { .present = TFTP_OPTION_BLKSIZE | TFTP_OPTION_WINDOWSIZE,
                                                .blksize = 8,
                                                .windowsize = windowsizes[i] };
                const struct tftp_patience patience = {};
                struct tftp_transfer t;
                uint64_t now_us = 1, next = 1;

                (void)tftp_transfer_start(&t, &o, 200000 * 8 - 1, &patience, now_us);
                for (uint16_t block = 0; !tftp_transfer_is_over(&t); now_us += 100) {
                        const struct tftp_packet ack = { .op = TFTP_ACK, .ack.block = block };
                        struct tftp_todo todo = tftp_transfer_packet(&t, &ack, now_us);
                        if (tftp_transfer_is_over(&t))
                                break;
                        assert_int_equal(todo.act, TFTP_ACT_BLOCKS);
                        assert_int_equal(todo.first, next);
                        next += todo.n;
                        block = (uint16_t)(next - 1);
                }
                assert_int_equal(t.state, TFTP_STATE_DONE);
                assert_int_equal(next, 200001);
                assert_int_equal(t.resent, 0);
        }
}

static void test_acked_octets(void **state) {
        static const struct {
                const char *remark;
                uint64_t acked, size;
                enum tftp_state state;
                uint64_t want;
        } rows[] = {
                { "nothing yet", 0, 1000, TFTP_STATE_SENDING, 0 },
                { "one block", 1, 1000, TFTP_STATE_ABORTED, 512 },
                { "the last is short", 2, 1000, TFTP_STATE_DONE, 1000 },
                { "netascii makes more of it than there is", 9, 1000, TFTP_STATE_SENDING, 1000 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct tftp_transfer t = { .acked = rows[i].acked,
                                                 .blksize = 512,
                                                 .state = (uint8_t)rows[i].state };
                if (tftp_transfer_acked_octets(&t, rows[i].size) != rows[i].want)
                        fail_msg("%s", rows[i].remark);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_conversations),
                cmocka_unit_test(test_roll_over),
                cmocka_unit_test(test_acked_octets),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
