/* Writing seeds; see seed.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/deploy/seed.h"
#include "app/bramble-agent/io/volume.h"

int seed_write(const struct volume *v, const char *folder, const char *const texts[static ORDER_SEED_FILES],
               struct error *reterr) {
        char path[TREE_PATH_MAX];
        int r = 0;

        for (size_t i = 0; i < ORDER_SEED_FILES && r == 0; i++) {
                /* cloud-init wants meta-data and user-data to be there; the others only when they say
                 * something. */
                if (i >= 2 && !*texts[i])
                        continue;
                r = volume_write(v, tree_name(path, "%s%s", folder, order_seed_names[i]), texts[i], 0600,
                                 reterr);
        }
        return r;
}

static int look_nowhere_else(const struct volume *root, struct error *reterr) {
        static const char only_us[] =
                "# Written by bramble-agent: data comes from /var/lib/cloud/seed/nocloud.\n"
                "datasource_list: [ NoCloud, None ]\n";
        return volume_write(root, "etc/cloud/cloud.cfg.d/99-bramble.cfg", only_us, 0644, reterr);
}

int seed_write_root(const struct volume *root, const char *const texts[static ORDER_SEED_FILES],
                    struct error *reterr) {
        int r = seed_write(root, "var/lib/cloud/seed/nocloud/", texts, reterr);

        return r < 0 ? r : look_nowhere_else(root, reterr);
}

int seed_write_none(const struct volume *root, struct error *reterr) {
        return volume_exists(root, "etc/cloud") ? look_nowhere_else(root, reterr) : 0;
}
