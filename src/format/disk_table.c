/* MBR and GPT, read, changed and written; see disk_table.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/reader.h"
#include "format/disk_table.h"

enum {
        MBR_SIZE = 512,
        MBR_RESERVED = 2, /* between the id and the entries */
        MBR_ENTRIES = 4,
        MBR_ENTRY = 16,
        MBR_EMPTY = 0x00,
        MBR_EXTENDED = 0x05,
        MBR_FAT32 = 0x0c,
        MBR_EXTENDED_LBA = 0x0f,
        MBR_SWAP = 0x82,
        MBR_LINUX = 0x83,
        MBR_EXTENDED_LINUX = 0x85,
        MBR_GPT = 0xee,
        MBR_ESP = 0xef,
        GPT_HEADER = 92,
        GPT_ENTRY = 128,
        GPT_ENTRIES_AT = 2, /* sector */
        GPT_ENTRIES_MIN = 128
};

/* GUIDs as they stand on a disk: the first three groups are little-endian. */
static const struct {
        enum disk_part_use use;
        uint8_t type[DISK_TABLE_GUID + 1];
} gpt_uses[] = {
        { DISK_PART_ESP, "\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b" },
        { DISK_PART_FIRMWARE,
          "\x48\x61\x68\x21\x49\x64\x6f\x6e\x74\x4e\x65\x65\x64\x45\x46\x49" }, /* BIOS boot */
        { DISK_PART_SWAP, "\x6d\xfd\x57\x06\xab\xa4\xc4\x43\x84\xe5\x09\x33\xc8\x4b\x4f\x4f" },
};
static const uint8_t gpt_data[] = "\xa2\xa0\xd0\xeb\xe5\xb9\x33\x44\x87\xc0\x68\xb6\xb7\x26\x99\xc7";
static const uint8_t gpt_linux[] = "\xaf\x3d\xc6\x0f\x83\x84\x72\x47\x8e\x79\x3d\x69\xd8\x47\x7d\xe4";
static const uint8_t unused[DISK_TABLE_GUID];

static const struct {
        uint8_t type;
        enum disk_part_use use;
} mbr_uses[] = {
        { MBR_ESP, DISK_PART_ESP },
        { MBR_SWAP, DISK_PART_SWAP },
        { MBR_EXTENDED, DISK_PART_EXTENDED },
        { MBR_EXTENDED_LBA, DISK_PART_EXTENDED },
        { MBR_EXTENDED_LINUX, DISK_PART_EXTENDED },
};

/* What stands for no CHS address: look at the sector numbers. */
static const uint8_t no_chs[] = { 0xfe, 0xff, 0xff, 0xfe, 0xff, 0xff };

static bool is_in_use(const uint8_t guid[static DISK_TABLE_GUID]) {
        return memcmp(guid, unused, sizeof(unused)) != 0;
}

static void copy(uint8_t *to, const uint8_t *from, size_t len) {
        if (from)
                memcpy(to, from, len);
}

/* ---- reading ---- */

static void read_mbr_parts(struct disk_table *t) {
        struct reader r = reader_of(t->mbr_tail + MBR_RESERVED, MBR_ENTRIES * MBR_ENTRY);

        for (unsigned number = 1; number <= MBR_ENTRIES; number++) {
                struct disk_part p = { .number = number, .mbr_flags = read_u8(&r) };
                copy(p.mbr_chs, read_octets(&r, 3), 3);
                p.mbr_type = read_u8(&r);
                copy(p.mbr_chs + 3, read_octets(&r, 3), 3);
                p.first = read_u32le(&r);
                p.n = read_u32le(&r);
                if (p.mbr_type != MBR_EMPTY && p.n > 0)
                        t->parts[t->n_parts++] = p;
        }
}

static bool is_protective(const struct disk_table *t) {
        for (size_t i = 0; i < t->n_parts; i++)
                if (t->parts[i].mbr_type == MBR_GPT)
                        return true;
        return false;
}

