/* Waiting for disks; see disks.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/disks.h"
#include "app/bramble-agent/io/clock.h"
#include "app/bramble-agent/io/module.h"
#include "app/bramble-agent/job.h"
#include "base/text.h"

static bool is_same(const struct disks_watch *w, const struct disk *disks, unsigned n) {
        bool is_it = w->has_begun && w->n == n;

        for (unsigned i = 0; i < n && is_it; i++)
                is_it = strcmp(w->names[i], disks[i].name) == 0 && w->sizes[i] == disks[i].size;
        return is_it;
}

bool disks_are_settled(struct disks_watch *w, const struct disk *disks, unsigned n, bool is_coming,
                       uint64_t now_ms) {
        if (!w->has_begun)
                w->begin_ms = now_ms;
        if (!is_same(w, disks, n) || is_coming) {
                w->changed_ms = now_ms;
                w->n = n;
                for (unsigned i = 0; i < n; i++) {
                        (void)text_copy(w->names[i], sizeof(w->names[i]), disks[i].name);
                        w->sizes[i] = disks[i].size;
                }
        }
        w->has_begun = true;
        return now_ms - w->changed_ms >= (n ? DISKS_STILL_MS : DISKS_NONE_MS) ||
               now_ms - w->begin_ms >= DISKS_SETTLE_MS;
}

/* Types of SCSI's devices that are disks: SPC-4 section 6.4.2. */
static bool is_scsi_disk(const char *type) {
        return strcmp(type, "0") == 0 || strcmp(type, "14") == 0 || strcmp(type, "20") == 0;
}

static bool is_card(const char *type) {
        return strcmp(type, "MMC") == 0 || strcmp(type, "SD") == 0;
}

bool disks_is_one_coming(const struct tree *t) {
        static const struct {
                const char *bus;
                bool (*is_disk)(const char *type);
        } rows[] = { { "scsi", is_scsi_disk }, { "mmc", is_card } };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(tree_names_free)
                struct tree_names names = tree_list(t, "sys/bus/%s/devices", rows[i].bus);
                for (size_t k = 0; k < names.n; k++) {
                        char type[16];
                        if (tree_text(t, type, sizeof(type), "sys/bus/%s/devices/%s/type", rows[i].bus,
                                      names.items[k]) &&
                            rows[i].is_disk(type) &&
                            !tree_exists(t, "sys/bus/%s/devices/%s/block", rows[i].bus, names.items[k]))
                                return true;
                }
        }
        return false;
}

static bool load_drivers(const struct job_world *world) {
        return world->modules && module_load_for_devices(world->modules) > 0;
}

unsigned disks_now(struct job *job, struct disk ret[static DISKS_MAX]) {
        (void)load_drivers(job_world(job));
        return disk_list(&job_world(job)->tree, ret);
}

unsigned disks_wait(struct job *job, struct disk ret[static DISKS_MAX]) {
        const struct job_world *world = job_world(job);
        struct disks_watch watch = { 0 };

        for (;;) {
                const bool is_coming = load_drivers(world) || disks_is_one_coming(&world->tree);
                const unsigned n = disk_list(&world->tree, ret);
                if (!world->is_whole_machine || disks_are_settled(&watch, ret, n, is_coming, clock_now_ms()))
                        return n;
                job_say(job, "disks", 0, 0, "waiting for disks");
                if (!job_sleep(job, DISKS_LOOK_MS))
                        return n;
        }
}
