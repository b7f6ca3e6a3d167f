/* Roll-outs of EEPROM updates: /api/v1/eeprom/updates. What is kept is kept with each machine. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/eeprom_json.h"
#include "api/eeprom_part.h"
#include "api/fields.h"
#include "api/handlers.h"
#include "api/page.h"
#include "core/life/rollout.h"

enum {
        MACHINES_MAX = 5000,
        WAVE_DEFAULT = 5,
        CANARIES_DEFAULT = 1,
        WITHIN_MIN_S = 60,
        WITHIN_MAX_S = 90 * 24 * 3600
};

/* ---- what is asked for ---- */

struct wish {
        const json_t *machines; /* names */
        const char *config;     /* NULL: the one that is wanted for each board */
        json_int_t canaries, wave;
        unsigned by;               /* EEPROM_BY_AGENT … */
        struct eeprom_order order; /* what all of them have in common */
};

static int read_machines(void *thing, const json_t *value, struct error *reterr) {
        struct wish *w = thing;
        const json_t *name;
        size_t i;

        if (!json_is_array(value) || json_array_size(value) == 0 || json_array_size(value) > MACHINES_MAX)
                return error_set(reterr, -EINVAL, "a list of 1 to %d names is wanted", MACHINES_MAX);
        json_array_foreach(value, i, name) if (!json_is_string(name)) return error_set(
                reterr, -EINVAL, "a machine is wanted by its name");
        w->machines = value;
        return 0;
}

static int read_config(void *thing, const json_t *value, struct error *reterr) {
        struct wish *w = thing;

        if (!json_is_string(value) || json_string_length(value) > EEPROM_CONFIG_MAX)
                return error_set(reterr, -EINVAL, "a text of at most %d octets is wanted", EEPROM_CONFIG_MAX);
        w->config = json_string_value(value);
        return 0;
}

static int read_count(const json_t *value, json_int_t *ret, struct error *reterr) {
        if (!json_is_integer(value) || json_integer_value(value) < 1 ||
            json_integer_value(value) > MACHINES_MAX)
                return error_set(reterr, -EINVAL, "a number from 1 to %d is wanted", MACHINES_MAX);
        *ret = json_integer_value(value);
        return 0;
}

static int read_canaries(void *thing, const json_t *value, struct error *reterr) {
        return read_count(value, &((struct wish *)thing)->canaries, reterr);
}

static int read_wave(void *thing, const json_t *value, struct error *reterr) {
        return read_count(value, &((struct wish *)thing)->wave, reterr);
}

static int read_within(void *thing, const json_t *value, struct error *reterr) {
        struct wish *w = thing;
        int64_t s;

        int r = api_read_number(value, WITHIN_MIN_S, WITHIN_MAX_S, &s, reterr);
        if (r == 0)
                w->order.within_s = (uint32_t)s;
        return r;
}

static int read_roll_back(void *thing, const json_t *value, struct error *reterr) {
        struct wish *w = thing;

        if (!json_is_boolean(value))
                return error_set(reterr, -EINVAL, "true or false is wanted");
        w->order.flags = json_is_true(value) ? EEPROM_GOES_BACK : 0;
        return 0;
}

static int read_by(void *thing, const json_t *value, struct error *reterr) {
        static const struct {
                const char *name;
                unsigned flags;
        } ways[] = { { "network", 0 },
                     { "agent", EEPROM_BY_AGENT },
                     { "auto", EEPROM_BY_AGENT | EEPROM_OR_NETWORK } };
        struct wish *w = thing;

        for (size_t i = 0; json_is_string(value) && i < ARRAY_LEN(ways); i++)
                if (strcmp(json_string_value(value), ways[i].name) == 0) {
                        w->by = ways[i].flags;
                        return 0;
                }
        return error_set(reterr, -EINVAL, "network, agent or auto is wanted");
}

static const struct api_field fields[] = {
        { "machines", true, read_machines },
        { "config", false, read_config },
        { "canaries", false, read_canaries },
        { "wave", false, read_wave },
        { "within_s", false, read_within },
        { "roll_back", false, read_roll_back },
        { "by", false, read_by },
};

/* ---- begun ---- */

