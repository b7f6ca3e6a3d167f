/* Growing text, and small questions about strings that the standard library leaves open. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/*
 * A string that grows. A failed append sets `failed` and later ones do nothing: check once at the end.
 * Zero-initialise; `octets` is NUL-terminated once anything was appended, and NULL before.
 */
struct text {
        char *octets;
        size_t len, room;
        bool failed;
};

void text_free(struct text *t); /* also the CLEANUP() function for a struct text on the stack */
void text_append(struct text *t, const char *s);
void text_append_octets(struct text *t, const void *data, size_t len);
void text_printf(struct text *t, const char *format, ...) PRINTF(2, 3);

/** text_take() - hand the string (never NULL on success) to the caller, who frees it; NULL when any append
 * failed. */
char *text_take(struct text *t);

bool text_starts_with(const char *s, const char *prefix);
bool text_ends_with(const char *s, const char *suffix);

/** text_parse_u64() - a whole decimal (or 0x…) number and nothing else; 0, -EINVAL, or -ERANGE beyond @max.
 */
MUST_CHECK int text_parse_u64(const char *s, uint64_t max, uint64_t *ret);

/** text_hex_digit() - what a digit of either case counts, 0 to 15; -1 when it is none. */
int text_hex_digit(char c);

/** text_hex() - lower-case hex of @len octets into @buf of 2 * @len + 1; returns @buf. */
const char *text_hex(const void *data, size_t len, char *buf);

/** text_parse_hex() - exactly @len octets from 2 * @len hex digits; 0 or -EINVAL. */
MUST_CHECK int text_parse_hex(const char *s, void *ret, size_t len);

/** text_copy() - copy into a fixed buffer, always terminated; -ENAMETOOLONG (and an empty string) when it
 * does not fit. */
int text_copy(char *buf, size_t size, const char *s);
