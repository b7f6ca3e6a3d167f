/* Boot sectors and allocation tables of FAT volumes; see fat.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/reader.h"
#include "format/fat.h"

enum {
        SIGNATURE = 510,
        JUMP_SHORT = 0xeb,
        JUMP_NEAR = 0xe9,
        DIR_ENTRY = 32,
        FIRST_CLUSTER = 2,
        FAT12_CLUSTERS = 4085,  /* from so many on it is FAT16 … */
        FAT16_CLUSTERS = 65525, /* … and FAT32 */
        FAT16_MARK = 38,        /* where a serial number and a label follow, if EXTENDED stands there */
        FAT32_MARK = 66,
        EXTENDED = 0x29,
        NOT_MIRRORED = 0x80,
        ACTIVE_TABLE = 0x0f,
        FAT32_MASK = 0x0fffffff, /* the highest four bits are nobody's */
        CHUNK = 12 * 1024        /* octets of the table at once: whole entries of 12, 16 and 32 bits */
};

static bool is_power_of_two(unsigned n) {
        return n != 0 && (n & (n - 1)) == 0;
}

/* The fields of the boot sector, from octet 11 on. */
struct boot_sector {
        unsigned sector_size, cluster_sectors, reserved, fats, root_entries, media, ext_flags;
        uint32_t n_sectors, fat_sectors, root_cluster;
};

static struct boot_sector read_boot_sector(const uint8_t sector[static FAT_BOOT_SECTOR]) {
        struct reader r = reader_of(sector + 11, FAT_BOOT_SECTOR - 11);
        struct boot_sector b = { .sector_size = read_u16le(&r) };

        b.cluster_sectors = read_u8(&r);
        b.reserved = read_u16le(&r);
        b.fats = read_u8(&r);
        b.root_entries = read_u16le(&r);
        b.n_sectors = read_u16le(&r);
        b.media = read_u8(&r);
        b.fat_sectors = read_u16le(&r);
        (void)read_octets(&r, 8); /* geometry, hidden sectors */
        uint32_t n_sectors = read_u32le(&r);
        b.n_sectors = b.n_sectors ? b.n_sectors : n_sectors;
        if (b.fat_sectors == 0) {
                b.fat_sectors = read_u32le(&r);
                b.ext_flags = read_u16le(&r);
                (void)read_u16le(&r); /* version */
                b.root_cluster = read_u32le(&r);
        }
        return b;
}

static bool is_sound(const struct boot_sector *b) {
        return is_power_of_two(b->sector_size) && b->sector_size >= 512 && b->sector_size <= 4096 &&
               is_power_of_two(b->cluster_sectors) && b->reserved > 0 && (b->fats == 1 || b->fats == 2) &&
               (b->media >= 0xf8 || b->media == 0xf0) && b->fat_sectors != 0;
}

/* Where the boot sector says that it has one; without the spaces at its end. */
static void read_label(const uint8_t sector[static FAT_BOOT_SECTOR], unsigned bits,
                       char ret[static FAT_LABEL_MAX + 1]) {
        const uint8_t *mark = sector + (bits == 32 ? FAT32_MARK : FAT16_MARK);
        const uint8_t *label = mark + 5; /* behind the serial number */
        size_t len = *mark == EXTENDED ? FAT_LABEL_MAX : 0;

        while (len > 0 && label[len - 1] == ' ')
                len--;
        memcpy(ret, label, len);
        ret[len] = '\0';
}

int fat_volume_parse(const uint8_t sector[static FAT_BOOT_SECTOR], struct fat_volume *ret) {
        struct boot_sector b = read_boot_sector(sector);

        /* An MBR's code may begin with a jump too: the rest must fit as well. */
        if (sector[SIGNATURE] != 0x55 || sector[SIGNATURE + 1] != 0xaa ||
            (sector[0] != JUMP_SHORT && sector[0] != JUMP_NEAR) || !is_sound(&b))
                return -EBADMSG;

        uint64_t root_size =
                ((uint64_t)b.root_entries * DIR_ENTRY + b.sector_size - 1) / b.sector_size * b.sector_size;
        struct fat_volume v = { .size = (uint64_t)b.n_sectors * b.sector_size,
                                .cluster_size = b.cluster_sectors * b.sector_size,
                                .fat_offset = (uint64_t)b.reserved * b.sector_size,
                                .fat_size = (uint64_t)b.fat_sectors * b.sector_size,
                                .root_size = root_size,
                                .root_cluster = root_size ? 0 : b.root_cluster };
        v.data_offset = v.fat_offset + b.fats * v.fat_size + root_size;
        if (v.data_offset < v.size)
                v.n_clusters = (uint32_t)((v.size - v.data_offset) / v.cluster_size);
        v.bits = v.n_clusters < FAT12_CLUSTERS ? 12 : v.n_clusters < FAT16_CLUSTERS ? 16 : 32;
        if (b.ext_flags & NOT_MIRRORED && (b.ext_flags & ACTIVE_TABLE) < b.fats)
                v.fat_offset += (b.ext_flags & ACTIVE_TABLE) * v.fat_size;
        read_label(sector, v.bits, v.label);
        *ret = v;
        return 0;
}

/* Entry @i of those that begin with @table. */
static uint32_t entry(const struct fat_volume *v, const uint8_t *table, size_t i) {
        const uint8_t *at = table + i * v->bits / 8;
        struct reader r = reader_of(at, v->bits == 32 ? 4 : 2);

        if (v->bits == 32)
                return read_u32le(&r) & FAT32_MASK;
        uint32_t e = read_u16le(&r);
        if (v->bits == 16)
                return e;
        return i % 2 ? e >> 4 : e & 0xfff;
}

int fat_each_used(const struct fat_volume *v, int (*read)(void *ctx, uint64_t offset, void *buf, size_t len),
                  int (*fn)(void *ctx, uint64_t offset, uint64_t len), void *ctx) {
        uint64_t end = (uint64_t)v->n_clusters + FIRST_CLUSTER;
        uint8_t chunk[CHUNK];

        if (v->n_clusters == 0 || (end * v->bits + 7) / 8 > v->fat_size)
                return -EBADMSG;
        int r = fn(ctx, 0, v->data_offset);
        for (uint64_t first = 0; r == 0 && first < end; first += CHUNK * 8 / v->bits) {
                uint64_t offset = first * v->bits / 8;
                size_t len = v->fat_size - offset < CHUNK ? (size_t)(v->fat_size - offset) : CHUNK;
                r = read(ctx, v->fat_offset + offset, chunk, len);
                for (uint64_t i = first; r == 0 && i < end && i < first + CHUNK * 8 / v->bits; i++)
                        if (i >= FIRST_CLUSTER && entry(v, chunk, (size_t)(i - first)) != 0)
                                r = fn(ctx, v->data_offset + (i - FIRST_CLUSTER) * v->cluster_size,
                                       v->cluster_size);
        }
        return r;
}
