/*
 * What one exporter offers: volumes, and to whom. Kept in a file beside the exporter, so that it can be
 * started anew with the same; and as nfs-ganesha's configuration. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/addr.h"
#include "base/text.h"
#include "core/export/volume.h"

enum { OFFERS_MAX = 16384, OFFERS_FILE_MAX = 1024 * 1024 }; /* of one exporter; octets of its file */

struct offer {
        struct volume volume;
        struct ip_addr client; /* who may reach it; NBD lets in everybody who knows its name */
        uint32_t number;       /* NFS: of this exporter's exports, of all that there ever were */
};

/* In the order they came. Zero-initialise. */
struct offers {
        struct offer *all;
        size_t n, room;
        uint32_t last_number;
};

void offers_free(struct offers *o); /* also the CLEANUP() function */

enum offers_change { OFFERS_SAME, OFFERS_NEW, OFFERS_OTHER_CLIENT };

struct offer *offers_find(const struct offers *o, const struct volume *v);

/**
 * offers_put() - @v is for @client from now on
 *
 * Return: enum offers_change, -ENOSPC, or -ENOMEM.
 */
MUST_CHECK int offers_put(struct offers *o, const struct volume *v, const struct ip_addr *client);

/** offers_remove() - whether it was there. */
bool offers_remove(struct offers *o, const struct volume *v);

/** offers_write() - a line for each, and one for the numbers. */
void offers_write(const struct offers *o, struct text *out);

/** offers_parse() - what offers_write() wrote. 0, -EBADMSG, or -ENOMEM. */
MUST_CHECK int offers_parse(const char *text, size_t len, struct offers *ret);

/**
 * offers_ganesha() - nfs-ganesha's whole configuration
 * @at:         the address that it listens on
 * @dir:        where the machines' folders are, absolute
 * @state_dir:  where it remembers its clients, likewise; one of its own
 */
void offers_ganesha(const struct offers *o, const struct ip_addr *at, const char *dir, const char *state_dir,
                    struct text *out);
