/*
 * Any body of any report, to a machine in the midst of any state: what follows is a machine, and it can be
 * put into a site.
 *
 * The first octet is the kind of report, the second the state, the third the task; the rest is the body.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/life/decide.h"
#include "core/life/task.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct site *a_site(void) {
        CLEANUP(subnet_drop_at) struct subnet *s = subnet_new();
        struct site *empty = site_empty();

        assert(s && empty && ip_net_parse("10.77.0.0/24", &s->net) == 0);
        s->unknown = SUBNET_UNKNOWN_ENLIST;
        struct site *site = site_put_subnet(empty, s, NULL);
        site_drop(empty);
        return site;
}

/* As it is in the middle of something: with a job and a task of the kind. */
static struct machine *a_machine(enum machine_state state, enum task_kind kind) {
        CLEANUP(job_free_at) struct job *j = job_new(7, EVENT_COMMISSION);
        struct machine *m = machine_new();

        assert(j && m);
        m->id = 1;
        (void)snprintf(m->name, sizeof(m->name), "m");
        m->macs[m->n_macs++] = (struct mac){ { 2, 0, 0, 0, 0, 1 } };
        m->state = state;
        m->deadline_s = lifecycle_is_waiting(state) ? 1800000600 : 0;
        m->boots_own = kind == TASK_REBOOT;
        assert(task_set(m, kind, json_object()) == 0);
        m->job = job_print(j);
        return m;
}

static void check(const struct site *site, struct life_outcome *o) {
        struct error error = {};

        if (!o->now)
                return;
        if (o->is_new)
                o->now->id = 2;
        struct site *next = site_put_machine(site, o->now, &error);
        assert(next);
        site_drop(next);
        if (lifecycle_is_waiting(o->now->state))
                assert(o->now->deadline_s > 0 && o->now->reason && o->now->job);
        if (o->now->job) {
                struct job *j = NULL;
                assert(job_parse(o->now->job, &j) == 0);
                job_free(j);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        const struct life_facts facts = { .now_s = 1800000000, .job_id = 8, .power_can = LIFE_CAN_OFF };
        struct error error = {};

        if (len < 3)
                return 0;
        CLEANUP(site_drop_at) struct site *site = a_site();
        CLEANUP(machine_drop_at)
        struct machine *m = a_machine(data[1] % MACHINE_STATES, data[2] % TASK_KINDS);
        CLEANUP(free_at) char *body = strndup((const char *)data + 3, len - 3);
        struct agent_report r = { .kind = data[0] % (REPORT_SYSTEM_DHCP + 1),
                                  .machine = 1,
                                  .mac = { { 2, 0, 0, 0, 0, 9 } },
                                  .at_s = 1800000000,
                                  .task = m->task_id,
                                  .body = body,
                                  .body_len = strlen(body) };
        assert(ip_parse("10.77.0.9", &r.client_ip) == 0);

        CLEANUP(life_outcome_clear) struct life_outcome known = {};
        int e = life_on_report(site, m, &r, &facts, &known, &error);
        assert(e == 0 || error.text[0]);
        if (e == 0)
                check(site, &known);

        CLEANUP(life_outcome_clear) struct life_outcome stranger = {};
        r.machine = 0;
        r.kind = REPORT_RESULT;
        r.task = AGENT_TASK_ENLIST;
        if (life_on_stranger(site, &r, &facts, &stranger, &error) == 0)
                check(site, &stranger);
        return 0;
}
