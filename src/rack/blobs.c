/* Open blobs of one thread; see blobs.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/blobs.h"

#include "base/list.h"
#include "base/map.h"
#include "io/clock.h"
#include "rack/ramdisks.h"
#include "rack/signatures.h"

struct open_blob {
        struct list by_use; /* most recent last */
        struct blob *blob;
};

struct blobs {
        const struct store *store;
        struct map *by_id;
        struct list by_use;
        size_t max;
        struct signatures *signatures; /* NULL: nothing is signed */
        struct ramdisks *ramdisks;     /* NULL: nothing is kept */
};

struct blobs *blobs_new(const struct store *store, size_t max) {
        CLEANUP(blobs_free_at) struct blobs *b = calloc(1, sizeof(*b));
        if (!b)
                return NULL;
        list_init(&b->by_use);
        b->store = store;
        b->max = max;
        /* Names are SHA-256 of content that an operator chose: nobody on the wire can choose collisions. */
        b->by_id = map_new((struct hash_key){ 0, 0 });
        return b->by_id ? TAKE(b) : NULL;
}

static void close_one(struct blobs *b, struct open_blob *o) {
        (void)map_remove(b->by_id, o->blob->id.octets, sizeof(o->blob->id.octets));
        list_remove(&o->by_use);
        blob_drop(o->blob);
        free(o);
}

void blobs_free(struct blobs *b) {
        if (!b)
                return;
        LIST_FOR_EACH(link, &b->by_use)
        close_one(b, LIST_ITEM(link, struct open_blob, by_use));
        map_free(b->by_id);
        free(b);
}

/* Remembers @blob when there is memory for it; without, it is only opened again next time. */
static void remember(struct blobs *b, struct blob *blob) {
        if (map_len(b->by_id) >= b->max)
                close_one(b, LIST_ITEM(b->by_use.next, struct open_blob, by_use));

        struct open_blob *o = calloc(1, sizeof(*o));
        if (!o || map_put(b->by_id, blob->id.octets, sizeof(blob->id.octets), o, NULL) < 0) {
                free(o);
                return;
        }
        o->blob = blob_take(blob);
        list_append(&b->by_use, &o->by_use);
}

static struct blob *open_blob(void *ctx, const struct blob_id *id, int *error) {
        struct blobs *b = ctx;
        struct open_blob *o = map_get(b->by_id, id->octets, sizeof(id->octets));

        if (o) {
                list_remove(&o->by_use);
                list_append(&b->by_use, &o->by_use);
                return blob_take(o->blob);
        }
        struct blob *blob = store_open_blob(b->store, id, error);
        if (blob)
                remember(b, blob);
        return blob;
}

static int sign(void *ctx, const char *key, struct boot_file *file, struct boot_file **ret) {
        const struct blobs *b = ctx;
        return signatures_get(b->signatures, key, file, clock_now_ms(), ret);
}

void blobs_sign_with(struct blobs *b, struct signatures *signatures) {
        b->signatures = signatures;
}

static struct boot_file *recall(void *ctx, const char *name) {
        const struct blobs *b = ctx;
        return ramdisks_find(b->ramdisks, name, clock_now_ms());
}

static void keep(void *ctx, const char *name, struct boot_file *file) {
        const struct blobs *b = ctx;
        ramdisks_keep(b->ramdisks, name, file, clock_now_ms());
}

void blobs_keep_in(struct blobs *b, struct ramdisks *ramdisks) {
        b->ramdisks = ramdisks;
}

struct blob_source blobs_source(struct blobs *b) {
        return (struct blob_source){ .open = open_blob,
                                     .sign = b->signatures ? sign : NULL,
                                     .recall = b->ramdisks ? recall : NULL,
                                     .keep = b->ramdisks ? keep : NULL,
                                     .ctx = b };
}