static bool has_good_header(const uint8_t *header, uint32_t crc) {
        uint8_t blank[GPT_HEADER];

        memcpy(blank, header, sizeof(blank));
        memset(blank + 16, 0, 4); /* the checksum is made with itself as zero */
        return hash_crc32(blank, sizeof(blank)) == crc;
}

static void read_gpt_parts(struct disk_table *t, const uint8_t *entries, uint32_t n) {
        struct reader r = reader_of(entries, (size_t)n * GPT_ENTRY);

        t->n_parts = 0;
        for (uint32_t number = 1; number <= n; number++) {
                struct disk_part p = { .number = number };
                copy(p.type, read_octets(&r, sizeof(p.type)), sizeof(p.type));
                copy(p.id, read_octets(&r, sizeof(p.id)), sizeof(p.id));
                p.first = read_u64le(&r);
                uint64_t last = read_u64le(&r);
                p.attributes = read_u64le(&r);
                copy(p.name, read_octets(&r, sizeof(p.name)), sizeof(p.name));
                if (!is_in_use(p.type) || last < p.first || last - p.first == UINT64_MAX)
                        continue;
                p.n = last - p.first + 1;
                if (t->n_parts < DISK_TABLE_PARTS_MAX)
                        t->parts[t->n_parts++] = p;
        }
}

static int read_gpt(const uint8_t *head, size_t len, struct disk_table *t) {
        struct reader r = reader_of(head, len);

        (void)read_octets(&r, t->sector_size);
        const uint8_t *header = read_octets(&r, t->sector_size);
        if (!header || memcmp(header, "EFI PART", 8) != 0)
                return DISK_TABLE_UNUSUAL;
        struct reader h = reader_of(header + 8, GPT_HEADER - 8);
        (void)read_u32le(&h); /* revision */
        uint32_t header_size = read_u32le(&h), header_crc = read_u32le(&h);
        (void)read_octets(&h, 4 + 8 + 8); /* reserved, this one's place, the other one's */
        t->first_usable = read_u64le(&h);
        (void)read_u64le(&h); /* last usable: it moves with the disk */
        copy(t->disk_id, read_octets(&h, sizeof(t->disk_id)), sizeof(t->disk_id));
        uint64_t entries_at = read_u64le(&h);
        uint32_t n = read_u32le(&h), entry_size = read_u32le(&h), entries_crc = read_u32le(&h);

        if (header_size != GPT_HEADER || !has_good_header(header, header_crc) ||
            entries_at != GPT_ENTRIES_AT || entry_size != GPT_ENTRY || n == 0 || n > DISK_TABLE_PARTS_MAX)
                return DISK_TABLE_UNUSUAL;
        const uint8_t *entries = read_octets(&r, (size_t)n * GPT_ENTRY);
        if (!entries || hash_crc32(entries, (size_t)n * GPT_ENTRY) != entries_crc)
                return DISK_TABLE_UNUSUAL;
        t->n_entries = n;
        read_gpt_parts(t, entries, n);
        return DISK_TABLE_FOUND;
}

int disk_table_parse(const void *head, size_t len, uint32_t sector_size, struct disk_table *ret) {
        struct reader r = reader_of(head, len);
        struct disk_table t = { .kind = DISK_TABLE_MBR, .sector_size = sector_size };

        copy(t.boot_code, read_octets(&r, sizeof(t.boot_code)), sizeof(t.boot_code));
        t.mbr_id = read_u32le(&r);
        copy(t.mbr_tail, read_octets(&r, sizeof(t.mbr_tail)), sizeof(t.mbr_tail));
        if (r.bad || t.mbr_tail[66] != 0x55 || t.mbr_tail[67] != 0xaa)
                return DISK_TABLE_NONE;
        read_mbr_parts(&t);
        if (t.n_parts == 0)
                return DISK_TABLE_NONE;
        if (is_protective(&t)) {
                t.kind = DISK_TABLE_GPT;
                int r2 = read_gpt(head, len, &t);
                if (r2 != DISK_TABLE_FOUND)
                        return r2;
        }
        *ret = t;
        return DISK_TABLE_FOUND;
}

/* ---- writing ---- */

static uint32_t entry_sectors(const struct disk_table *t) {
        return (t->n_entries * GPT_ENTRY + t->sector_size - 1) / t->sector_size;
}

