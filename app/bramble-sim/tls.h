/*
 * TLS as a small firmware speaks it: version 1.2, ECDHE with ECDSA on P-256 or P-384, AES-GCM, and one
 * certificate that it believes (raspberry-pi.md section 4).
 *
 * Octets in, octets out: no sockets. It has no clock, so dates do not count.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct tls;

/** tls_new() - a connection to @host, whose certificate @ca (DER) shall vouch for; NULL: out of memory, or
 * @ca is no certificate. */
struct tls *tls_new(const void *ca, size_t ca_len, const char *host);
void tls_free(struct tls *t); /* NULL is a no-op */
DEFINE_CLEANUP(struct tls, tls_free)

enum tls_state { TLS_SHAKING, TLS_OPEN, TLS_BROKEN };

/** tls_hear() - what the server sent next; nothing begins the handshake. */
enum tls_state tls_hear(struct tls *t, const void *octets, size_t len);

/** tls_why() - of TLS_BROKEN; static text. */
const char *tls_why(const struct tls *t);

/** tls_text() - what tls_hear() found in what it was given, until it is called again. */
const uint8_t *tls_text(const struct tls *t, size_t *ret_len);

/** tls_write() - say something, once it is open. */
void tls_write(struct tls *t, const void *octets, size_t len);

/** tls_take() - the next octets for the server, @size at most. */
size_t tls_take(struct tls *t, uint8_t *buf, size_t size);
