/* The configuration of PXELINUX' kind, which U-Boot and PXELINUX itself ask for (uboot_pxelinux.c). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/method.h"

/* As the members of struct boot_method of the same names. */
size_t boot_pxelinux_generate(const struct boot_plan *p,
                              struct boot_generated list[static BOOT_GENERATED_MAX]);
const char *boot_pxelinux_resolve(const struct boot_plan *p, const char *path);