/* The sector behind the last one that a partition may have. */
static uint64_t usable_end(const struct disk_table *t, uint64_t n_sectors) {
        if (t->kind == DISK_TABLE_MBR)
                return n_sectors < UINT32_MAX ? n_sectors : UINT32_MAX;
        uint64_t backup = 1 + entry_sectors(t);
        return n_sectors > backup ? n_sectors - backup : 0;
}

static void write_mbr_parts(const struct disk_table *t, struct writer *w) {
        for (unsigned number = 1; number <= MBR_ENTRIES; number++) {
                const struct disk_part *p = NULL;
                for (size_t i = 0; i < t->n_parts; i++)
                        if (t->parts[i].number == number)
                                p = &t->parts[i];
                if (!p) {
                        write_zeros(w, MBR_ENTRY);
                        continue;
                }
                write_u8(w, p->mbr_flags);
                write_octets(w, p->mbr_chs, 3);
                write_u8(w, p->mbr_type);
                write_octets(w, p->mbr_chs + 3, 3);
                write_u32le(w, (uint32_t)p->first);
                write_u32le(w, (uint32_t)p->n);
        }
}

/* The protective entry covers the disk, as far as it can count; entries of a hybrid MBR stay as they are. */
static void write_protective(const struct disk_table *t, uint64_t n_sectors, struct writer *w) {
        const uint8_t *entries = t->mbr_tail + MBR_RESERVED;
        uint64_t n = n_sectors - 1 < UINT32_MAX ? n_sectors - 1 : UINT32_MAX;

        for (unsigned i = 0; i < MBR_ENTRIES; i++, entries += MBR_ENTRY) {
                struct reader r = reader_of(entries + 8, 4);
                bool covers_all = entries[4] == MBR_GPT && read_u32le(&r) == 1;
                write_octets(w, entries, covers_all ? 12 : MBR_ENTRY);
                if (covers_all)
                        write_u32le(w, (uint32_t)n);
        }
}

static void write_mbr(const struct disk_table *t, uint64_t n_sectors, struct writer *w) {
        write_octets(w, t->boot_code, sizeof(t->boot_code));
        write_u32le(w, t->mbr_id);
        write_octets(w, t->mbr_tail, MBR_RESERVED);
        if (t->kind == DISK_TABLE_MBR)
                write_mbr_parts(t, w);
        else
                write_protective(t, n_sectors, w);
        write_octets(w, t->mbr_tail + sizeof(t->mbr_tail) - 2, 2);
}

static const struct disk_part *part_with_number(const struct disk_table *t, unsigned number) {
        for (size_t i = 0; i < t->n_parts; i++)
                if (t->parts[i].number == number)
                        return &t->parts[i];
        return NULL;
}

/* The entries, and zeros to the end of their last sector. */
static void write_gpt_entries(const struct disk_table *t, struct writer *w) {
        for (uint32_t number = 1; number <= t->n_entries; number++) {
                const struct disk_part *p = part_with_number(t, number);
                if (!p) {
                        write_zeros(w, GPT_ENTRY);
                        continue;
                }
                write_octets(w, p->type, sizeof(p->type));
                write_octets(w, p->id, sizeof(p->id));
                write_u64le(w, p->first);
                write_u64le(w, p->first + p->n - 1);
                write_u64le(w, p->attributes);
                write_octets(w, p->name, sizeof(p->name));
        }
        write_zeros(w, (size_t)entry_sectors(t) * t->sector_size - (size_t)t->n_entries * GPT_ENTRY);
}

