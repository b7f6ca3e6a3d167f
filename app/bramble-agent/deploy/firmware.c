/*
 * Looking for firmware on a disk; see firmware.h.
 *
 * Files are looked for without mounting: a kernel without vfat would have every card look as if it were free.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/arch.h"
#include "app/bramble-agent/deploy/finish.h"
#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/deploy/medium.h"
#include "app/bramble-agent/inventory/boot_order.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/job.h"
#include "base/text.h"
#include "format/fat.h"
#include "format/fat_root.h"
#include "format/partition.h"

enum { NAMES_MAX = 512, MBR_ID_SIZE = 4 };

#define UNREAD "it cannot be read, and the machine may boot from it"
#define STARTED "UEFI started this machine from it"

/* One disk on the table. */
struct look {
        const struct disk *disk;
        struct block *block;
        uint8_t *page; /* BLOCK_ALIGN octets */
        struct partition_extent fat;
        struct fat_volume volume;
        char names[NAMES_MAX][FAT_SHORT_NAME_SIZE];
        const char *list[NAMES_MAX + 1]; /* the same, as medium.h wants them */
        size_t n_names;
};

static struct medium_machine look_at_machine(const struct tree *t) {
        return (struct medium_machine){ .is_pi = pi_is_one(t),
                                        .has_eeprom = pi_has_eeprom(t),
                                        .is_uefi = tree_exists(t, "sys/firmware/efi"),
                                        .is_arm = strcmp(ARCH_NAME, "amd64") != 0 };
}

bool firmware_can_convert(const struct job_world *world) {
        return pi_is_one(&world->tree) && pi_family_has_eeprom(&world->tree);
}

/* Any octets: the disk itself is read by whole pages. */
static int read_disk(void *ctx, uint64_t offset, void *buf, size_t len) {
        struct look *l = ctx;

        for (size_t done = 0; done < len;) {
                const uint64_t at = offset + done, from = at - at % BLOCK_ALIGN;
                const uint64_t left = block_size(l->block) > from ? block_size(l->block) - from : 0;
                const size_t n = left < BLOCK_ALIGN ? (size_t)left : BLOCK_ALIGN, skip = (size_t)(at - from);
                if (skip >= n)
                        return -EIO;
                int r = block_read(l->block, from, l->page, n, NULL);
                if (r < 0)
                        return r;
                const size_t part = n - skip < len - done ? n - skip : len - done;
                memcpy((uint8_t *)buf + done, l->page + skip, part);
                done += part;
        }
        return 0;
}

static int read_fat(void *ctx, uint64_t offset, void *buf, size_t len) {
        struct look *l = ctx;
        return read_disk(l, l->fat.offset + offset, buf, len);
}

static int note_name(void *ctx, const char *name) {
        struct look *l = ctx;

        if (l->n_names == NAMES_MAX)
                return 1;
        (void)text_copy(l->names[l->n_names], FAT_SHORT_NAME_SIZE, name);
        l->list[l->n_names] = l->names[l->n_names];
        l->n_names++;
        return 0;
}

/* The first FAT volume is where a board's firmware looks. False: it is there, and cannot be read. */
static bool read_names(struct look *l) {
        uint8_t sector[FAT_BOOT_SECTOR];

        l->n_names = 0;
        const int answer = partition_find_fat(read_disk, l, block_size(l->block), &l->fat);

        if (answer == PARTITION_NO_TABLE || answer == PARTITION_NO_FAT)
                return true;
        return answer == PARTITION_FOUND && read_fat(l, 0, sector, sizeof(sector)) == 0 &&
               fat_volume_parse(sector, &l->volume) == 0 &&
               fat_root_each(&l->volume, read_fat, note_name, l) >= 0;
}

/* Those that boards start from, and that are unplugged or wear out. */
static bool may_be_started_from(const struct disk *d) {
        return d->is_removable || d->bus == DISK_SD || d->bus == DISK_EMMC || d->bus == DISK_USB;
}

static struct firmware unread(const struct disk *d) {
        return may_be_started_from(d) ? (struct firmware){ .reason = UNREAD, .is_unread = true }
                                      : (struct firmware){ 0 };
}

