/*
 * The lease journal: preallocated, checksummed, append-only, compacted; one fdatasync for all records that
 * wait.
 *
 * A thread of its own writes and syncs. The control thread appends (a copy into a queue, never a wait) and
 * gets a ticket; the descriptor becomes readable when more tickets are durable. The thread takes what waits,
 * writes it, syncs once, and looks again: under load batches grow by themselves, and a lone record waits for
 * nobody.
 *
 * Files in the directory: leases.journal; leases.journal.new while it is compacted; leases.lock.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "core/lease/lease.h"

struct lease_journal;

/**
 * lease_journal_open() - open or make the journal in directory @dir, and replay it
 * @table:      gets every lease that holds
 *
 * A torn tail (the power went in the middle of a write; nothing of it was acknowledged) is cut and counted. A
 * record that is damaged in the middle costs itself alone, and is counted.
 *
 * Return: 0, or -errno with a sentence: somebody else uses it, it is no journal, no space to make one, ….
 */
MUST_CHECK int lease_journal_open(const char *dir, struct lease_table *table, struct lease_journal **ret,
                                  struct error *reterr);

/** lease_journal_close() - waits until everything is durable (on a full disk: until it was tried once more).
 */
void lease_journal_close(struct lease_journal *j);
DEFINE_CLEANUP(struct lease_journal, lease_journal_close)

/** lease_journal_append() - queue one record; returns its ticket (from 1, rising), or 0 when too many wait or
 * the disk is full: then no ACK may leave, and the client will ask again. */
uint64_t lease_journal_append(struct lease_journal *j, const struct lease *l);

int lease_journal_fd(const struct lease_journal
                             *j); /* readable when durable() has moved; lease_journal_durable() clears it */
uint64_t lease_journal_durable(struct lease_journal *j); /* tickets up to this one are on disk */

/** lease_journal_failure() - 0, or the -errno (disk full) that stands now; it clears itself when writing
 * works again. */
int lease_journal_failure(const struct lease_journal *j);

/** lease_journal_compact_if_due() - the control thread calls this now and then: when the file is mostly
 * stale, a copy of the leases goes to the sync thread, which writes them to a new file beside the appends. */
void lease_journal_compact_if_due(struct lease_journal *j, const struct lease_table *table);

/**
 * lease_journal_compact() - the same at once, whatever the file is like: what it says does not hold any more
 *
 * Return: false when it cannot be done now, because one is under way: try again.
 */
bool lease_journal_compact(struct lease_journal *j, const struct lease_table *table);

struct lease_journal_counters {
        uint64_t records; /* made durable since the start */
        uint64_t syncs;   /* fdatasync calls for them */
        uint64_t compactions;
        uint64_t replayed; /* records read at open */
        uint64_t torn;     /* 1: the tail was cut at open */
        uint64_t damaged;  /* records that did not hold at open, in the middle */
};
void lease_journal_counters(const struct lease_journal *j, struct lease_journal_counters *ret);
