/* What an agent asks and says on boot HTTP; see agent_answers.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/agent_answers.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/machine/eeprom_order.h"
#include "core/machine/seed_secret.h"
#include "io/clock.h"
#include "rack/hearing.h"
#include "rack/reply.h"

enum {
        HEARTBEAT_S = 30, /* between two signs of life; core/life counts who is silent for three as gone */
        WAIT_S_MAX = 50,  /* of one question for a task: less than boot HTTP's time for an idle connection */

        /* A result is answered when it is written down, which shows in the next task; but not every result
           ends one. */
        RESULT_WAIT_MS = 5000,

        ROOT_WAIT_MS = 20000 /* of one question for a root; then the agent asks again, and is seen to live */
};

DEFINE_CLEANUP(json_t, json_decref)

void agent_answer_hello(struct asked *a) {
        const struct machine *m = a->machine;
        struct agent_said said;

        if (!asked_read_body(a, REPORT_HELLO, &said) ||
            !asked_hear(a, &said, a->request->body, a->request->body_len))
                return;
        CLEANUP(json_decref_at)
        json_t *out = json_pack("{s:I, s:s?, s:s?, s:i}", "time_s", (json_int_t)clock_unix_s(), "machine",
                                m ? m->name : NULL, "state", m ? machine_state_name(m->state) : NULL,
                                "heartbeat_s", HEARTBEAT_S);
        reply_json(a->answer, out ? json_dumps(out, JSON_COMPACT) : NULL);
}

void agent_answer_knock(struct asked *a) {
        reply_done(a->answer);
}

/* Whether a report is about what the agent shall do now. What is not came too late, or twice: it counted
 * already. */
static bool is_current(const struct asked *a, const struct agent_said *said) {
        if (said->task == AGENT_TASK_ROOT)
                return a->machine && machine_is_run_by_agent(a->machine);
        return said->task == a->duty.task;
}

/* Of a task that the machine had, and whose result was heard already. */
static bool has_ended(const struct asked *a, const struct agent_said *said) {
        return a->machine && said->task != AGENT_TASK_ROOT && said->task < a->duty.task;
}

void agent_answer_progress(struct asked *a) {
        struct agent_said said;

        if (!asked_read_body(a, REPORT_PROGRESS, &said))
                return;
        /* Of an old task it is still a sign of life; the next one is a second away if there is no room for
         * this one. */
        if (asked_hear(a, &said, a->request->body, a->request->body_len))
                reply_done(a->answer);
}

void agent_answer_script(struct asked *a) {
        struct agent_said said;

        if (!asked_read_body(a, REPORT_SCRIPT, &said))
                return;
        if (!is_current(a, &said) || asked_hear(a, &said, a->request->body, a->request->body_len))
                reply_done(a->answer);
}

void agent_answer_result(struct asked *a) {
        struct agent_said said;

        if (!asked_read_body(a, REPORT_RESULT, &said))
                return;
        if (!a->may_act && !a->request->is_again && !has_ended(a, &said)) {
                asked_refuse_work(a);
                return;
        }
        if (is_current(a, &said) && !a->request->is_again &&
            !asked_hear(a, &said, a->request->body, a->request->body_len))
                return;
        /* Of a root nothing follows that its agent would have to wait for: the system starts, or it tries
         * again. */
        if (said.task != AGENT_TASK_ROOT && is_current(a, &said) && a->request->waited_ms < RESULT_WAIT_MS)
                *a->answer =
                        (struct http_answer){ .wait_ms = (unsigned)(RESULT_WAIT_MS - a->request->waited_ms),
                                              .wait_key = a->ask.session };
        else
                reply_done(a->answer);
}

/* A number of the query; @fallback where it is missing or none. */
static uint64_t query_number(const struct asked *a, const char *key, uint64_t fallback) {
        const char *text = http_request_query(a->request, key);
        uint64_t n;
        return text && text_parse_u64(text, UINT64_MAX, &n) == 0 ? n : fallback;
}

/* The task as the agent reads it; NULL: out of memory. */
static char *task_text(const struct asked *a) {
        char *text = NULL;

        if (a->machine && a->machine->task)
                return asked_fill_in(a, a->machine->task);
        if (asprintf(&text, "{\"id\":%llu,\"kind\":\"%s\"}", (unsigned long long)a->duty.task,
                     a->machine ? "park" : "inventory") < 0)
                return NULL;
        return text;
}

void agent_answer_task(struct asked *a) {
        uint64_t after = query_number(a, "after", 0), wait_s = query_number(a, "wait", 0);
        struct heard poll = { .kind = HEARD_POLL,
                              .session = a->ask.session,
                              .mac = a->ask.mac,
                              .duty = a->duty,
                              .gave_task = a->duty.task != after && a->duty.task != 0 };
        /* Where its own system is to be started there is nothing to park for. */
        const bool has_root = a->machine && !a->machine->task && machine_is_run_by_agent(a->machine);
        if (has_root)
                poll.gave_task = false;
        uint64_t wait_ms = (wait_s < WAIT_S_MAX ? wait_s : WAIT_S_MAX) * 1000;

        if (poll.gave_task || !a->request->is_again)
                (void)view_hear(a->view, &poll); /* when it is lost the next one is not */
        if (poll.gave_task)
                reply_json(a->answer, task_text(a));
        else if (a->request->waited_ms < wait_ms)
                *a->answer = (struct http_answer){ .wait_ms = (unsigned)(wait_ms - a->request->waited_ms),
                                                   .wait_key = a->ask.session };
        else
                reply_done(a->answer);
}

