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

/* The vendor of variables that the specification names, as efivarfs has it behind their names. */
#define EFI_GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"

enum {
        EFI_BOOT_ENTRIES_MAX = 64,
        EFI_DESCRIPTION_SIZE = 128,
        EFI_VARIABLE_MAX = 4096,
        EFI_PARTITION_ID = 16
};

/* What an entry starts from, by its device path. */
enum efi_boot_kind {
        EFI_BOOT_OTHER, /* a program of the firmware: its menu, a shell */
        EFI_BOOT_DISK,
        EFI_BOOT_NETWORK
};

struct efi_boot_entry {
        bool is_active;
        enum efi_boot_kind kind;
        char description[EFI_DESCRIPTION_SIZE]; /* what is not ASCII as '?' */
};

/** efi_boot_order_parse() - numbers of entries in their order; returns how many, -EBADMSG when it is none. */
MUST_CHECK int efi_boot_order_parse(const void *data, size_t len, uint16_t ret[static EFI_BOOT_ENTRIES_MAX]);

/** efi_boot_entry_parse() - 0 or -EBADMSG. */
MUST_CHECK int efi_boot_entry_parse(const void *data, size_t len, struct efi_boot_entry *ret);

enum efi_disk_kind { EFI_DISK_ANY, EFI_DISK_MBR, EFI_DISK_GPT };

/* The disk that an entry starts from, as far as it says. */
struct efi_boot_disk {
        bool is_usb;
        enum efi_disk_kind kind;      /* EFI_DISK_ANY: it names a bus, and no partition */
        uint8_t id[EFI_PARTITION_ID]; /* of the partition with GPT, of the disk in the first four with MBR */
        uint64_t first;               /* sector of the partition */
};

/** efi_boot_disk_parse() - of an entry; false when it starts from no disk. */
bool efi_boot_disk_parse(const void *data, size_t len, struct efi_boot_disk *ret);

/** efi_flag_parse() - a variable of one octet such as SecureBoot. */
bool efi_flag_parse(const void *data, size_t len);
