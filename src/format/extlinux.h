/*
 * extlinux.conf, as U-Boot's `pxe` command and SYSLINUX' pxelinux read it (writer only).
 *
 * The language has no quoting: a value is the rest of its line. U-Boot then takes the command line for a line
 * of its own shell: "$" begins a variable, "\" and "'" quote; SYSLINUX takes it as it stands. Source: U-Boot
 * doc/README.pxe and the behaviour of its boot/pxe_utils.c; wiki.syslinux.org Config.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/text.h"
#include "format/boot_entry.h"

enum extlinux_dialect { EXTLINUX_UBOOT, EXTLINUX_SYSLINUX };

/** extlinux_write() - append a configuration that starts @entry at once; 0, or -EINVAL when a path cannot be
 * written. */
MUST_CHECK int extlinux_write(const struct boot_loader_entry *entry, enum extlinux_dialect dialect,
                              struct text *out);

/** extlinux_write_local() - append a configuration that gives the machine back to its own disks at once. */
void extlinux_write_local(struct text *out);
