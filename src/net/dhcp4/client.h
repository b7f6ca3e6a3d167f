/* Asks a link once, as a DHCP client does, whether a server is there; nobody else's address is taken. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "io/loop.h"
#include "net/dhcp4/ask.h"
#include "net/dhcp4/backend.h"

enum {
        DHCP4_ASK_MS = 3500
}; /* three seconds, and a little: dnsmasq offers a new address 3.0 s after it was asked */

struct dhcp4_client;

/**
 * dhcp4_client_ask() - begin to ask
 * @link:       where; link->server may be 0 when the interface has no address
 * @for_ms:     how long to listen, DHCP4_ASK_MS for most; a moment after the first answer it ends sooner
 * @done:       called once with the servers heard (@n 0: none), on the loop's thread; may free the client
 *
 * Return: the client, which dhcp4_client_free() ends at any time; or NULL with a sentence.
 */
struct dhcp4_client *dhcp4_client_ask(struct loop *loop, const struct dhcp4_link *link, uint32_t for_ms,
                                      void (*done)(void *ctx, const struct dhcp4_heard_server *servers,
                                                   size_t n),
                                      void *ctx, struct error *reterr);
void dhcp4_client_free(struct dhcp4_client *c);
DEFINE_CLEANUP(struct dhcp4_client, dhcp4_client_free)
