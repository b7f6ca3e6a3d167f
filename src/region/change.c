/* One change to the site; see change.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "region/change.h"

struct region_change *region_change_new(life_decide_fn decide, life_decided_fn decided, void *ctx) {
        struct region_change *c = calloc(1, sizeof(*c));
        if (c)
                *c = (struct region_change){ .kind = REGION_MACHINE,
                                             .decide = decide,
                                             .decided = decided,
                                             .decide_ctx = ctx,
                                             .is_own = true };
        return c;
}

void region_change_free(struct region_change *c) {
        if (!c)
                return;
        life_outcome_clear(&c->outcome);
        free(c);
}

int region_change_decide(struct region_change *c, const struct site *s, int64_t now_s) {
        life_outcome_clear(&c->outcome);
        c->is_numbered = false;
        c->error = (struct error){};
        int r = c->decide(c->decide_ctx, s, now_s, &c->outcome, &c->error);
        if (r < 0)
                return c->error.code < 0 ? r : error_set(&c->error, r, "%s", strerror(-r));
        c->machine = c->outcome.now;
        c->was_machine = c->machine && !c->outcome.is_new ? site_machine(s, c->machine->id) : NULL;
        return c->machine != NULL;
}

/* Where the id and the time of what shall be stand; a subnet has no time. */
static uint64_t *id_of(struct region_change *c, int64_t **ret_created_s) {
        *ret_created_s = NULL;
        switch (c->kind) {
        case REGION_MACHINE:
                *ret_created_s = &c->machine->created_s;
                return &c->machine->id;
        case REGION_IMAGE:
                *ret_created_s = &c->image->created_s;
                return &c->image->id;
        case REGION_SCRIPT:
                *ret_created_s = &c->script->created_s;
                return &c->script->id;
        case REGION_CONFIG_LINES:
                *ret_created_s = &c->config_lines->created_s;
                return &c->config_lines->id;
        default:
                return &c->subnet->id;
        }
}

void region_change_number(struct region_change *c, uint64_t *next_id, int64_t now_s) {
        int64_t *created_s = NULL;
        if (!c->now)
                return;
        uint64_t *id = id_of(c, &created_s);

        if (c->kind == REGION_MACHINE && c->machine->state_since_s == 0)
                c->machine->state_since_s = now_s;
        if (!c->was) {
                *id = (*next_id)++;
                if (created_s && *created_s == 0)
                        *created_s = now_s;
                return;
        }
        if (c->outcome.old) {
                c->outcome.old->id = (*next_id)++;
                c->outcome.old->created_s = now_s;
        }
        if (c->kind == REGION_MACHINE) {
                *id = c->was_machine->id;
                *created_s = c->was_machine->created_s;
        } else if (c->kind == REGION_IMAGE) {
                *id = c->was_image->id;
        } else if (c->kind == REGION_SCRIPT) {
                *id = c->was_script->id;
                *created_s = now_s; /* of what it says now */
        } else if (c->kind == REGION_CONFIG_LINES) {
                *id = c->was_config_lines->id;
                *created_s = now_s;
        } else {
                *id = c->was_subnet->id;
        }
}

/* The thing that stands in @s now where the caller saw c->was, or where c->now would stand. */
static const void *standing(const struct site *s, const struct region_change *c) {
        char ref[IMAGE_REF_SIZE];

        switch (c->kind) {
        case REGION_MACHINE:
                return site_machine_by_name(s, c->was ? c->was_machine->name : c->machine->name);
        case REGION_IMAGE:
                return c->was ? site_image(s, image_ref(c->was_image, ref))
                              : NULL; /* another version at most */
        case REGION_SCRIPT:
                return site_script_by_name(s, c->was ? c->was_script->name : c->script->name);
        case REGION_CONFIG_LINES: {
                const struct config_lines *l = c->was ? c->was_config_lines : c->config_lines;
                return site_config_lines_of(s, l->file, l->scope, l->name);
        }
        default:
                return site_subnet_find(s, c->was ? &c->was_subnet->net : &c->subnet->net);
        }
}

static void set_already_there(struct region_change *c) {
        char net[IP_NET_TEXT_SIZE];

        if (c->kind == REGION_SUBNET)
                (void)error_set(&c->error, -EEXIST, "there is a subnet %s already: change that one",
                                ip_net_text(&c->subnet->net, net));
        else if (c->kind == REGION_SCRIPT)
                (void)error_set(&c->error, -EEXIST, "there is a script %s already", c->script->name);
        else if (c->kind == REGION_CONFIG_LINES)
                (void)error_set(&c->error, -EEXIST, "there are lines for %s %s already",
                                config_lines_scope_name(c->config_lines->scope), c->config_lines->name);
        else
                (void)error_set(
                        &c->error, -EEXIST,
                        "there is a machine %s already: change or delete that one, or choose another name",
                        c->machine->name);
}

/* A thing keeps the key that the database and the snapshot know it by; a machine's is its id, so that it can
 * be renamed. */
static bool keeps_key(const struct region_change *c) {
        if (!c->was || !c->now || c->kind == REGION_MACHINE)
                return true;
        if (c->kind == REGION_IMAGE)
                return strcmp(c->was_image->name, c->image->name) == 0 &&
                       c->was_image->version == c->image->version;
        if (c->kind == REGION_SCRIPT)
                return strcmp(c->was_script->name, c->script->name) == 0;
        if (c->kind == REGION_CONFIG_LINES)
                return config_lines_compare(c->was_config_lines, c->config_lines) == 0;
        return ip_equal(&c->was_subnet->net.addr, &c->subnet->net.addr) &&
               c->was_subnet->net.prefix_len == c->subnet->net.prefix_len;
}

