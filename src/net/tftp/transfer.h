/*
 * One TFTP download, seen from the server (RFC 1350 section 4, windows RFC 7440).
 *
 * A state machine without I/O: the caller feeds it packets and the time and carries out what it answers.
 * It holds no data and knows no file but for its length: blocks are numbers here.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/tftp/packet.h"
#include "net/tftp/rtt.h"

#define TFTP_SIZE_UNKNOWN \
        UINT64_MAX /* netascii: the length of what is sent shows only while it is converted */

enum tftp_state {
        TFTP_STATE_OFFERING, /* the OACK is in flight */
        TFTP_STATE_SENDING,
        TFTP_STATE_DONE,      /* the last block was acknowledged; this and all below are ends */
        TFTP_STATE_PROBED,    /* the client ended it after the OACK or the first block */
        TFTP_STATE_ABORTED,   /* the client ended it later */
        TFTP_STATE_TIMED_OUT, /* no answer any more */
};

/* What firmware bears; 0: no bound of its own. */
struct tftp_patience {
        uint32_t retransmit_min_ms, retransmit_max_ms;
};

struct tftp_transfer {
        uint64_t n_blocks; /* number of the last block; TFTP_SIZE_UNKNOWN until tftp_transfer_ends_with() */
        uint64_t acked;    /* blocks acknowledged: all up to this number, not wrapped */
        uint64_t sent;     /* the last block of the flight */
        uint64_t highest;  /* the last block that was ever sent */
        uint64_t timed_us; /* when the flight left, to measure its round trip; 0: sent again, measures nothing
                              (Karn) */
        uint64_t wake_us;  /* monotonic; when to call tftp_transfer_tick() */
        uint64_t progress_us; /* when the client last got on */
        uint64_t restart_us;  /* no acknowledgement restarts the window before this */
        uint64_t echo_us;     /* until then echoes of blocks that were sent again may come */
        struct tftp_rtt rtt;
        struct tftp_options granted;
        uint32_t blksize;    /* octets */
        uint32_t resent;     /* blocks sent again */
        uint32_t needless;   /* of those, not lost: the client had them, and says so */
        uint8_t windowsize;  /* blocks */
        uint8_t n_echoes;    /* acknowledgements that say nothing but that such a block came twice */
        uint8_t state;       /* enum tftp_state */
        bool was_answered;   /* the client has acknowledged something */
        bool waits_for_room; /* the kernel had none: what is due next is no retransmission */
};
static_assert(sizeof(struct tftp_transfer) <= 160, "a transfer is small: thousands run at once");

/* What to do now. */
enum tftp_act {
        TFTP_ACT_NOTHING, /* wait until wake_us, or the end when the state says so */
        TFTP_ACT_OACK,    /* send transfer.granted */
        TFTP_ACT_BLOCKS   /* send @n blocks from @first on */
};

struct tftp_todo {
        enum tftp_act act;
        uint64_t first; /* counts from 1, not wrapped */
        unsigned n;
};

static inline bool tftp_transfer_is_over(const struct tftp_transfer *t) {
        return t->state >= TFTP_STATE_DONE;
}

/**
 * tftp_transfer_start() - answer a read request
 * @options:    as the request asked
 * @size:       octets of the file, or TFTP_SIZE_UNKNOWN
 * @patience:   of the client's firmware
 */
struct tftp_todo tftp_transfer_start(struct tftp_transfer *t, const struct tftp_options *options,
                                     uint64_t size, const struct tftp_patience *patience, uint64_t now_us);

/** tftp_transfer_packet() - react to an ACK or ERROR of the client; anything else changes nothing. */
struct tftp_todo tftp_transfer_packet(struct tftp_transfer *t, const struct tftp_packet *p, uint64_t now_us);

/** tftp_transfer_tick() - react to the passing of time. */
struct tftp_todo tftp_transfer_tick(struct tftp_transfer *t, uint64_t now_us);

/** tftp_transfer_asked_again() - the same request came once more, before any acknowledgement: say the first
 * thing again. */
struct tftp_todo tftp_transfer_asked_again(struct tftp_transfer *t, uint64_t now_us);

/**
 * tftp_transfer_moved_on() - the client asked for something else from the same port
 *
 * It has the file when all of it was sent, and only its last ACK was lost; it gave up when it never answered.
 * To send on would hand blocks of one file to a ROM that waits for another's. Otherwise nothing changes.
 */
void tftp_transfer_moved_on(struct tftp_transfer *t);

/** tftp_transfer_ends_with() - the converted file turned out to end within @block. */
void tftp_transfer_ends_with(struct tftp_transfer *t, uint64_t block);

/** tftp_transfer_not_sent() - the kernel did not take what was to be sent: wake soon and try again. */
void tftp_transfer_not_sent(struct tftp_transfer *t, uint64_t now_us);

/** tftp_transfer_acked_octets() - how much of a file of @size octets has arrived, so far as we were told. */
uint64_t tftp_transfer_acked_octets(const struct tftp_transfer *t, uint64_t size);
