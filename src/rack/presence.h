/*
 * Who is behind which address, for the threads that serve files.
 *
 * The control thread learns it from DHCP and publishes a persistent map from address to the question that the
 * address's owner asks (struct boot_ask). A TFTP worker or HTTP thread takes the newest map for a batch of
 * packets and never waits.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/pmap.h"
#include "base/ref.h"
#include "core/boot/plan.h"
#include "io/published.h"

/* Unchanging once it is in the map. */
struct presence {
        struct ref ref;
        struct boot_ask ask;
};

struct presences; /* the control thread's side */

/** presences_new() - an empty map, published. NULL: out of memory. */
struct presences *presences_new(void);
void presences_free(struct presences *p);
DEFINE_CLEANUP(struct presences, presences_free)

/** presences_set() - from now on @ask->client_ip belongs to this client; 0 or -ENOMEM. */
int presences_set(struct presences *p, const struct boot_ask *ask);

/** presences_remove() - nobody is known behind @ip any more. Only if its session is still @session. */
void presences_remove(struct presences *p, const struct ip_addr *ip, uint64_t session);

/** presences_find() - who is known behind @ip now; borrowed until the next change. NULL: nobody. */
const struct presence *presences_find(const struct presences *p, const struct ip_addr *ip);

size_t presences_len(const struct presences *p);

/** presences_take() - any thread: the newest map; give it back with pmap_drop(). */
struct pmap *presences_take(struct presences *p);

/** presence_of() - who is behind @ip in a map that was taken; borrowed from it. NULL: nobody known. */
const struct presence *presence_of(const struct pmap *map, const struct ip_addr *ip);
