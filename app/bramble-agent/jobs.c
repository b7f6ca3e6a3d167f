/* What the agent can do; see jobs.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/jobs.h"

static int run_inventory(struct job *j, struct error *reterr) {
        (void)reterr;
        inventory_read(&job_world(j)->tree, job_data(j));
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
        { "inventory", run_inventory },
        { "park", run_park },
        { "reboot", run_reboot },
        { "poweroff", run_poweroff },
};

const struct job_kind *job_kind_of(const char *name) {
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (strcmp(kinds[i].name, name) == 0)
                        return &kinds[i];
        return NULL;
}
