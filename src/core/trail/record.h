/*
 * How the trail lies on disk: records of sessions and events, one behind the other. Pure codec.
 *
 * All numbers are big-endian; a text is its length in one octet and its octets.
 *   4 checksum (CRC-32C of what follows) · 2 "T1" · 2 size · 1 type, then
 *   session   8 id · 8 start · 8 last · 6 MAC · 1 family · 16 address · 1 end · 4 dropped · text machine
 *             end: 0 it goes on, 1 it came through, 2 it is over without
 *   event     8 session · 8 sequence · 1 kind · 1 outcome · 8 at · 4 took · 8 octets · 8 size · 4 resent
 *             · texts what, detail, client
 *   transfer  2 octets of a block, and then as an event
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "core/trail/trail.h"

enum { TRAIL_RECORD_MAX = 512 }; /* octets */

struct trail_record {
        bool is_event;
        struct trail_session session; /* of an event only its id; events are never in it */
        struct trail_event event;
};

/* Both return the octets written. */
size_t trail_record_write_session(uint8_t buf[static TRAIL_RECORD_MAX], const struct trail_session *s);
size_t trail_record_write_event(uint8_t buf[static TRAIL_RECORD_MAX], uint64_t session,
                                const struct trail_event *e);

/** trail_record_read() - the record at the start of @data; its size, or -EBADMSG when it does not hold. */
MUST_CHECK int trail_record_read(const void *data, size_t len, struct trail_record *ret);
