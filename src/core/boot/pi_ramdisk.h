/*
 * boot.img: what one Raspberry Pi boots, as one FAT volume that its firmware loads and reads everything from,
 * and boot.sig, which says that it is ours (raspberry-pi.md sections 2.5, 4 and 5).
 *
 * In it is the tree that its board would see, without what other boards load. Nothing in it is of one boot or
 * one board alone: no token, no MAC. So boards of one kind that boot one image get the same octets, which are
 * signed once.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/method.h"

#define PI_RAMDISK_SIGNATURE "boot.sig"

/** pi_ramdisk_inside() - the plan of what lies in @p's boot.img. */
struct boot_plan pi_ramdisk_inside(const struct boot_plan *p);

/**
 * pi_ramdisk_check() - whether a volume can be made, by what is known without a look at content
 * @inside:     of pi_ramdisk_inside(); its paths may get texts in its arena
 * @ret_octets: of the files in it, as far as they were counted
 *
 * Return: 0, or -errno as boot_plan_why() knows it: -EOVERFLOW when it would be longer than firmware loads.
 */
MUST_CHECK int pi_ramdisk_check(const struct boot_plan *inside, uint64_t *ret_octets);

/** pi_ramdisk_generate() - boot.img, and for a machine that requires trust boot.sig, behind the @n of @list;
 * how many there are then. */
size_t pi_ramdisk_generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX],
                           size_t n);
