/*
 * config.txt as the firmware reads it: filters, includes, and what it loads because of it (raspberry-pi.md
 * section 3).
 *
 * The simulator's own reading, apart from the server's. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONFIG_VALUE_MAX = 98, CONFIG_OVERLAYS_MAX = 32, CONFIG_SIZE_MAX = 4096 };

/* What the filters ask about a board. */
struct config_board {
        const char *filters[4]; /* the sections that match it: "pi4", "pi400"; NULL at the end */
        uint32_t serial, revision;
};

struct config {
        char kernel[CONFIG_VALUE_MAX], initramfs[CONFIG_VALUE_MAX], cmdline[CONFIG_VALUE_MAX],
                device_tree[CONFIG_VALUE_MAX];
        char os_prefix[CONFIG_VALUE_MAX], overlay_prefix[CONFIG_VALUE_MAX], armstub[CONFIG_VALUE_MAX];
        char start_file[CONFIG_VALUE_MAX], fixup_file[CONFIG_VALUE_MAX];
        char overlays[CONFIG_OVERLAYS_MAX][CONFIG_VALUE_MAX];
        size_t n_overlays;
        char include[CONFIG_VALUE_MAX]; /* the last file named by `include`; "" none */
        bool auto_initramfs, arm_64bit, boot_ramdisk, upstream_kernel;
};

/** config_defaults() - what holds before the file was read; @is_64bit: what the family starts without
 * arm_64bit. */
void config_defaults(struct config *c, bool is_64bit);

/** config_read() - apply a file; a value that is longer than firmware takes is cut, as there. */
void config_read(struct config *c, const struct config_board *board, const char *text, size_t len);
