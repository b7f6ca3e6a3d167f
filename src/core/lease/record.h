/*
 * How leases lie in the journal: the head of a file, records, and reading a whole file back. Pure codec.
 *
 * A record is a multiple of 16 octets and holds its own number; its checksum (CRC-32C) begins with the random
 * mark of its file. So neither preallocated octets, nor what another file left there, nor a host name that
 * looks like a record is ever taken for one; and behind a damaged record the next whole one is found again.
 *
 * File: head, head again, records, zeros. All numbers are big-endian.
 *   head    8 "BRLEASE\1" · 8 mark · 4 checksum · zeros to 64
 *   record  4 checksum · 2 "L1" · 2 size · 8 number · 1 state · 1 key size · 1 host name size · 1 zero
 *           · 4 address · 8 subnet · 8 expires · 8 granted · 6 MAC · key · host name · zeros to a multiple of
 * 16
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "core/lease/lease.h"

enum { LEASE_HEAD_SIZE = 128, LEASE_RECORD_MIN = 64, LEASE_RECORD_MAX = 192, LEASE_RECORD_ALIGN = 16 };

/** lease_head_write() - both heads of a file. */
void lease_head_write(uint8_t buf[static LEASE_HEAD_SIZE], uint64_t mark);

/** lease_head_read() - the mark, from whichever head holds; 0 or -EBADMSG. */
MUST_CHECK int lease_head_read(const void *data, size_t len, uint64_t *ret);

/** lease_record_write() - returns the octets written, a multiple of LEASE_RECORD_ALIGN. */
size_t lease_record_write(uint8_t buf[static LEASE_RECORD_MAX], uint64_t mark, uint64_t number,
                          const struct lease *l);

/** lease_record_read() - the record at the start of @data; its size, or -EBADMSG when it does not hold. */
MUST_CHECK int lease_record_read(const void *data, size_t len, uint64_t mark, uint64_t *number,
                                 struct lease *ret);

struct lease_replay {
        uint64_t mark;
        uint64_t records; /* that hold */
        uint64_t missing; /* numbers left out between them: damaged on disk */
        uint64_t last;    /* the highest number */
        size_t end;       /* octets to behind the last record that holds: the next one is written here */
        size_t torn_end;  /* octets to behind the last one that is not zero; above `end` when the tail is torn
                           */
};

/**
 * lease_replay() - read a file back
 * @fn:         gets the records that hold, in order; non-zero ends the reading
 *
 * Return: 0; -EBADMSG when it is no journal; or what @fn returned. @ret is set on 0 only.
 */
MUST_CHECK int lease_replay(const void *data, size_t len, int (*fn)(void *ctx, const struct lease *l),
                            void *ctx, struct lease_replay *ret);
