/*
 * What runs on a board that is adopted: two fixed scripts, sent to its shell, and what they say.
 *
 * Pure. Nothing that the board said, or that an operator typed, becomes a part of them: a configuration goes
 * along as base64, in a here-document. Source: Raspberry Pi documentation, "Raspberry Pi boot EEPROM",
 * rpi-eeprom-config and rpi-eeprom-update.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/card/kind.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

enum { ADOPT_TEXT_MAX = 64 * 1024, ADOPT_VERSION_SIZE = 64 };

struct adopt_board {
        const struct card_board *board;
        char *config; /* bootconf.txt, the caller's */
        char version[ADOPT_VERSION_SIZE];
};

/** adopt_look() - the script that asks a board what it is and how its EEPROM is configured. */
extern const char adopt_look[];

/** adopt_read() - what that script said; 0, or -EINVAL with a sentence when the board has no EEPROM, or no
 * tools for it. */
MUST_CHECK int adopt_read(const char *said, struct adopt_board *ret, struct error *reterr);

/**
 * adopt_check() - whether its own rpi-eeprom-config may write the EEPROM of a board that is configured so
 *
 * It puts a configuration into an image as it is published, and what lay beside it is gone: keys, signatures,
 * certificates. Return: 0, or -EINVAL with a sentence where the board goes by any of these.
 */
MUST_CHECK int adopt_check(const struct adopt_board *b, struct error *reterr);

/** adopt_apply() - append the script that gives an EEPROM a configuration with the next start. */
void adopt_apply(const char *config, size_t len, struct text *out);

/** adopt_diff() - append the lines that two configurations do not have in common: "-" and "+" before each. */
void adopt_diff(const char *before, const char *after, struct text *out);