/* A sector that holds a header; @entries are those that it vouches for. */
static void write_gpt_header(const struct disk_table *t, uint64_t n_sectors, bool is_backup,
                             const uint8_t *entries, struct writer *w) {
        uint8_t header[GPT_HEADER];
        struct writer h = writer_of(header, sizeof(header));
        uint64_t end = n_sectors - 1;

        write_octets(&h, "EFI PART\0\0\1\0", 12);
        write_u32le(&h, GPT_HEADER);
        write_zeros(&h, 4 + 4);
        write_u64le(&h, is_backup ? end : 1);
        write_u64le(&h, is_backup ? 1 : end);
        write_u64le(&h, t->first_usable);
        write_u64le(&h, usable_end(t, n_sectors) - 1);
        write_octets(&h, t->disk_id, sizeof(t->disk_id));
        write_u64le(&h, is_backup ? end - entry_sectors(t) : GPT_ENTRIES_AT);
        write_u32le(&h, t->n_entries);
        write_u32le(&h, GPT_ENTRY);
        write_u32le(&h, entries ? hash_crc32(entries, (size_t)t->n_entries * GPT_ENTRY) : 0);
        uint32_t crc = hash_crc32(header, sizeof(header));
        h = writer_of(header + 16, 4);
        write_u32le(&h, crc);
        write_octets(w, header, sizeof(header));
        write_zeros(w, t->sector_size - sizeof(header));
}

void disk_table_write_head(const struct disk_table *t, uint64_t n_sectors, struct writer *w) {
        write_mbr(t, n_sectors, w);
        if (t->kind == DISK_TABLE_MBR)
                return;
        write_zeros(w, t->sector_size - MBR_SIZE);
        uint8_t *header = write_room(w, t->sector_size), *entries = w->at;
        write_gpt_entries(t, w);
        if (w->full || !header)
                return;
        struct writer h = writer_of(header, t->sector_size);
        write_gpt_header(t, n_sectors, false, entries, &h);
}

void disk_table_write_tail(const struct disk_table *t, uint64_t n_sectors, struct writer *w) {
        if (t->kind == DISK_TABLE_MBR)
                return;
        const uint8_t *entries = w->at;
        write_gpt_entries(t, w);
        write_gpt_header(t, n_sectors, true, w->full ? NULL : entries, w);
}

/* ---- changing ---- */

enum disk_part_use disk_part_use(const struct disk_table *t, const struct disk_part *p) {
        for (size_t i = 0; t->kind == DISK_TABLE_GPT && i < ARRAY_LEN(gpt_uses); i++)
                if (memcmp(p->type, gpt_uses[i].type, sizeof(p->type)) == 0)
                        return gpt_uses[i].use;
        for (size_t i = 0; t->kind == DISK_TABLE_MBR && i < ARRAY_LEN(mbr_uses); i++)
                if (p->mbr_type == mbr_uses[i].type)
                        return mbr_uses[i].use;
        return DISK_PART_OTHER;
}

static uint64_t end_of(const struct disk_part *p) {
        return p->first + p->n;
}

struct disk_part *disk_table_last(struct disk_table *t) {
        struct disk_part *last = NULL;

        for (size_t i = 0; i < t->n_parts; i++)
                if (!last || end_of(&t->parts[i]) > end_of(last))
                        last = &t->parts[i];
        return last;
}

static uint64_t align(const struct disk_table *t) {
        return DISK_TABLE_ALIGN / t->sector_size;
}

static void forget_chs(struct disk_part *p) {
        memcpy(p->mbr_chs, no_chs, sizeof(no_chs));
}

struct disk_part *disk_table_grow(struct disk_table *t, uint64_t n_sectors, uint64_t spare) {
        struct disk_part *last = disk_table_last(t);
        uint64_t end = usable_end(t, n_sectors);

        if (!last || disk_part_use(t, last) != DISK_PART_OTHER || end <= spare)
                return NULL;
        end -= spare;
        end -= end % align(t);
        if (end <= end_of(last))
                return NULL;
        last->n = end - last->first;
        forget_chs(last);
        return last;
}

/* Random octets as a GUID of version 4 (RFC 9562 section 5.4), in the order of a disk. */
static void make_guid(uint8_t guid[static DISK_TABLE_GUID], const uint8_t *random) {
        memcpy(guid, random, DISK_TABLE_GUID);
        guid[7] = (uint8_t)((guid[7] & 0x0f) | 0x40);
        guid[8] = (uint8_t)((guid[8] & 0x3f) | 0x80);
}

