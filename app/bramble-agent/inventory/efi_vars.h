/*
 * UEFI's boot entries: variables BootOrder and Boot#### (UEFI specification 2.10 section 3.1.3), as efivarfs
 * gives them. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { EFI_BOOT_ENTRIES_MAX = 64, EFI_DESCRIPTION_SIZE = 128, EFI_VARIABLE_MAX = 4096 };

struct efi_boot_entry {
        bool is_active;
        char description[EFI_DESCRIPTION_SIZE]; /* what is not ASCII as '?' */
};

/** efi_boot_order_parse() - numbers of entries in their order; returns how many, -EBADMSG when it is none. */
MUST_CHECK int efi_boot_order_parse(const void *data, size_t len, uint16_t ret[static EFI_BOOT_ENTRIES_MAX]);

/** efi_boot_entry_parse() - 0 or -EBADMSG. */
MUST_CHECK int efi_boot_entry_parse(const void *data, size_t len, struct efi_boot_entry *ret);

/** efi_flag_parse() - a variable of one octet such as SecureBoot. */
bool efi_flag_parse(const void *data, size_t len);
