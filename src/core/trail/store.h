/*
 * The trail on disk: batches in append-only segments, pruned by age and size, read back at start.
 *
 * A small thread of its own writes. The control thread only encodes what is new and hands it over; when the
 * disk is slow or full, the trail in memory goes on and what could not be written is counted. Not synced: the
 * last seconds before a power cut are no great loss, and the disk's syncs are the leases'.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "core/trail/trail.h"

struct trail_store;

struct trail_store_limits {
        uint64_t octets_max; /* of all segments; 0: 64 MiB */
        int64_t age_max_s;   /* a segment whose last event is older goes; 0: 30 days */
};

/**
 * trail_store_open() - open or make the directory @dir, prune it, and put what it holds into @trail
 *
 * A segment is read up to the first record that does not hold.
 *
 * Return: 0, or -errno with a sentence.
 */
MUST_CHECK int trail_store_open(const char *dir, const struct trail_store_limits *limits, struct trail *trail,
                                struct trail_store **ret, struct error *reterr);

/** trail_store_flush() - hand over what is new in @trail since the last time; call it every second or so.
 * Never waits: when too much is under way, it stays for the next time. */
void trail_store_flush(struct trail_store *s, const struct trail *trail);

/** trail_store_close() - writes what was handed over. */
void trail_store_close(struct trail_store *s);
DEFINE_CLEANUP(struct trail_store, trail_store_close)

struct trail_store_counters {
        uint64_t octets;  /* written since the start */
        uint64_t lost;    /* batches that could not be written */
        uint64_t damaged; /* segments whose end was not read at open */
        int failure;      /* 0, or the -errno of the last batch */
};
void trail_store_counters(const struct trail_store *s, struct trail_store_counters *ret);
