/* What the agent can do; see jobs.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/blink.h"
#include "app/bramble-agent/convert.h"
#include "app/bramble-agent/deploy/deploy.h"
#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/disks.h"
#include "app/bramble-agent/eeprom/write.h"
#include "app/bramble-agent/erase.h"
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/io/lldp.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/jobs.h"
#include "app/bramble-agent/json.h"
#include "app/bramble-agent/rescue.h"
#include "app/bramble-agent/script/scripts.h"

enum { LLDP_WAIT_S = 5 };

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

/* Only where the network is this machine's own to listen to. Most switches speak every 30 s: a task says how
 * long is waited for one. */
static void add_neighbours(struct job *j) {
        unsigned wait_s = (unsigned)json_number_of(job_order(j), "lldp_s", 60, LLDP_WAIT_S);
        struct lldp_heard heard[NICS_MAX];
        struct nic nics[NICS_MAX];
        json_t *list = json_array();

        if (wait_s > 0)
                job_say(j, "listen", 0, 0, "listening for the switch");
        unsigned n_nics = nic_list(&job_world(j)->tree, nics);
        unsigned n = lldp_listen(nics, n_nics, wait_s * 1000, job_may_go_on, j, heard);
        for (unsigned i = 0; i < n; i++) {
                const struct lldp_neighbour *neighbour = &heard[i].neighbour;
                json_t *o = json_object();
                json_put_text(o, "interface", heard[i].nic);
                json_put_text(o, "chassis", neighbour->chassis);
                json_put_text(o, "port", neighbour->port);
                json_put_text(o, "port_description", neighbour->port_description);
                json_put_text(o, "system", neighbour->system);
                json_put_text(o, "system_description", neighbour->system_description);
                if (neighbour->vlan)
                        json_put_number(o, "vlan", neighbour->vlan);
                (void)json_array_append_new(list, o);
        }
        json_put(json_object_get(job_data(j), "board"), "neighbours", list);
}

static int run_inventory(struct job *j, struct error *reterr) {
        struct disk disks[DISKS_MAX];

        (void)reterr;
        (void)disks_wait(j, disks);
        inventory_read(&job_world(j)->tree, job_data(j));
        mark_boot_media(j);
        add_neighbours(j);
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
        { "blink", blink_run, true },      { "convert", convert_run, false },
        { "deploy", deploy_run, false },   { "eeprom", eeprom_run, false },
        { "erase", erase_run, false },     { "inventory", run_inventory, false },
        { "park", run_park, false },       { "poweroff", run_poweroff, false },
        { "reboot", run_reboot, false },   { "rescue", rescue_run, true },
        { "scripts", scripts_run, false },
};

const struct job_kind *job_kind_of(const char *name) {
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (strcmp(kinds[i].name, name) == 0)
                        return &kinds[i];
        return NULL;
}
