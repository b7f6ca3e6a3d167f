/* A folder for one script: its body, what it writes, gone afterwards. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { WORKPLACE_PATH_SIZE = 128 };

struct workplace {
        char dir[WORKPLACE_PATH_SIZE]; /* "" none */
};

MUST_CHECK int workplace_make(struct workplace *w, struct error *reterr);
void workplace_remove(struct workplace *w); /* also for CLEANUP() on the stack */

/** workplace_put() - a file in it; 0, or negative with a sentence. */
MUST_CHECK int workplace_put(const struct workplace *w, const char *name, const void *data, size_t len,
                             unsigned mode, struct error *reterr);

/** workplace_add() - more octets at the end of a file; best effort. */
void workplace_add(const struct workplace *w, const char *name, const void *data, size_t len);

/** workplace_get() - a file as a text of at most @max octets; NULL: none, or longer. The caller frees. */
char *workplace_get(const struct workplace *w, const char *name, size_t max, size_t *ret_len);

/** workplace_find_program() - a path as it is, or a name in the usual folders, into @buf; false: it cannot be
 * run here. */
bool workplace_find_program(const char *program, char *buf, size_t size);
