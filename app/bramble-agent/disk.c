/* Disks in sysfs; see disk.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/disk.h"
#include "base/text.h"

enum { KERNEL_SECTOR = 512, VPD_HEADER = 4 }; /* sysfs counts in sectors of 512 whatever the disk does */

static const char *const bus_names[] = {
        [DISK_NVME] = "nvme", [DISK_SATA] = "sata", [DISK_SCSI] = "scsi", [DISK_VIRTIO] = "virtio",
        [DISK_EMMC] = "emmc", [DISK_SD] = "sd",     [DISK_USB] = "usb",   [DISK_OTHER] = "other",
};

const char *disk_bus_name(enum disk_bus bus) {
        return bus_names[bus];
}

static enum disk_bus read_bus(const struct tree *t, const char *name) {
        char type[16], path[TREE_PATH_MAX];

        if (text_starts_with(name, "nvme"))
                return DISK_NVME;
        if (text_starts_with(name, "vd"))
                return DISK_VIRTIO;
        if (text_starts_with(name, "mmcblk"))
                return tree_text(t, type, sizeof(type), "sys/block/%s/device/type", name) &&
                                       strcmp(type, "MMC") == 0
                               ? DISK_EMMC
                               : DISK_SD;
        if (!text_starts_with(name, "sd"))
                return DISK_OTHER;
        (void)tree_path(t, path, sizeof(path), "sys/block/%s", name);
        return strstr(path, "/usb") ? DISK_USB : strstr(path, "/ata") ? DISK_SATA : DISK_SCSI;
}

static void trim_start(char *text) {
        size_t n = strspn(text, " \t");
        memmove(text, text + n, strlen(text + n) + 1);
}

/* SCSI and ATA disks tell it in a page of vital product data: four octets of header, then text. */
static void read_vpd_serial(const struct tree *t, struct disk *d) {
        uint8_t page[VPD_HEADER + DISK_TEXT_SIZE];
        int n = tree_read(t, page, sizeof(page), "sys/block/%s/device/vpd_pg80", d->name);

        if (n <= VPD_HEADER)
                return;
        size_t len = (size_t)n - VPD_HEADER;
        if (len > page[3])
                len = page[3];
        if (len >= sizeof(d->serial))
                len = sizeof(d->serial) - 1;
        memcpy(d->serial, page + VPD_HEADER, len);
        d->serial[len] = '\0';
        while (len > 0 && (unsigned char)d->serial[len - 1] <= ' ')
                d->serial[--len] = '\0';
        trim_start(d->serial);
}

/* Of a USB disk the device that holds it has the number that is printed on it: four folders up or so. */
static void read_usb_serial(const struct tree *t, struct disk *d) {
        char path[TREE_PATH_MAX];

        if (!tree_path(t, path, sizeof(path), "sys/block/%s", d->name))
                return;
        for (char *slash; (slash = strrchr(path, '/')) && strstr(path, "/usb");) {
                *slash = '\0';
                if (tree_exists(t, "%s/idVendor", path)) {
                        (void)tree_text(t, d->serial, sizeof(d->serial), "%s/serial", path);
                        return;
                }
        }
}

static void read_texts(const struct tree *t, struct disk *d) {
        static const struct {
                size_t at;
                const char *paths[4];
        } rows[] = {
                { offsetof(struct disk, model), { "device/model", "device/name", "device/device/name" } },
                { offsetof(struct disk, serial), { "device/serial", "serial" } },
                { offsetof(struct disk, wwn), { "wwid", "device/wwid" } },
                { offsetof(struct disk, firmware), { "device/firmware_rev", "device/rev", "device/fwrev" } },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char *buf = (char *)d + rows[i].at;
                for (size_t k = 0; k < ARRAY_LEN(rows[i].paths) && rows[i].paths[k] && !*buf; k++)
                        (void)tree_text(t, buf, DISK_TEXT_SIZE, "sys/block/%s/%s", d->name, rows[i].paths[k]);
                trim_start(buf);
        }
        if (!*d->serial && d->bus == DISK_USB)
                read_usb_serial(t, d);
        if (!*d->serial)
                read_vpd_serial(t, d);
}

static int64_t number_of(const struct tree *t, const char *disk, const char *file, int64_t other) {
        int64_t number;
        return tree_number(t, &number, "sys/block/%s/%s", disk, file) ? number : other;
}

static bool is_disk(const struct tree *t, const char *name) {
        static const char *const others[] = { "loop", "ram", "zram", "sr",      "fd",
                                              "dm-",  "md",  "nbd",  "mtdblock" };

        for (size_t i = 0; i < ARRAY_LEN(others); i++)
                if (text_starts_with(name, others[i]))
                        return false;
        /* mmcblk0boot0, mmcblk0rpmb: areas of an eMMC that hold firmware and keys. */
        if (text_starts_with(name, "mmcblk") &&
            name[strlen("mmcblk") + strspn(name + strlen("mmcblk"), "0123456789")])
                return false;
        return number_of(t, name, "size", 0) > 0 && number_of(t, name, "hidden", 0) == 0;
}

static void read_disk(const struct tree *t, const char *name, struct disk *d) {
        *d = (struct disk){ .bus = read_bus(t, name) };
        (void)text_copy(d->name, sizeof(d->name), name);
        (void)tree_text(t, d->number, sizeof(d->number), "sys/block/%s/dev", name);
        d->size = (uint64_t)number_of(t, name, "size", 0) * KERNEL_SECTOR;
        d->sector_size = (uint32_t)number_of(t, name, "queue/logical_block_size", KERNEL_SECTOR);
        d->block_size = (uint32_t)number_of(t, name, "queue/physical_block_size", KERNEL_SECTOR);
        d->is_rotational = number_of(t, name, "queue/rotational", 0) == 1;
        d->is_removable = number_of(t, name, "removable", 0) == 1;
        d->is_read_only = number_of(t, name, "ro", 0) == 1;
        d->can_discard = number_of(t, name, "queue/discard_max_bytes", 0) > 0;
        read_texts(t, d);
}

unsigned disk_list(const struct tree *t, struct disk ret[static DISKS_MAX]) {
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, "sys/block");
        unsigned n = 0;

        for (size_t i = 0; i < names.n && n < DISKS_MAX; i++)
                if (strlen(names.items[i]) < DISK_NAME_SIZE && is_disk(t, names.items[i]))
                        read_disk(t, names.items[i], &ret[n++]);
        return n;
}

bool disk_is_meant(const struct disk *d, const char *hint) {
        const char *name = text_starts_with(hint, "/dev/") ? hint + strlen("/dev/") : hint;

        return strcmp(name, d->name) == 0 || (*d->serial && strcasecmp(hint, d->serial) == 0) ||
               (*d->wwn && strcasecmp(hint, d->wwn) == 0);
}

void disk_partition_name(const char *disk, unsigned number, char *buf, size_t size) {
        bool ends_in_digit = *disk && isdigit((unsigned char)disk[strlen(disk) - 1]);
        (void)snprintf(buf, size, ends_in_digit ? "%sp%u" : "%s%u", disk, number);
}
