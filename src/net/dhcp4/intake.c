/* What waits to be answered; see intake.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/list.h"
#include "net/dhcp4/intake.h"

enum { BUCKETS = 8192, TYPES_FIRST = 0, TYPES_DISCOVER = 1, CLASSES = 2 };

/* Who asks what: two messages with one key are one question, asked again. */
struct key {
        uint8_t mac[6];
        uint8_t type;
        uint8_t unused;
        uint32_t giaddr;
        uint16_t port, unused_too;
};

struct slot {
        struct list turn;   /* in its class, oldest first; or in the free list */
        struct list bucket; /* of the hash table */
        struct key key;
        struct dhcp4_received received;
        uint8_t octets[DHCP4_MESSAGE_MAX];
};

struct dhcp4_intake {
        struct hash_key hash_key;
        struct list classes[CLASSES], free;
        size_t n_waiting[CLASSES];
        struct list buckets[BUCKETS];
        struct dhcp4_intake_counters counters;
        struct slot slots[DHCP4_INTAKE_MAX]; /* memory that a quiet server never touches */
};

struct dhcp4_intake *dhcp4_intake_new(struct hash_key key) {
        struct dhcp4_intake *in = calloc(1, sizeof(*in));
        if (!in)
                return NULL;
        in->hash_key = key;
        list_init(&in->free);
        for (size_t i = 0; i < CLASSES; i++)
                list_init(&in->classes[i]);
        for (size_t i = 0; i < BUCKETS; i++)
                list_init(&in->buckets[i]);
        return in;
}

void dhcp4_intake_free(struct dhcp4_intake *in) {
        free(in);
}

/* A look at the message type without a full parse; options in other places are none of a client's. */
static uint8_t peek_type(const uint8_t *octets, size_t len) {
        size_t at = DHCP4_HEADER_SIZE;
        while (at + 2 < len && octets[at] != DHCP4_OPTION_END) {
                if (octets[at] == DHCP4_OPTION_TYPE)
                        return octets[at + 2];
                at += octets[at] == DHCP4_OPTION_PAD ? 1 : 2u + octets[at + 1];
        }
        return DHCP4_NONE;
}

static struct key key_of(const struct dhcp4_received *r) {
        enum { GIADDR_AT = 24, CHADDR_AT = 28 };
        struct key k = { .type = peek_type(r->octets, r->len), .port = r->port };
        memcpy(k.mac, r->octets + CHADDR_AT, sizeof(k.mac));
        memcpy(&k.giaddr, r->octets + GIADDR_AT, sizeof(k.giaddr));
        return k;
}

static size_t class_of(const struct slot *s) {
        return s->key.type == DHCP4_DISCOVER ? TYPES_DISCOVER : TYPES_FIRST;
}

static void remove_slot(struct dhcp4_intake *in, struct slot *s) {
        list_remove(&s->turn);
        list_remove(&s->bucket);
        in->n_waiting[class_of(s)]--;
        list_append(&in->free, &s->turn);
}

static struct slot *oldest(struct dhcp4_intake *in, size_t class) {
        struct list *l = &in->classes[class];
        return list_is_empty(l) ? NULL : LIST_ITEM(l->next, struct slot, turn);
}

/* Room for one more: the slot used last, a new one, or the oldest of those who only begin. */
static struct slot *take_room(struct dhcp4_intake *in) {
        size_t n = in->n_waiting[TYPES_FIRST] + in->n_waiting[TYPES_DISCOVER];

        if (list_is_empty(&in->free)) {
                if (n < DHCP4_INTAKE_MAX)
                        return &in->slots[n];
                struct slot *s = oldest(in, TYPES_DISCOVER);
                remove_slot(in, s ? s : oldest(in, TYPES_FIRST));
                in->counters.dropped_old++;
        }
        struct slot *s = LIST_ITEM(in->free.prev, struct slot, turn);
        list_remove(&s->turn);
        return s;
}

bool dhcp4_intake_put(struct dhcp4_intake *in, const struct dhcp4_received *r) {
        if (r->len < DHCP4_HEADER_SIZE || r->len > DHCP4_MESSAGE_MAX)
                return false;
        struct key key = key_of(r);
        struct list *bucket = &in->buckets[hash_siphash(in->hash_key, &key, sizeof(key)) % BUCKETS];

        LIST_FOR_EACH(at, bucket) {
                struct slot *s = LIST_ITEM(at, struct slot, bucket);
                if (memcmp(&s->key, &key, sizeof(key)) != 0)
                        continue;
                remove_slot(in, s);
                in->counters.superseded++;
                break;
        }
        struct slot *s = take_room(in);
        s->key = key;
        s->received = *r;
        s->received.octets = s->octets;
        memcpy(s->octets, r->octets, r->len);
        list_append(&in->classes[class_of(s)], &s->turn);
        list_append(bucket, &s->bucket);
        in->n_waiting[class_of(s)]++;
        return true;
}

static void drop_old(struct dhcp4_intake *in, size_t class, uint64_t now_ms) {
        for (struct slot *s; (s = oldest(in, class));) {
                if (s->received.arrived_ms + DHCP4_INTAKE_AGE_MS > now_ms)
                        return;
                remove_slot(in, s);
                in->counters.dropped_old++;
        }
}

bool dhcp4_intake_take(struct dhcp4_intake *in, uint64_t now_ms, struct dhcp4_received *ret) {
        for (size_t class = 0; class < CLASSES; class ++) {
                drop_old(in, class, now_ms);
                struct slot *s = oldest(in, class);
                if (!s)
                        continue;
                if (in->n_waiting[class] > DHCP4_INTAKE_BACKLOG)
                        s = LIST_ITEM(in->classes[class].prev, struct slot, turn);
                *ret = s->received;
                remove_slot(in, s);
                return true;
        }
        return false;
}

size_t dhcp4_intake_len(const struct dhcp4_intake *in) {
        return in->n_waiting[TYPES_FIRST] + in->n_waiting[TYPES_DISCOVER];
}

void dhcp4_intake_counters(const struct dhcp4_intake *in, struct dhcp4_intake_counters *ret) {
        *ret = in->counters;
}
