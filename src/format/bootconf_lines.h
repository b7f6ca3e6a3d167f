/*
 * Settings that are laid over the configuration of an EEPROM, and how two configurations differ.
 *
 * Pure. What a configuration says for other boards, and its comments, stay as they are. Source:
 * raspberry-pi.md section 6.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "format/config_txt.h"

enum { BOOTCONF_LINES_MAX = 300 }; /* more than there are keys */

/* One setting, "KEY=VALUE"; borrowed. */
struct bootconf_line {
        const char *text;
        size_t len;
};

/* Settings in their order, each key once. */
struct bootconf_lines {
        struct bootconf_line items[BOOTCONF_LINES_MAX];
        size_t n;
};

enum bootconf_line_fault {
        BOOTCONF_LINE_GOOD,
        BOOTCONF_LINE_NO_SETTING,
        BOOTCONF_LINE_SPACED,
        BOOTCONF_LINE_NO_KEY,
        BOOTCONF_LINE_TOO_MANY
};

/** bootconf_lines_add() - a setting; it takes the place of an earlier one with its key. */
MUST_CHECK enum bootconf_line_fault bootconf_lines_add(struct bootconf_lines *l, const char *line,
                                                       size_t len);

/**
 * bootconf_lines_add_text() - all settings of a text, which may have comments
 * @ret_bad:    the line that is at fault; not set for BOOTCONF_LINE_GOOD
 */
MUST_CHECK enum bootconf_line_fault bootconf_lines_add_text(struct bootconf_lines *l, const char *text,
                                                            struct bootconf_line *ret_bad);

/** bootconf_line_fault_text() - what follows behind the line that is at fault, as in "X is no setting …". */
const char *bootconf_line_fault_text(enum bootconf_line_fault fault);

/**
 * bootconf_lay_over() - append @own to @out, with @l laid over it
 *
 * A setting that counts for @board already stays where it is. Any other is said once, at the end and for all
 * boards. Return: 0, -ENOMEM, or -E2BIG: it has too many lines, or does not fit into the EEPROM.
 */
MUST_CHECK int bootconf_lay_over(const struct bootconf_lines *l, const char *own, size_t own_len,
                                 const struct config_txt_board *board, struct text *out);

/** bootconf_plain() - append what bootloaders read of a configuration: settings and filters, no comments. */
void bootconf_plain(const char *config, struct text *out);

/** bootconf_is_same() - whether bootloaders read the same; false also when out of memory. */
bool bootconf_is_same(const char *a, const char *b);

/** bootconf_each_change() - the lines, as bootconf_plain() has them, that only one of both has: those that go
 * ('-') before those that come ('+'). */
void bootconf_each_change(const char *before, const char *after,
                          void (*fn)(void *ctx, char sign, const char *line, size_t len), void *ctx);
