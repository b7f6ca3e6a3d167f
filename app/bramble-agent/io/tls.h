/*
 * Knowing the server: TLS where one certificate vouches for it, and the hash of that certificate is all that
 * the agent was given.
 *
 * The server sends the certificate along in its chain. Until the server has told the time, dates in
 * certificates are not looked at: a board without a clock of its own believes in 1970.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "app/bramble-agent/boot_words.h"
#include "base/cleanup.h"
#include "base/error.h"

struct tls;
struct ssl_st; /* OpenSSL's SSL */

/** tls_new() - @at lives longer; sessions of one struct tls may be made by several threads. */
MUST_CHECK int tls_new(const struct server_at *at, struct tls **ret, struct error *reterr);
void tls_free(struct tls *t);
DEFINE_CLEANUP(struct tls, tls_free)

/** tls_trust_clock() - the clock is set: from now on a certificate that has run out is refused. */
void tls_trust_clock(struct tls *t);

/** tls_session() - for one connection; NULL: out of memory. */
struct ssl_st *tls_session(struct tls *t);
