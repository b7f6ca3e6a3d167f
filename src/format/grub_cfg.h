/*
 * grub.cfg for one entry that starts at once, or for the loader on the machine's disk (writer only).
 *
 * Source: GNU GRUB manual, "Shell-like scripting / Quoting". Each word of the command line goes in single
 * quotes. GRUB writes a backslash before each "\", "'" and "\"" of a word when it hands the line to the
 * kernel, and nobody takes it away again: a command line with these, but for double quotes around a value,
 * does not come through GRUB unchanged.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/text.h"
#include "format/boot_entry.h"

/** grub_cfg_write() - append the script; 0, or -EINVAL when a path cannot be written. */
MUST_CHECK int grub_cfg_write(const struct boot_loader_entry *entry, struct text *out);

/**
 * grub_cfg_write_local() - append a script that starts the first of some loaders that is on any disk
 * @loaders:    paths below a disk's root, in order; NULL at the end. Plain: boot_entry_is_plain()
 *
 * Where there is none GRUB ends. It cannot say that it failed: firmware then shows its menu.
 */
MUST_CHECK int grub_cfg_write_local(const char *const *loaders, struct text *out);

/** grub_word_quote() - append one word in single quotes, whatever is in it. */
void grub_word_quote(struct text *out, const char *word, size_t len);
