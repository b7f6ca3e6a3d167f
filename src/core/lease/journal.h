/*
 * The lease journal: preallocated, checksummed, append-only, compacted; one fdatasync for all records that
 * wait.
 *
 * A thread of its own syncs. The control thread appends (a copy into memory, never a wait) and gets a ticket;
 * the descriptor becomes readable when more tickets are durable. Recovery reads up to the first record that
 * does not hold.
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
 * Return: 0, or -errno with a sentence (not ours, no space to preallocate, …). A torn tail is cut and
 * counted, not an error.
 */
MUST_CHECK int lease_journal_open(const char *dir, struct lease_table *table, struct lease_journal **ret,
                                  struct error *reterr);
void lease_journal_close(struct lease_journal *j); /* waits until everything is durable */
DEFINE_CLEANUP(struct lease_journal, lease_journal_close)

/** lease_journal_append() - queue one record; returns its ticket (from 1, rising), or 0 when the journal is
 * full or broken: then no ACK may leave. */
uint64_t lease_journal_append(struct lease_journal *j, const struct lease *l);

int lease_journal_fd(const struct lease_journal
                             *j); /* readable when durable() has moved; lease_journal_durable() clears it */
uint64_t lease_journal_durable(struct lease_journal *j);  /* tickets up to this one are on disk */
int lease_journal_failure(const struct lease_journal *j); /* 0, or the -errno (disk full) that stands now;
                                                             clears itself when writing works again */

/** lease_journal_compact_if_due() - the control thread calls this when idle: hands a copy of the live leases
 * to the sync thread when the file is mostly stale. */
void lease_journal_compact_if_due(struct lease_journal *j, const struct lease_table *table, int64_t now_s);

struct lease_journal_counters {
        uint64_t records, syncs, compactions, torn;
};
void lease_journal_counters(const struct lease_journal *j, struct lease_journal_counters *ret);
