/* Looking a disk image over; see survey.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/writer.h"
#include "core/unpack/ext4.h"
#include "format/fat.h"
#include "format/partition.h"

enum {
        BLOCK = 4096,
        BUF_SIZE = 1024 * 1024,
        TABLE_MAX = 1024 * 1024, /* at the begin: tables, and loaders that some boards read from there */
        BACKUP_SECTORS = 33,     /* at the end: the second GPT */
        EXT4_MAGIC = 1024 + 0x38,
        SWAP_MAGIC = BLOCK - 10
};

struct surveying {
        const char *path;
        int fd;
        FILE *runs;
        uint64_t size;
        unsigned sector_size;
        uint64_t base;         /* of the file system being read */
        uint64_t run, run_end; /* the run that still grows */
        struct error *reterr;
        uint8_t buf[BUF_SIZE];
};

static int read_failed(struct surveying *s, int r) {
        return error_set(s->reterr, r, "the disk image cannot be read: %s", strerror(-r));
}

static int read_at(void *ctx, uint64_t offset, void *buf, size_t len) {
        const struct surveying *s = ctx;
        uint8_t *at = buf;

        while (len > 0) {
                ssize_t n = pread(s->fd, at, len, (off_t)offset);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0) { /* an image may end inside its last sector */
                        memset(at, 0, len);
                        return 0;
                }
                at += n;
                offset += (uint64_t)n;
                len -= (size_t)n;
        }
        return 0;
}

static int read_in_partition(void *ctx, uint64_t offset, void *buf, size_t len) {
        struct surveying *s = ctx;
        return read_at(s, s->base + offset, buf, len);
}

static int write_run(struct surveying *s) {
        uint8_t octets[16];
        struct writer w = writer_of(octets, sizeof(octets));

        if (s->run == s->run_end)
                return 0;
        write_u64(&w, s->run);
        write_u64(&w, s->run_end - s->run);
        if (fwrite(octets, 1, sizeof(octets), s->runs) != sizeof(octets))
                return error_set(s->reterr, -errno, SURVEY_RUNS ": %s", strerror(errno));
        return 0;
}

/* Whole sectors, each once, although partitions may share one or overlap. */
static int keep(struct surveying *s, uint64_t offset, uint64_t len) {
        uint64_t end = (offset + len + s->sector_size - 1) / s->sector_size * s->sector_size;

        offset = offset / s->sector_size * s->sector_size;
        if (end > s->size)
                end = s->size;
        if (offset < s->run_end)
                offset = s->run_end;
        if (offset >= end)
                return 0;
        if (offset > s->run_end) {
                int r = write_run(s);
                if (r < 0)
                        return r;
                s->run = offset;
        }
        s->run_end = end;
        return 0;
}

static int keep_in_partition(void *ctx, uint64_t offset, uint64_t len) {
        struct surveying *s = ctx;
        return keep(s, s->base + offset, len);
}

static bool is_zero(const uint8_t *data, size_t len) {
        return data[0] == 0 && memcmp(data, data + 1, len - 1) == 0;
}

/* What belongs to no partition: blocks that are not zero. */
static int keep_written(struct surveying *s, uint64_t offset, uint64_t end) {
        int r = 0;

        while (r == 0 && offset < end) {
                off_t data = lseek(s->fd, (off_t)offset, SEEK_DATA); /* passes over holes of the file */
                if (data < 0)
                        return errno == ENXIO ? 0 : read_failed(s, -errno);
                if ((uint64_t)data >= end)
                        return 0;
                offset = (uint64_t)data > offset ? (uint64_t)data : offset;
                size_t len = end - offset < BUF_SIZE ? (size_t)(end - offset) : BUF_SIZE;
                r = read_at(s, offset, s->buf, len);
                if (r < 0)
                        return read_failed(s, r);
                for (size_t at = 0; r == 0 && at < len; at += BLOCK) {
                        size_t block = len - at < BLOCK ? len - at : BLOCK;
                        if (!is_zero(s->buf + at, block))
                                r = keep(s, offset + at, block);
                }
                offset += len;
        }
        return r;
}

/* ---- what a partition may hold ---- */

/* Each knows its own and keeps what is in use there. Answers how many octets it spoke for, 0 when it does not
 * understand it, or -errno. */
static int64_t look_ext4(struct surveying *s, const struct partition_extent *p, const uint8_t *begin,
                         const char **ret_what) {
        struct error ignored = { 0 };

        if (begin[EXT4_MAGIC] != 0x53 || begin[EXT4_MAGIC + 1] != 0xef)
                return 0;
        CLEANUP(ext4_close_at) struct ext4 *e = ext4_open(s->path, p->offset, &ignored);
        if (!e || ext4_size(e) > p->len)
                return 0;
        if (ext4_has(e, "etc") && (ext4_has(e, "sbin/init") || ext4_has(e, "usr/bin/env")))
                *ret_what = "root";
        else
                *ret_what = ext4_has(e, "system-data") ? "core" : "ext4";
        int r = ext4_each_used(e, keep_in_partition, s, s->reterr);
        return r < 0 ? r : (int64_t)ext4_size(e);
}

static int64_t look_fat(struct surveying *s, const struct partition_extent *p, const uint8_t *begin,
                        const char **ret_what) {
        struct fat_volume v;

        if (fat_volume_parse(begin, &v) < 0 || v.size > p->len)
                return 0;
        int r = fat_each_used(&v, read_in_partition, keep_in_partition, s);
        if (r == -EBADMSG)
                return 0;
        *ret_what = strcasecmp(v.label, "ubuntu-seed") == 0 ? "core" : "fat";
        return r < 0 ? r : (int64_t)v.size;
}

