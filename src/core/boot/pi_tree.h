/* What one Raspberry Pi reads of its tree, and nothing else: what goes into a boot.img of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/plan.h"

/**
 * pi_tree_each() - the files that the firmware of the plan's board reads, sorted by path
 * @blobs:      opens content
 * @fn:         called with each path and its file, which is borrowed for the call; until it returns non-zero
 *
 * config.txt and its included files, cmdline.txt, the firmware of the family, kernel, initramfs, the device
 * trees of each stepping, and all overlays: by the firmware's own rules, and octet for octet what the same
 * plan serves over the network. What config.txt names and the image lacks is left out, as the board finds
 * nothing there either.
 *
 * Return: 0, what @fn returned, -ENOENT when the plan is no Raspberry Pi's or has no config.txt, or -errno.
 */
MUST_CHECK int pi_tree_each(const struct boot_plan *p, const struct blob_source *blobs,
                            int (*fn)(void *ctx, const char *path, struct boot_file *file), void *ctx);

/** pi_tree_each_size() - the same files and their octets, without a look at content; -ENODATA where that does
 * not tell. */
MUST_CHECK int pi_tree_each_size(const struct boot_plan *p,
                                 int (*fn)(void *ctx, const char *path, uint64_t size), void *ctx);
