/* Laying out FAT volumes; see fat_image.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/writer.h"
#include "format/fat_entry.h"
#include "format/fat_image.h"

enum {
        SECTOR = 512,
        TABLES = 2,
        CLUSTER_MAX = 32 * 1024,
        /* A driver takes a volume of fewer clusters for FAT12; the specification wants sixteen between. */
        CLUSTERS_MIN = 4085 + 16,
        CLUSTERS_MAX = 65524 - 16,
        ROOT_ENTRIES_MIN = 256,
        ROOT_ENTRIES_MAX = 16384,
        FIRST_CLUSTER = 2,
        END_OF_CHAIN = 0xffff,
        MEDIA_FIXED = 0xf8,
        SERIAL = 0x424f4f54 /* "BOOT": a random one would make every volume another */
};

/* ---- folders ---- */

static size_t dirname_len(const char *path, size_t len) {
        const char *slash = memrchr(path, '/', len);
        return slash ? (size_t)(slash - path) : 0;
}

static const char *basename_of(const char *path, size_t len) {
        size_t dir = dirname_len(path, len);
        return dir ? path + dir + 1 : path;
}

static bool is_same(const char *a, size_t a_len, const char *b, size_t b_len) {
        return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

static size_t find_folder(const struct fat_image *f, const char *path, size_t len) {
        size_t i = 0;
        while (i < f->n_folders && !is_same(f->folders[i].path, f->folders[i].len, path, len))
                i++;
        return i;
}

static struct fat_name name_in(struct fat_image_folder *folder, const char *path, size_t len) {
        const char *base = basename_of(path, len);
        struct fat_name name;

        fat_name_of(base, len - (size_t)(base - path), folder->n_short, &name);
        folder->n_short += name.n_long > 0;
        return name;
}

static int put_entry(struct fat_image *f, size_t folder, const char *path, size_t len) {
        const char *base = basename_of(path, len);

        if (!fat_name_is_fit(base, len - (size_t)(base - path)))
                return -EINVAL;
        const struct fat_name name = name_in(&f->folders[folder], path, len);
        f->folders[folder].entries += fat_name_entries(&name);
        return 0;
}

/* The folder of @path and all above it; from the root on, so that each stands behind its parent. */
static int put_folders(struct fat_image *f, const char *path, size_t *ret) {
        size_t at = 0;

        for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                size_t len = (size_t)(slash - path), i = find_folder(f, path, len);

                if (i == f->n_folders) {
                        int r = i == FAT_IMAGE_FOLDERS_MAX ? -E2BIG : put_entry(f, at, path, len);
                        if (r < 0)
                                return r;
                        f->folders[f->n_folders++] = (struct fat_image_folder){
                                .path = path, .len = len, .parent = at, .entries = 2
                        };
                }
                at = i;
        }
        *ret = at;
        return 0;
}

/* Whether FAT would take it for a folder, or for one of the files before it. */
static bool is_there(const struct fat_image *f, const struct fat_image_file *files, size_t i) {
        const char *path = files[i].path;
        size_t len = strlen(path);

        if (find_folder(f, path, len) < f->n_folders)
                return true;
        for (size_t k = 0; k < i; k++)
                if (strcasecmp(files[k].path, path) == 0)
                        return true;
        return false;
}

static int put_files(struct fat_image *f, const struct fat_image_file *files, size_t n,
                     const char **ret_bad) {
        size_t folder;
        int r = 0;

        for (size_t i = 0; r == 0 && i < n; i++) {
                size_t len = strlen(files[i].path);
                *ret_bad = files[i].path;
                r = len > FAT_IMAGE_PATH_MAX ? -EINVAL : put_folders(f, files[i].path, &folder);
                if (r == 0)
                        r = put_entry(f, folder, files[i].path, len);
        }
        for (size_t i = 0; r == 0 && i < n; i++) {
                *ret_bad = files[i].path;
                r = is_there(f, files, i) ? -EEXIST : 0;
        }
        return r;
}

/* ---- sizes ---- */

static uint64_t clusters_of(uint64_t octets, uint32_t cluster_size) {
        return octets / cluster_size + (octets % cluster_size != 0);
}

