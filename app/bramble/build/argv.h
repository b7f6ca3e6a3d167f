/* The words of a command line, as they grow. Pure: who runs them is child.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

/* Zero-initialise. A failed append sets `failed` and later ones do nothing: child_run() checks it. */
struct argv {
        char **words; /* NULL-terminated once anything was added, and NULL before */
        size_t n, room;
        bool failed;
};

void argv_free(struct argv *a); /* also for CLEANUP() on the stack */
void argv_add(struct argv *a, const char *word);
void argv_printf(struct argv *a, const char *format, ...) PRINTF(2, 3);

/** argv_add_all() - the words up to a NULL. */
void argv_add_all(struct argv *a, const char *const *words);
