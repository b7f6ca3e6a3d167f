/*
 * The kernel's command line: joined from parts, and walked word by word.
 *
 * Pure. Words are split as the kernel splits them: at spaces outside double quotes
 * (Documentation/admin-guide/kernel-parameters: "param with spaces").
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

enum { CMDLINE_MAX = 4095 }; /* octets: more than any kernel takes (x86 and arm64: 2048) */

/**
 * cmdline_join() - one line from an image's text and a machine's words
 * @base:       text of @base_len octets; only its first line counts, as for Raspberry Pi firmware
 * @extra:      appended after a space; NULL or "": nothing
 * @buf:        room for the line and a NUL
 *
 * The base is kept as it is but for white space at its ends and control characters, which become spaces.
 *
 * Return: its length, or -E2BIG when it has more than CMDLINE_MAX octets or than fit.
 */
MUST_CHECK int cmdline_join(const char *base, size_t base_len, const char *extra, char *buf, size_t size);

/**
 * cmdline_next() - the next word
 * @at:         where to go on; moved behind the word
 * @ret_len:    its octets, quotes included
 *
 * Return: the word, which goes into the line, or NULL at the end.
 */
const char *cmdline_next(const char **at, size_t *ret_len);