/* Clusters that all of it takes, when they have this size. Folders are numbered on the way. */
static uint64_t count_clusters(struct fat_image *f, const struct fat_image_file *files, size_t n,
                               uint32_t size) {
        uint64_t used = 0;

        for (size_t i = 1; i < f->n_folders; i++) {
                f->folders[i].cluster = (uint32_t)(FIRST_CLUSTER + used);
                used += clusters_of((uint64_t)f->folders[i].entries * FAT_ENTRY_SIZE, size);
        }
        f->head_clusters = (uint32_t)used;
        for (size_t i = 0; i < n; i++)
                if (__builtin_add_overflow(used, clusters_of(files[i].size, size), &used))
                        return UINT64_MAX;
        return used;
}

static int choose_clusters(struct fat_image *f, const struct fat_image_file *files, size_t n) {
        for (uint32_t size = SECTOR; size <= CLUSTER_MAX; size *= 2) {
                uint64_t used = count_clusters(f, files, n, size);
                if (used > CLUSTERS_MAX)
                        continue;
                f->cluster_size = size;
                f->n_clusters = used < CLUSTERS_MIN ? CLUSTERS_MIN : (uint32_t)used;
                f->tail = (f->n_clusters - used) * (uint64_t)size;
                return 0;
        }
        return -E2BIG;
}

int fat_image_measure(const struct fat_image_file *files, size_t n, struct fat_image *ret,
                      const char **ret_bad) {
        const char *bad = "";

        *ret = (struct fat_image){ .n_folders = 1, .folders = { { .path = "", .entries = 1 } } };
        int r = n > FAT_IMAGE_FILES_MAX ? -E2BIG : put_files(ret, files, n, &bad);
        if (r == 0) {
                uint32_t entries = ret->folders[0].entries, sector = SECTOR / FAT_ENTRY_SIZE;
                ret->root_entries = entries <= ROOT_ENTRIES_MIN ? ROOT_ENTRIES_MIN
                                                                : (entries + sector - 1) / sector * sector;
                r = ret->root_entries > ROOT_ENTRIES_MAX ? -E2BIG : choose_clusters(ret, files, n);
        }
        if (ret_bad)
                *ret_bad = bad;
        if (r < 0)
                return r;
        ret->table_sectors = (uint32_t)clusters_of((ret->n_clusters + FIRST_CLUSTER) * 2ULL, SECTOR);
        ret->head_size = SECTOR + (size_t)TABLES * ret->table_sectors * SECTOR +
                         (size_t)ret->root_entries * FAT_ENTRY_SIZE +
                         (size_t)ret->head_clusters * ret->cluster_size;
        ret->size = ret->head_size + (uint64_t)(ret->n_clusters - ret->head_clusters) * ret->cluster_size;
        return 0;
}

/* ---- the head ---- */

static void write_boot_sector(const struct fat_image *f, const char *label, uint8_t *buf) {
        struct writer w = writer_of(buf, SECTOR);
        const uint64_t sectors = f->size / SECTOR;
        char padded[FAT_IMAGE_LABEL_MAX + 1];

        write_octets(&w,
                     "\xeb\x3c\x90"
                     "BRAMBLE ",
                     11);
        write_u16le(&w, SECTOR);
        write_u8(&w, (uint8_t)(f->cluster_size / SECTOR));
        write_u16le(&w, 1); /* reserved sectors: this one */
        write_u8(&w, TABLES);
        write_u16le(&w, (uint16_t)f->root_entries);
        write_u16le(&w, sectors <= UINT16_MAX ? (uint16_t)sectors : 0);
        write_u8(&w, MEDIA_FIXED);
        write_u16le(&w, (uint16_t)f->table_sectors);
        write_u16le(&w, 1); /* sectors a track and heads: a disk of any size is whole tracks of these */
        write_u16le(&w, 1);
        write_u32le(&w, 0);
        write_u32le(&w, sectors <= UINT16_MAX ? 0 : (uint32_t)sectors);
        write_octets(&w, "\x80\x00\x29", 3);
        write_u32le(&w, SERIAL);
        (void)snprintf(padded, sizeof(padded), "%-11.11s", label);
        write_octets(&w, padded, FAT_IMAGE_LABEL_MAX);
        write_octets(&w, "FAT16   ", 8);
        buf[SECTOR - 2] = 0x55;
        buf[SECTOR - 1] = 0xaa;
}

static void set_entry(uint8_t *table, uint32_t cluster, uint32_t value) {
        table[2 * (size_t)cluster] = (uint8_t)value;
        table[2 * (size_t)cluster + 1] = (uint8_t)(value >> 8);
}