static struct firmware look_for_boards(const struct medium_machine *m, struct look *l) {
        CLEANUP(free_at) void *begin = block_buffer(MEDIUM_PROBE_SIZE);
        struct medium_disk d = { .begin = begin, .names = l->list };
        bool is_file;

        if (begin && block_size(l->block) >= MEDIUM_PROBE_SIZE)
                d.begin_len = MEDIUM_PROBE_SIZE;
        if (!begin || block_read(l->block, 0, begin, d.begin_len, NULL) < 0)
                return unread(l->disk);
        const bool is_read = read_names(l);
        struct firmware f = { .reason = medium_firmware(m, &d, &is_file) };
        if (!f.reason)
                return is_read ? f : unread(l->disk);
        if (is_file) {
                f.begin = l->fat.offset;
                f.len = l->fat.len;
        }
        return f;
}

static const struct disk_part *part_at(const struct disk_table *t, uint64_t first) {
        for (size_t i = 0; i < t->n_parts; i++)
                if (t->parts[i].first == first)
                        return &t->parts[i];
        return NULL;
}

static bool is_meant(const struct disk_table *t, const struct disk_part *p, const struct efi_boot_disk *b) {
        const uint8_t mbr_id[MBR_ID_SIZE] = { (uint8_t)t->mbr_id, (uint8_t)(t->mbr_id >> 8),
                                              (uint8_t)(t->mbr_id >> 16), (uint8_t)(t->mbr_id >> 24) };

        if (t->kind == DISK_TABLE_GPT)
                return b->kind == EFI_DISK_GPT && memcmp(p->id, b->id, sizeof(b->id)) == 0;
        return b->kind == EFI_DISK_MBR && memcmp(mbr_id, b->id, sizeof(mbr_id)) == 0;
}

/* What UEFI says that it started from. Of a stick it may only say that it is one at USB: then each may be it.
 */
static struct firmware look_for_booted(const struct efi_boot_disk *b, struct look *l, const char *path) {
        CLEANUP(free_at) struct disk_table *table = calloc(1, sizeof(*table));
        const struct disk_place place = { .path = path, .name = l->disk->name, .block = l->block };
        struct firmware f = { 0 };

        if (b->kind == EFI_DISK_ANY) {
                if (!b->is_usb || l->disk->bus != DISK_USB)
                        return f;
                f.reason = "UEFI started this machine from USB";
                f.is_unread = !read_names(l) || l->fat.len == 0;
                f.begin = l->fat.offset;
                f.len = l->fat.len;
                return f;
        }
        if (!table || finish_read_table(&place, l->disk->sector_size, table, NULL) != DISK_TABLE_FOUND)
                return f;
        const struct disk_part *p = part_at(table, b->first);
        if (p && is_meant(table, p, b))
                f = (struct firmware){ .reason = STARTED,
                                       .begin = p->first * table->sector_size,
                                       .len = p->n * table->sector_size };
        return f;
}

struct firmware firmware_look(const struct job_world *world, const struct disk *d) {
        const struct medium_machine machine = look_at_machine(&world->tree);
        CLEANUP(free_at) struct look *l = calloc(1, sizeof(*l));
        CLEANUP(free_at) uint8_t *page = block_buffer(BLOCK_ALIGN);
        CLEANUP(block_close_at) struct block *block = NULL;
        struct firmware f = { 0 };
        struct efi_boot_disk booted;
        char path[TREE_PATH_MAX];
        const bool matters = medium_matters(&machine),
                   has_booted = boot_order_booted_disk(&world->tree, &booted);

        /* Where no disk can matter none is touched. */
        if (!matters && !has_booted)
                return f;
        if (!l || !page ||
            block_open(tree_name(path, "%s/dev/%s", world->root, d->name), d->name, false, &block, NULL) < 0)
                return matters ? unread(d) : f;
        l->disk = d;
        l->block = block;
        l->page = page;
        if (matters)
                f = look_for_boards(&machine, l);
        return !f.reason && has_booted ? look_for_booted(&booted, l, path) : f;
}

const char *firmware_on_disk(const struct job_world *world, const struct disk *d) {
        return firmware_look(world, d).reason;
}
