/* A machine laid out as a folder: what /proc and /sys would say, written by a test and removed with it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "app/bramble-agent/io/tree.h"

/* One file, or with "->" before its text a symbolic link; a folder when text is NULL. */
struct machine_file {
        const char *path, *text;
        size_t len; /* of a text that holds NULs; 0: to its end */
};

struct machine_tree {
        char dir[64];
        struct tree tree;
};

/** machine_tree_make() - the files, with the folders that they need; ends at a row without a path. */
void machine_tree_make(struct machine_tree *m, const struct machine_file *files);

/** machine_tree_put() - one more file, or another content. */
void machine_tree_put(struct machine_tree *m, const char *path, const char *text);

void machine_tree_remove(struct machine_tree *m);

/* Two machines. */
extern const struct machine_file machine_pi4[]; /* a Raspberry Pi 4 with an SD card and a USB disk */
extern const struct machine_file machine_x86[]; /* a UEFI server with NVMe, SATA and two network cards */
