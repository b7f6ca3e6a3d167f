/*
 * One simulated TFTP client, for tftp-load: packets in, packets out, no sockets. Written from the RFCs (1350,
 * 2347, 2348, 7440), not from our server, so that the two can be wrong in different ways.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOAD_PACKET_MAX = 600 }; /* octets of what a client sends */

/* What to fetch. @octets NULL: nothing to compare with. */
struct load_file {
        const char *name;
        const uint8_t *octets;
        uint64_t size;
};

struct load_wish {
        const struct load_file *files; /* fetched in turn */
        unsigned n_files;
        unsigned blksize, windowsize; /* 0: do not ask */
        unsigned timeout_ms, tries_max;
        bool expects_miss;
};

enum load_state { LOAD_IDLE, LOAD_ASKED, LOAD_FETCHING };

struct load_client {
        const struct load_wish *wish;
        enum load_state state;
        uint16_t server_port, port_before; /* of this transfer and of the one before it */
        unsigned blksize, windowsize;      /* as granted */
        uint64_t next;                     /* block, not wrapped */
        uint64_t offset;
        unsigned in_window; /* blocks since the last ACK */
        bool told_gap;      /* the loss of this block was said */
        unsigned turn, tries;
        uint64_t start_us, deadline_us;
        uint8_t last[LOAD_PACKET_MAX]; /* to be sent again when nothing comes */
        size_t last_len;
        bool last_to_listener;
};

enum load_event { LOAD_NOTHING, LOAD_BLOCK, LOAD_DONE, LOAD_MISS, LOAD_FAILED };

/* What a packet led to: @reply says that client->last is to be sent. */
struct load_result {
        enum load_event event;
        bool reply;
        bool is_first;      /* the first answer to a request */
        bool is_port_again; /* the server answers from the port of the transfer before */
        size_t octets;      /* of the file, when a block came */
        const char *why;    /* LOAD_FAILED */
};

void load_client_ask(struct load_client *c, uint64_t now_us); /* then send client->last to the listener */
struct load_result load_client_packet(struct load_client *c, uint16_t from_port, const uint8_t *data,
                                      size_t len, uint64_t now_us);
struct load_result load_client_tick(struct load_client *c, uint64_t now_us);
