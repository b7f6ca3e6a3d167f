/*
 * Sightings: what is known of each MAC on the wire, registered or not.
 *
 * An unknown machine is a sighting without a machine, not a state. Bounded: strangers make room first
 * (macs.h).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/sorted.h"
#include "core/boot/client.h"
#include "rack/macs.h"

/* How an address came to be connected with a MAC. */
enum sighting_source {
        SIGHTING_NONE,
        SIGHTING_LEASE,     /* we gave it */
        SIGHTING_RESERVED,  /* --ip of a machine */
        SIGHTING_OVERHEARD, /* another server's DHCP, in proxy mode */
        SIGHTING_NEIGHBOUR, /* the kernel's neighbour table */
        SIGHTING_PATH       /* a serial or MAC in a requested path */
};

struct sighting {
        struct macs_item known;
        struct sorted_node in_order;
        struct ip_addr ip;
        enum sighting_source source; /* of ip */
        enum boot_client_id client;  /* of the newest firmware packet; CLIENT_OTHER: never seen booting */
        struct pi_identity pi;       /* sightings_identify() */
        int64_t first_s, last_s;     /* Unix time */
        char why[160];               /* why it does not boot; "" when it does */
};

struct sightings;

struct sightings *sightings_new(struct hash_key key, size_t max);
void sightings_free(struct sightings *t);
DEFINE_CLEANUP(struct sightings, sightings_free)

/** sightings_see() - the row of @mac, made if it was not there, as the most recent; NULL when out of memory.
 */
struct sighting *sightings_see(struct sightings *t, const struct mac *mac, int64_t now_s);

/** sightings_identify() - what its firmware said of itself. */
void sightings_identify(struct sightings *t, struct sighting *s, const struct pi_identity *pi);

/** sightings_keep() - the row of @mac, if there is one, outlasts those of strangers. */
void sightings_keep(struct sightings *t, const struct mac *mac);

const struct sighting *sightings_find(const struct sightings *t, const struct mac *mac);

/** sightings_find_serial() - who said last that it is the board with this serial; NULL: nobody. */
const struct sighting *sightings_find_serial(const struct sightings *t, uint32_t serial);

/** sightings_after() - the next one behind @mac in the order of MACs; zero: the first. NULL: there is none.
 */
const struct sighting *sightings_after(const struct sightings *t, const struct mac *mac);

/** sighting_next() - the next one behind one of a table; NULL: it is the last. */
const struct sighting *sighting_next(const struct sighting *s);
