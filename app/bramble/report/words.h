/* Words of texts that boards are told by. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** words_is_of_a_name() - letters, digits, '-' and '_'. */
bool words_is_of_a_name(char c);

/** words_begins() - whether no letter and no digit stands before @at, which lies in @text. */
bool words_begins(const char *text, const char *at);

/** words_hex() - how many hex digits stand here. */
size_t words_hex(const char *at);

/** words_pairs() - how many pairs of hex digits stand here, with ':' or '-' between, the same everywhere; 0:
 * none, or but one. */
size_t words_pairs(const char *at);

/** words_name() - how long the name is that stands here, with the dots in it. */
size_t words_name(const char *at);
