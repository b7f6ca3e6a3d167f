/* MBR and GPT, as far as finding volumes needs them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/partition.h"

#include <stdbool.h>
#include <string.h>

#include "base/reader.h"
#include "format/fat.h"

enum {
        MBR_TABLE = 446,
        MBR_ENTRIES = 4,
        MBR_SIGNATURE = 510,
        MBR_TYPE_GPT = 0xee,
        MBR_FIRST_LOGICAL = 5, /* number of the first logical partition, whatever primary ones there are */
        MBR_LOGICAL_MAX = 64,  /* a chain that is longer is a circle */
        GPT_ENTRY_SIZE_MIN = 128,
        GPT_ENTRY_SIZE_MAX = 4096,
        SECTOR_LARGE = 4096
};

struct search {
        partition_read_fn read;
        void *ctx;
        uint64_t size;
        struct partition_table *table;
};

/* A row of an MBR. */
struct row {
        uint8_t type;
        uint32_t first, n; /* sectors */
};

static bool has_signature(const uint8_t sector[static PARTITION_SECTOR]) {
        return sector[MBR_SIGNATURE] == 0x55 && sector[MBR_SIGNATURE + 1] == 0xaa;
}

static bool is_extended(uint8_t type) {
        return type == 0x05 || type == 0x0f || type == 0x85;
}

/* One that lies behind all disks that there are is none. */
static void add(struct search *s, uint64_t first, uint64_t n, unsigned number) {
        struct partition_extent e = { .number = number };

        if (n == 0 || s->table->n == PARTITIONS_MAX ||
            __builtin_mul_overflow(first, s->table->sector_size, &e.offset) ||
            __builtin_mul_overflow(n, s->table->sector_size, &e.len) || e.offset > UINT64_MAX - e.len)
                return;
        s->table->items[s->table->n++] = e;
}

static int list_gpt(struct search *s, unsigned sector_size) {
        static const uint8_t unused[16];
        uint8_t sector[PARTITION_SECTOR], entry[GPT_ENTRY_SIZE_MIN];

        if (s->size < 2 * (uint64_t)sector_size)
                return PARTITION_NO_TABLE;
        int r = s->read(s->ctx, sector_size, sector, sizeof(sector));
        if (r < 0)
                return r;
        if (memcmp(sector, "EFI PART", 8) != 0)
                return PARTITION_NO_TABLE;

        struct reader header = reader_of(sector + 72, sizeof(sector) - 72);
        uint64_t table = read_u64le(&header);
        uint32_t n = read_u32le(&header), entry_size = read_u32le(&header);
        if (entry_size < GPT_ENTRY_SIZE_MIN || entry_size > GPT_ENTRY_SIZE_MAX ||
            table > s->size / sector_size)
                return PARTITION_NO_TABLE;

        s->table->sector_size = sector_size;
        for (uint32_t i = 0; i < n && i < PARTITION_GPT_ENTRIES_MAX; i++) {
                uint64_t offset = table * sector_size + (uint64_t)i * entry_size;
                if (offset > s->size || s->size - offset < sizeof(entry))
                        break;
                r = s->read(s->ctx, offset, entry, sizeof(entry));
                if (r < 0)
                        return r;
                struct reader e = reader_of(entry + 32, sizeof(entry) - 32);
                uint64_t first = read_u64le(&e), last = read_u64le(&e);
                if (memcmp(entry, unused, sizeof(unused)) != 0 && last >= first && last - first != UINT64_MAX)
                        add(s, first, last - first + 1, i + 1);
        }
        return PARTITION_FOUND;
}

static void read_rows(const uint8_t sector[static PARTITION_SECTOR], struct row rows[static MBR_ENTRIES]) {
        struct reader r = reader_of(sector + MBR_TABLE, PARTITION_SECTOR - MBR_TABLE);

        for (unsigned i = 0; i < MBR_ENTRIES; i++) {
                (void)read_octets(&r, 4);
                rows[i] = (struct row){ .type = read_u8(&r) };
                (void)read_octets(&r, 3);
                rows[i].first = read_u32le(&r);
                rows[i].n = read_u32le(&r);
        }
}

/* The chain of tables in an extended partition: each names one logical partition, relative to itself, and
 * the next table, relative to the first. */
