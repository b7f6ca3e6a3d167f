/*
 * A system whose files come over the network is told to leave that network alone: at its start, when it goes,
 * and whatever else it configures. Texts only; pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "app/bramble-agent/root/order.h"
#include "base/addr.h"

/* In memory, which the system takes over: nothing of them is left in a root that is kept. They come before
 * what netplan (10-netplan-*) and most others write, and the first file that fits a card is the one that
 * counts. */
#define KEEP_NET_FILE "run/systemd/network/05-bramble-root.network"
#define KEEP_NET_LINK "run/systemd/network/05-bramble-root.link"
#define KEEP_NET_MANAGER "run/NetworkManager/conf.d/05-bramble-root.conf"

/** keep_net_needed() - whether the system would lose files with its address. */
bool keep_net_needed(const struct root_order *o);

/** keep_net_file() - for systemd-networkd, about the card @mac. The caller frees; NULL: out of memory. */
char *keep_net_file(const struct mac *mac);

/** keep_net_link() - for systemd-udevd, likewise. */
char *keep_net_link(const struct mac *mac);

/** keep_net_manager() - for NetworkManager, about the card that the kernel calls @nic; likewise. */
char *keep_net_manager(const char *nic);