/* A chain of what lies in one piece; returns the cluster behind it. */
static uint32_t write_chain(uint8_t *table, uint32_t first, uint64_t n) {
        for (uint64_t i = 0; i < n; i++)
                set_entry(table, (uint32_t)(first + i),
                          i + 1 < n ? (uint32_t)(first + i + 1) : (uint32_t)END_OF_CHAIN);
        return (uint32_t)(first + n);
}

static void write_dots(struct writer *w, const struct fat_image *f, const struct fat_image_folder *folder) {
        struct fat_name dot = { .octets = ".          " }, dots = { .octets = "..         " };

        fat_entry_write(w, &dot, FAT_ATTRIBUTE_DIRECTORY, (uint16_t)folder->cluster, 0);
        fat_entry_write(w, &dots, FAT_ATTRIBUTE_DIRECTORY, (uint16_t)f->folders[folder->parent].cluster, 0);
}

static void write_label(struct writer *w, const char *label) {
        char padded[FAT_IMAGE_LABEL_MAX + 1];
        struct fat_name name = {};

        (void)snprintf(padded, sizeof(padded), "%-11.11s", label);
        memcpy(name.octets, padded, sizeof(name.octets));
        fat_entry_write(w, &name, FAT_ATTRIBUTE_LABEL, 0, 0);
}

static void write_name(struct writer *w, struct fat_image_folder *folder, const char *path, size_t len,
                       uint8_t attribute, uint32_t cluster, uint32_t size) {
        const char *base = basename_of(path, len);
        const struct fat_name name = name_in(folder, path, len);

        if (name.n_long)
                fat_long_name_write(w, base, len - (size_t)(base - path), name.octets);
        fat_entry_write(w, &name, attribute, (uint16_t)cluster, size);
}

/* What is in one folder: the folders below it, then its files. */
static void write_folder(struct writer *w, struct fat_image *f, size_t number,
                         const struct fat_image_file *files, const uint32_t *clusters, size_t n) {
        struct fat_image_folder *folder = &f->folders[number];

        folder->n_short = 0;
        for (size_t i = number + 1; i < f->n_folders; i++)
                if (f->folders[i].parent == number)
                        write_name(w, folder, f->folders[i].path, f->folders[i].len, FAT_ATTRIBUTE_DIRECTORY,
                                   f->folders[i].cluster, 0);
        for (size_t i = 0; i < n; i++) {
                size_t len = strlen(files[i].path), dir = dirname_len(files[i].path, len);
                if (is_same(folder->path, folder->len, files[i].path, dir))
                        write_name(w, folder, files[i].path, len, FAT_ATTRIBUTE_ARCHIVE, clusters[i],
                                   (uint32_t)files[i].size);
        }
}

void fat_image_write_head(struct fat_image *f, const struct fat_image_file *files, size_t n,
                          const char *label, uint8_t *buf) {
        const size_t table_size = (size_t)f->table_sectors * SECTOR;
        const size_t root_size = (size_t)f->root_entries * FAT_ENTRY_SIZE;
        uint8_t *table = buf + SECTOR, *root = table + TABLES * table_size, *data = root + root_size;
        uint32_t clusters[FAT_IMAGE_FILES_MAX], at = FIRST_CLUSTER;

        assert(n <= FAT_IMAGE_FILES_MAX);
        memset(buf, 0, f->head_size);
        write_boot_sector(f, label, buf);
        set_entry(table, 0, 0xff00 | MEDIA_FIXED);
        set_entry(table, 1, END_OF_CHAIN);
        for (size_t i = 1; i < f->n_folders; i++)
                at = write_chain(
                        table, at,
                        clusters_of((uint64_t)f->folders[i].entries * FAT_ENTRY_SIZE, f->cluster_size));
        for (size_t i = 0; i < n; i++) {
                clusters[i] = files[i].size ? at : 0;
                at = write_chain(table, at, clusters_of(files[i].size, f->cluster_size));
        }
        memcpy(table + table_size, table, table_size);

        struct writer w = writer_of(root, root_size);
        write_label(&w, label);
        write_folder(&w, f, 0, files, clusters, n);
        for (size_t i = 1; i < f->n_folders && !w.full; i++) {
                const struct fat_image_folder *folder = &f->folders[i];
                w = writer_of(data + (size_t)(folder->cluster - FIRST_CLUSTER) * f->cluster_size,
                              (size_t)folder->entries * FAT_ENTRY_SIZE);
                write_dots(&w, f, folder);
                write_folder(&w, f, i, files, clusters, n);
        }
        assert(!w.full);
}
