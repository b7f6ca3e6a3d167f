/* Answers that may not leave yet; see outbox.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dhcp4/outbox.h"

enum { TURNS_MAX = 64 };

struct dhcp4_outbox {
        struct list free, ready;
        struct list waiting; /* for their tickets, in the order in which they came: tickets rise */
        struct list delayed; /* by due time */
        size_t n_used, n_delayed;
        uint64_t n_given_up;
        struct turn {
                unsigned ifindex;
                uint64_t last_ms; /* when the last of those that share an xid leaves */
        } turns[TURNS_MAX];
        size_t next_turn;
        struct dhcp4_outgoing items[DHCP4_OUTBOX_MAX]; /* memory that a quiet server never touches */
};

struct dhcp4_outbox *dhcp4_outbox_new(void) {
        struct dhcp4_outbox *o = calloc(1, sizeof(*o));
        if (!o)
                return NULL;
        list_init(&o->free);
        list_init(&o->ready);
        list_init(&o->waiting);
        list_init(&o->delayed);
        return o;
}

void dhcp4_outbox_free(struct dhcp4_outbox *o) {
        free(o);
}

static struct dhcp4_outgoing *first(struct list *l) {
        return list_is_empty(l) ? NULL : LIST_ITEM(l->next, struct dhcp4_outgoing, link);
}

struct dhcp4_outgoing *dhcp4_outbox_room(struct dhcp4_outbox *o) {
        /* The one used last: its memory is warm. */
        struct dhcp4_outgoing *item = NULL;
        if (!list_is_empty(&o->free)) {
                item = LIST_ITEM(o->free.prev, struct dhcp4_outgoing, link);
                list_remove(&item->link);
        } else if (o->n_used < DHCP4_OUTBOX_MAX) {
                item = &o->items[o->n_used++];
                list_init(&item->link);
        } else if ((item = first(&o->waiting))) {
                list_remove(&item->link);
                o->n_given_up++;
        }
        return item;
}

void dhcp4_outbox_done(struct dhcp4_outbox *o, struct dhcp4_outgoing *item) {
        list_remove(&item->link);
        list_append(&o->free, &item->link);
}

static void let_go(struct dhcp4_outbox *o, struct dhcp4_outgoing *item, uint64_t durable) {
        list_remove(&item->link);
        list_append(item->ticket > durable ? &o->waiting : &o->ready, &item->link);
}

/* The link's record of turns; the records of links long gone are used again in a ring. */
static struct turn *turn_of(struct dhcp4_outbox *o, unsigned ifindex) {
        for (size_t i = 0; i < TURNS_MAX; i++)
                if (o->turns[i].ifindex == ifindex)
                        return &o->turns[i];
        struct turn *t = &o->turns[o->next_turn++ % TURNS_MAX];
        *t = (struct turn){ .ifindex = ifindex };
        return t;
}

/* When an answer may leave by the clock; 0: never. */
static uint64_t due_of(struct dhcp4_outbox *o, const struct dhcp4_outgoing *item, uint32_t delay_ms,
                       uint64_t now_ms) {
        uint64_t due_ms = now_ms + delay_ms;
        if (!item->one_at_a_time)
                return due_ms;

        struct turn *t = turn_of(o, item->ifindex);
        if (t->last_ms != 0 && t->last_ms + DHCP4_TURN_MS > due_ms)
                due_ms = t->last_ms + DHCP4_TURN_MS;
        if (due_ms > now_ms + DHCP4_DELAY_MAX_MS)
                return 0;
        t->last_ms = due_ms;
        return due_ms;
}

static struct dhcp4_outgoing *find_delayed(struct dhcp4_outbox *o, const struct dhcp4_outgoing *like) {
        LIST_FOR_EACH(at, &o->delayed) {
                struct dhcp4_outgoing *item = LIST_ITEM(at, struct dhcp4_outgoing, link);
                if (item->ifindex == like->ifindex && mac_equal(&item->client, &like->client))
                        return item;
        }
        return NULL;
}

static void insert_delayed(struct dhcp4_outbox *o, struct dhcp4_outgoing *item) {
        struct list *before = o->delayed.prev;
        while (before != &o->delayed && LIST_ITEM(before, struct dhcp4_outgoing, link)->due_ms > item->due_ms)
                before = before->prev;
        list_append(before->next, &item->link);
        o->n_delayed++;
}

bool dhcp4_outbox_put(struct dhcp4_outbox *o, struct dhcp4_outgoing *item, uint32_t delay_ms,
                      uint64_t durable, uint64_t now_ms) {
        if (delay_ms == 0 && !item->one_at_a_time) {
                let_go(o, item, durable);
                return true;
        }
        struct dhcp4_outgoing *earlier = find_delayed(o, item);
        if (earlier) {
                item->due_ms = earlier->due_ms;
                dhcp4_outbox_done(o, earlier);
                o->n_delayed--;
        } else {
                item->due_ms = o->n_delayed < DHCP4_DELAYED_MAX ? due_of(o, item, delay_ms, now_ms) : 0;
        }
        if (item->due_ms == 0) {
                dhcp4_outbox_done(o, item);
                return false;
        }
        insert_delayed(o, item);
        return true;
}

void dhcp4_outbox_durable(struct dhcp4_outbox *o, uint64_t ticket) {
        for (struct dhcp4_outgoing *item; (item = first(&o->waiting)) && item->ticket <= ticket;)
                let_go(o, item, ticket);
}

void dhcp4_outbox_tick(struct dhcp4_outbox *o, uint64_t durable, uint64_t now_ms) {
        for (struct dhcp4_outgoing *item; (item = first(&o->delayed)) && item->due_ms <= now_ms;) {
                o->n_delayed--;
                let_go(o, item, durable);
        }
}

uint64_t dhcp4_outbox_wake_ms(const struct dhcp4_outbox *o) {
        return list_is_empty(&o->delayed) ? UINT64_MAX
                                          : LIST_ITEM(o->delayed.next, struct dhcp4_outgoing, link)->due_ms;
}

struct dhcp4_outgoing *dhcp4_outbox_next(struct dhcp4_outbox *o) {
        struct dhcp4_outgoing *item = first(&o->ready);
        if (item)
                list_remove(&item->link);
        return item;
}

uint64_t dhcp4_outbox_given_up(const struct dhcp4_outbox *o) {
        return o->n_given_up;
}
