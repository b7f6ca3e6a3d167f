/*
 * Partition tables that are changed: the last partition grown, new ids, one more partition, another disk's
 * partitions behind one that stays.
 *
 * Pure: the begin of a disk in, a table out; the table changed; octets for the begin and the end of a disk
 * out. MBR and GPT. Of an MBR only the primary partitions: what lies in an extended one is kept as it is.
 * Finding a FAT volume is partition.h's. Sources: UEFI specification 2.10 section 5.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/writer.h"

enum {
        DISK_TABLE_PARTS_MAX = 128,
        DISK_TABLE_HEAD = 64 * 1024, /* octets of a disk's begin and of its end that hold all of a table */
        DISK_TABLE_ALIGN = 1 << 20,  /* octets: where partitions begin */
        DISK_TABLE_GUID = 16,
        DISK_TABLE_RANDOM = (DISK_TABLE_PARTS_MAX + 1) * DISK_TABLE_GUID,
        DISK_TABLE_UUID_TEXT = 37
};

enum disk_table_kind { DISK_TABLE_MBR, DISK_TABLE_GPT };

/* What a partition is for, as far as that decides anything here. */
enum disk_part_use {
        DISK_PART_OTHER,    /* a file system, for all that is known */
        DISK_PART_ESP,      /* UEFI's own */
        DISK_PART_FIRMWARE, /* BIOS boot, raw firmware: nobody's file system */
        DISK_PART_SWAP,
        DISK_PART_EXTENDED
};

struct disk_part {
        unsigned number;                                    /* 1 … */
        uint64_t first, n;                                  /* sectors */
        uint8_t mbr_flags, mbr_type, mbr_chs[6];            /* MBR */
        uint8_t type[DISK_TABLE_GUID], id[DISK_TABLE_GUID]; /* GPT, as on the disk */
        uint64_t attributes;
        uint8_t name[72];
};

struct disk_table {
        enum disk_table_kind kind;
        uint32_t sector_size;
        uint8_t boot_code[440]; /* of the MBR, also before a GPT */
        uint8_t mbr_tail[68];   /* what stands behind the id: GPT's protective entries, the signature */
        uint32_t mbr_id;
        uint8_t disk_id[DISK_TABLE_GUID];
        uint64_t first_usable; /* sector; GPT */
        uint32_t n_entries;    /* that GPT has room for */
        size_t n_parts;
        struct disk_part parts[DISK_TABLE_PARTS_MAX]; /* by number */
};

enum disk_table_answer { DISK_TABLE_FOUND = 0, DISK_TABLE_NONE, DISK_TABLE_UNUSUAL };

/**
 * disk_table_parse() - read a table
 * @head:       the begin of the disk, DISK_TABLE_HEAD octets or all there is
 *
 * Return: DISK_TABLE_FOUND; DISK_TABLE_NONE; DISK_TABLE_UNUSUAL for one that stands there but that nothing
 * here should change: checksums are wrong, entries of another size or at another place.
 */
MUST_CHECK int disk_table_parse(const void *head, size_t len, uint32_t sector_size, struct disk_table *ret);

/** disk_table_write_head() - what belongs at the begin of a disk of @n_sectors. */
void disk_table_write_head(const struct disk_table *t, uint64_t n_sectors, struct writer *w);

/** disk_table_write_tail() - what belongs at its end, so that it ends there; nothing for an MBR. */
void disk_table_write_tail(const struct disk_table *t, uint64_t n_sectors, struct writer *w);

enum disk_part_use disk_part_use(const struct disk_table *t, const struct disk_part *p);

/** disk_table_last() - the partition that ends last; NULL: there is none. */
struct disk_part *disk_table_last(struct disk_table *t);

/**
 * disk_table_grow() - the last partition up to the end of the disk
 * @spare:      sectors at the end that shall stay free
 *
 * Return: the partition, or NULL when it has no room to grow or cannot.
 */
struct disk_part *disk_table_grow(struct disk_table *t, uint64_t n_sectors, uint64_t spare);

/** disk_table_renew() - new ids for the disk and, with GPT, all its partitions. */
void disk_table_renew(struct disk_table *t, const uint8_t random[static DISK_TABLE_RANDOM]);

/** disk_table_add_data() - a partition for a FAT volume in the free space behind the last one; NULL: no room
 * for it. @id: with GPT. */
struct disk_part *disk_table_add_data(struct disk_table *t, uint64_t n, uint64_t n_sectors,
                                      const uint8_t id[static DISK_TABLE_GUID]);

/**
 * disk_table_put_behind() - the partitions of @image behind the first one of @kept, which stays
 * @ret_shift:  sectors by which they move
 * @ret:        with the ids of @kept, and the numbers that follow
 *
 * Return: 0, -ENOENT when @kept has no first partition, -E2BIG when its kind of table has no room for as
 * many.
 */
MUST_CHECK int disk_table_put_behind(const struct disk_table *kept, const struct disk_table *image,
                                     struct disk_table *ret, uint64_t *ret_shift);

/** disk_part_uuid() - what Linux calls PARTUUID; returns @buf. */
const char *disk_part_uuid(const struct disk_table *t, const struct disk_part *p,
                           char buf[static DISK_TABLE_UUID_TEXT]);
