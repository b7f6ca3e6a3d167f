/* What is known by a MAC; see macs.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/macs.h"

#include <errno.h>

#include "base/map.h"

int macs_init(struct macs *t, struct hash_key key, size_t max) {
        *t = (struct macs){ .by_mac = map_new(key), .max = max };
        list_init(&t->strangers);
        list_init(&t->others);
        return t->by_mac ? 0 : -ENOMEM;
}

void macs_destroy(struct macs *t) {
        if (!t->by_mac)
                return;
        for (void *item; (item = macs_spare(t));)
                macs_remove(t, item);
        map_free(t->by_mac);
}

void *macs_find(const struct macs *t, const struct mac *mac) {
        return map_get(t->by_mac, mac->octets, sizeof(mac->octets));
}

bool macs_is_full(const struct macs *t) {
        return map_len(t->by_mac) >= t->max;
}

void *macs_add(struct macs *t, const struct mac *mac, size_t size) {
        if (macs_is_full(t))
                return NULL;
        struct macs_item *item = calloc(1, size);
        if (!item || map_put(t->by_mac, mac->octets, sizeof(mac->octets), item, NULL) < 0) {
                free(item);
                return NULL;
        }
        item->mac = *mac;
        item->is_stranger = true;
        list_append(&t->strangers, &item->by_age);
        return item;
}

void macs_remove(struct macs *t, struct macs_item *item) {
        (void)map_remove(t->by_mac, item->mac.octets, sizeof(item->mac.octets));
        list_remove(&item->by_age);
        free(item);
}

void macs_touch(struct macs *t, struct macs_item *item) {
        list_remove(&item->by_age);
        list_append(item->is_stranger ? &t->strangers : &t->others, &item->by_age);
}

void macs_keep(struct macs *t, struct macs_item *item) {
        if (!item->is_stranger)
                return;
        item->is_stranger = false;
        macs_touch(t, item);
}

void *macs_spare(const struct macs *t) {
        const struct list *row = list_is_empty(&t->strangers) ? &t->others : &t->strangers;
        return list_is_empty(row) ? NULL : LIST_ITEM(row->next, struct macs_item, by_age);
}
