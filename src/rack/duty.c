/* What an agent shall do; see duty.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/duty.h"

#include "core/machine/agent_report.h"
#include "rack/who.h"

struct agent_duty agent_duty_of(const struct site *site, const struct boot_ask *ask) {
        const struct machine *m = who_machine(site, ask);

        return (struct agent_duty){
                .machine = m ? m->id : 0,
                .task = m ? m->task_id : AGENT_TASK_ENLIST,
                .purpose = boot_purpose_of(m, site_subnet_of(site, &ask->client_ip), ask),
        };
}

bool agent_duty_equal(const struct agent_duty *a, const struct agent_duty *b) {
        return a->machine == b->machine && a->task == b->task && a->purpose == b->purpose;
}
