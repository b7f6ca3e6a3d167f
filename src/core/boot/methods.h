/* The rows of methods.c, each defined in a file of its own. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/method.h"

extern const struct boot_method boot_method_pi_local;
extern const struct boot_method boot_method_pi_signed;
extern const struct boot_method boot_method_pi_tftp;
extern const struct boot_method boot_method_uefi_local;
extern const struct boot_method boot_method_uboot_local;
extern const struct boot_method boot_method_ipxe_local;
extern const struct boot_method boot_method_ipxe;
extern const struct boot_method boot_method_uboot_pxelinux;
extern const struct boot_method boot_method_uboot_efi;
extern const struct boot_method boot_method_uefi_http;
extern const struct boot_method boot_method_uefi_pxe;
extern const struct boot_method boot_method_bios;
