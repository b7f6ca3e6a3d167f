/* Looking at an installed system; see system.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "app/bramble-agent/deploy/system.h"

static bool has_one_of(const struct volume *v, const char *const *paths) {
        for (; *paths; paths++)
                if (volume_exists(v, *paths))
                        return true;
        return false;
}

static void look_at_boot(const struct volume *v, struct system_facts *f) {
        static const char *const signs[] = { "config.txt", "cmdline.txt", "EFI", "extlinux",
                                             "loader",     "systems",     NULL };
        static const char *const seeds[] = { "user-data", "meta-data", NULL };

        if (f->boot || !has_one_of(v, signs))
                return;
        f->boot = v;
        f->has_seed_on_boot = has_one_of(v, seeds);
        f->is_ubuntu_core = volume_is_dir(v, "systems") && volume_is_dir(v, "snaps");
}

static void look_at_root(const struct volume *v, struct system_facts *f) {
        static const char *const signs[] = { "etc/os-release", "usr/lib/os-release", "etc/fstab",
                                             "var/lib/cloud", NULL };
        static const char *const cloud_init[] = { "usr/bin/cloud-init", "etc/cloud/cloud.cfg",
                                                  "var/lib/cloud", NULL };
        static const char *const systemd[] = { "usr/lib/systemd/systemd", "lib/systemd/systemd", NULL };

        if (f->root || !has_one_of(v, signs))
                return;
        f->root = v;
        f->has_cloud_init = has_one_of(v, cloud_init);
        f->has_systemd = has_one_of(v, systemd);
        f->is_pi_os = volume_exists(v, "etc/rpi-issue");
}

void system_look(const struct volumes *v, struct system_facts *ret) {
        *ret = (struct system_facts){ 0 };
        for (size_t i = 0; i < v->n; i++) {
                if (!v->items[i].volume)
                        continue;
                if (v->items[i].kind == FS_FAT)
                        look_at_boot(v->items[i].volume, ret);
                else
                        look_at_root(v->items[i].volume, ret);
        }
}

enum seed_place seed_place(const struct system_facts *s, bool has_seed) {
        if (!has_seed || s->is_ubuntu_core)
                return SEED_NOWHERE;
        if (s->has_seed_on_boot)
                return SEED_BOOT;
        if (s->root)
                return s->has_cloud_init ? SEED_ROOT : SEED_NOWHERE;
        return SEED_PARTITION; /* a root that nobody here can read may well have cloud-init */
}
