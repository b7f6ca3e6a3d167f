/*
 * How boot loaders read what we write for them, in their own way: the other side of src/format's writers.
 *
 * Written from the loaders' documented behaviour, not from our writers, so that a mistake in one does not
 * hide in the other.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

enum { READER_WORDS_MAX = 64, READER_TEXT_MAX = 16384 };

struct reader_words {
        char text[READER_TEXT_MAX]; /* the words, each with a NUL */
        const char *words[READER_WORDS_MAX];
        size_t n;
};

/** uboot_read_append() - the kernel's command line that U-Boot makes of an append value, its variables being
 * all unset; returns @out. */
const char *uboot_read_append(const char *value, char out[static READER_TEXT_MAX]);

/** grub_read_words() - the words of one line of a GRUB script. */
void grub_read_words(const char *line, struct reader_words *ret);

/** ipxe_read_words() - the words of the first command of one line of an iPXE script; n is 0 for a line that
 * it does not run whole. */
void ipxe_read_words(const char *line, struct reader_words *ret);

/** extlinux_read_value() - the value of a key in an extlinux configuration, as U-Boot and PXELINUX find it;
 * NULL: none. */
const char *extlinux_read_value(const char *config, const char *key, char out[static READER_TEXT_MAX]);

/** line_of() - the first line that begins with a word; NULL: none. Writes the line without its end. */
const char *line_of(const char *text, const char *word, char out[static READER_TEXT_MAX]);
