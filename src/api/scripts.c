/* Operators' scripts: /api/v1/scripts. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/fields.h"
#include "api/handlers.h"
#include "api/page.h"
#include "api/resource.h"
#include "base/base64.h"
#include "core/life/script_read.h"

enum { FILE_MAX = 255, TRIES_MAX = 64 };

/* "a b" as ["a", "b"], or lines as texts. */
static json_t *parts_json(const char *text, char between) {
        json_t *out = json_array();
        const char between_text[] = { between, 0 };

        for (const char *at = text; at && *at;) {
                size_t len = strcspn(at, between_text);
                (void)json_array_append_new(out, json_stringn(at, len));
                at += len + (at[len] != 0);
        }
        return out;
}

static json_t *summary_json(const struct script *s) {
        return json_pack("{s:I, s:s, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:I}", "id",
                         (json_int_t)s->id, "name", s->name, "type", script_type_name(s->type), "title",
                         api_text_or_null(s->title), "description", api_text_or_null(s->description),
                         "timeout_s", s->timeout_s ? json_integer(s->timeout_s) : json_null(), "destructive",
                         s->is_destructive, "tags", parts_json(s->tags, ' '), "parameters",
                         parts_json(s->parameters, ' '), "notes", parts_json(s->notes, '\n'), "created",
                         api_time(s->created_s), "size", (json_int_t)s->body_len);
}

static json_t *to_json(const void *thing) {
        const struct script *s = thing;
        CLEANUP(free_at) char *body = base64_encode(s->body, s->body_len);
        json_t *out = summary_json(s);

        if (out && (!body || json_object_set_new(out, "body_base64", json_string(body)) < 0)) {
                json_decref(out);
                return NULL;
        }
        return out;
}

/* What is handed in. */
struct handed {
        char file[FILE_MAX + 1];
        char *body;
        size_t len;
};

static int read_file(void *thing, const json_t *value, struct error *reterr) {
        struct handed *h = thing;
        return api_read_text(value, h->file, sizeof(h->file), reterr);
}

static int read_body(void *thing, const json_t *value, struct error *reterr) {
        struct handed *h = thing;
        const char *text = json_string_value(value);

        h->body = text ? base64_decode(text, &h->len) : NULL;
        return h->body ? 0 : error_set(reterr, -EINVAL, "the script is wanted as base64");
}

static const struct api_field fields[] = { { "file", false, read_file }, { "body_base64", true, read_body } };

static int read_new(const json_t *in, void **ret, const char **ret_field, struct error *reterr) {
        struct handed h = {};
        struct script *s = NULL;

        int r = api_fields_read(in, fields, ARRAY_LEN(fields), &h, ret_field, reterr);
        if (r == 0) {
                r = script_read(h.file[0] ? h.file : NULL, h.body, h.len, &s, reterr);
                *ret_field = r < 0 ? "body_base64" : NULL;
        }
        free(h.body);
        *ret = s;
        return r;
}

static const void *find(struct api_call *c) {
        const struct script *s = site_script_by_name(c->site, c->params[0]);
        if (!s)
                api_problem(c, 404, "there is no script %.64s", c->params[0]);
        return s;
}

static int change(const struct site_keeper *keeper, const void *was, void *now, struct error *reterr) {
        return keeper->script(keeper->ctx, was, now, reterr);
}

static void drop(void *thing) {
        script_drop(thing);
}

static const char *path(const void *thing, char *buf, size_t size) {
        (void)snprintf(buf, size, "scripts/%s", ((const struct script *)thing)->name);
        return buf;
}

static const struct api_resource_kind kind = {
        .find = find, .to_json = to_json, .read = read_new, .change = change, .drop = drop, .path = path
};

/* In the place of the one that has its name, where there is one. Return: whether another change came first.
 */
static bool try_put(struct api_call *c, struct script *now) {
        const struct site_keeper *keeper = &c->world->keeper;
        CLEANUP(site_drop_at) struct site *site = keeper->site(keeper->ctx);
        const struct script *was = site_script_by_name(site, now->name);
        struct error error = {};

        int r = keeper->script(keeper->ctx, was, now, &error);
        if (r == 0 && was)
                api_resource(c, to_json(now));
        else if (r == 0)
                api_created(c, to_json(now), "/api/v1/scripts/%s", now->name);
        else if (r != -EAGAIN && r != -EEXIST)
                api_failure(c, &error);
        return r == -EAGAIN || r == -EEXIST;
}

void script_add(struct api_call *c) {
        struct error error = {};
        const char *field = NULL;
        void *now = NULL;

        if (read_new(c->in, &now, &field, &error) < 0) {
                if (error.code == -EINVAL)
                        api_problem_field(c, 422, field, "%s", error.text);
                else
                        api_failure(c, &error);
                return;
        }
        bool is_late = true;
        for (unsigned i = 0; i < TRIES_MAX && is_late; i++)
                is_late = try_put(c, now);
        if (is_late)
                api_problem(c, 409, "too many changes come at once; try again");
        script_drop(now);
}

void script_show(struct api_call *c) {
        api_resource_show(c, &kind);
}

void script_delete(struct api_call *c) {
        api_resource_delete(c, &kind);
}

static json_t *item_json(const struct api_call *c, const void *thing) {
        (void)c;
        return summary_json(thing);
}

void script_list_page(struct api_call *c) {
        CLEANUP(api_list_free) struct api_list found = {};

        for (size_t i = 0; i < site_n_scripts(c->site); i++)
                api_list_add(&found, site_script(c->site, i), "%s", site_script(c->site, i)->name);
        api_page(c, &found, item_json);
}
