/*
 * One TFTP download as firmware does it (raspberry-pi.md section 2): lock-step, with or without options.
 * Pure.
 *
 * The simulator's own reading of RFC 1350 and 2347 to 2349, apart from the server's.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-sim/family.h"

enum fetch_state { FETCH_ASKING, FETCH_READING, FETCH_FOUND, FETCH_WHOLE, FETCH_NOT_FOUND, FETCH_BROKEN };

struct fetch {
        enum fetch_state state;
        enum want want;
        char path[PATH_SIZE];
        unsigned blksize, options;  /* options: as struct family's rrq_blksize */
        unsigned last_block;        /* that can be counted; 0: all can */
        uint16_t port, server_port; /* server_port 0: not known yet */
        uint64_t block;             /* the last one that arrived */
        uint64_t size, octets;      /* size: UINT64_MAX when the server did not say */
        uint64_t start_ms, last_ms; /* last_ms: when we sent last */
        unsigned resent, duplicates;
        unsigned packet_ms, file_ms;
};

/* What a step asks to be done. */
struct fetch_step {
        size_t send_len;  /* octets of @buf to send; 0: nothing */
        bool to_listener; /* to port 69 and not to the transfer's */
        const uint8_t
                *data; /* octets of the file that arrived, in order; points into the packet; NULL: none */
        size_t data_len;
};

enum { FETCH_PACKET_SIZE = 512 };

/** fetch_begin() - ask for a file. @buf: FETCH_PACKET_SIZE octets, as below. */
struct fetch_step fetch_begin(struct fetch *f, const struct family *family, const char *path, enum want want,
                              uint16_t port, uint64_t now_ms, uint8_t *buf);

/** fetch_packet() - a datagram from the server's @port. */
struct fetch_step fetch_packet(struct fetch *f, uint16_t port, const uint8_t *packet, size_t len,
                               uint64_t now_ms, uint8_t *buf);

/** fetch_tick() - time passes: send again, or give up. */
struct fetch_step fetch_tick(struct fetch *f, uint64_t now_ms, uint8_t *buf);

/** fetch_give_up() - it is not wanted any more; whoever sends it is told. */
struct fetch_step fetch_give_up(struct fetch *f, uint8_t *buf);

static inline bool fetch_is_over(const struct fetch *f) {
        return f->state >= FETCH_FOUND;
}
