/*
 * What is said of boards, in texts and in DHCP messages: each gets its stand-in.
 *
 * Pure. A text says it by its form (a MAC, a UUID, sixteen digits, eight before a slash), or by the words
 * before it: "serial 1d3a4c52".
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct standins;

/** hear_message() - what a DHCP message says of its sender: MAC, options 12, 61, 81, 97, and what a relay
 * says of where it stands. */
void hear_message(struct standins *s, const uint8_t *message, size_t len);

void hear_text(struct standins *s, const char *text);
