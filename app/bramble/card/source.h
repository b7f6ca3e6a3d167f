/*
 * Where firmware comes from: a folder, an archive as it is published, a Debian package, or one file.
 *
 * Archives are read by libarchive, in the caller's process and with no more rights than theirs: the operator
 * names what they downloaded themselves.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { SOURCE_ENTRIES_MAX = 200000 };

/* A regular file in a source, as long as it is told of. */
struct source_entry {
        const char *path; /* below the folder, in the archive; of a file that is no archive its name */
        uint64_t size;
        int (*read)(const struct source_entry *e, void *buf, struct error *reterr);
        void *ctx;
};

/** source_each() - every file, until @fn returns non-zero; returns that, 0, or -errno with a sentence. */
MUST_CHECK int source_each(const char *path,
                           int (*fn)(void *ctx, const struct source_entry *e, struct error *reterr),
                           void *ctx, struct error *reterr);

/** source_read() - the whole of @e into memory, the caller's. */
MUST_CHECK int source_read(const struct source_entry *e, uint8_t **ret, struct error *reterr);
