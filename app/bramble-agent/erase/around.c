/* Planning what is erased around firmware; see around.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/erase/around.h"

struct span {
        uint64_t begin, end; /* octets */
};

static struct span span_of(const struct disk_table *t, const struct disk_part *p) {
        return (struct span){ p->first * t->sector_size, (p->first + p->n) * t->sector_size };
}

/* A second stage of a boot loader often lies in a small partition without a name for that: it has no files.
 */
static bool is_loader(const struct disk_table *t, const struct disk_part *p, bool has_files) {
        const struct span s = span_of(t, p);

        return disk_part_use(t, p) == DISK_PART_FIRMWARE ||
               (!has_files && disk_part_use(t, p) == DISK_PART_OTHER && s.begin < AROUND_HEAD &&
                s.end <= 2 * (uint64_t)AROUND_HEAD);
}

static bool is_of_firmware(const struct disk_table *t, const struct disk_part *p, const struct firmware *f) {
        return f->len > 0 && span_of(t, p).begin == f->begin;
}

/* Where the next thing begins at or behind @at: one that stays, or one that goes. */
static uint64_t next_begin(const struct disk_table *t, uint64_t at, uint64_t size) {
        uint64_t next = size;

        for (size_t i = 0; i < t->n_parts; i++) {
                const uint64_t begin = span_of(t, &t->parts[i]).begin;
                if (begin >= at && begin < next)
                        next = begin;
        }
        return next;
}

/* The end of what stays there, @at itself when nothing does. */
static uint64_t end_of_kept(const struct around *a, uint64_t at) {
        for (size_t i = 0; i < a->left.n_parts; i++) {
                const struct span s = span_of(&a->left, &a->left.parts[i]);
                if (at >= s.begin && at < s.end)
                        return s.end;
        }
        return at;
}

int around_plan(const struct disk_table *table, const struct firmware *f, const bool *has_files,
                uint64_t size, struct around *ret) {
        uint64_t at = next_begin(table, 0, size < AROUND_HEAD ? size : AROUND_HEAD);

        ret->n = 0;
        ret->left = *table;
        ret->left.n_parts = 0;
        bool is_found = f->len == 0;
        for (size_t i = 0; i < table->n_parts; i++) {
                const struct disk_part *p = &table->parts[i];
                const bool has_firmware = is_of_firmware(table, p, f);
                is_found = is_found || has_firmware;
                if (has_firmware || is_loader(table, p, has_files[i]))
                        ret->left.parts[ret->left.n_parts++] = *p;
        }
        if (!is_found)
                return -ENOENT;
        while (at < size) {
                const uint64_t kept = end_of_kept(ret, at);
                const uint64_t end = kept > at ? kept : next_begin(table, at + 1, size);
                if (kept == at && ret->n < AROUND_AREAS_MAX) {
                        ret->areas[ret->n].at = at;
                        ret->areas[ret->n++].len = end - at;
                }
                at = end;
        }
        return 0;
}
