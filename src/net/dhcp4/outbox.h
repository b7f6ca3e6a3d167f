/*
 * Answers that are ready but may not leave yet: until their lease is durable, or until their firmware can
 * bear them.
 *
 * Pure: time and tickets are passed in; what may leave is handed out in order. Bounded: a full box refuses.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "net/dhcp4/answer.h"
#include "net/dhcp4/frame.h"

enum {
        DHCP4_OUTBOX_MAX = 4096,
        DHCP4_DELAYED_MAX = 64,
        DHCP4_TURN_MS = 1000, /* between OFFERs to clients that share a constant xid, on one link */
        DHCP4_DELAY_MAX_MS =
                20000 /* such a client asks for 25 s and then never again: later than this helps nobody */
};

/* One answer on its way. */
struct dhcp4_outgoing {
        struct list link; /* the outbox's */
        uint64_t ticket, due_ms;
        unsigned ifindex;
        uint16_t port; /* of ours */
        enum dhcp4_way way;
        uint32_t src, dst, arp; /* @arp: the address of a broadcast ARP question that follows; 0: none */
        uint16_t dst_port;
        struct mac dst_mac, client;
        bool one_at_a_time;
        size_t len;                     /* of the message */
        uint8_t frame[DHCP4_FRAME_MAX]; /* the message begins behind DHCP4_FRAME_HEAD */
};

struct dhcp4_outbox;

struct dhcp4_outbox *dhcp4_outbox_new(void); /* NULL: out of memory */
void dhcp4_outbox_free(struct dhcp4_outbox *o);
DEFINE_CLEANUP(struct dhcp4_outbox, dhcp4_outbox_free)

/**
 * dhcp4_outbox_room() - an answer to fill, to be given to put() or done(); NULL when the box is full
 *
 * A box full of answers whose tickets do not become durable (a dead disk) gives up the oldest: who waited
 * longest has most likely asked again, and answers without a ticket must still find room.
 */
struct dhcp4_outgoing *dhcp4_outbox_room(struct dhcp4_outbox *o);

/**
 * dhcp4_outbox_put() - let an answer wait as long as it must
 * @delay_ms:   at least this long
 * @durable:    tickets up to this one are on disk
 *
 * A delayed answer replaces an earlier one to the same client and takes its turn.
 * Return: false when too many are delayed, or its turn would come too late; the answer is gone then.
 */
bool dhcp4_outbox_put(struct dhcp4_outbox *o, struct dhcp4_outgoing *item, uint32_t delay_ms,
                      uint64_t durable, uint64_t now_ms);

/** dhcp4_outbox_durable() - tickets up to this one are on disk. */
void dhcp4_outbox_durable(struct dhcp4_outbox *o, uint64_t ticket);

/** dhcp4_outbox_tick() - let go whose time has come. */
void dhcp4_outbox_tick(struct dhcp4_outbox *o, uint64_t durable, uint64_t now_ms);

/** dhcp4_outbox_wake_ms() - when to call tick(); UINT64_MAX: not needed. */
uint64_t dhcp4_outbox_wake_ms(const struct dhcp4_outbox *o);

/** dhcp4_outbox_next() - the next answer that may leave; the caller gives it back with done(). NULL: none. */
struct dhcp4_outgoing *dhcp4_outbox_next(struct dhcp4_outbox *o);
void dhcp4_outbox_done(struct dhcp4_outbox *o, struct dhcp4_outgoing *item);

/** dhcp4_outbox_given_up() - how many answers were given up for newer ones. */
uint64_t dhcp4_outbox_given_up(const struct dhcp4_outbox *o);
