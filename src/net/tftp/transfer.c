/* The course of one download: what was sent, what arrived, what is due. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tftp/transfer.h"

enum {
        /* Before anything is measured. Short enough for two tries within the second after which a Pi's
           bootcode gives a file up. */
        FIRST_TIMEOUT_MS = 300,
        /* A kernel that polls its network card by a 10 ms timer (EDK2) must not see everything twice. */
        RETRANSMIT_MIN_MS = 20,
        RETRANSMIT_MAX_MS = 2000,
        SILENCE_MAX_MS = 30000,       /* then the client is gone */
        FIRST_SILENCE_MAX_MS = 10000, /* likewise when it never answered: the request may have been forged */
        ROOM_WAIT_US = 2000,
        ECHO_ROUND_TRIPS = 4,
};

static const struct tftp_todo nothing = { .act = TFTP_ACT_NOTHING };

static uint64_t min_u64(uint64_t a, uint64_t b) {
        return a < b ? a : b;
}

static uint64_t round_trip(const struct tftp_transfer *t) {
        return t->rtt.smoothed_us ? t->rtt.smoothed_us : t->rtt.timeout_us;
}

/* Sends from @first on up to the end of the window that begins behind what was acknowledged. */
static struct tftp_todo send_from(struct tftp_transfer *t, uint64_t first, uint64_t now_us) {
        uint64_t last = min_u64(t->acked + t->windowsize, t->n_blocks);

        if (last < first)
                return nothing;
        /* Only the answer to a block that leaves for the first time measures the round trip (Karn). */
        t->timed_us = last > t->highest ? now_us : 0;
        if (t->highest >= first) {
                unsigned again = (unsigned)(min_u64(t->highest, last) - first + 1);
                t->resent += again;
                t->n_echoes = (uint8_t)min_u64(t->n_echoes + again, UINT8_MAX);
                t->echo_us = now_us + ECHO_ROUND_TRIPS * round_trip(t);
        }
        if (t->highest < last)
                t->highest = last;
        t->sent = last;
        return (struct tftp_todo){ .act = TFTP_ACT_BLOCKS,
                                   .first = first,
                                   .n = (unsigned)(last - first + 1) };
}

/* Sends the OACK, or the window behind what was acknowledged, for the first time or again. */
static struct tftp_todo emit(struct tftp_transfer *t, bool is_again, uint64_t now_us) {
        t->wake_us = now_us + t->rtt.timeout_us;
        t->waits_for_room = false;
        t->restart_us = is_again ? now_us + round_trip(t) : 0;

        if (t->state == TFTP_STATE_OFFERING) {
                t->timed_us = is_again ? 0 : now_us;
                return (struct tftp_todo){ .act = TFTP_ACT_OACK };
        }
        return send_from(t, t->acked + 1, now_us);
}

static void start_clock(struct tftp_transfer *t, const struct tftp_patience *patience, uint64_t now_us) {
        uint32_t min_ms = patience->retransmit_min_ms ? patience->retransmit_min_ms : RETRANSMIT_MIN_MS;
        uint32_t max_ms = RETRANSMIT_MAX_MS;

        if (t->granted.present & TFTP_OPTION_TIMEOUT)
                max_ms = t->granted.timeout_s * 1000;
        if (patience->retransmit_max_ms && patience->retransmit_max_ms < max_ms)
                max_ms = patience->retransmit_max_ms;
        if (min_ms > max_ms)
                min_ms = max_ms;
        tftp_rtt_start(&t->rtt, FIRST_TIMEOUT_MS * 1000, min_ms * 1000, max_ms * 1000);
        t->progress_us = now_us;
}

struct tftp_todo tftp_transfer_start(struct tftp_transfer *t, const struct tftp_options *options,
                                     uint64_t size, const struct tftp_patience *patience, uint64_t now_us) {
        *t = (struct tftp_transfer){ .granted = *options, .blksize = TFTP_BLKSIZE_DEFAULT, .windowsize = 1 };

        if (options->present & TFTP_OPTION_BLKSIZE)
                t->blksize = options->blksize;
        if (options->present & TFTP_OPTION_WINDOWSIZE)
                t->windowsize = (uint8_t)options->windowsize;
        if (size == TFTP_SIZE_UNKNOWN) {
                t->n_blocks = TFTP_SIZE_UNKNOWN;
                t->granted.present &= ~(unsigned)TFTP_OPTION_TSIZE;
        } else {
                t->n_blocks = size / t->blksize + 1; /* an exact multiple ends with an empty block */
                t->granted.tsize = size;
        }
        t->state = t->granted.present ? TFTP_STATE_OFFERING : TFTP_STATE_SENDING;
        start_clock(t, patience, now_us);
        return emit(t, false, now_us);
}

static void forget_late_echoes(struct tftp_transfer *t, uint64_t now_us) {
        if (now_us >= t->echo_us)
                t->n_echoes = 0;
}

/*
 * Echoes come right behind the acknowledgement that gets on, at the pace of the client: not later than
 * answers usually vary. A client that stood still reads what was sent meanwhile only now, however long that
 * took.
 */
static void expect_echoes(struct tftp_transfer *t, uint64_t now_us) {
        uint64_t last_us = now_us + round_trip(t) + 4 * (uint64_t)t->rtt.variation_us;
        bool was_sent_again = !t->timed_us;

        t->echo_us = was_sent_again ? last_us : min_u64(t->echo_us, last_us);
        forget_late_echoes(t, now_us);
}

