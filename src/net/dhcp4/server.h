/*
 * The DHCPv4 server's sockets: 67 and 4011 on each interface, raw frames out, on the control thread's loop.
 *
 * Thin: packets are read in batches, decided by answer.c, and leave when what they promise is durable. It
 * knows no machines and no leases; it asks the backend.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "io/loop.h"
#include "net/dhcp4/answer.h"
#include "net/dhcp4/backend.h"

struct dhcp4_server;

enum { DHCP4_LINKS_MAX = 64 };

struct dhcp4_counters {
        uint64_t received, malformed, ignored, offers, acks, naks, proxied;
        uint64_t dropped_old; /* too old, or pushed out by newer ones: nobody waits for the answer any more */
        uint64_t superseded;  /* the same client asked again before it was its turn */
        uint64_t dropped_full; /* answers that found no room to wait in */
        uint64_t send_failed, probes, conflicts;
};

struct dhcp4_server *dhcp4_server_new(struct loop *loop, const struct dhcp4_backend *backend, void *ctx,
                                      struct error *reterr);
void dhcp4_server_free(struct dhcp4_server *s);
DEFINE_CLEANUP(struct dhcp4_server, dhcp4_server_free)

/**
 * dhcp4_server_set_links() - serve exactly these links from now on
 *
 * Opens and closes sockets as needed; a link that stays keeps its sockets and what waits in them.
 * Return: 0, or -errno with a sentence that names the port and the remedy; then the links that could be
 * opened are served.
 */
MUST_CHECK int dhcp4_server_set_links(struct dhcp4_server *s, const struct dhcp4_link *links, size_t n,
                                      struct error *reterr);

/** dhcp4_server_durable() - tickets up to @ticket are on disk: send what waited for them. Loop thread only.
 */
void dhcp4_server_durable(struct dhcp4_server *s, uint64_t ticket);

/** dhcp4_server_probe() - ask a link by ARP whether somebody uses @addr; backend->conflict() is called if so.
 * Nothing waits for it. */
void dhcp4_server_probe(struct dhcp4_server *s, unsigned ifindex, uint32_t addr);

void dhcp4_server_counters(const struct dhcp4_server *s, struct dhcp4_counters *ret);