static int take_latest(void *ctx, const struct machine *m) {
        struct eeprom_order o;
        uint64_t *latest = ctx;

        if (eeprom_order_of(m, &o) && o.rollout > *latest)
                *latest = o.rollout;
        return 0;
}

/* Later than that of any roll-out there was, also of one that began in the same second. */
static uint64_t next_id(const struct api_call *c) {
        uint64_t latest = (uint64_t)c->now_s * 1000;

        (void)site_each_machine(c->site, take_latest, &latest);
        return latest + 1;
}

/* Waves are counted among those for whom something changes. */
static int make_parts(const struct api_call *c, struct wish *w, struct eeprom_parts *ret, json_t *unchanged,
                      struct error *reterr) {
        const json_t *name;
        size_t i;

        ret->items = calloc(json_array_size(w->machines), sizeof(*ret->items));
        if (!ret->items)
                return error_set(reterr, -ENOMEM, "out of memory");
        w->order.flags |= w->by;
        json_array_foreach(w->machines, i, name) {
                w->order.wave = ret->n < (size_t)w->canaries
                                        ? 0
                                        : 1 + (unsigned)((ret->n - (size_t)w->canaries) / (size_t)w->wave);
                int r = eeprom_part_make(c, json_string_value(name), w->config, &w->order, ret, reterr);
                if (r < 0)
                        return r;
                if (r == 0)
                        (void)json_array_append_new(unchanged, json_string(json_string_value(name)));
        }
        return 0;
}

json_t *eeprom_order_json(const struct machine *m, const struct eeprom_order *o) {
        return json_pack(
                "{s:s, s:I, s:I, s:s, s:o, s:s, s:o, s:o, s:I, s:b, s:o, s:s}", "machine", m->name, "rollout",
                (json_int_t)o->rollout, "wave", (json_int_t)o->wave, "step", eeprom_step_name(o->step),
                "since", api_time(o->since_s), "image", o->now.image, "why", api_text_or_null(o->why),
                "config", json_stringn(o->now.config, o->now.config_len), "within_s", (json_int_t)o->within_s,
                "is_back", (o->flags & EEPROM_IS_BACK) != 0, "former_image",
                api_text_or_null(o->former.image), "by", o->flags & EEPROM_BY_AGENT ? "agent" : "network");
}

/* All of them or none, as far as nobody else changes them meanwhile. */
static int begin_parts(const struct api_call *c, const struct eeprom_parts *parts, struct error *reterr) {
        struct error ignored = {};
        size_t n = 0;
        int r = 0;

        for (; r == 0 && n < parts->n; n++)
                r = life_set_eeprom(c->world->life, parts->items[n].machine->name, &parts->items[n].order,
                                    reterr);
        for (size_t i = 0; r < 0 && i + 1 < n; i++)
                (void)!life_stop_eeprom(c->world->life, parts->items[i].machine->name, &ignored);
        return r;
}

void eeprom_update_begin(struct api_call *c) {
        struct wish w = { .canaries = CANARIES_DEFAULT,
                          .wave = WAVE_DEFAULT,
                          .order = { .rollout = next_id(c),
                                     .ts = (uint32_t)c->now_s,
                                     .since_s = c->now_s,
                                     .within_s = EEPROM_WITHIN_S } };
        CLEANUP(eeprom_parts_end) struct eeprom_parts parts = { .known.call = c };
        json_t *unchanged = json_array(), *out = json_array();
        struct error error = {};
        const char *field = NULL;

        if (api_fields_read(c->in, fields, ARRAY_LEN(fields), &w, &field, &error) < 0) {
                api_problem_field(c, 422, field, "%s", error.text);
        } else if (make_parts(c, &w, &parts, unchanged, &error) < 0 || begin_parts(c, &parts, &error) < 0) {
                api_failure(c, &error);
        } else {
                for (size_t i = 0; i < parts.n; i++)
                        (void)json_array_append_new(
                                out, eeprom_order_json(parts.items[i].machine, &parts.items[i].order));
                api_ok(c, 201, json_pack("{s:O, s:O}", "items", out, "unchanged", unchanged));
        }
        json_decref(out);
        json_decref(unchanged);
}

/* ---- how far they are ---- */

static int add_order(void *ctx, const struct machine *m) {
        struct eeprom_order o;

        if (eeprom_order_of(m, &o))
                api_list_add(ctx, m, "%s", m->name);
        return 0;
}

