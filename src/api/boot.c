/* What a client would get, and why: /api/v1/boot/explain and /api/v1/boot/files. Asks the same plan as DHCP,
 * TFTP and HTTP do. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "api/asker.h"
#include "api/fields.h"
#include "api/handlers.h"

enum { ARENA_MAX = 8 << 20 }; /* octets: generated texts of one tree, a command line and a few lists */

/* The plan for the request, in @arena; NULL with a problem answered. */
static const struct boot_plan *plan_of(struct api_call *c, struct arena *arena) {
        struct api_asker who;
        struct boot_ask ask;

        if (!api_asker_read(c, &who) || !api_asker_ask(c, &who, &ask))
                return NULL;
        const struct boot_plan *plan = arena ? boot_plan(c->site, &ask, arena) : NULL;
        if (!plan)
                api_problem(c, 500, "out of memory");
        return plan;
}

static json_t *reasons_json(const struct boot_plan *plan) {
        json_t *out = json_array();
        for (size_t i = 0; i < plan->n_reasons; i++)
                (void)json_array_append_new(out, api_text_or_empty(plan->reasons[i]));
        return out;
}

static int note_entry(void *ctx, const struct boot_entry *e) {
        return json_array_append_new(ctx,
                                     json_pack("{s:o, s:I, s:b, s:o}", "path", api_text_or_empty(e->path),
                                               "size", (json_int_t)e->size, "generated", e->is_generated,
                                               "why", api_text_or_null(e->why)));
}

/* The tree as an array; NULL with a problem answered. */
static json_t *files_json(struct api_call *c, const struct boot_plan *plan) {
        json_t *out = json_array();
        int r = boot_plan_each_file(plan, c->world->blobs, note_entry, out);

        if (r == 0)
                return out;
        json_decref(out);
        api_problem(c, 500, "the files cannot be read: %s", r < 0 ? strerror(-r) : "out of memory");
        return NULL;
}

static json_t *offer_json(const struct boot_offer *o) {
        if (!o->is_bootable)
                return json_null();
        return json_pack("{s:o, s:o, s:o, s:b, s:o}", "next_server", api_ip(&o->next_server), "bootfile",
                         api_text_or_null(o->bootfile), "vendor_class", api_text_or_null(o->vendor_class),
                         "server_name", o->has_server_name, "pxe_config", api_text_or_null(o->pxe_config));
}

static json_t *explanation_json(const struct boot_plan *plan, json_t *files) {
        return json_pack("{s:o, s:{s:s, s:s}, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "mac",
                         api_mac(&plan->ask.mac), "client", "name", plan->client->name, "title",
                         plan->client->title, "purpose", boot_purpose_name(plan->purpose), "method",
                         api_text_or_null(boot_method_name(plan->method)), "machine",
                         plan->machine ? json_string(plan->machine->name) : json_null(), "subnet",
                         plan->subnet ? api_net(&plan->subnet->net) : json_null(), "image",
                         plan->image ? json_string(plan->image->name) : json_null(), "reasons",
                         reasons_json(plan), "offer", offer_json(&plan->offer), "files", files);
}

void boot_explain(struct api_call *c) {
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_MAX);
        const struct boot_plan *plan = plan_of(c, arena);
        json_t *files = plan ? files_json(c, plan) : NULL;

        if (files)
                api_ok(c, 200, explanation_json(plan, files));
}

void boot_files(struct api_call *c) {
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_MAX);
        const struct boot_plan *plan = plan_of(c, arena);
        json_t *files = plan ? files_json(c, plan) : NULL;

        if (files)
                api_ok(c, 200,
                       json_pack("{s:o, s:s, s:o, s:o}", "machine",
                                 plan->machine ? json_string(plan->machine->name) : json_null(), "client",
                                 plan->client->name, "files", files, "reasons", reasons_json(plan)));
}

void boot_content(struct api_call *c) {
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_MAX);
        const char *path = api_query(c, "path");
        struct boot_file *file = NULL;

        if (!path) {
                api_problem_field(c, 400, "path", "the parameter path is missing: a file of the tree");
                return;
        }
        const struct boot_plan *plan = plan_of(c, arena);
        if (!plan)
                return;
        int r = boot_plan_file(plan, path, c->world->blobs, &file, NULL);
        const char *why = boot_plan_why(plan, r);
        if (r == BOOT_FILE_FOUND)
                *c->answer = (struct http_answer){ .file = file };
        else if (r == BOOT_FILE_MISSING && why[0])
                api_problem(c, 404, "there is no %.100s: %.250s", path, why);
        else if (r == BOOT_FILE_MISSING)
                api_problem(c, 404, "there is no %.200s in the tree that a %s sees", path,
                            plan->client->title);
        else if (r == -EAGAIN)
                api_problem(c, 503, "%.200s: %s", path, why);
        else
                api_problem(c, r == -E2BIG ? 422 : 500, "%.200s: %s", path, why);
}
