/* Operators' lines for config.txt, /api/v1/config-txt, and for EEPROMs, /api/v1/eeprom/profiles. A machine's
 * own are members of the machine. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/fields.h"
#include "api/handlers.h"
#include "api/page.h"
#include "api/resource.h"
#include "base/text.h"
#include "core/life/eeprom_wish.h"

enum { TRIES_MAX = 64 };

static json_t *to_json(const void *thing) {
        const struct config_lines *l = thing;
        json_t *out = json_pack("{s:I, s:s, s:s, s:s, s:o}", "id", (json_int_t)l->id, "scope",
                                config_lines_scope_name(l->scope), "name", l->name, "text", l->text,
                                "created", api_time(l->created_s));

        if (l->file == CONFIG_LINES_BOOTCONF)
                (void)json_object_set_new(out, "firmware", api_text_or_null(l->firmware));
        return out;
}

static int read_text(void *thing, const json_t *value, struct error *reterr) {
        struct config_lines *l = thing;

        if (!json_is_string(value))
                return error_set(reterr, -EINVAL, "a text is wanted");
        l->text = strdup(json_string_value(value));
        return l->text ? 0 : error_set(reterr, -ENOMEM, "out of memory");
}

static int read_settings(void *thing, const json_t *value, struct error *reterr) {
        const struct config_lines *l = thing;
        int r = read_text(thing, value, reterr);
        return r == 0 ? eeprom_wish_check_lines(l->text, reterr) : r;
}

static int read_firmware(void *thing, const json_t *value, struct error *reterr) {
        struct config_lines *l = thing;
        int r = api_read_text(value, l->firmware, sizeof(l->firmware), reterr);
        return r == 0 ? eeprom_wish_check_firmware(l->firmware, reterr) : r;
}

static const struct api_field config_txt_fields[] = { { "text", true, read_text } };
static const struct api_field profile_fields[] = { { "text", true, read_settings },
                                                   { "firmware", false, read_firmware } };

/* What the two files have of their own. */
static const struct {
        const struct api_field *fields;
        size_t n_fields;
        const char *path;
} kinds[CONFIG_LINES_FILES] = {
        [CONFIG_LINES_CONFIG_TXT] = { config_txt_fields, ARRAY_LEN(config_txt_fields), "config-txt" },
        [CONFIG_LINES_BOOTCONF] = { profile_fields, ARRAY_LEN(profile_fields), "eeprom/profiles" },
};

/* Whose lines a path means: "board/pi4b"; false with a problem answered. */
static bool read_path(struct api_call *c, enum config_lines_scope *ret_scope) {
        if (config_lines_scope_parse(c->params[0], ret_scope) == 0)
                return true;
        api_problem(c, 404, "lines are of a board or a tag, not of a %.64s", c->params[0]);
        return false;
}

static const void *find(struct api_call *c, enum config_lines_file file) {
        enum config_lines_scope scope;

        if (!read_path(c, &scope))
                return NULL;
        const struct config_lines *l = site_config_lines_of(c->site, file, scope, c->params[1]);
        if (!l)
                api_problem(c, 404, "there are no lines for %s %.64s", c->params[0], c->params[1]);
        return l;
}

static const void *find_config_txt(struct api_call *c) {
        return find(c, CONFIG_LINES_CONFIG_TXT);
}

static const void *find_profile(struct api_call *c) {
        return find(c, CONFIG_LINES_BOOTCONF);
}

static int change(const struct site_keeper *keeper, const void *was, void *now, struct error *reterr) {
        return keeper->config_lines(keeper->ctx, was, now, reterr);
}

static void drop(void *thing) {
        config_lines_drop(thing);
}

static const char *path(const void *thing, char *buf, size_t size) {
        const struct config_lines *l = thing;
        (void)snprintf(buf, size, "%s/%s/%s", kinds[l->file].path, config_lines_scope_name(l->scope),
                       l->name);
        return buf;
}

static const struct api_resource_kind config_txt = {
        .find = find_config_txt, .to_json = to_json, .change = change, .drop = drop, .path = path
};

static const struct api_resource_kind profile = {
        .find = find_profile, .to_json = to_json, .change = change, .drop = drop, .path = path
};

