/*
 * What this rack is known by in HTTPS: an authority of its own, kept below the state directory, and a
 * certificate for the addresses that it has just now, which is made at each start and kept nowhere.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bootfile.h"
#include "base/error.h"
#include "io/netif.h"

struct authority;
struct credential;

enum { AUTHORITY_ADDRS_MAX = 256 }; /* one certificate names no more */

/**
 * authority_open() - the one in @dir; made at the first start
 * @host:       what the server is asked for by beside its addresses; "" or NULL: nothing
 *
 * Return: 0, or -errno with a sentence.
 */
MUST_CHECK int authority_open(const char *dir, const char *host, struct authority **ret,
                              struct error *reterr);
void authority_free(struct authority *a); /* NULL is a no-op */
DEFINE_CLEANUP(struct authority, authority_free)

/* Never change. */
const uint8_t *authority_hash(const struct authority *a); /* SHA-256 of its certificate */
const char *authority_pem(const struct authority *a);

/* Addresses, host byte order, as a certificate names them. */
struct authority_addrs {
        uint32_t items[AUTHORITY_ADDRS_MAX];
        size_t n;
};

/** authority_addrs() - those of all interfaces. */
void authority_addrs(const struct netif *all, size_t n, struct authority_addrs *ret);

/**
 * authority_is_due() - whether the server's certificate is to be made anew
 *
 * Before it ends, when an address came that it does not name, and when the clock stands before its beginning:
 * boards without a clock of their own learn late what year it is.
 */
bool authority_is_due(const struct authority *a, const struct authority_addrs *addrs, int64_t now_s);
bool authority_is_old(const struct authority *a,
                      int64_t now_s); /* the same, with the addresses as they are */

/** authority_named() - the addresses that the certificate names. */
const struct authority_addrs *authority_named(const struct authority *a);

/** authority_renew() - make it; the old one is good still where this fails. */
MUST_CHECK int authority_renew(struct authority *a, const struct authority_addrs *addrs, int64_t now_s,
                               struct error *reterr);

/** authority_server() - borrowed until the next authority_renew(). */
struct credential *authority_server(const struct authority *a);
