/* What an installed system is, as far as it decides what is written into it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "app/bramble-agent/deploy/volumes.h"

struct system_facts {
        const struct volume *boot; /* the FAT volume that a board or UEFI starts from; NULL none */
        const struct volume *root; /* where /etc is; NULL: none that can be mounted */
        bool has_cloud_init;
        bool has_seed_on_boot; /* cloud-init's data is expected in the boot volume, as Raspberry Pi OS and
                                  Ubuntu do */
        bool has_systemd;
        bool is_pi_os;
        bool is_ubuntu_core;
};

/** system_look() - borrowed from @v. */
void system_look(const struct volumes *v, struct system_facts *ret);

/* Where data for cloud-init goes. */
enum seed_place {
        SEED_NOWHERE,  /* there is none, or nobody would read it */
        SEED_BOOT,     /* files in the boot volume */
        SEED_ROOT,     /* /var/lib/cloud/seed/nocloud */
        SEED_PARTITION /* a volume of its own, CIDATA, at the end of the disk */
};

/** seed_place() - pure. */
enum seed_place seed_place(const struct system_facts *s, bool has_seed);