/* In the place of those that are there. Return: whether another change came first. */
static bool try_put(struct api_call *c, struct config_lines *now) {
        const struct site_keeper *keeper = &c->world->keeper;
        CLEANUP(site_drop_at) struct site *site = keeper->site(keeper->ctx);
        const struct config_lines *was = site_config_lines_of(site, now->file, now->scope, now->name);
        struct error error = {};

        int r = keeper->config_lines(keeper->ctx, was, now, &error);
        if (r == 0 && was)
                api_resource(c, to_json(now));
        else if (r == 0)
                api_created(c, to_json(now), "/api/v1/%s/%s/%s", kinds[now->file].path,
                            config_lines_scope_name(now->scope), now->name);
        else if (r == -EINVAL)
                api_problem_field(c, 422, "text", "%s", error.text);
        else if (r != -EAGAIN && r != -EEXIST)
                api_failure(c, &error);
        return r == -EAGAIN || r == -EEXIST;
}

static void set(struct api_call *c, enum config_lines_file file) {
        CLEANUP(config_lines_drop_at) struct config_lines *now = config_lines_new();
        struct error error = {};
        const char *field = NULL;
        bool is_late = true;

        if (!now || !read_path(c, &now->scope))
                return;
        now->file = file;
        if (text_copy(now->name, sizeof(now->name), c->params[1]) < 0) {
                api_problem(c, 404, "there is no %s %.64s", c->params[0], c->params[1]);
                return;
        }
        if (api_fields_read(c->in, kinds[file].fields, kinds[file].n_fields, now, &field, &error) < 0) {
                api_problem_field(c, 422, field, "%s", error.text);
                return;
        }
        for (unsigned i = 0; i < TRIES_MAX && is_late; i++)
                is_late = try_put(c, now);
        if (is_late)
                api_problem(c, 409, "too many changes come at once; try again");
}

void config_lines_set(struct api_call *c) {
        set(c, CONFIG_LINES_CONFIG_TXT);
}

void eeprom_profile_set(struct api_call *c) {
        set(c, CONFIG_LINES_BOOTCONF);
}

void config_lines_show(struct api_call *c) {
        api_resource_show(c, &config_txt);
}

void eeprom_profile_show(struct api_call *c) {
        api_resource_show(c, &profile);
}

void config_lines_delete(struct api_call *c) {
        api_resource_delete(c, &config_txt);
}

void eeprom_profile_delete(struct api_call *c) {
        api_resource_delete(c, &profile);
}

/* A line of a list: a board's or a tag's, or what a machine has of its own. */
struct row {
        const struct config_lines *lines;
        const struct machine *machine;
};

struct rows {
        struct row *all;
        size_t n;
        struct api_list list;
};

static void rows_free(struct rows *r) {
        api_list_free(&r->list);
        free(r->all);
}

static json_t *row_json(const struct api_call *c, const void *thing) {
        const struct row *row = thing;
        const struct machine *m = row->machine;
        (void)c;

        return row->lines
                       ? to_json(row->lines)
                       : json_pack("{s:I, s:s, s:s, s:s, s:n, s:o}", "id", (json_int_t)m->id, "scope",
                                   "machine", "name", m->name, "text", m->eeprom_lines ? m->eeprom_lines : "",
                                   "created", "firmware", api_text_or_null(m->eeprom_firmware));
}

static bool has_profile(const struct machine *m) {
        return m->eeprom_lines || *m->eeprom_firmware;
}

static int count_profile(void *ctx, const struct machine *m) {
        size_t *n = ctx;
        *n += has_profile(m);
        return 0;
}

/* Behind boards and tags, over which they are laid. */
static int add_profile(void *ctx, const struct machine *m) {
        struct rows *r = ctx;

        if (has_profile(m)) {
                r->all[r->n].machine = m;
                api_list_add(&r->list, &r->all[r->n++], "~%s", m->name);
        }
        return 0;
}

static void list_page(struct api_call *c, enum config_lines_file file) {
        CLEANUP(rows_free) struct rows rows = {};
        size_t room = site_n_config_lines(c->site);

        if (file == CONFIG_LINES_BOOTCONF)
                (void)site_each_machine(c->site, count_profile, &room);
        rows.all = calloc(room + 1, sizeof(*rows.all));
        if (!rows.all) {
                api_problem(c, 500, "out of memory");
                return;
        }
        for (size_t i = 0; i < site_n_config_lines(c->site); i++) {
                const struct config_lines *l = site_config_lines(c->site, i);
                if (l->file != file)
                        continue;
                rows.all[rows.n].lines = l;
                api_list_add(&rows.list, &rows.all[rows.n++], "%s/%s", config_lines_scope_name(l->scope),
                             l->name);
        }
        if (file == CONFIG_LINES_BOOTCONF)
                (void)site_each_machine(c->site, add_profile, &rows);
        api_page(c, &rows.list, row_json);
}

void config_lines_list_page(struct api_call *c) {
        list_page(c, CONFIG_LINES_CONFIG_TXT);
}

void eeprom_profile_list(struct api_call *c) {
        list_page(c, CONFIG_LINES_BOOTCONF);
}
