/* What happens with machines: /api/v1/machines/{name}/actions, activity, inventory and scripts. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "api/fields.h"
#include "api/handlers.h"
#include "api/machine_json.h"
#include "api/machine_life.h"
#include "base/text.h"
#include "core/db/findings.h"

static const struct machine *find(struct api_call *c) {
        const struct machine *m = site_machine_by_name(c->site, c->params[0]);
        if (!m)
                api_problem(c, 404, "there is no machine %.64s", c->params[0]);
        return m;
}

static void answer_with_machine(struct api_call *c) {
        CLEANUP(site_drop_at) struct site *s = c->world->keeper.site(c->world->keeper.ctx);
        const struct machine *m = site_machine_by_name(s, c->params[0]);

        if (m)
                api_resource(c, machine_to_json(m));
        else
                api_problem(c, 404, "machine %.64s was deleted meanwhile", c->params[0]);
}

/* Copies the address of a lease that holds. */
struct lease_of {
        const struct machine *machine;
        uint32_t addr; /* 0: none */
};

static bool note_lease(void *ctx, const struct lease *l) {
        struct lease_of *f = ctx;

        for (size_t i = 0; i < f->machine->n_macs && l->state == LEASE_BOUND && !f->addr; i++) {
                if (mac_equal(&f->machine->macs[i], &l->client.mac))
                        f->addr = l->addr;
        }
        return !f->addr;
}

/* A machine keeps its address when its board is replaced, also one that it has only leased. */
static void add_leased_address(struct api_call *c, const struct machine *m, json_t *wish) {
        struct lease_of f = { .machine = m };
        char ip[IP_TEXT_SIZE];

        if (ip_is_set(&m->ip) || json_object_get(wish, "address"))
                return;
        c->world->each_lease(c->world->ctx, 0, note_lease, &f);
        const struct ip_addr addr = ip_from_v4(f.addr);
        if (f.addr)
                (void)json_object_set_new(wish, "address", json_string(ip_text(&addr, ip)));
}

void machine_act(struct api_call *c) {
        struct order order = { .wish = c->in };
        struct error error = {};
        const struct machine *m = find(c);
        const char *field = NULL;

        if (!m)
                return;
        if (order_verb_parse(c->params[1], &order.verb) < 0) {
                api_problem(c, 404, "a machine has no action %.64s", c->params[1]);
                return;
        }
        if (order.verb == ORDER_REPLACE)
                add_leased_address(c, m, c->in);
        if (order_check(&order, &field, &error) < 0)
                api_problem_field(c, 422, field, "%s: %s", field, error.text);
        else if (life_order(c->world->life, c->params[0], &order, &error) < 0)
                api_failure(c, &error);
        else
                answer_with_machine(c);
}

static json_t *progress_json(const struct life_view *v) {
        const struct progress_report *p = &v->progress;

        if (!v->has_progress)
                return json_null();
        return json_pack("{s:o, s:I, s:o, s:I, s:o, s:o}", "phase", api_text_or_empty(p->phase), "done",
                         (json_int_t)p->done, "total",
                         p->total ? json_integer((json_int_t)p->total) : json_null(), "rate",
                         (json_int_t)p->rate, "text", api_text_or_empty(p->text), "at",
                         api_time(v->progress_s));
}

json_t *activity_to_json(const struct machine *m, const struct life_view *v) {
        return json_pack("{s:s, s:o, s:o, s:b, s:o, s:o}", "state", machine_state_name(m->state), "reason",
                         api_text_or_null(m->reason), "deadline",
                         m->deadline_s ? api_time(m->deadline_s) : json_null(), "agent_up", v->agent_is_up,
                         "heard", v->heard_s ? api_time(v->heard_s) : json_null(), "progress",
                         progress_json(v));
}

void machine_activity(struct api_call *c) {
        const struct machine *m = find(c);
        struct life_view v = {};

        if (!m)
                return;
        (void)c->world->activity(c->world->ctx, m, &v);
        api_ok(c, 200, activity_to_json(m, &v));
}

/* Looking up what is not in the snapshot. */
struct look_up {
        uint64_t machine, task;
        const char *name; /* of the script; NULL: all, without what they wrote */
        char *inventory;
        json_t *scripts, *script;
};

static int look_up_inventory(void *ctx, struct db *db, struct error *reterr) {
        struct look_up *l = ctx;
        return db_inventory_get(db, l->machine, &l->inventory, reterr);
}

void machine_inventory(struct api_call *c) {
        const struct machine *m = find(c);
        struct error error = {};

        if (!m)
                return;
        struct look_up l = { .machine = m->id };
        if (db_reader_use(c->world->reader, look_up_inventory, &l, &error) < 0)
                api_failure(c, &error);
        else if (!l.inventory)
                api_problem(c, 404, "machine %s was not looked at yet: bramble machine commission %s",
                            m->name, m->name);
        else
                api_ok(c, 200, json_loads(l.inventory, 0, NULL));
        free(l.inventory);
}

json_t *script_result_to_json(const struct script_result *r, bool with_output) {
        json_t *out = json_pack("{s:I, s:o, s:s, s:o, s:I, s:o, s:o}", "task", (json_int_t)r->task, "name",
                                api_text_or_empty(r->name), "status", script_status_name(r->status), "exit",
                                r->has_exit ? json_integer((json_int_t)r->exit_status) : json_null(),
                                "runtime_ms", (json_int_t)r->runtime_ms, "finished", api_time(r->finished_s),
                                "results", r->results ? json_loads(r->results, 0, NULL) : json_null());
        if (with_output && out && json_object_set_new(out, "output", api_text_or_empty(r->output)) < 0) {
                json_decref(out);
                return NULL;
        }
        return out;
}

static int note_script(void *ctx, const struct script_result *r) {
        struct look_up *l = ctx;

        if (!l->name)
                return json_array_append_new(l->scripts, script_result_to_json(r, false)) < 0 ? -ENOMEM : 0;
        if (r->task != l->task || strcmp(r->name, l->name) != 0)
                return 0;
        l->script = script_result_to_json(r, true);
        return l->script ? 1 : -ENOMEM;
}

static int look_up_scripts(void *ctx, struct db *db, struct error *reterr) {
        struct look_up *l = ctx;
        return db_script_each(db, l->machine, note_script, l, reterr);
}

void machine_scripts(struct api_call *c) {
        const struct machine *m = find(c);
        struct error error = { .code = -ENOMEM, .text = "out of memory" };

        if (!m)
                return;
        struct look_up l = { .machine = m->id, .scripts = json_array() };
        if (db_reader_use(c->world->reader, look_up_scripts, &l, &error) < 0) {
                json_decref(l.scripts);
                api_failure(c, &error);
                return;
        }
        api_ok(c, 200, json_pack("{s:o}", "items", l.scripts));
}

void machine_script(struct api_call *c) {
        const struct machine *m = find(c);
        struct error error = { .code = -ENOMEM, .text = "out of memory" };

        if (!m)
                return;
        struct look_up l = { .machine = m->id, .name = c->params[2] };
        if (text_parse_u64(c->params[1], INT64_MAX, &l.task) < 0)
                api_problem(c, 404, "\"%.64s\" is no number of a task", c->params[1]);
        else if (db_reader_use(c->world->reader, look_up_scripts, &l, &error) < 0)
                api_failure(c, &error);
        else if (!l.script)
                api_problem(c, 404, "machine %s has no result of script %.64s in task %.32s", m->name,
                            c->params[2], c->params[1]);
        else
                api_ok(c, 200, TAKE(l.script));
        json_decref(l.script);
}
