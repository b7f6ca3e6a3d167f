/* The daemon's state, what vouches for it, and the description of the API itself. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/handlers.h"
#include "api/openapi.h"
#include "base/bootfile.h"
#include "base/text.h"

static void note_counter(void *ctx, const char *name, uint64_t value) {
        (void)json_object_set_new(ctx, name, json_integer((json_int_t)value));
}

static void note_problem(void *ctx, const char *sentence) {
        (void)json_array_append_new(ctx, json_string(sentence));
}

void status_show(struct api_call *c) {
        json_t *counters = json_object(), *problems = json_array();

        c->world->status(c->world->ctx, note_counter, counters);
        c->world->each_problem(c->world->ctx, note_problem, problems);
        api_ok(c, 200,
               json_pack("{s:s, s:I, s:I, s:I, s:I, s:o, s:o}", "version", BRAMBLE_VERSION, "revision",
                         (json_int_t)site_revision(c->site), "subnets", (json_int_t)site_n_subnets(c->site),
                         "machines", (json_int_t)site_n_machines(c->site), "images",
                         (json_int_t)site_n_images(c->site), "problems", problems, "counters", counters));
}

void ca_show(struct api_call *c) {
        char hex[2 * SHA256_SIZE + 1];

        (void)text_hex(c->world->ca_hash, SHA256_SIZE, hex);
        api_ok(c, 200,
               json_pack("{s:o, s:s}", "pin", json_sprintf("sha256:%s", hex), "pem", c->world->ca_pem));
}

void openapi_show(struct api_call *c) {
        api_ok(c, 200, json_loads(api_openapi, 0, NULL));
}
