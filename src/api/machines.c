/* Machines: /api/v1/machines. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/handlers.h"
#include "api/machine_json.h"
#include "api/page.h"
#include "api/resource.h"

static const void *find(struct api_call *c) {
        const struct machine *m = site_machine_by_name(c->site, c->params[0]);
        if (!m)
                api_problem(c, 404, "there is no machine %.64s", c->params[0]);
        return m;
}

static json_t *to_json(const void *thing) {
        return machine_to_json(thing);
}

static int read_new(const json_t *in, void **ret, const char **ret_field, struct error *reterr) {
        struct machine *m = NULL;
        int r = machine_from_json(in, &m, ret_field, reterr);
        *ret = m;
        return r;
}

static int change(const struct site_keeper *keeper, const void *was, void *now, struct error *reterr) {
        const struct machine *m = was;

        if (m && now) {
                int r = machine_amend(now, m, reterr);
                if (r < 0)
                        return r;
        } else if (m && m->is_locked) {
                return error_set(reterr, -EBUSY, "machine %s is locked: unlock it first", m->name);
        } else if (now) {
                machine_declare(now);
        }
        return keeper->machine(keeper->ctx, was, now, reterr);
}

static void drop(void *thing) {
        machine_drop(thing);
}

static const char *path(const void *thing, char *buf, size_t size) {
        (void)snprintf(buf, size, "machines/%s", ((const struct machine *)thing)->name);
        return buf;
}

static const struct api_resource_kind kind = { .read_only = machine_read_only,
                                               .find = find,
                                               .to_json = to_json,
                                               .read = read_new,
                                               .change = change,
                                               .drop = drop,
                                               .path = path };

void machine_show(struct api_call *c) {
        api_resource_show(c, &kind);
}

void machine_add(struct api_call *c) {
        api_resource_add(c, &kind);
}

void machine_set(struct api_call *c) {
        api_resource_set(c, &kind);
}

void machine_delete(struct api_call *c) {
        api_resource_delete(c, &kind);
}

/* What a list is to hold; unset members let everything through. */
struct filter {
        const char *q, *image, *arch, *board, *tag, *pool, *zone, *owner;
        bool has_mac, has_serial, has_state;
        enum machine_state state;
        struct mac mac;
        uint32_t serial;
        struct api_list found;
};

static bool read_filter(struct api_call *c, struct filter *f) {
        const char *mac = api_query(c, "mac"), *serial = api_query(c, "serial"),
                   *state = api_query(c, "state");

        *f = (struct filter){ .q = api_query(c, "q"),
                              .image = api_query(c, "image"),
                              .arch = api_query(c, "arch"),
                              .board = api_query(c, "board"),
                              .tag = api_query(c, "tag"),
                              .pool = api_query(c, "pool"),
                              .zone = api_query(c, "zone"),
                              .owner = api_query(c, "owner"),
                              .has_state = state != NULL,
                              .has_mac = mac != NULL,
                              .has_serial = serial != NULL };
        if (mac && mac_parse(mac, &f->mac) < 0) {
                api_problem_field(c, 400, "mac", "\"%.64s\" is no MAC address such as dc:a6:32:01:02:03",
                                  mac);
                return false;
        }
        if (state && machine_state_parse(state, &f->state) < 0) {
                api_problem_field(c, 400, "state",
                                  "\"%.64s\" is no state of a machine, such as Ready or Deployed", state);
                return false;
        }
        if (serial && serial_parse(serial, &f->serial) < 0) {
                api_problem_field(c, 400, "serial", "\"%.64s\" is no serial: 8 or 16 hex digits are wanted",
                                  serial);
                return false;
        }
        return true;
}

static bool has_mac(const struct machine *m, const struct mac *mac) {
        for (size_t i = 0; i < m->n_macs; i++) {
                if (mac_equal(&m->macs[i], mac))
                        return true;
        }
        return false;
}

/* NAME finds all of its versions. */
static bool names_image(const struct machine *m, const char *ref) {
        size_t len = strlen(ref);
        return strncmp(m->image, ref, len) == 0 && (m->image[len] == '\0' || m->image[len] == '@') && len > 0;
}

static int note_match(void *ctx, const struct machine *m) {
        struct filter *f = ctx;
        bool is_match =
                (!f->q || strstr(m->name, f->q)) && (!f->image || names_image(m, f->image)) &&
                (!f->arch || strcmp(arch_name(m->arch), f->arch) == 0) &&
                (!f->board || strcmp(m->board, f->board) == 0) && (!f->tag || machine_has_tag(m, f->tag)) &&
                (!f->pool || strcmp(m->pool, f->pool) == 0) && (!f->zone || strcmp(m->zone, f->zone) == 0) &&
                (!f->owner || strcmp(m->owner, f->owner) == 0) && (!f->has_state || m->state == f->state) &&
                (!f->has_mac || has_mac(m, &f->mac)) &&
                (!f->has_serial || (m->has_serial && m->serial == f->serial));
        if (is_match)
                api_list_add(&f->found, m, "%s", m->name);
        return 0;
}

static json_t *item_json(const struct api_call *c, const void *thing) {
        (void)c;
        return machine_to_json(thing);
}

void machine_list(struct api_call *c) {
        struct filter f;

        if (!read_filter(c, &f))
                return;
        (void)site_each_machine(c->site, note_match, &f);
        api_page(c, &f.found, item_json);
        api_list_free(&f.found);
}
