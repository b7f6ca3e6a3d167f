/* A FAT12 volume, written in one go; see seed_volume.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/writer.h"
#include "format/fat_entry.h"
#include "format/seed_volume.h"

enum {
        SECTOR = 512,
        CLUSTER = 4 * SECTOR,
        SECTORS = SEED_VOLUME_SIZE / SECTOR,
        FAT_SECTORS = 8, /* 2,700 entries: more than there are clusters */
        ROOT_ENTRIES = 128,
        ROOT_SECTORS = ROOT_ENTRIES * 32 / SECTOR,
        FAT_AT = SECTOR,
        ROOT_AT = FAT_AT + 2 * FAT_SECTORS * SECTOR,
        DATA_AT = ROOT_AT + ROOT_SECTORS * SECTOR,
        CLUSTERS = (SEED_VOLUME_SIZE - DATA_AT) / CLUSTER,
        FIRST_CLUSTER = 2,
        END_OF_CHAIN = 0xfff,
        MEDIA_FIXED = 0xf8
};

static void write_boot_sector(const char *label, uint32_t serial, uint8_t *buf) {
        struct writer w = writer_of(buf, SECTOR);

        write_octets(&w,
                     "\xeb\x3c\x90"
                     "BRAMBLE ",
                     11);
        write_u16le(&w, SECTOR);
        write_u8(&w, CLUSTER / SECTOR);
        write_u16le(&w, 1); /* reserved sectors: this one */
        write_u8(&w, 2);    /* tables */
        write_u16le(&w, ROOT_ENTRIES);
        write_u16le(&w, SECTORS);
        write_u8(&w, MEDIA_FIXED);
        write_u16le(&w, FAT_SECTORS);
        write_u16le(&w, 32); /* sectors a track and heads, which nobody asks for any more */
        write_u16le(&w, 64);
        write_zeros(&w, 4 + 4);
        write_octets(&w, "\x80\x00\x29", 3);
        write_u32le(&w, serial);
        char padded[12];
        (void)snprintf(padded, sizeof(padded), "%-11.11s", label);
        write_octets(&w, padded, 11);
        write_octets(&w, "FAT12   ", 8);
        buf[SECTOR - 2] = 0x55;
        buf[SECTOR - 1] = 0xaa;
}

/* Twelve bits each: two entries share three octets. */
static void set_entry(uint8_t *table, unsigned cluster, unsigned value) {
        uint8_t *at = table + cluster * 3 / 2;

        if (cluster % 2 == 0) {
                at[0] = (uint8_t)value;
                at[1] = (uint8_t)((at[1] & 0xf0) | value >> 8);
        } else {
                at[0] = (uint8_t)((at[0] & 0x0f) | (value & 0xf) << 4);
                at[1] = (uint8_t)(value >> 4);
        }
}

/* The short name is one that nobody sees: FILE0001. */
static void write_directory_entries(struct writer *w, const struct seed_file *f, unsigned index,
                                    unsigned cluster) {
        char short_name[12];

        (void)snprintf(short_name, sizeof(short_name), "FILE%04u   ", index + 1);
        fat_long_name_write(w, f->name, strlen(f->name), (const uint8_t *)short_name);
        write_octets(w, short_name, 11);
        write_u8(w, FAT_ATTRIBUTE_ARCHIVE);
        write_zeros(w, 12); /* times that it does not have */
        write_u16le(w, FAT_DATE_FIRST);
        write_u16le(w, (uint16_t)cluster);
        write_u32le(w, (uint32_t)f->len);
}

static unsigned put_file(uint8_t *buf, const struct seed_file *f, unsigned cluster) {
        unsigned n = (unsigned)((f->len + CLUSTER - 1) / CLUSTER);

        if (f->len > 0)
                memcpy(buf + DATA_AT + (size_t)(cluster - FIRST_CLUSTER) * CLUSTER, f->data, f->len);
        for (unsigned i = 0; i < n; i++)
                set_entry(buf + FAT_AT, cluster + i, i + 1 < n ? cluster + i + 1 : END_OF_CHAIN);
        return n;
}

static bool fits(const struct seed_file *files, size_t n) {
        size_t clusters = 0;

        if (n > SEED_VOLUME_FILES_MAX)
                return false;
        for (size_t i = 0; i < n; i++) {
                if (strlen(files[i].name) > SEED_VOLUME_NAME_MAX || files[i].len > SEED_VOLUME_SIZE)
                        return false;
                clusters += (files[i].len + CLUSTER - 1) / CLUSTER;
        }
        return clusters <= CLUSTERS;
}

int seed_volume_make(const struct seed_file *files, size_t n, const char *label, uint32_t serial,
                     uint8_t buf[static SEED_VOLUME_SIZE]) {
        unsigned cluster = FIRST_CLUSTER;

        if (!fits(files, n))
                return -E2BIG;
        memset(buf, 0, SEED_VOLUME_SIZE);
        write_boot_sector(label, serial, buf);
        set_entry(buf + FAT_AT, 0, 0xf00 | MEDIA_FIXED);
        set_entry(buf + FAT_AT, 1, END_OF_CHAIN);
        struct writer root = writer_of(buf + ROOT_AT, ROOT_SECTORS * SECTOR);
        char padded[12];
        (void)snprintf(padded, sizeof(padded), "%-11.11s", label);
        write_octets(&root, padded, 11);
        write_u8(&root, FAT_ATTRIBUTE_LABEL);
        write_zeros(&root, 20);
        for (size_t i = 0; i < n; i++) {
                write_directory_entries(&root, &files[i], (unsigned)i, files[i].len > 0 ? cluster : 0);
                cluster += put_file(buf, &files[i], cluster);
        }
        memcpy(buf + FAT_AT + FAT_SECTORS * SECTOR, buf + FAT_AT, FAT_SECTORS * SECTOR);
        return root.full ? -E2BIG : 0;
}
