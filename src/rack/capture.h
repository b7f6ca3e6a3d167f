/*
 * What boards said by DHCP in their last boot, written again from what was read: for reports of boots that
 * nobody else has seen.
 *
 * Bounded in boards and in octets; registered machines' outlast those of strangers. Padding, sname, file and
 * the pieces of long options are not kept. No I/O: times are passed in. Owned by the control thread.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "net/dhcp4/packet.h"

enum {
        CAPTURE_BOARDS_MAX = 256,
        CAPTURE_OCTETS_MAX =
                6 * 1024 /* of one boot: a Pi says 350 octets a message, and its system another 600 */
};

struct captures;

struct captures *captures_new(struct hash_key key, size_t max); /* NULL: out of memory */
void captures_free(struct captures *c);
DEFINE_CLEANUP(struct captures, captures_free)

/**
 * captures_add() - one message of a boot; what was kept of another boot of its sender goes
 * @is_known:   its sender is registered
 *
 * What has no room is counted and left out: the first messages of a boot say most.
 */
void captures_add(struct captures *c, uint64_t session, bool is_known, const struct dhcp4_packet *p,
                  int64_t at_ms);

/** captures_each() - the messages of @mac's last boot in their order, until @fn returns false; returns how
 * many were left out. */
size_t captures_each(const struct captures *c, const struct mac *mac,
                     bool (*fn)(void *ctx, int64_t at_ms, const uint8_t *octets, size_t len), void *ctx);
