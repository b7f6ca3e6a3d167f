/*
 * A small site to plan boots in: images whose files are in memory, machines of every kind, a server and a
 * proxy subnet.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/bootfile.h"
#include "core/boot/plan.h"
#include "core/site/site.h"

struct boot_site {
        struct site *site;
        struct blob_source blobs;
};

/* Subnets: 10.77.0.0/24 (server; enlists MAC dc:a6:32:00:aa:01 and serial 0badcafe), 10.78.0.0/24
 * (proxy), 10.79.0.0/24 (boots raspios on unknown machines), 10.80.0.0/24 (enlists them), 10.84.0.0/24 (DHCP
 * off). */
struct boot_site *boot_site_new(void);
void boot_site_free(struct boot_site *s);

/** boot_site_ask() - an ask of @client with a MAC on the subnet 10.@net.0.0, as a rack makes it. */
struct boot_ask boot_site_ask(enum boot_client_id client, const char *mac, uint8_t net);

/** boot_site_stub() - a synthetic EFI stub with two sections, as `systemd-boot-efi` has them; returns its
 * length. */
size_t boot_site_stub(uint8_t *buf, size_t size, uint16_t machine);
