/* Clients and the sockets of their transfers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tftp/peers.h"

#include <assert.h>

#include "base/map.h"

struct tftp_peers {
        struct map *clients;
        struct list idle; /* longest idle first */
        unsigned n_idle, idle_max;
};

struct tftp_peers *tftp_peers_new(struct hash_key key, unsigned idle_max) {
        struct tftp_peers *p = calloc(1, sizeof(*p));
        if (!p)
                return NULL;
        p->clients = map_new(key);
        if (!p->clients) {
                free(p);
                return NULL;
        }
        list_init(&p->idle);
        p->idle_max = idle_max;
        return p;
}

void tftp_peers_free(struct tftp_peers *p) {
        if (!p)
                return;
        size_t cursor = 0;
        for (struct tftp_client *c; (c = map_next(p->clients, &cursor));)
                free(c);
        map_free(p->clients);
        free(p);
}

static struct tftp_peer_key key_of(const struct ip_addr *addr, uint16_t port) {
        return (struct tftp_peer_key){ .addr = *addr, .port = { (uint8_t)(port >> 8), (uint8_t)port } };
}
static_assert(sizeof(struct tftp_peer_key) == sizeof(struct ip_addr) + 2, "a key without padding");

struct tftp_client *tftp_peers_find(struct tftp_peers *p, const struct ip_addr *addr, uint16_t port) {
        struct tftp_peer_key key = key_of(addr, port);
        return map_get(p->clients, &key, sizeof(key));
}

struct tftp_client *tftp_peers_add(struct tftp_peers *p, const struct ip_addr *addr, uint16_t port) {
        struct tftp_client *known = tftp_peers_find(p, addr, port);
        if (known)
                return known;

        struct tftp_client *c = calloc(1, sizeof(*c));
        if (!c)
                return NULL;
        c->key = key_of(addr, port);
        list_init(&c->idle);
        if (map_put(p->clients, &c->key, sizeof(c->key), c, NULL) < 0) {
                free(c);
                return NULL;
        }
        return c;
}

int tftp_client_socket(const struct tftp_client *c) {
        for (unsigned i = 0; i < TFTP_SOCKETS; i++) {
                unsigned socket = (c->next + i) % TFTP_SOCKETS;
                if (!c->on[socket])
                        return (int)socket;
        }
        return -1;
}

void tftp_peers_begin(struct tftp_peers *p, struct tftp_client *c, unsigned socket, void *transfer) {
        assert(!c->on[socket]);
        if (!list_is_empty(&c->idle)) {
                list_remove(&c->idle);
                p->n_idle--;
        }
        c->on[socket] = transfer;
        c->next = (uint8_t)((socket + 1) % TFTP_SOCKETS);
        c->n++;
}

static void forget_longest_idle(struct tftp_peers *p) {
        struct tftp_client *c = LIST_ITEM(p->idle.next, struct tftp_client, idle);

        list_remove(&c->idle);
        p->n_idle--;
        (void)map_remove(p->clients, &c->key, sizeof(c->key));
        free(c);
}

void tftp_peers_end(struct tftp_peers *p, struct tftp_client *c, unsigned socket) {
        assert(c->on[socket] && c->n > 0);
        c->on[socket] = NULL;
        c->n--;
        if (c->n > 0)
                return;
        list_append(&p->idle, &c->idle);
        p->n_idle++;
        if (p->n_idle > p->idle_max)
                forget_longest_idle(p);
}

struct tftp_client *tftp_peers_next(const struct tftp_peers *p, size_t *cursor) {
        return map_next(p->clients, cursor);
}
