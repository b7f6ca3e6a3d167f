/*
 * The way to the server: which network card, and an address on it.
 *
 * Only where the agent is the machine's init. Cards and their drivers may come late, cables later: it looks
 * again and again, and says on the console what it is waiting for.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/boot_words.h"
#include "app/bramble-agent/io/dhcp.h"
#include "app/bramble-agent/io/tree.h"
#include "base/cleanup.h"

struct module_set;
struct tls;

/**
 * uplink_find() - wait until the server answers through some card
 * @modules:    NULL: the image brings none
 * @ret:        the client that keeps the address; the caller stops it
 *
 * The card that the firmware booted from is tried first, then every other one with a link.
 */
void uplink_find(const struct tree *t, struct module_set *modules, const struct boot_words *words,
                 struct tls *tls, struct dhcp *ret);
