/*
 * One board from the text of its YAML file: the one schema, for the build and for the operator's folder
 * alike.
 *
 * Pure: text in, board out; where the text lies is the caller's business.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "core/machine/board.h"

enum { BOARD_YAML_MAX = 65536 }; /* octets of a file; a real one has less than a thousand */

/* A board with the memory that its strings lie in. */
struct board_parsed {
        struct board board;
        void *source;
};

/** board_yaml_parse() - 0, -EINVAL with a sentence that names @file and the fault, or -ENOMEM. */
MUST_CHECK int board_yaml_parse(const char *yaml, size_t len, const char *file, struct board_parsed *ret,
                                struct error *reterr);
void board_parsed_clear(struct board_parsed *p);