void disk_table_renew(struct disk_table *t, const uint8_t random[static DISK_TABLE_RANDOM]) {
        if (t->kind == DISK_TABLE_MBR) {
                struct reader r = reader_of(random, 4);
                t->mbr_id = read_u32le(&r) | 1; /* zero would mean that there is none */
                return;
        }
        make_guid(t->disk_id, random);
        for (size_t i = 0; i < t->n_parts; i++)
                make_guid(t->parts[i].id, random + (i + 1) * DISK_TABLE_GUID);
}

static unsigned most_parts(const struct disk_table *t) {
        return t->kind == DISK_TABLE_MBR ? MBR_ENTRIES : t->n_entries;
}

static unsigned free_number(const struct disk_table *t) {
        for (unsigned number = 1; number <= most_parts(t); number++)
                if (!part_with_number(t, number))
                        return number;
        return 0;
}

static uint64_t round_up(uint64_t value, uint64_t to) {
        return (value + to - 1) / to * to;
}

struct disk_part *disk_table_add_data(struct disk_table *t, uint64_t n, uint64_t n_sectors,
                                      const uint8_t id[static DISK_TABLE_GUID]) {
        const struct disk_part *last = disk_table_last(t);
        struct disk_part p = { .number = free_number(t), .n = n, .mbr_type = MBR_FAT32 };

        p.first = round_up(last ? end_of(last) : align(t), align(t));
        if (p.number == 0 || t->n_parts == DISK_TABLE_PARTS_MAX || p.first + n > usable_end(t, n_sectors))
                return NULL;
        forget_chs(&p);
        memcpy(p.type, gpt_data, sizeof(p.type));
        make_guid(p.id, id);
        t->parts[t->n_parts] = p;
        return &t->parts[t->n_parts++];
}

/* The same partition in the other kind of table. */
static void translate(const struct disk_table *from, const struct disk_table *to, struct disk_part *p) {
        enum disk_part_use use = disk_part_use(from, p);

        forget_chs(p);
        p->mbr_flags = 0; /* the kept partition is the one that firmware starts */
        if (from->kind == to->kind)
                return;
        p->mbr_type = use == DISK_PART_ESP ? MBR_ESP : use == DISK_PART_SWAP ? MBR_SWAP : MBR_LINUX;
        memcpy(p->type, use == DISK_PART_ESP ? gpt_uses[0].type : gpt_linux, sizeof(p->type));
}

int disk_table_put_behind(const struct disk_table *kept, const struct disk_table *image,
                          struct disk_table *ret, uint64_t *ret_shift) {
        const struct disk_part *stays = part_with_number(kept, 1);
        struct disk_table t = *kept;
        uint64_t begin = UINT64_MAX;

        if (!stays)
                return -ENOENT;
        if (image->n_parts + 1 > most_parts(kept))
                return -E2BIG;
        for (size_t i = 0; i < image->n_parts; i++)
                if (image->parts[i].first < begin)
                        begin = image->parts[i].first;
        uint64_t target = round_up(end_of(stays), align(kept));
        /* Where a partition begins within a MiB stays, as some file systems are laid out by it. */
        uint64_t shift = target > begin - begin % align(kept) ? target - (begin - begin % align(kept)) : 0;
        t.parts[0] = *stays;
        t.n_parts = 1;
        for (size_t i = 0; i < image->n_parts; i++) {
                struct disk_part p = image->parts[i];
                translate(image, kept, &p);
                p.number = (unsigned)i + 2;
                p.first += shift;
                t.parts[t.n_parts++] = p;
        }
        *ret = t;
        *ret_shift = shift;
        return 0;
}

const char *disk_part_uuid(const struct disk_table *t, const struct disk_part *p,
                           char buf[static DISK_TABLE_UUID_TEXT]) {
        const uint8_t *g = p->id;

        if (t->kind == DISK_TABLE_MBR)
                (void)snprintf(buf, DISK_TABLE_UUID_TEXT, "%08x-%02x", t->mbr_id, p->number);
        else
                (void)snprintf(buf, DISK_TABLE_UUID_TEXT,
                               "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", g[3],
                               g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10], g[11], g[12],
                               g[13], g[14], g[15]);
        return buf;
}
