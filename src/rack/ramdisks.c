/* Kept boot.img files; see ramdisks.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/ramdisks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct ramdisk {
        char name[BOOT_FILE_NAME_SIZE];
        struct boot_file *file; /* NULL: the place is free */
        uint64_t asked_ms;
};

struct ramdisks {
        pthread_mutex_t lock; /* never for long */
        struct ramdisk kept[RAMDISKS_KEPT];
};

struct ramdisks *ramdisks_new(void) {
        struct ramdisks *d = calloc(1, sizeof(*d));

        if (d)
                (void)pthread_mutex_init(&d->lock, NULL);
        return d;
}

static void forget(struct ramdisk *at) {
        boot_file_drop(at->file);
        *at = (struct ramdisk){};
}

void ramdisks_free(struct ramdisks *d) {
        if (!d)
                return;
        for (size_t i = 0; i < RAMDISKS_KEPT; i++)
                forget(&d->kept[i]);
        (void)pthread_mutex_destroy(&d->lock);
        free(d);
}

/* Under the lock, so that nobody takes the last reference meanwhile. */
static void forget_unused(struct ramdisks *d, uint64_t now_ms) {
        for (size_t i = 0; i < RAMDISKS_KEPT; i++) {
                struct ramdisk *at = &d->kept[i];
                if (at->file && ref_is_last(&at->file->ref) && now_ms - at->asked_ms >= RAMDISKS_UNUSED_MS)
                        forget(at);
        }
}

static struct ramdisk *find(struct ramdisks *d, const char *name) {
        for (size_t i = 0; i < RAMDISKS_KEPT; i++)
                if (d->kept[i].file && strcmp(d->kept[i].name, name) == 0)
                        return &d->kept[i];
        return NULL;
}

static struct ramdisk *place(struct ramdisks *d) {
        struct ramdisk *oldest = &d->kept[0];

        for (size_t i = 0; i < RAMDISKS_KEPT; i++) {
                if (!d->kept[i].file)
                        return &d->kept[i];
                if (d->kept[i].asked_ms < oldest->asked_ms)
                        oldest = &d->kept[i];
        }
        return oldest;
}

struct boot_file *ramdisks_find(struct ramdisks *d, const char *name, uint64_t now_ms) {
        struct boot_file *file = NULL;

        (void)pthread_mutex_lock(&d->lock);
        struct ramdisk *at = find(d, name);
        if (at) {
                at->asked_ms = now_ms;
                file = boot_file_take(at->file);
        }
        forget_unused(d, now_ms);
        (void)pthread_mutex_unlock(&d->lock);
        return file;
}

void ramdisks_keep(struct ramdisks *d, const char *name, struct boot_file *file, uint64_t now_ms) {
        (void)pthread_mutex_lock(&d->lock);
        struct ramdisk *at = find(d, name);
        if (!at) {
                at = place(d);
                forget(at);
                (void)text_copy(at->name, sizeof(at->name), name);
                at->file = boot_file_take(file);
        }
        at->asked_ms = now_ms;
        (void)pthread_mutex_unlock(&d->lock);
}
