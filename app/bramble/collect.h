/* The files that an import will send: found on this side, named as machines will ask for them, in the order
 * of their names. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { COLLECTION_FILES_MAX = 8192, COLLECTION_NAME_MAX = 255 /* octets */ };

struct collected {
        char *source;     /* where it lies */
        char *name;       /* as machines ask for it */
        const char *role; /* as the API takes it; NULL: its name and content tell */
        uint64_t size;    /* octets, when it was found */
};

struct collection {
        const char
                *about; /* the directory or file that they are of, as it was named; NULL: of several places */
        struct collected *files;
        size_t n, room;
        uint64_t size;    /* octets of all */
        size_t n_skipped; /* links that lead out of their directory, and things that are no files */
};

void collection_free(struct collection *c); /* also for CLEANUP() on the stack */

/** collect_file() - one regular file; a name that is there already is replaced. 0 or -errno with a sentence.
 */
MUST_CHECK int collect_file(struct collection *c, const char *source, const char *name, const char *role,
                            struct error *reterr);

/**
 * collect_dir() - all regular files below a directory
 * @prefix:     before each name: "" or "dtbs/"
 * @suffix:     only names that end so; NULL: all
 *
 * A symbolic link is followed when what it leads to lies in the directory too; else it is skipped and
 * counted.
 */
MUST_CHECK int collect_dir(struct collection *c, const char *dir, const char *prefix, const char *suffix,
                           const char *role, struct error *reterr);

/** collection_find() - by name; NULL when there is none. */
struct collected *collection_find(const struct collection *c, const char *name);

void collection_sort(struct collection *c);
