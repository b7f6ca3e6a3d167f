/* UEFI variables; see efi_vars.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/inventory/efi_vars.h"
#include "base/reader.h"

enum { ATTRIBUTES = 4, LOAD_OPTION_ACTIVE = 1 }; /* efivarfs puts attributes before the data */

/* UEFI specification 2.10 section 10.3: types and subtypes of the nodes of a device path. */
enum {
        NODE_HEADER = 4,
        MESSAGING = 3,
        MESSAGING_USB = 5,
        MESSAGING_MAC = 11,
        MESSAGING_USB_CLASS = 15,
        MESSAGING_USB_WWID = 16,
        MEDIA = 4,
        MEDIA_HARD_DRIVE = 1,
        MEDIA_FIRMWARE_FILE = 6,
        MEDIA_FIRMWARE_VOLUME = 7,
        BIOS_BOOT = 5,
        BIOS_BOOT_NETWORK = 6,
        BIOS_BOOT_BEV = 0x80,
        END = 0x7f
};

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

/* Whatever is neither a network card nor the firmware's own can only be a disk: there are many kinds of them.
 */
static enum efi_boot_kind kind_of_path(const void *path, size_t len) {
        struct reader r = reader_of(path, len);
        enum efi_boot_kind kind = EFI_BOOT_OTHER;

        while (reader_left(&r) >= NODE_HEADER) {
                uint8_t type = read_u8(&r), subtype = read_u8(&r);
                uint16_t size = read_u16le(&r);
                if (type == END || size < NODE_HEADER)
                        break;
                struct reader node = reader_of(read_octets(&r, size - NODE_HEADER), size - NODE_HEADER);
                if (r.bad ||
                    (type == MEDIA && (subtype == MEDIA_FIRMWARE_FILE || subtype == MEDIA_FIRMWARE_VOLUME)))
                        return EFI_BOOT_OTHER;
                uint16_t device = type == BIOS_BOOT ? read_u16le(&node) : 0;
                if ((type == MESSAGING && subtype == MESSAGING_MAC) || device == BIOS_BOOT_NETWORK ||
                    device == BIOS_BOOT_BEV)
                        return EFI_BOOT_NETWORK;
                kind = EFI_BOOT_DISK;
        }
        return kind;
}

/* Up to its path, which is what @ret_path is of. */
static int read_entry(const void *data, size_t len, struct efi_boot_entry *ret, struct reader *ret_path) {
        struct reader r = reader_of(data, len);
        struct efi_boot_entry entry = { 0 };
        size_t n = 0;

        (void)read_octets(&r, ATTRIBUTES);
        entry.is_active = read_u32le(&r) & LOAD_OPTION_ACTIVE;
        uint16_t path_len = read_u16le(&r);
        for (uint16_t c; (c = read_u16le(&r)) != 0;)
                if (n < sizeof(entry.description) - 1)
                        entry.description[n++] = c >= ' ' && c < 0x7f ? (char)c : '?';
        if (r.bad)
                return -EBADMSG;
        size_t left = reader_left(&r), path_size = path_len < left ? path_len : left;
        const void *path = read_octets(&r, path_size);
        entry.kind = kind_of_path(path, path_size);
        *ret = entry;
        *ret_path = reader_of(path, path_size);
        return 0;
}

int efi_boot_entry_parse(const void *data, size_t len, struct efi_boot_entry *ret) {
        struct reader path;
        return read_entry(data, len, ret, &path);
}

static void read_hard_drive(struct reader *node, struct efi_boot_disk *d) {
        static const enum efi_disk_kind kinds[] = { EFI_DISK_ANY, EFI_DISK_MBR, EFI_DISK_GPT };

        (void)read_u32le(node); /* number of the partition */
        const uint64_t first = read_u64le(node);
        (void)read_u64le(node); /* sectors of it */
        const void *id = read_octets(node, EFI_PARTITION_ID);
        (void)read_u8(node); /* kind of the table, which the kind of the id says as well */
        const uint8_t kind = read_u8(node);
        if (node->bad || kind >= ARRAY_LEN(kinds))
                return;
        d->kind = kinds[kind];
        d->first = first;
        memcpy(d->id, id, sizeof(d->id));
}

bool efi_boot_disk_parse(const void *data, size_t len, struct efi_boot_disk *ret) {
        struct efi_boot_disk d = { 0 };
        struct efi_boot_entry entry;
        struct reader path;

        if (read_entry(data, len, &entry, &path) < 0 || entry.kind != EFI_BOOT_DISK)
                return false;
        while (reader_left(&path) >= NODE_HEADER) {
                const uint8_t type = read_u8(&path), subtype = read_u8(&path);
                const uint16_t size = read_u16le(&path);
                if (type == END || size < NODE_HEADER)
                        break;
                const size_t rest = size - NODE_HEADER;
                struct reader node = reader_of(read_octets(&path, rest), rest);
                if (path.bad)
                        break;
                if (type == MESSAGING && (subtype == MESSAGING_USB || subtype == MESSAGING_USB_CLASS ||
                                          subtype == MESSAGING_USB_WWID))
                        d.is_usb = true;
                if (type == MEDIA && subtype == MEDIA_HARD_DRIVE)
                        read_hard_drive(&node, &d);
        }
        *ret = d;
        return true;
}

bool efi_flag_parse(const void *data, size_t len) {
        struct reader r = reader_of(data, len);

        (void)read_octets(&r, ATTRIBUTES);
        return read_u8(&r) == 1 && !r.bad;
}