static int64_t look_swap(struct surveying *s, const struct partition_extent *p, const uint8_t *begin,
                         const char **ret_what) {
        if (memcmp(begin + SWAP_MAGIC, "SWAPSPACE2", 10) != 0)
                return 0;
        *ret_what = "swap";
        int r = keep_in_partition(s, 0, BLOCK);
        return r < 0 ? r : (int64_t)p->len;
}

static int64_t (*const looks[])(struct surveying *s, const struct partition_extent *p, const uint8_t *begin,
                                const char **ret_what) = { look_ext4, look_fat, look_swap };

static int look_into(struct surveying *s, const struct partition_extent *p, FILE *out) {
        const char *what = "unknown";
        uint8_t begin[BLOCK];
        int64_t spoken_for = 0;

        int r = read_at(s, p->offset, begin, sizeof(begin));
        if (r < 0)
                return read_failed(s, r);
        s->base = p->offset;
        for (size_t i = 0; spoken_for == 0 && i < ARRAY_LEN(looks); i++)
                spoken_for = looks[i](s, p, begin, &what);
        if (spoken_for < 0)
                return (int)spoken_for;
        (void)fprintf(out, "partition %u %llu %llu %s\n", p->number, (unsigned long long)p->offset,
                      (unsigned long long)p->len, what);
        return spoken_for == 0 ? keep(s, p->offset, p->len)
                               : keep_written(s, p->offset + (uint64_t)spoken_for, p->offset + p->len);
}

/* ---- the disk ---- */

static void sort(struct partition_table *t) {
        for (size_t i = 1; i < t->n; i++)
                for (size_t k = i; k > 0 && t->items[k - 1].offset > t->items[k].offset; k--) {
                        struct partition_extent e = t->items[k];
                        t->items[k] = t->items[k - 1];
                        t->items[k - 1] = e;
                }
}

static int check_ends(const struct surveying *s, const struct partition_table *t) {
        for (size_t i = 0; i < t->n; i++)
                if (t->items[i].offset + t->items[i].len > s->size)
                        return error_set(
                                s->reterr, -EBADMSG,
                                "the disk image is cut: its partition %u goes on behind the end of the "
                                "file",
                                t->items[i].number);
        return 0;
}

static bool overlaps(const struct partition_table *t, size_t i) {
        const struct partition_extent *e = t->items;

        return (i > 0 && e[i - 1].offset + e[i - 1].len > e[i].offset) ||
               (i + 1 < t->n && e[i].offset + e[i].len > e[i + 1].offset);
}

static int look_all(struct surveying *s, const struct partition_table *t, FILE *out) {
        uint64_t first = t->n ? t->items[0].offset : s->size;
        uint64_t at = first < TABLE_MAX ? first : TABLE_MAX;
        uint64_t tail = (uint64_t)BACKUP_SECTORS * s->sector_size;
        uint64_t backup = s->size > tail ? s->size - tail : 0;

        int r = keep(s, 0, at);
        for (size_t i = 0; r == 0 && i < t->n; i++) {
                const struct partition_extent *p = &t->items[i];
                if (p->offset > at)
                        r = keep_written(s, at, p->offset);
                if (r == 0 && overlaps(t, i)) /* what is free for one may be in use by the other */
                        r = keep(s, p->offset, p->len);
                else if (r == 0)
                        r = look_into(s, p, out);
                if (p->offset + p->len > at)
                        at = p->offset + p->len;
        }
        if (r == 0 && at < backup)
                r = keep_written(s, at, backup);
        if (r == 0 && backup > 0)
                r = keep(s, backup, tail);
        return r == 0 ? write_run(s) : r;
}

static int survey_open(struct surveying *s, FILE *out) {
        struct partition_table table;
        struct stat status;

        if (fstat(s->fd, &status) < 0)
                return read_failed(s, -errno);
        s->size = (uint64_t)status.st_size;
        int r = partition_list(read_at, s, s->size, &table);
        if (r < 0)
                return read_failed(s, r);
        if (r != PARTITION_FOUND)
                table = (struct partition_table){ .sector_size = PARTITION_SECTOR, .n = 1 };
        s->sector_size = table.sector_size;
        s->size = (s->size + s->sector_size - 1) / s->sector_size * s->sector_size;
        if (r != PARTITION_FOUND)
                table.items[0] = (struct partition_extent){ .len = s->size };
        (void)fprintf(out, "size %llu\nsector %u\n", (unsigned long long)s->size, s->sector_size);
        sort(&table);
        r = check_ends(s, &table);
        return r == 0 ? look_all(s, &table, out) : r;
}

static int close_file(FILE *f, int r, const char *name, struct error *reterr) {
        if (f && fclose(f) != 0 && r == 0)
                r = error_set(reterr, -errno, "%s: %s", name, strerror(errno));
        return r;
}

int survey(const char *path, struct error *reterr) {
        CLEANUP(free_at) struct surveying *s = calloc(1, sizeof(*s));
        if (!s)
                return error_set(reterr, -ENOMEM, "out of memory");
        s->path = path;
        s->reterr = reterr;
        s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        s->runs = fopen(SURVEY_RUNS, "wxe");
        FILE *out = fopen(SURVEY_VOLUMES, "wxe");
        int r = s->fd < 0 || !s->runs || !out ? read_failed(s, -errno) : survey_open(s, out);
        r = close_file(out, r, SURVEY_VOLUMES, reterr);
        r = close_file(s->runs, r, SURVEY_RUNS, reterr);
        if (s->fd >= 0)
                (void)close(s->fd);
        return r;
}
