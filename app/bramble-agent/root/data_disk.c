/* Choosing the disk for data; see data_disk.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/deploy/fs.h"
#include "app/bramble-agent/root/data_disk.h"
#include "base/text.h"

#define MARK "bramble-data "

enum { EXT_MAGIC_AT = 1080, EXT_UUID_AT = 1128, EXT_LABEL_AT = 1144, EXT_END = 2048 };

/* What is no file system, and somebody's nevertheless. */
static const struct {
        size_t at;
        const char *magic, *name;
} magics[] = {
        { 512, "EFI PART", "a partition table" },
        { 4096, "EFI PART", "a partition table" },
        { 510, "\x55\xaa", "a partition table, or a boot loader" },
};

void data_mark_write(const uint8_t uuid[static DATA_UUID_SIZE], uint8_t mark[static DATA_MARK_SIZE]) {
        char hex[2 * DATA_UUID_SIZE + 1];

        memset(mark, 0, DATA_MARK_SIZE);
        (void)snprintf((char *)mark, DATA_MARK_SIZE, MARK "%s\n", text_hex(uuid, DATA_UUID_SIZE, hex));
}

static bool holds(const uint8_t *octets, size_t len, size_t at, const void *what, size_t n) {
        return len >= at + n && memcmp(octets + at, what, n) == 0;
}

static bool is_zero(const uint8_t *octets, size_t len) {
        for (size_t i = 0; i < len; i++)
                if (octets[i])
                        return false;
        return true;
}

bool data_is_labelled(const void *begin, size_t len) {
        return fs_probe(begin, len) == FS_EXT &&
               holds(begin, len, EXT_LABEL_AT, DATA_LABEL, sizeof(DATA_LABEL));
}

static const char *name_of(const uint8_t *begin, size_t len, enum fs_kind kind) {
        if (data_is_labelled(begin, len))
                return "the data of another deployment";
        for (size_t i = 0; kind == FS_UNKNOWN && i < ARRAY_LEN(magics); i++)
                if (holds(begin, len, magics[i].at, magics[i].magic, strlen(magics[i].magic)))
                        return magics[i].name;
        return kind == FS_UNKNOWN || kind == FS_EMPTY ? "something" : fs_name(kind);
}

enum data_state data_probe(const void *begin, size_t begin_len, const void *end, size_t end_len,
                           const uint8_t uuid[static DATA_UUID_SIZE], const char **ret_holds) {
        uint8_t mark[DATA_MARK_SIZE];
        const enum fs_kind kind = fs_probe(begin, begin_len);

        *ret_holds = "";
        if (kind == FS_EXT && holds(begin, begin_len, EXT_UUID_AT, uuid, DATA_UUID_SIZE))
                return DATA_IS_OURS;
        data_mark_write(uuid, mark);
        if (kind != FS_EXT && holds(begin, begin_len, 0, mark, sizeof(mark)))
                return DATA_IS_EMPTY;
        if (is_zero(begin, begin_len) && is_zero(end, end_len))
                return DATA_IS_EMPTY;
        *ret_holds = name_of(begin, begin_len, kind);
        return DATA_IS_TAKEN;
}

static int refuse_hinted(const struct data_candidate *c, const struct data_wish *w, struct error *reterr) {
        const struct disk *d = c->disk;

        if (d->is_read_only)
                return error_set(reterr, -EROFS,
                                 "disk %s is read-only: a switch on the card, or a locked disk", d->name);
        if (d->size < DATA_DISK_LEAST)
                return error_set(reterr, -ENOSPC, "disk %s has %llu MiB, and data want %d", d->name,
                                 (unsigned long long)(d->size >> 20), DATA_DISK_LEAST >> 20);
        if (c->firmware_reason)
                return error_set(reterr, -EPERM,
                                 "disk %s carries the firmware that this machine boots from (%s): it cannot "
                                 "be the disk for data",
                                 d->name, c->firmware_reason);
        if (c->state == DATA_IS_TAKEN && !w->may_overwrite)
                return error_set(reterr, -EEXIST,
                                 "disk %s holds %s: erase it, name another one with --data-disk, or take it "
                                 "with --data-overwrite",
                                 d->name, c->holds);
        return 0;
}

static bool is_hinted(const struct data_candidate *c, const struct data_wish *w) {
        return !*w->hint || disk_is_meant(c->disk, w->hint);
}

/* Empty ones before those that are taken, and then by bus. */
static bool is_better(const struct data_candidate *a, const struct data_candidate *b) {
        return a->state != b->state ? a->state < b->state : a->disk->bus < b->disk->bus;
}

int data_choose(const struct data_candidate *disks, size_t n, const struct data_wish *wish, size_t *ret_index,
                struct error *reterr) {
        struct error first = { 0 };
        size_t best = n;

        for (size_t i = 0; i < n; i++) {
                if (disks[i].state != DATA_IS_OURS)
                        continue;
                *ret_index = i; /* wherever it is by now */
                return DATA_MOUNT;
        }
        if (!wish->may_make)
                return error_set(reterr, -ENODEV,
                                 "the disk with this machine's data is not there: connect it, or deploy the "
                                 "machine with --data-overwrite to give it another one");
        for (size_t i = 0; i < n; i++) {
                struct error why = { 0 };
                if (!is_hinted(&disks[i], wish))
                        continue;
                if (refuse_hinted(&disks[i], wish, &why) < 0)
                        first = first.code ? first : why;
                else if (best == n || is_better(&disks[i], &disks[best]))
                        best = i;
        }
        if (best < n) {
                *ret_index = best;
                return DATA_MAKE;
        }
        if (!first.code)
                return error_set(reterr, -ENODEV, "the machine has no disk%s%.100s%s for its data",
                                 *wish->hint ? " \"" : "", wish->hint, *wish->hint ? "\"" : "");
        if (reterr)
                *reterr = first;
        return first.code;
}
