/*
 * The clients of one worker by address and port: what runs on which of our data sockets, and which is next.
 *
 * A transfer is known by (client address, client port, our port). The Pi's ROM asks for every file from port
 * 49152, so late packets of one transfer would fall into the next if both used one port of ours: the sockets
 * take turns for each client, also after its transfers ended. Idle clients are remembered up to a number, the
 * longest idle one goes first.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/addr.h"
#include "base/hash.h"
#include "base/list.h"

enum {
        TFTP_SOCKETS = 4, /* data sockets of one worker */
        TFTP_PEERS_IDLE_MAX =
                4096, /* remembered without a transfer; each about 200 octets with its place in the map */
};

struct tftp_peers;

struct tftp_peer_key {
        struct ip_addr addr;
        uint8_t port[2];
};

struct tftp_client {
        struct tftp_peer_key key;
        uint8_t next;           /* socket of the next transfer */
        uint8_t n;              /* transfers that run */
        void *on[TFTP_SOCKETS]; /* the transfer on each socket, NULL: none */
        struct list idle;       /* in the order in which they fell idle */
};

struct tftp_peers *tftp_peers_new(struct hash_key key, unsigned idle_max);
void tftp_peers_free(struct tftp_peers *p);

/** tftp_peers_find() - the client at an address and port; NULL: not known. Lives until its last transfer
 * ends, at least. */
struct tftp_client *tftp_peers_find(struct tftp_peers *p, const struct ip_addr *addr, uint16_t port);

/** tftp_peers_add() - find or remember a client; NULL: out of memory. Give it a transfer before the next
 * call. */
struct tftp_client *tftp_peers_add(struct tftp_peers *p, const struct ip_addr *addr, uint16_t port);

/** tftp_client_socket() - the socket for the next transfer: free, and not the one used last; -1 when all are
 * in use. */
int tftp_client_socket(const struct tftp_client *c);

/** tftp_peers_begin() - @transfer runs on @socket from now on. */
void tftp_peers_begin(struct tftp_peers *p, struct tftp_client *c, unsigned socket, void *transfer);

/** tftp_peers_end() - nothing runs on @socket any more; may forget a client, this one with idle_max 0. */
void tftp_peers_end(struct tftp_peers *p, struct tftp_client *c, unsigned socket);

/** tftp_peers_next() - walk over all clients; start with *@cursor = 0, NULL at the end. */
struct tftp_client *tftp_peers_next(const struct tftp_peers *p, size_t *cursor);