/* What names an image without a version means the newest that there is now, and keeps that one. */
static void pin(const struct site *s, char ref[static MACHINE_IMAGE_MAX + 1]) {
        const struct image *i = *ref ? site_image(s, ref) : NULL;

        if (i)
                (void)image_ref(i, ref);
}

static void choose_version(const struct site *s, struct region_change *c) {
        if (c->kind == REGION_MACHINE) {
                pin(s, c->machine->image);
        } else if (c->kind == REGION_SUBNET) {
                pin(s, c->subnet->unknown_image);
        } else if (c->kind == REGION_IMAGE && !c->was) {
                const struct image *newest = site_image(s, c->image->name);
                c->image->version = newest ? newest->version + 1 : 1;
        }
}

/* The new board's record gives its keys to the machine, which gives its own to the old board's. */
static struct site *put_machine(const struct site *s, struct region_change *c) {
        const struct machine *gone = c->outcome.gone ? site_machine(s, c->outcome.gone) : NULL;
        CLEANUP(site_drop_at)
        struct site *without = gone ? site_remove_machine(s, gone->name, &c->error) : site_take(s);
        CLEANUP(site_drop_at)
        struct site *next = without ? site_put_machine(without, c->machine, &c->error) : NULL;

        return next && c->outcome.old ? site_put_machine(next, c->outcome.old, &c->error) : TAKE(next);
}

static struct site *put(const struct site *s, struct region_change *c) {
        choose_version(s, c);
        switch (c->kind) {
        case REGION_MACHINE:
                return put_machine(s, c);
        case REGION_IMAGE:
                return site_put_image(s, c->image, &c->error);
        case REGION_SCRIPT:
                return site_put_script(s, c->script, &c->error);
        case REGION_CONFIG_LINES:
                return site_put_config_lines(s, c->config_lines, &c->error);
        default:
                return site_put_subnet(s, c->subnet, &c->error);
        }
}

static struct site *removed(const struct site *s, struct region_change *c) {
        char ref[IMAGE_REF_SIZE];

        switch (c->kind) {
        case REGION_MACHINE:
                return site_remove_machine(s, c->was_machine->name, &c->error);
        case REGION_IMAGE:
                return site_remove_image(s, image_ref(c->was_image, ref), &c->error);
        case REGION_SCRIPT:
                return site_remove_script(s, c->was_script->name, &c->error);
        case REGION_CONFIG_LINES:
                return site_remove_config_lines(s, c->was_config_lines->file, c->was_config_lines->scope,
                                                c->was_config_lines->name, &c->error);
        default:
                return site_remove_subnet(s, &c->was_subnet->net, &c->error);
        }
}

struct site *region_change_apply(const struct site *s, struct region_change *c) {
        const void *there = standing(s, c);

        if (!c->was && there) {
                set_already_there(c);
                return NULL;
        }
        if (c->was && there != c->was) {
                (void)error_set(&c->error, -EAGAIN, "another change came first");
                return NULL;
        }
        if (!keeps_key(c)) {
                (void)error_set(
                        &c->error, -EINVAL,
                        "a subnet's network, an image's name and a script's cannot change; add another one");
                return NULL;
        }
        return c->now ? put(s, c) : removed(s, c);
}

static struct db_change row_of(const struct region_change *c) {
        switch (c->kind) {
        case REGION_MACHINE:
                return c->now ? (struct db_change){ .kind = DB_MACHINE_PUT, .machine = c->machine }
                              : (struct db_change){ .kind = DB_MACHINE_DELETE, .id = c->was_machine->id };
        case REGION_IMAGE:
                return c->now ? (struct db_change){ .kind = DB_IMAGE_PUT, .image = c->image }
                              : (struct db_change){ .kind = DB_IMAGE_DELETE, .id = c->was_image->id };
        case REGION_SCRIPT:
                return c->now ? (struct db_change){ .kind = DB_OWN_SCRIPT_PUT, .own_script = c->script }
                              : (struct db_change){ .kind = DB_OWN_SCRIPT_DELETE, .id = c->was_script->id };
        case REGION_CONFIG_LINES:
                return c->now ? (struct db_change){ .kind = DB_CONFIG_LINES_PUT,
                                                    .config_lines = c->config_lines }
                              : (struct db_change){ .kind = DB_CONFIG_LINES_DELETE,
                                                    .id = c->was_config_lines->id };
        default:
                return c->now ? (struct db_change){ .kind = DB_SUBNET_PUT, .subnet = c->subnet }
                              : (struct db_change){ .kind = DB_SUBNET_DELETE, .id = c->was_subnet->id };
        }
}

size_t region_change_rows(const struct region_change *c, struct db_change ret[static REGION_ROWS_MAX]) {
        size_t n = 0;

        if (c->outcome.has_new_board)
                ret[n++] = (struct db_change){ .kind = DB_INVENTORY_MOVE,
                                               .id = c->machine->id,
                                               .from = c->outcome.gone };
        if (c->outcome.gone)
                ret[n++] = (struct db_change){ .kind = DB_MACHINE_DELETE, .id = c->outcome.gone };
        ret[n++] = row_of(c);
        if (c->outcome.old)
                ret[n++] = (struct db_change){ .kind = DB_MACHINE_PUT, .machine = c->outcome.old };
        if (c->outcome.inventory)
                ret[n++] = (struct db_change){ .kind = DB_INVENTORY_PUT,
                                               .id = c->machine->id,
                                               .json = c->outcome.inventory };
        if (c->outcome.power)
                ret[n++] = (struct db_change){ .kind = DB_POWER_PUT,
                                               .id = c->machine->id,
                                               .json = c->outcome.power };
        if (c->outcome.has_script)
                ret[n++] = (struct db_change){ .kind = DB_SCRIPT_PUT, .script = &c->outcome.script };
        return n;
}
