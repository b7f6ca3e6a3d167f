/* What the agent can do; see jobs.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/deploy/deploy.h"
#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/disk.h"
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/jobs.h"
#include "app/bramble-agent/json.h"

/* Which disks must not be written without asking is part of what a machine is. */
static void mark_boot_media(struct job *j) {
        json_t *list = json_object_get(json_object_get(job_data(j), "storage"), "disks"), *o;
        struct disk disks[DISKS_MAX];
        unsigned n = disk_list(&job_world(j)->tree, disks);
        size_t i;

        json_array_foreach(list, i, o) {
                const char *reason = i < n ? firmware_on_disk(job_world(j), &disks[i]) : NULL;
                json_put_bool(o, "boot_medium", reason != NULL);
                json_put_text(o, "boot_medium_reason", reason ? reason : "");
        }
}

static int run_inventory(struct job *j, struct error *reterr) {
        (void)reterr;
        inventory_read(&job_world(j)->tree, job_data(j));
        mark_boot_media(j);
        return 0;
}

/* Parked: nothing to do, ready for the next task. */
static int run_park(struct job *j, struct error *reterr) {
        (void)j;
        (void)reterr;
        return 0;
}

static int run_reboot(struct job *j, struct error *reterr) {
        (void)reterr;
        job_set_then(j, JOB_THEN_REBOOT);
        return 0;
}

static int run_poweroff(struct job *j, struct error *reterr) {
        (void)reterr;
        job_set_then(j, JOB_THEN_POWEROFF);
        return 0;
}

static const struct job_kind kinds[] = {
        { "deploy", deploy_run }, { "inventory", run_inventory }, { "park", run_park },
        { "reboot", run_reboot }, { "poweroff", run_poweroff },
};

const struct job_kind *job_kind_of(const char *name) {
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (strcmp(kinds[i].name, name) == 0)
                        return &kinds[i];
        return NULL;
}