static int list_logical(struct search *s, uint32_t extended) {
        uint8_t sector[PARTITION_SECTOR];
        struct row rows[MBR_ENTRIES];
        uint64_t at = extended;

        for (unsigned i = 0; i < MBR_LOGICAL_MAX; i++) {
                if (at > s->size / PARTITION_SECTOR - 1)
                        return 0;
                int r = s->read(s->ctx, at * PARTITION_SECTOR, sector, sizeof(sector));
                if (r < 0)
                        return r;
                if (!has_signature(sector))
                        return 0;
                read_rows(sector, rows);
                if (rows[0].type != 0)
                        add(s, at + rows[0].first, rows[0].n, MBR_FIRST_LOGICAL + i);
                if (!is_extended(rows[1].type) || rows[1].first == 0)
                        return 0;
                at = (uint64_t)extended + rows[1].first;
        }
        return 0;
}

static int list_mbr(struct search *s, const uint8_t sector[static PARTITION_SECTOR]) {
        struct row rows[MBR_ENTRIES];
        int r = 0;

        read_rows(sector, rows);
        for (unsigned i = 0; i < MBR_ENTRIES; i++) {
                if (rows[i].type != MBR_TYPE_GPT || rows[i].n == 0)
                        continue;
                r = list_gpt(s, PARTITION_SECTOR);
                return r == PARTITION_NO_TABLE ? list_gpt(s, SECTOR_LARGE) : r;
        }
        for (unsigned i = 0; i < MBR_ENTRIES; i++)
                if (rows[i].type != 0 && !is_extended(rows[i].type))
                        add(s, rows[i].first, rows[i].n, i + 1);
        for (unsigned i = 0; r == 0 && i < MBR_ENTRIES; i++)
                if (is_extended(rows[i].type) && rows[i].n != 0)
                        r = list_logical(s, rows[i].first);
        return r == 0 && s->table->n == 0 ? PARTITION_NO_TABLE : r;
}

int partition_list(partition_read_fn read, void *ctx, uint64_t size, struct partition_table *ret) {
        struct search s = { .read = read, .ctx = ctx, .size = size, .table = ret };
        uint8_t sector[PARTITION_SECTOR];
        struct fat_volume v;

        ret->n = 0;
        ret->sector_size = PARTITION_SECTOR;
        if (size < sizeof(sector))
                return PARTITION_NO_TABLE;
        int r = read(ctx, 0, sector, sizeof(sector));
        if (r < 0)
                return r;
        if (!has_signature(sector) || fat_volume_parse(sector, &v) == 0)
                return PARTITION_NO_TABLE;
        return list_mbr(&s, sector);
}

/* Whether a FAT volume lies there. One that ends behind the image is told as such: the copy was cut. */
static int check_partition(const struct search *s, const struct partition_extent *e) {
        uint8_t sector[PARTITION_SECTOR];
        struct fat_volume v;

        if (e->offset > s->size || s->size - e->offset < PARTITION_SECTOR)
                return PARTITION_NO_FAT;
        int r = s->read(s->ctx, e->offset, sector, sizeof(sector));
        if (r < 0)
                return r;
        if (fat_volume_parse(sector, &v) < 0 || v.size == 0)
                return PARTITION_NO_FAT;
        return e->len > s->size - e->offset || v.size > s->size - e->offset ? PARTITION_CUT : PARTITION_FOUND;
}

static int find_in_table(const struct search *s, struct partition_extent *ret) {
        int r = PARTITION_NO_FAT;

        for (size_t i = 0; i < s->table->n && r == PARTITION_NO_FAT; i++) {
                r = check_partition(s, &s->table->items[i]);
                if (r == PARTITION_FOUND)
                        *ret = s->table->items[i];
        }
        return r;
}

int partition_find_fat(partition_read_fn read, void *ctx, uint64_t size, struct partition_extent *ret) {
        struct partition_extent whole = { .len = size };
        struct partition_table table;
        struct search s = { .read = read, .ctx = ctx, .size = size, .table = &table };

        int r = check_partition(&s, &whole);
        if (r == PARTITION_FOUND)
                *ret = whole;
        if (r != PARTITION_NO_FAT)
                return r;
        r = partition_list(read, ctx, size, &table);
        return r == PARTITION_FOUND ? find_in_table(&s, ret) : r;
}
