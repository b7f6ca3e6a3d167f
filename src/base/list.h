/* Doubly linked rings whose links live inside the items: no allocation, removal without a search. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct list {
        struct list *prev, *next;
};

#define LIST_INIT(name) \
        { &(name), &(name) }
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
#define LIST_ITEM(link, type, member) CONTAINER_OF(link, type, member)

/* Visits every link; the visited one may be removed on the way. */
#define LIST_FOR_EACH(at, head) \
        for (struct list *at = (head)->next, *next_##at = at->next; at != (head); \
             at = next_##at, next_##at = at->next)

static inline void list_init(struct list *l) {
        l->prev = l->next = l;
}

static inline bool list_is_empty(const struct list *head) {
        return head->next == head;
}

static inline void list_append(struct list *head, struct list *item) {
        item->prev = head->prev;
        item->next = head;
        head->prev->next = item;
        head->prev = item;
}

/* Safe on an item that is in no list. */
static inline void list_remove(struct list *item) {
        if (!item->next)
                return;
        item->prev->next = item->next;
        item->next->prev = item->prev;
        list_init(item);
}
