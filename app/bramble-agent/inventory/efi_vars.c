/* UEFI variables; see efi_vars.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "app/bramble-agent/inventory/efi_vars.h"
#include "base/reader.h"

enum { ATTRIBUTES = 4, LOAD_OPTION_ACTIVE = 1 }; /* efivarfs puts attributes before the data */

int efi_boot_order_parse(const void *data, size_t len, uint16_t ret[static EFI_BOOT_ENTRIES_MAX]) {
        struct reader r = reader_of(data, len);
        int n = 0;

        (void)read_octets(&r, ATTRIBUTES);
        if (r.bad || reader_left(&r) % 2 != 0)
                return -EBADMSG;
        while (reader_left(&r) > 0 && n < EFI_BOOT_ENTRIES_MAX)
                ret[n++] = read_u16le(&r);
        return n;
}

int efi_boot_entry_parse(const void *data, size_t len, struct efi_boot_entry *ret) {
        struct reader r = reader_of(data, len);
        struct efi_boot_entry entry = { 0 };
        size_t n = 0;

        (void)read_octets(&r, ATTRIBUTES);
        entry.is_active = read_u32le(&r) & LOAD_OPTION_ACTIVE;
        (void)read_u16le(&r); /* length of the device path */
        for (uint16_t c; (c = read_u16le(&r)) != 0;)
                if (n < sizeof(entry.description) - 1)
                        entry.description[n++] = c >= ' ' && c < 0x7f ? (char)c : '?';
        if (r.bad)
                return -EBADMSG;
        *ret = entry;
        return 0;
}

bool efi_flag_parse(const void *data, size_t len) {
        struct reader r = reader_of(data, len);

        (void)read_octets(&r, ATTRIBUTES);
        return read_u8(&r) == 1 && !r.bad;
}
