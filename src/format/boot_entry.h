/*
 * What a boot loader shall start: the one entry that its configuration file says, in whichever language.
 *
 * Paths and URLs are the writer's caller's business; they hold no white space and no control characters
 * (boot_entry_is_plain() says so), because two of the three languages have no way to write them.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

struct boot_loader_entry {
        const char *title;   /* for people: one line */
        const char *kernel;  /* path or URL */
        const char *initrd;  /* likewise; NULL: none */
        const char *fdt;     /* a device tree; NULL: none named */
        const char *fdtdir;  /* the folder that the loader finds its own device tree in; NULL: none. Not with
                                @fdt */
        const char *cmdline; /* one line */
        const char *on_refusal; /* asked for when the kernel was not started, so that the server learns of
                                   it; only GRUB can, NULL: nothing */
};

/** boot_entry_is_plain() - whether a path can be written in every language. */
bool boot_entry_is_plain(const char *path);
