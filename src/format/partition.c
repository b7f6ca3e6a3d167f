/* MBR, GPT and the boot sector of FAT, as far as finding a volume needs them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/partition.h"

#include <stdbool.h>
#include <string.h>

#include "base/reader.h"

enum {
        MBR_TABLE = 446,
        MBR_ENTRY = 16,
        MBR_ENTRIES = 4,
        MBR_SIGNATURE = 510,
        MBR_TYPE_GPT = 0xee,
        GPT_ENTRY_SIZE_MIN = 128,
        GPT_ENTRY_SIZE_MAX = 4096,
        FAT_BOOT_JUMP_SHORT = 0xeb,
        FAT_BOOT_JUMP_NEAR = 0xe9
};

struct search {
        partition_read_fn read;
        void *ctx;
        uint64_t size;
};

static bool has_signature(const uint8_t sector[static PARTITION_SECTOR]) {
        return sector[MBR_SIGNATURE] == 0x55 && sector[MBR_SIGNATURE + 1] == 0xaa;
}

static bool is_power_of_two(unsigned n) {
        return n != 0 && (n & (n - 1)) == 0;
}

/* The octets of the volume that a boot sector describes, or 0 when it is none; an MBR's code may begin with a
 * jump too. */
static uint64_t fat_size(const uint8_t sector[static PARTITION_SECTOR]) {
        struct reader r = reader_of(sector, PARTITION_SECTOR);

        if (!has_signature(sector) || (sector[0] != FAT_BOOT_JUMP_SHORT && sector[0] != FAT_BOOT_JUMP_NEAR))
                return 0;
        (void)read_octets(&r, 11);
        unsigned sector_size = read_u16le(&r), cluster = read_u8(&r), reserved = read_u16le(&r),
                 fats = read_u8(&r);
        (void)read_octets(&r, 2);
        uint32_t n_sectors = read_u16le(&r);
        unsigned media = read_u8(&r), fat_sectors = read_u16le(&r);
        (void)read_octets(&r, 8);
        uint32_t n_sectors_32 = read_u32le(&r), fat_sectors_32 = read_u32le(&r);

        bool is_sound = is_power_of_two(sector_size) && sector_size >= 512 && sector_size <= 4096 &&
                        is_power_of_two(cluster) && reserved > 0 && (fats == 1 || fats == 2) &&
                        (media >= 0xf8 || media == 0xf0) && (fat_sectors != 0 || fat_sectors_32 != 0);
        return is_sound ? (uint64_t)(n_sectors != 0 ? n_sectors : n_sectors_32) * sector_size : 0;
}

/* Whether a FAT volume lies there. One that ends behind the image is told as such: the copy was cut. */
static int check_partition(const struct search *s, uint64_t first, uint64_t n, unsigned number,
                           struct partition_extent *ret) {
        uint8_t sector[PARTITION_SECTOR];
        uint64_t offset, len;

        if (n == 0 || __builtin_mul_overflow(first, PARTITION_SECTOR, &offset) ||
            __builtin_mul_overflow(n, PARTITION_SECTOR, &len) || offset > s->size ||
            s->size - offset < PARTITION_SECTOR)
                return PARTITION_NO_FAT;
        int r = s->read(s->ctx, offset, sector, sizeof(sector));
        if (r < 0)
                return r;
        uint64_t volume = fat_size(sector);
        if (volume == 0)
                return PARTITION_NO_FAT;
        if (len > s->size - offset || volume > s->size - offset)
                return PARTITION_CUT;
        *ret = (struct partition_extent){ .offset = offset, .len = len, .number = number };
        return PARTITION_FOUND;
}

static int search_gpt(const struct search *s, struct partition_extent *ret) {
        static const uint8_t unused[16];
        uint8_t sector[PARTITION_SECTOR], entry[GPT_ENTRY_SIZE_MIN];

        if (s->size < 2 * PARTITION_SECTOR)
                return PARTITION_NO_TABLE;
        int r = s->read(s->ctx, PARTITION_SECTOR, sector, sizeof(sector));
        if (r < 0)
                return r;
        if (memcmp(sector, "EFI PART", 8) != 0)
                return PARTITION_NO_TABLE;

        struct reader header = reader_of(sector + 72, sizeof(sector) - 72);
        uint64_t table = read_u64le(&header);
        uint32_t n = read_u32le(&header), entry_size = read_u32le(&header);
        if (entry_size < GPT_ENTRY_SIZE_MIN || entry_size > GPT_ENTRY_SIZE_MAX ||
            table > s->size / PARTITION_SECTOR)
                return PARTITION_NO_TABLE;

        for (uint32_t i = 0; i < n && i < PARTITION_GPT_ENTRIES_MAX; i++) {
                uint64_t offset = table * PARTITION_SECTOR + (uint64_t)i * entry_size;
                if (offset > s->size || s->size - offset < sizeof(entry))
                        break;
                r = s->read(s->ctx, offset, entry, sizeof(entry));
                if (r < 0)
                        return r;
                struct reader e = reader_of(entry + 32, sizeof(entry) - 32);
                uint64_t first = read_u64le(&e), last = read_u64le(&e);
                if (memcmp(entry, unused, sizeof(unused)) == 0 || last < first || last - first == UINT64_MAX)
                        continue;
                r = check_partition(s, first, last - first + 1, i + 1, ret);
                if (r != PARTITION_NO_FAT)
                        return r;
        }
        return PARTITION_NO_FAT;
}

static int search_mbr(const struct search *s, const uint8_t sector[static PARTITION_SECTOR],
                      struct partition_extent *ret) {
        struct reader table = reader_of(sector + MBR_TABLE, MBR_ENTRIES * MBR_ENTRY);
        bool has_entry = false;

        for (unsigned i = 0; i < MBR_ENTRIES; i++) {
                (void)read_octets(&table, 4);
                uint8_t type = read_u8(&table);
                (void)read_octets(&table, 3);
                uint32_t first = read_u32le(&table), n = read_u32le(&table);
                if (type == 0 || n == 0)
                        continue;
                if (type == MBR_TYPE_GPT)
                        return search_gpt(s, ret);
                has_entry = true;
                int r = check_partition(s, first, n, i + 1, ret);
                if (r != PARTITION_NO_FAT)
                        return r;
        }
        return has_entry ? PARTITION_NO_FAT : PARTITION_NO_TABLE;
}

int partition_find_fat(partition_read_fn read, void *ctx, uint64_t size, struct partition_extent *ret) {
        struct search s = { .read = read, .ctx = ctx, .size = size };
        uint8_t sector[PARTITION_SECTOR];

        if (size < sizeof(sector))
                return PARTITION_NO_TABLE;
        int r = read(ctx, 0, sector, sizeof(sector));
        if (r < 0)
                return r;
        if (fat_size(sector) > size)
                return PARTITION_CUT;
        if (fat_size(sector) > 0) {
                *ret = (struct partition_extent){ .offset = 0, .len = size, .number = 0 };
                return PARTITION_FOUND;
        }
        return has_signature(sector) ? search_mbr(&s, sector, ret) : PARTITION_NO_TABLE;
}
