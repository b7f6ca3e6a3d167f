/*
 * An iPXE script for one entry that starts at once (writer only).
 *
 * Source: ipxe.org/scripting and the behaviour of its src/core/exec.c: words are split at white space, there
 * is no quoting, "${" begins a setting, a word that begins with "#" is a comment, and "||", "&&" and ";" end
 * a command. What a command line holds of these cannot be said in a script.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/text.h"
#include "format/boot_entry.h"

/**
 * ipxe_script_write() - append the script
 * @entry:      kernel and initrd as absolute URLs
 *
 * Return: 0, or -EINVAL when a path or the command line cannot be written.
 */
MUST_CHECK int ipxe_script_write(const struct boot_loader_entry *entry, struct text *out);

/** ipxe_script_can_say() - whether a command line can be written in a script. */
bool ipxe_script_can_say(const char *cmdline);

/** ipxe_script_exit() - append a script that gives the machine back to its firmware, with a sentence on the
 * screen. */
void ipxe_script_exit(const char *sentence, struct text *out);

/** ipxe_script_local() - append a script that starts the first disk; other than under BIOS it cannot, and
 * ends as one that failed, after which firmware goes on. */
void ipxe_script_local(bool is_bios, struct text *out);
