/* Roll-outs of EEPROM updates: /api/v1/eeprom/updates. What is kept is kept with each machine. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/fields.h"
#include "api/handlers.h"
#include "api/page.h"
#include "core/db/findings.h"
#include "core/image/eeprom_update.h"
#include "core/life/rollout.h"
#include "core/life/task.h"

enum { MACHINES_MAX = 5000, WAVE_DEFAULT = 5, CANARIES_DEFAULT = 1 };

/* ---- what is asked for ---- */

struct wish {
        const json_t *machines; /* names */
        const char *config;     /* NULL: the one that each board has */
        json_int_t canaries, wave;
        uint64_t id; /* of the roll-out */
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

static const struct api_field fields[] = {
        { "machines", true, read_machines },
        { "config", false, read_config },
        { "canaries", false, read_canaries },
        { "wave", false, read_wave },
};

/* ---- what each machine gets ---- */

/* One machine's part, made before anything is ordered. */
struct part {
        const struct machine *machine;
        struct eeprom_order order;
        char *config; /* its own; NULL: that of the wish */
};

struct parts {
        struct part *items;
        size_t n;
};

static void parts_end(struct parts *p) {
        for (size_t i = 0; i < p->n; i++)
                free(p->items[i].config);
        free(p->items);
}

struct look_up {
        uint64_t machine;
        char *inventory;
};

static int look_up_inventory(void *ctx, struct db *db, struct error *reterr) {
        struct look_up *l = ctx;
        return db_inventory_get(db, l->machine, &l->inventory, reterr);
}

/* bootconf.txt as the machine's agent read it, the caller's; NULL with a sentence. */
static char *reported_config(const struct api_call *c, const struct machine *m, struct error *reterr) {
        struct look_up l = { .machine = m->id };
        const char *config = NULL;

        if (db_reader_use(c->world->reader, look_up_inventory, &l, reterr) < 0)
                return NULL;
        json_t *inventory = l.inventory ? json_loads(l.inventory, 0, NULL) : NULL;
        (void)json_unpack(inventory, "{s:{s:{s:{s:s}}}}", "board", "pi", "eeprom", "config", &config);
        char *copy = config ? strdup(config) : NULL;
        if (!copy)
                (void)error_set(
                        reterr, -ENOENT,
                        "nobody knows what configuration its EEPROM has: commission it, or say one by "
                        "--config");
        json_decref(inventory);
        free(l.inventory);
        return copy;
}

/* The same firmware with the same configuration is hashed once. */
static int find_digest(const struct api_call *c, const struct parts *done, const struct image *image,
                       struct eeprom_order *o, struct error *reterr) {
        for (size_t i = done->n; i > 0; i--) {
                const struct eeprom_order *before = &done->items[i - 1].order;
                if (strcmp(before->image, o->image) == 0 && strcmp(before->config, o->config) == 0) {
                        memcpy(o->digest, before->digest, sizeof(o->digest));
                        return 0;
                }
        }
        return eeprom_update_digest(image, c->world->blobs, o->config, o->digest, reterr);
}

static int make_part(const struct api_call *c, const struct wish *w, const char *name, struct parts *done,
                     struct error *reterr) {
        struct part *p = &done->items[done->n];
        struct eeprom_order was;

        p->machine = site_machine_by_name(c->site, name);
        if (!p->machine)
                return error_set(reterr, -ENOENT, "there is no machine %.64s", name);
        if (p->machine->is_locked)
                return error_set(reterr, -EBUSY, "machine %s is locked: unlock it first", name);
        for (size_t i = 0; i < done->n; i++)
                if (done->items[i].machine == p->machine)
                        return error_set(reterr, -EINVAL, "machine %s is named twice", name);
        if (eeprom_order_of(p->machine, &was) && eeprom_step_is_open(was.step))
                return error_set(reterr, -EBUSY,
                                 "machine %s is part of a roll-out already: bramble eeprom stop ends it",
                                 name);
        const struct image *image = task_eeprom_image(c->site, p->machine, reterr);
        if (!image)
                return reterr->code;
        p->order.wave = done->n < (size_t)w->canaries
                                ? 0
                                : 1 + (unsigned)((done->n - (size_t)w->canaries) / (size_t)w->wave);
        p->order.rollout = w->id;
        p->order.ts = (uint32_t)c->now_s;
        (void)image_ref(image, p->order.image);
        p->config = w->config ? NULL : reported_config(c, p->machine, reterr);
        p->order.config = w->config ? w->config : p->config;
        int r = p->order.config ? find_digest(c, done, image, &p->order, reterr) : reterr->code;
        if (r < 0) {
                free(p->config);
                return error_prefix(reterr, "machine %s", name);
        }
        done->n++;
        return 0;
}

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

static int make_parts(const struct api_call *c, const struct wish *w, struct parts *ret,
                      struct error *reterr) {
        const json_t *name;
        size_t i;

        ret->items = calloc(json_array_size(w->machines), sizeof(*ret->items));
        if (!ret->items)
                return error_set(reterr, -ENOMEM, "out of memory");
        json_array_foreach(w->machines, i, name) {
                int r = make_part(c, w, json_string_value(name), ret, reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

static json_t *order_json(const struct machine *m, const struct eeprom_order *o) {
        return json_pack("{s:s, s:I, s:I, s:s, s:o, s:s, s:o, s:s}", "machine", m->name, "rollout",
                         (json_int_t)o->rollout, "wave", (json_int_t)o->wave, "step",
                         eeprom_step_name(o->step), "since", api_time(o->since_s), "image", o->image, "why",
                         o->why[0] ? json_string(o->why) : json_null(), "config", o->config);
}

/* All of them or none, as far as nobody else changes them meanwhile. */
static int begin_parts(const struct api_call *c, const struct parts *parts, struct error *reterr) {
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
        struct wish w = { .canaries = CANARIES_DEFAULT, .wave = WAVE_DEFAULT };
        CLEANUP(parts_end) struct parts parts = {};
        struct error error = {};
        const char *field = NULL;
        json_t *out;

        if (api_fields_read(c->in, fields, ARRAY_LEN(fields), &w, &field, &error) < 0) {
                api_problem_field(c, 422, field, "%s", error.text);
                return;
        }
        w.id = next_id(c);
        int r = make_parts(c, &w, &parts, &error);
        if (r == 0)
                r = begin_parts(c, &parts, &error);
        if (r < 0) {
                api_failure(c, &error);
                return;
        }
        out = json_array();
        for (size_t i = 0; i < parts.n; i++) {
                parts.items[i].order.since_s = c->now_s;
                (void)json_array_append_new(out, order_json(parts.items[i].machine, &parts.items[i].order));
        }
        api_ok(c, 201, json_pack("{s:o}", "items", out));
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
        return eeprom_order_of(m, &o) ? order_json(m, &o) : json_null();
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
