/* Root directories of FAT volumes; see fat_root.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/reader.h"
#include "format/fat.h"
#include "format/fat_entry.h"
#include "format/fat_root.h"

enum {
        CHUNK = 512,
        ATTRIBUTE_AT = 11,
        BASE_SIZE = 8,
        ENDS_HERE = 0x00,
        DELETED = 0xe5,
        FIRST_CLUSTER = 2,
        ENTRIES_MAX = 65536, /* that a directory can have; a longer chain is a circle */
        LAST_CLUSTER = 0x0ffffff8,
        CLUSTER_MASK = 0x0fffffff
};

struct walk {
        const struct fat_volume *v;
        int (*read)(void *ctx, uint64_t offset, void *buf, size_t len);
        int (*fn)(void *ctx, const char *name);
        void *ctx;
        uint32_t n; /* entries so far */
        bool is_over;
};

static void make_name(const uint8_t *octets, char ret[static FAT_SHORT_NAME_SIZE]) {
        size_t n = 0;

        for (size_t i = 0; i < FAT_SHORT_SIZE; i++) {
                if (i == BASE_SIZE && octets[i] != ' ')
                        ret[n++] = '.';
                if (octets[i] != ' ')
                        ret[n++] = (char)octets[i];
        }
        ret[n] = '\0';
}

static int take(struct walk *w, const uint8_t *entry) {
        char name[FAT_SHORT_NAME_SIZE];

        if (entry[0] == ENDS_HERE || ++w->n > ENTRIES_MAX) {
                w->is_over = true;
                return 0;
        }
        /* Parts of a long name look like a label, too. */
        if (entry[0] == DELETED || (entry[ATTRIBUTE_AT] & FAT_ATTRIBUTE_LABEL))
                return 0;
        make_name(entry, name);
        return w->fn(w->ctx, name);
}

static int walk_area(struct walk *w, uint64_t offset, uint64_t len) {
        uint8_t chunk[CHUNK];
        int r = 0;

        for (uint64_t at = 0; at < len && r == 0 && !w->is_over; at += CHUNK) {
                r = w->read(w->ctx, offset + at, chunk, sizeof(chunk));
                for (size_t i = 0; i < CHUNK && r == 0 && !w->is_over; i += FAT_ENTRY_SIZE)
                        r = take(w, chunk + i);
        }
        return r;
}

static int next_cluster(const struct walk *w, uint32_t *cluster) {
        uint8_t octets[4];
        int r = w->read(w->ctx, w->v->fat_offset + (uint64_t)*cluster * sizeof(octets), octets,
                        sizeof(octets));

        if (r < 0)
                return r;
        struct reader reader = reader_of(octets, sizeof(octets));
        *cluster = read_u32le(&reader) & CLUSTER_MASK;
        return 0;
}

int fat_root_each(const struct fat_volume *v, int (*read)(void *ctx, uint64_t offset, void *buf, size_t len),
                  int (*fn)(void *ctx, const char *name), void *ctx) {
        struct walk w = { .v = v, .read = read, .fn = fn, .ctx = ctx };

        if (v->n_clusters == 0 || (v->root_cluster == 0 && v->root_size == 0))
                return -EBADMSG;
        if (v->root_cluster == 0)
                return walk_area(&w, v->data_offset - v->root_size, v->root_size);
        for (uint32_t cluster = v->root_cluster; cluster < LAST_CLUSTER && !w.is_over;) {
                if (cluster < FIRST_CLUSTER || cluster - FIRST_CLUSTER >= v->n_clusters)
                        return -EBADMSG;
                int r = walk_area(&w, v->data_offset + (uint64_t)(cluster - FIRST_CLUSTER) * v->cluster_size,
                                  v->cluster_size);
                if (r == 0)
                        r = next_cluster(&w, &cluster);
                if (r != 0)
                        return r;
        }
        return 0;
}