static json_t *item_json(const struct api_call *c, const void *thing) {
        const struct machine *m = thing;
        struct eeprom_order o;
        (void)c;
        return eeprom_order_of(m, &o) ? eeprom_order_json(m, &o) : json_null();
}

void eeprom_update_list(struct api_call *c) {
        CLEANUP(api_list_free) struct api_list found = {};

        (void)site_each_machine(c->site, add_order, &found);
        api_page(c, &found, item_json);
}

struct stopping {
        struct api_call *c;
        struct error error;
};

static int stop_one(void *ctx, const struct machine *m) {
        struct stopping *s = ctx;
        struct eeprom_order o;

        if (!rollout_stop(m, s->c->now_s, &o))
                return 0;
        return life_stop_eeprom(s->c->world->life, m->name, &s->error);
}

void eeprom_update_stop(struct api_call *c) {
        struct stopping s = { .c = c };

        if (site_each_machine(c->site, stop_one, &s) < 0)
                api_failure(c, &s.error);
        else
                api_no_content(c);
}

/* ---- and back ---- */

struct going_back {
        struct api_call *c;
        uint64_t rollout;
        json_t *items, *refused;
};

/* What of it was not fetched yet is offered no more. */
static int end_rollout(void *ctx, const struct machine *m) {
        struct going_back *g = ctx;
        struct eeprom_order o;
        struct error ignored = {};

        if (eeprom_order_of(m, &o) && o.rollout == g->rollout && !(o.flags & EEPROM_IS_BACK))
                (void)!life_stop_eeprom(g->c->world->life, m->name, &ignored);
        return 0;
}

static void go_back(struct going_back *g, const char *name) {
        struct error error = {};

        if (life_go_back_eeprom(g->c->world->life, name, &error) < 0) {
                (void)json_array_append_new(g->refused,
                                            json_pack("{s:s, s:s}", "machine", name, "why", error.text));
                return;
        }
        CLEANUP(site_drop_at) struct site *now = g->c->world->keeper.site(g->c->world->keeper.ctx);
        const struct machine *m = site_machine_by_name(now, name);
        struct eeprom_order o;
        if (m && eeprom_order_of(m, &o))
                (void)json_array_append_new(g->items, eeprom_order_json(m, &o));
}

static int go_back_too(void *ctx, const struct machine *m) {
        struct going_back *g = ctx;
        struct eeprom_order o;

        if (eeprom_order_of(m, &o) && o.rollout == g->rollout && o.flags & EEPROM_HAS_TAKEN &&
            !(o.flags & EEPROM_IS_BACK))
                go_back(g, m->name);
        return 0;
}

/* The roll-out that it was a part of ends with it. */
static void go_back_alone(struct going_back *g, const char *name) {
        const struct machine *m = site_machine_by_name(g->c->site, name);
        struct eeprom_order o;

        if (m && eeprom_order_of(m, &o) && o.rollout != g->rollout) {
                g->rollout = o.rollout;
                (void)site_each_machine(g->c->site, end_rollout, g);
        }
        go_back(g, name);
}

static int read_names(void *thing, const json_t *value, struct error *reterr) {
        struct wish w = {};
        int r = read_machines(&w, value, reterr);
        *(const json_t **)thing = w.machines;
        return r;
}

void eeprom_update_back(struct api_call *c) {
        static const struct api_field names_only[] = { { "machines", false, read_names } };
        struct going_back g = { .c = c, .items = json_array(), .refused = json_array() };
        const json_t *names = NULL, *name;
        const char *field = NULL;
        struct error error = {};
        size_t i;

        if (api_fields_read(c->in, names_only, ARRAY_LEN(names_only), &names, &field, &error) < 0) {
                api_problem_field(c, 422, field, "%s", error.text);
        } else {
                if (!names) {
                        (void)site_each_machine(c->site, take_latest, &g.rollout);
                        (void)site_each_machine(c->site, end_rollout, &g);
                        (void)site_each_machine(c->site, go_back_too, &g);
                }
                json_array_foreach(names, i, name) go_back_alone(&g, json_string_value(name));
                api_ok(c, 200, json_pack("{s:O, s:O}", "items", g.items, "refused", g.refused));
        }
        json_decref(g.items);
        json_decref(g.refused);
}
