/* The table of formats, and the way through their layers; see formats.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/formats.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/unpack/gzip.h"
#include "core/unpack/packed.h"
#include "format/kernel.h"
#include "format/partition.h"

static bool begins_with(const uint8_t *begin, size_t len, const char *magic, size_t magic_len) {
        return len >= magic_len && memcmp(begin, magic, magic_len) == 0;
}

static bool is_xz(const uint8_t *begin, size_t len) {
        return begins_with(begin, len,
                           "\xfd"
                           "7zXZ\0",
                           6);
}

static bool is_zstd(const uint8_t *begin, size_t len) {
        return begins_with(begin, len, "\x28\xb5\x2f\xfd", 4);
}

static bool is_gzip(const uint8_t *begin, size_t len) {
        return begins_with(begin, len, "\x1f\x8b\x08", 3);
}

static bool is_bzip2(const uint8_t *begin, size_t len) {
        return begins_with(begin, len, "BZh", 3);
}

static bool is_zip(const uint8_t *begin, size_t len) {
        return begins_with(begin, len, "PK\3\4", 4);
}

static bool is_tar(const uint8_t *begin, size_t len) {
        return len >= 512 && memcmp(begin + 257, "ustar", 5) == 0;
}

static bool is_qcow2(const uint8_t *begin, size_t len) {
        return begins_with(begin, len, "QFI\xfb", 4);
}

static bool is_squashfs(const uint8_t *begin, size_t len) {
        return begins_with(begin, len, "hsqs", 4);
}

static bool is_ext4(const uint8_t *begin, size_t len) {
        return len >= 2048 && begin[1024 + 0x38] == 0x53 && begin[1024 + 0x39] == 0xef;
}

/* A table for disks of 4096-octet sectors stands eight times as far. */
static bool is_disk(const uint8_t *begin, size_t len) {
        return len >= PARTITION_SECTOR && begin[510] == 0x55 && begin[511] == 0xaa;
}

const struct format formats[] = {
        { "xz", FORMAT_PACKED, is_xz, open_xz },
        { "zstd", FORMAT_PACKED, is_zstd, open_zstd },
        { "gzip", FORMAT_PACKED, is_gzip, open_gzip },
        { "bzip2", FORMAT_PACKED, is_bzip2, open_bzip2 },
        { "zip", FORMAT_PACKED, is_zip, open_zip },
        { "tar", FORMAT_PACKED, is_tar, open_tar },
        { "qcow2 image", FORMAT_QCOW2, is_qcow2, NULL },
        { "squashfs", FORMAT_SQUASHFS, is_squashfs, NULL },
        { "ext4 file system", FORMAT_EXT4, is_ext4, NULL },
        { "disk image", FORMAT_DISK, is_disk, NULL },
        {},
};

const char *format_kind_name(enum format_kind kind) {
        static const char *const names[] = {
                [FORMAT_PACKED] = "packed", [FORMAT_TREE] = "tree",   [FORMAT_DISK] = "disk",
                [FORMAT_EXT4] = "ext4",     [FORMAT_QCOW2] = "qcow2", [FORMAT_SQUASHFS] = "squashfs",
        };
        return names[kind];
}

static int unknown(const uint8_t *begin, size_t len, const char *around, struct error *reterr) {
        char hex[3 * 8 + 1] = "";

        if (len == 0)
                return error_set(reterr, -EBADMSG, "%s is empty", *around ? around : "the file");
        for (size_t i = 0; i < len && i < 8; i++)
                (void)snprintf(hex + 3 * i, sizeof(hex) - 3 * i, "%02x ", begin[i]);
        return error_set(reterr, -EBADMSG,
                         "this is no disk image, root file system or archive of one that Bramble reads: it "
                         "begins with %s(%s)%s%s",
                         hex, kernel_kind_name(kernel_probe(begin, len).kind), *around ? " in " : "", around);
}

/* "NAME", or "NAME in AROUND". */
static void name_layer(char stack[static FORMAT_STACK_SIZE], const char *name) {
        char around[FORMAT_STACK_SIZE];

        memcpy(around, stack, sizeof(around));
        (void)snprintf(stack, FORMAT_STACK_SIZE, "%.20s%s%.38s", name, *around ? " in " : "", around);
}

static const struct format *find(const uint8_t *begin, size_t len) {
        const struct format *f = formats;

        while (f->name && !f->probe(begin, len))
                f++;
        return f->name ? f : NULL;
}

/* One layer: 0 when a stream was opened inside of it, 1 when it is the innermost. */
static int step(struct format_found *found, struct error *reterr) {
        struct stream *inner = NULL;
        const uint8_t *begin = NULL;
        size_t len = 0;

        int r = stream_peek(found->stream, &begin, &len, reterr);
        if (r < 0)
                return r;
        const struct format *f = find(begin, len);
        if (!f)
                return unknown(begin, len, found->stack, reterr);
        name_layer(found->stack, f->name);
        found->kind = f->kind;
        if (!f->open)
                return 1;
        if (++found->depth > FORMAT_DEPTH_MAX)
                return error_set(reterr, -EBADMSG, "it is packed more than %d times over (%s)",
                                 FORMAT_DEPTH_MAX, found->stack);
        r = f->open(found->stream, &inner, reterr);
        if (r == 0)
                found->stream = inner;
        if (r == FORMAT_IS_TREE)
                found->kind = FORMAT_TREE;
        return r;
}

static int walk(const char *path, struct format_found *found, struct error *reterr) {
        found->stream = found->file = stream_open(path, reterr);
        if (!found->stream)
                return -EIO;
        int r;
        do
                r = step(found, reterr);
        while (r == 0);
        return r;
}

/* To know a tree for one, some of its archive was read: it is opened again up to that layer. */
static int reopen(const char *path, struct format_found *found, struct error *reterr) {
        unsigned depth = found->depth - 1;

        stream_free(found->stream);
        *found = (struct format_found){ 0 };
        found->stream = found->file = stream_open(path, reterr);
        int r = found->stream ? 0 : -EIO;
        while (r == 0 && found->depth < depth)
                r = step(found, reterr);
        name_layer(found->stack, "tar");
        found->kind = FORMAT_TREE;
        found->depth = depth + 1;
        return r < 0 ? r : 0;
}

int format_open(const char *path, struct format_found *ret, struct error *reterr) {
        struct format_found found = { 0 };

        int r = walk(path, &found, reterr);
        if (r == FORMAT_IS_TREE && found.kind == FORMAT_TREE)
                r = reopen(path, &found, reterr);
        if (r < 0) {
                stream_free(found.stream);
                return r;
        }
        *ret = found;
        return 0;
}
