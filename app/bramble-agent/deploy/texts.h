/*
 * Small changes to the texts that a system boots by: words for its kernel's command line, names of
 * partitions. Pure.
 *
 * Each gives a new text, which the caller frees, or NULL when there is nothing to change. Out of memory is
 * told by
 * @failed.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum texts_kind {
        TEXTS_CMDLINE,      /* the whole file is one line: cmdline.txt, /etc/kernel/cmdline */
        TEXTS_EXTLINUX,     /* lines "append …" */
        TEXTS_LOADER_ENTRY, /* lines "options …" */
        TEXTS_GRUB_CFG,     /* lines "linux FILE …" */
        TEXTS_DEFAULT_GRUB, /* GRUB_CMDLINE_LINUX="…" */
        TEXTS_OTHER         /* has no command line */
};

/** texts_add_words() - @words for the kernel, behind what stands there already. */
char *texts_add_words(enum texts_kind kind, const char *text, const char *words, bool *failed);

/* A partition's old name, and its new one of the same length. */
struct texts_rename {
        char from[37], to[37];
};

/** texts_rename() - every PARTUUID of @rows, in either case, by its new one. */
char *texts_rename(const char *text, const struct texts_rename *rows, size_t n, bool *failed);

/** texts_names_partition() - whether a text names one of them at all. */
bool texts_names_partition(const char *text, const struct texts_rename *rows, size_t n);

/** texts_add_config() - lines for config.txt, behind the image's own, where no filter of theirs reaches. */
char *texts_add_config(const char *text, const char *lines, bool *failed);

/** texts_set_host() - /etc/hosts with @hostname for 127.0.1.1. */
char *texts_set_host(const char *text, const char *hostname, bool *failed);