/* The client got on: measure, and say what comes next. */
static struct tftp_todo advance(struct tftp_transfer *t, uint64_t acked, uint64_t now_us) {
        expect_echoes(t, now_us);
        if (t->timed_us)
                tftp_rtt_measured(&t->rtt, now_us - t->timed_us);
        t->acked = acked;
        t->was_answered = true;
        t->progress_us = now_us;
        if (acked == t->n_blocks) {
                t->state = TFTP_STATE_DONE;
                return nothing;
        }
        t->state = TFTP_STATE_SENDING;
        return emit(t, false, now_us);
}

/* An acknowledgement that says nothing new stands for a block that came: that one was not lost. */
static void note_needless(struct tftp_transfer *t) {
        t->needless += t->needless < t->resent;
}

/*
 * An acknowledgement below the last block of the flight: a block was lost, go back to it (RFC 7440 section
 * 4). Each block still under way draws another one, so for a round trip the same acknowledgement says nothing
 * new. One that gets on meanwhile says that the client counts its window from there: the blocks behind it are
 * under way, but the window has to reach as far as the client waits.
 *
 * EDK2 acknowledges each block that it has already with the last number it knows. Restarting a window for
 * such an echo would send it all twice, draw as many echoes again, and so on to the end of the file.
 */
static struct tftp_todo go_back(struct tftp_transfer *t, uint64_t acked, uint64_t now_us) {
        bool gets_on = acked > t->acked;

        if (gets_on) {
                t->acked = acked;
                t->progress_us = now_us;
        } else {
                note_needless(t);
                if (t->n_echoes > 0 && now_us < t->echo_us) {
                        t->n_echoes--;
                        return nothing;
                }
        }
        if (now_us >= t->restart_us) {
                forget_late_echoes(t, now_us);
                return emit(t, true, now_us);
        }
        if (!gets_on)
                return nothing;
        t->wake_us = now_us + t->rtt.timeout_us;
        return send_from(t, t->sent + 1, now_us);
}

static struct tftp_todo receive_ack(struct tftp_transfer *t, uint16_t block, uint64_t now_us) {
        if (t->state == TFTP_STATE_OFFERING)
                return block == 0 ? advance(t, 0, now_us) : nothing;

        /* RFC 1350 counts blocks in 16 bits; boot files outgrow that, and clients expect it to wrap. */
        uint64_t acked = t->acked + (uint16_t)(block - (uint16_t)t->acked);
        if (acked > t->sent)
                return nothing;
        if (acked == t->sent)
                return advance(t, acked, now_us);
        /* Answering a late duplicate would start the Sorcerer's Apprentice (RFC 1123 section 4.2.3.1). */
        if (t->windowsize == 1) {
                note_needless(t);
                return nothing;
        }
        return go_back(t, acked, now_us);
}

/*
 * Firmware learns a size or that a file exists by beginning to fetch it: Pis end with code 0 ("Early
 * terminate", some after ACK 0), EDK2 with code 8 after the OACK.
 */
static enum tftp_state end_by_error(const struct tftp_transfer *t, uint16_t code) {
        bool is_probe = code == TFTP_ERROR_UNDEFINED || code == TFTP_ERROR_OPTION;
        return is_probe && t->acked <= 1 ? TFTP_STATE_PROBED : TFTP_STATE_ABORTED;
}

struct tftp_todo tftp_transfer_packet(struct tftp_transfer *t, const struct tftp_packet *p, uint64_t now_us) {
        if (tftp_transfer_is_over(t))
                return nothing;
        if (p->op == TFTP_ACK)
                return receive_ack(t, p->ack.block, now_us);
        if (p->op == TFTP_ERROR)
                t->state = (uint8_t)end_by_error(t, p->error.code);
        return nothing;
}

struct tftp_todo tftp_transfer_tick(struct tftp_transfer *t, uint64_t now_us) {
        if (tftp_transfer_is_over(t) || now_us < t->wake_us)
                return nothing;

        uint64_t silence_max_ms = t->was_answered ? SILENCE_MAX_MS : FIRST_SILENCE_MAX_MS;
        if (now_us - t->progress_us >= silence_max_ms * 1000) {
                t->state = TFTP_STATE_TIMED_OUT;
                return nothing;
        }
        if (!t->waits_for_room)
                tftp_rtt_back_off(&t->rtt);
        return emit(t, true, now_us);
}

struct tftp_todo tftp_transfer_asked_again(struct tftp_transfer *t, uint64_t now_us) {
        if (tftp_transfer_is_over(t) || t->was_answered)
                return nothing;
        return emit(t, true, now_us);
}

void tftp_transfer_moved_on(struct tftp_transfer *t) {
        if (t->state == TFTP_STATE_SENDING && t->sent == t->n_blocks)
                t->state = TFTP_STATE_DONE;
        else if (!tftp_transfer_is_over(t) && !t->was_answered)
                t->state = TFTP_STATE_TIMED_OUT;
}

void tftp_transfer_ends_with(struct tftp_transfer *t, uint64_t block) {
        t->n_blocks = block;
        t->sent = min_u64(t->sent, block);
        t->highest = min_u64(t->highest, block);
}

void tftp_transfer_not_sent(struct tftp_transfer *t, uint64_t now_us) {
        if (tftp_transfer_is_over(t))
                return;
        t->waits_for_room = true;
        t->highest = min_u64(t->highest, t->acked); /* what never left is not sent again later */
        t->timed_us = 0;
        t->wake_us = now_us + ROOM_WAIT_US;
}

uint64_t tftp_transfer_acked_octets(const struct tftp_transfer *t, uint64_t size) {
        if (t->state == TFTP_STATE_DONE)
                return size;
        return min_u64(t->acked * t->blksize, size);
}