/* Whether part of its system is kept on this server, and has to be made ready for each boot. */
static bool is_kept_here(const struct machine *m) {
        CLEANUP(json_decref_at) json_t *run = json_loads(m->run, 0, NULL);
        const json_t *data = json_array_get(json_object_get(run, "data"), 0);
        const char *kind = json_string_value(json_object_get(data, "kind"));

        return m->root == ROOT_NFS || m->root == ROOT_NBD || (kind && strcmp(kind, "disk") != 0);
}

/* It is not ready yet: who keeps it is asked once, and the request waits. */
static void wait_for_root(struct asked *a) {
        const struct heard ask = { .kind = HEARD_ROOT,
                                   .session = a->ask.session,
                                   .mac = a->ask.mac,
                                   .duty = a->duty,
                                   .server = a->ask.server };

        if ((a->request->is_again || view_hear(a->view, &ask)) && a->request->waited_ms < ROOT_WAIT_MS)
                *a->answer =
                        (struct http_answer){ .wait_ms = (unsigned)(ROOT_WAIT_MS - a->request->waited_ms),
                                              .wait_key = a->ask.session };
        else
                reply_refuse(a->answer, 503, "the root of machine %s is not ready yet: ask again",
                             a->machine->name);
}

/* What is signed tells its system of no seed (core/boot/kernel.c): its agent writes it into the root. */
static bool has_seed_with_root(const struct machine *m) {
        return m->require_trusted && m->seed;
}

/* The root as the agent reads it, our address not yet filled in; NULL: out of memory. */
static char *root_text(const struct machine *m) {
        if (!has_seed_with_root(m))
                return strdup(m->run);
        CLEANUP(json_decref_at) json_t *run = json_loads(m->run, 0, NULL);
        json_t *seed = json_loads(m->seed, 0, NULL);

        (void)json_object_del(seed, SEED_GIVE_SECRETS);
        /* A system without cloud-init has its first boot instead. */
        if (json_is_null(json_object_get(run, "first_boot")))
                return json_object_set_new(run, "seed", seed) < 0 ? NULL : json_dumps(run, JSON_COMPACT);
        json_decref(seed);
        return strdup(m->run);
}

/* By the rule of deployments, and as often as a seed by itself: until its system is up. */
static bool refuse_secrets(struct asked *a) {
        const struct machine *m = a->machine;

        if (!has_seed_with_root(m) || !seed_secret(m->seed))
                return false;
        if (!seed_may_be_given(m->seed))
                reply_refuse(
                        a->answer, 403,
                        "machine %s requires trust, and whoever has its address could read the %s of its "
                        "seed: deploy it without, or with --give-secrets",
                        m->name, seed_secret(m->seed));
        else if (a->ask.is_seed_closed)
                reply_refuse(
                        a->answer, 403,
                        "the seed of this boot was given: its secrets are not told again before the next "
                        "one");
        else
                return false;
        return true;
}

/* The root of a system that the agent starts. */
void agent_answer_root(struct asked *a) {
        const struct machine *m = a->machine;

        if (!m || !machine_is_run_by_agent(m))
                reply_refuse(a->answer, 404, "%s%s: there is no root to be brought up",
                             m ? "machine " : "this machine", m ? m->name : "");
        else if (is_kept_here(m) && !a->ask.is_root_ready)
                wait_for_root(a);
        else if (!refuse_secrets(a)) {
                CLEANUP(free_at) char *text = root_text(m);
                reply_json(a->answer, text ? asked_fill_in(a, text) : NULL);
        }
}

/* ---- what the agent fetches ---- */

static bool holds(const struct image *image, const struct blob_id *id) {
        for (size_t i = 0; image && i < image->n_files; i++)
                if (memcmp(&image->files[i].blob, id, sizeof(*id)) == 0)
                        return true;
        return false;
}

/* What is nobody's own: the agent, and what an EEPROM of a Raspberry Pi holds. */
static const char *const shared_images[] = { "agent-arm64", "agent-armhf", "agent-amd64",
                                             "agent-i386",  "eeprom-2711", "eeprom-2712" };

/* Only what the machine's image is made of, and what is shared by all. */
static bool may_fetch(const struct asked *a, const struct blob_id *id) {
        const struct site *site = view_site(a->view);

        struct eeprom_order update;

        if (a->machine && a->machine->image[0] && holds(site_image(site, a->machine->image), id))
                return true;
        if (a->machine && eeprom_order_of(a->machine, &update) &&
            holds(site_image(site, update.now.image), id))
                return true;
        for (size_t i = 0; i < ARRAY_LEN(shared_images); i++)
                if (holds(site_image(site, shared_images[i]), id))
                        return true;
        return false;
}

void agent_answer_blob(struct asked *a) {
        struct blob_id id;
        int error = -EIO;

        if (text_parse_hex(a->rest, id.octets, sizeof(id.octets)) < 0) {
                reply_refuse(a->answer, 404, "a blob is named by the 64 hex digits of its SHA-256");
                return;
        }
        if (!may_fetch(a, &id)) {
                reply_refuse(a->answer, 403, "no image of this machine holds that blob");
                return;
        }
        CLEANUP(blob_drop_at) struct blob *blob = view_open_blob(a->view, &id, &error);
        struct boot_segment whole = { .blob = blob, .len = blob ? blob->size : 0 };
        struct boot_file *file = blob ? boot_file_new(&whole, 1) : NULL;
        if (file)
                *a->answer = (struct http_answer){ .status = 200, .file = file };
        else
                reply_refuse(a->answer, 500, "the blob cannot be read: %s", strerror(blob ? ENOMEM : -error));
}
