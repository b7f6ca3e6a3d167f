/* The rack's HTTPS: boot HTTP a second time, behind TLS, with a certificate that follows clock and addresses.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "core/boot/plan.h"
#include "io/netif.h"
#include "net/http/server.h"

struct rack;

/** https_start() - open the port. @like: boot HTTP's, of which port and TLS are not looked at. 0, or -errno
 * with a sentence. */
MUST_CHECK int https_start(struct rack *r, const struct http_config *like, struct error *reterr);

/** https_follow() - the interfaces as they are now: a certificate that does not name them all is made anew.
 */
void https_follow(struct rack *r, const struct netif *all, size_t n);

/** https_tick() - once a second: likewise one that is about to end, or that the clock has left behind. */
void https_tick(struct rack *r);

/** https_say() - where machines reach our HTTP and HTTPS, and what vouches for the latter. */
void https_say(const struct rack *r, struct boot_ask *ask);
