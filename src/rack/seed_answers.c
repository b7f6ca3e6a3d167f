/* What a system asks and says on boot HTTP; see seed_answers.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/seed_answers.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "io/crypto.h"
#include "rack/hearing.h"
#include "rack/reply.h"

DEFINE_CLEANUP(json_t, json_decref)

/* What may hold passwords and keys; the rest every boot needs, to see that the instance is the same. */
static bool is_secret(const char *member) {
        return strcmp(member, "user-data") == 0 || strcmp(member, "vendor-data") == 0;
}

void seed_answer(struct asked *a) {
        const struct machine *m = a->machine;
        CLEANUP(json_decref_at) json_t *seed = m && m->seed ? json_loads(m->seed, 0, NULL) : NULL;
        const char *text = json_string_value(json_object_get(seed, a->rest));

        if (!m || machine_purpose(m) != PURPOSE_RUN) {
                reply_refuse(a->answer, 403, "no system is booted from here on this machine: it has no seed");
        } else if (m->require_trusted) {
                reply_refuse(a->answer, 403,
                             "machine %s requires trust: its agent brings the seed of its system", m->name);
        } else if (!text || !text[0]) {
                reply_refuse(a->answer, 404, "machine %s has no %.40s", m->name, a->rest);
        } else if (is_secret(a->rest) && a->ask.is_seed_closed) {
                reply_refuse(a->answer, 403,
                             "the seed of this boot was given: its secrets are not told again before "
                             "the next one");
        } else {
                char *filled = asked_fill_in(a, text);
                *a->answer = (struct http_answer){ .status = filled ? 200 : 500,
                                                   .content_type = "text/plain; charset=utf-8",
                                                   .body = filled,
                                                   .body_len = filled ? strlen(filled) : 0 };
                if (is_secret(a->rest))
                        (void)view_hear(a->view, &(struct heard){ .kind = HEARD_SEED,
                                                                  .session = a->ask.session,
                                                                  .mac = a->ask.mac });
        }
}

const struct machine *seed_deployment(struct view *v, const char *token) {
        uint8_t hash[MACHINE_TOKEN_HASH_SIZE];

        if (strlen(token) != DEPLOYMENT_TOKEN_LEN)
                return NULL;
        sha256_of(token, strlen(token), hash);
        return site_machine_by_token(view_site(v), hash);
}

static void refuse_deployment(struct asked *a) {
        reply_refuse(a->answer, 403,
                     "this token is of no deployment: the machine was released, or deployed anew");
}

/* A system that boots its disk first asks at each start whether its machine is to come back to its agent. */
void seed_answer_wanted(struct asked *a, const struct asked_path *p) {
        const struct machine *m = seed_deployment(a->view, p->token);

        if (!m)
                refuse_deployment(a);
        else
                reply_json(a->answer,
                           strdup(boot_purpose_is_agent(machine_purpose(m)) ? "{\"wanted\": true}\n"
                                                                            : "{\"wanted\": false}\n"));
}

/* cloud-init posts a form, our own first-boot unit JSON. */
void seed_answer_phone_home(struct asked *a, const struct asked_path *p) {
        const struct http_request *r = a->request;
        const char *type = http_request_header(r, "Content-Type");
        bool is_json = type && text_starts_with(type, "application/json");
        CLEANUP(free_at) char *form = is_json ? NULL : agent_form_read(r->body, r->body_len);
        const char *body = is_json ? r->body : form ? form : "{}";
        size_t len = is_json ? r->body_len : strlen(body);
        struct agent_said said;
        struct error error;

        a->machine = seed_deployment(a->view, p->token);
        if (!a->machine) {
                refuse_deployment(a);
                return;
        }
        if (agent_body_read(REPORT_PHONE_HOME, body, len, &said, &error) < 0) {
                reply_refuse(a->answer, 400, "%s", error.text);
                return;
        }
        (void)view_who(a->view, &(struct view_peer){ .client = r->client, .server = r->server }, "", &a->ask);
        if (a->machine->n_macs)
                a->ask.mac = a->machine->macs[0];
        a->duty = agent_duty_of(view_site(a->view), &a->ask);
        a->duty.machine = a->machine->id;
        if (asked_hear(a, &said, body, len))
                reply_done(a->answer);
}
