/* Resources; see resource.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "api/resource.h"

enum { TRIES_MAX = 64, PATH_SIZE = 200 };

/* The newest snapshot in the place of the one that the call began with. */
static void look_again(struct api_call *c) {
        site_drop(c->site);
        c->site = c->world->keeper.site(c->world->keeper.ctx);
}

static void answer_bad_input(struct api_call *c, const char *field, const struct error *error) {
        if (field && error->code == -EINVAL)
                api_problem_field(c, 422, field, "%s", error->text);
        else
                api_failure(c, error);
}

void api_resource_show(struct api_call *c, const struct api_resource_kind *kind) {
        const void *thing = kind->find(c);
        if (thing)
                api_resource(c, kind->to_json(thing));
}

void api_resource_add(struct api_call *c, const struct api_resource_kind *kind) {
        struct error error = {};
        const char *field = NULL;
        char path[PATH_SIZE];
        void *now = NULL;

        if (kind->read(c->in, &now, &field, &error) < 0) {
                answer_bad_input(c, field, &error);
                return;
        }
        if (kind->change(&c->world->keeper, NULL, now, &error) < 0)
                api_failure(c, &error);
        else
                api_created(c, kind->to_json(now), "/api/v1/%s", kind->path(now, path, sizeof(path)));
        kind->drop(now);
}

/* What is there, overlaid with the patch, as a new thing; 0 or -errno with a problem answered. */
static int patched(struct api_call *c, const struct api_resource_kind *kind, json_t *was, void **ret) {
        struct error error = {};
        const char *field = NULL;
        int r = 0;

        (void)json_object_del(was, "id");
        (void)json_object_del(was, "created");
        for (const char *const *member = kind->read_only; member && *member; member++)
                (void)json_object_del(was, *member);
        if (json_object_update(was, c->in) < 0)
                r = error_set(&error, -ENOMEM, "out of memory");
        else
                r = kind->read(was, ret, &field, &error);
        if (r < 0)
                answer_bad_input(c, field, &error);
        return r;
}

/* One attempt to patch; -EAGAIN: another change came first. Everything else has been answered. */
static int try_set(struct api_call *c, const struct api_resource_kind *kind) {
        const void *was = kind->find(c);
        struct error error = {};
        void *now = NULL;
        if (!was)
                return 0;

        json_t *json = kind->to_json(was);
        bool may = api_if_match(c, json);
        int r = may ? patched(c, kind, json, &now) : -ECANCELED;
        json_decref(json);
        if (r < 0)
                return 0;
        r = kind->change(&c->world->keeper, was, now, &error);
        if (r == 0)
                api_resource(c, kind->to_json(now));
        else if (r != -EAGAIN)
                api_failure(c, &error);
        kind->drop(now);
        return r == -EAGAIN ? r : 0;
}

static int try_delete(struct api_call *c, const struct api_resource_kind *kind) {
        const void *was = kind->find(c);
        struct error error = {};
        if (!was)
                return 0;

        json_t *json = kind->to_json(was);
        bool may = api_if_match(c, json);
        json_decref(json);
        if (!may)
                return 0;
        int r = kind->change(&c->world->keeper, was, NULL, &error);
        if (r == 0)
                api_no_content(c);
        else if (r != -EAGAIN)
                api_failure(c, &error);
        return r == -EAGAIN ? r : 0;
}

static void try_often(struct api_call *c, const struct api_resource_kind *kind,
                      int (*try)(struct api_call *c, const struct api_resource_kind *kind)) {
        for (unsigned i = 0; i < TRIES_MAX; i++) {
                if (try(c, kind) == 0)
                        return;
                look_again(c);
        }
        api_problem(c, 409, "too many changes come at once; try again");
}

void api_resource_set(struct api_call *c, const struct api_resource_kind *kind) {
        if (kind->key && json_object_get(c->in, kind->key))
                api_problem_field(c, 422, kind->key,
                                  "the field \"%s\" cannot change; add another one and delete this",
                                  kind->key);
        else
                try_often(c, kind, try_set);
}

void api_resource_delete(struct api_call *c, const struct api_resource_kind *kind) {
        try_often(c, kind, try_delete);
}
