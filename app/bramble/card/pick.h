/*
 * Which files of the firmware that was named go on a card, and under which names.
 *
 * Sources are looked into in their order: what an earlier one has is not looked for in a later one.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble/card/files.h"

/* A file that a card needs. */
struct card_want {
        const char *name;            /* on the card */
        const char *const *patterns; /* fnmatch(3) of its path in a source, the best first; NULL-terminated */
        uint64_t size;               /* octets that it has; 0: any */
        bool is_optional;
        const char *from; /* who brings it, for people */
};
#define PATTERNS(...) ((const char *const[]){ __VA_ARGS__, NULL })

struct card_pick {
        const char *const *sources; /* NULL-terminated */
        const struct card_want *wants;
        size_t n_wants;
        const char *
                whole; /* a file whose whole folder is taken along, with all that lies below it; NULL: none */
};

/**
 * card_pick_run() - fill @out
 *
 * Of several files that one pattern fits the last by name is taken: names of firmware have dates in them.
 * Return: 0; -ENOENT when something is not there that the card needs; or another -errno; with a sentence.
 */
MUST_CHECK int card_pick_run(const struct card_pick *p, struct card_files *out, struct error *reterr);
