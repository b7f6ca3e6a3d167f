/* How far an import is: written by its thread, read by any other, and the one word that stops it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum import_phase {
        IMPORT_RECEIVING,
        IMPORT_UNPACKING,
        IMPORT_READING, /* partitions, file systems, kernels */
        IMPORT_PACKING, /* the frames of a disk */
        IMPORT_ROOTING, /* making the squashfs */
        IMPORT_KEEPING,
        IMPORT_PHASES
};

struct import_progress {
        _Atomic unsigned phase;       /* enum import_phase */
        _Atomic uint64_t done, total; /* octets of this phase; total 0: not known */
        atomic_bool is_cancelled;
};

static inline void import_progress_begin(struct import_progress *p, enum import_phase phase, uint64_t total) {
        p->phase = phase;
        p->done = 0;
        p->total = total;
}
