/* Agents and seeds on boot HTTP; see agent_http.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/agent_http.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "rack/hearing.h"
#include "rack/token.h"
#include "rack/who.h"

enum {
        HEARTBEAT_S = 30, /* between two signs of life; core/life counts who is silent for three as gone */
        WAIT_S_MAX = 50,  /* of one question for a task: less than boot HTTP's time for an idle connection */

        /* A result is answered when it is written down, which shows in the next task; but not every result
           ends one. */
        RESULT_WAIT_MS = 5000,

        ROOT_WAIT_MS = 20000, /* of one question for a root; then the agent asks again, and is seen to live */

        FORM_MAX = 64 * 1024,
        DEPLOYMENT_TOKEN_LEN = 64 /* hex digits */
};

/* One request of an agent or a system that may speak here. */
struct asked {
        struct view *view;
        const struct http_request *request;
        struct http_answer *answer;
        struct boot_ask ask;
        const struct machine *machine; /* NULL: nobody registered it */
        struct agent_duty duty;
        const char *rest; /* of the path, behind what chose the handler */
};

DEFINE_CLEANUP(json_t, json_decref)

void agent_http_refuse(struct http_answer *ret, unsigned status, const char *format, ...) {
        char sentence[400];
        va_list args;

        va_start(args, format);
        (void)vsnprintf(sentence, sizeof(sentence), format, args);
        va_end(args);
        *ret = (struct http_answer){ .status = status, .content_type = "text/plain; charset=utf-8" };
        int n = asprintf(&ret->body, "%s\n", sentence);
        if (n < 0)
                ret->body = NULL;
        ret->body_len = n < 0 ? 0 : (size_t)n;
}

static void answer_json(struct http_answer *ret, char *text) {
        *ret = (struct http_answer){ .status = 200, .content_type = "application/json", .body = text };
        if (text)
                ret->body_len = strlen(text);
        else
                ret->status = 500;
}

/* ---- who may speak ---- */

/* "/a/TOKEN/REST" or "/seed/TOKEN/REST". */
struct path {
        bool is_seed;
        char token[DEPLOYMENT_TOKEN_LEN + 1];
        const char *rest;
};

static bool split(const char *path, struct path *ret) {
        ret->is_seed = text_starts_with(path, "/seed/");
        if (!ret->is_seed && !text_starts_with(path, "/a/"))
                return false;
        const char *token = path + (ret->is_seed ? strlen("/seed/") : strlen("/a/"));
        size_t len = strcspn(token, "/");
        bool fits = len < sizeof(ret->token);
        memcpy(ret->token, token, fits ? len : 0);
        ret->token[fits ? len : 0] = 0;
        ret->rest = token[len] ? token + len + 1 : token + len;
        return true;
}

bool agent_http_is_mine(const char *path) {
        struct path p;
        return split(path, &p);
}

const char *agent_http_path(const char *path, char *buf, size_t size) {
        struct path p;

        if (split(path, &p))
                (void)snprintf(buf, size, "%s/%s", p.is_seed ? "seed" : "a", p.rest);
        else
                (void)snprintf(buf, size, "%s", path);
        return buf;
}

/*
 * An agent's purpose is what its machine's state asks for now, which may be to start the machine's own
 * system. One that was told to leave has a task still, though the machine's boots lead elsewhere already.
 */
static bool may_act(const struct asked *a) {
        return boot_purpose_is_agent(a->duty.purpose) ||
               (a->machine && (a->machine->task || machine_is_run_by_agent(a->machine)));
}

static bool refuse_stranger(struct asked *a) {
        if (!a->ask.session)
                agent_http_refuse(a->answer, 403,
                                  "no boot of this address is known here: the machine must boot again");
        else
                agent_http_refuse(a->answer, 403,
                                  "this token is not of this address's boot: tokens end with their boot");
        return false;
}

/* What comes out of boot.img has no token: its address fetched that volume in this boot, which is all there
 * is. Secrets of a machine that requires trust are in no order without an operator's word (core/life). */
static bool is_token(const struct asked *a, const struct path *p) {
        return token_is(p->is_seed ? a->ask.seed_token : a->ask.agent_token, p->token) ||
               (a->ask.has_ramdisk && strcmp(p->token, BOOT_TOKEN_NONE) == 0);
}

/* Finds out who asks; false when it may not, with the refusal written. */
static bool let_in(struct asked *a, const struct path *p) {
        const struct http_request *r = a->request;

        (void)view_who(a->view, &(struct view_peer){ .client = r->client, .server = r->server }, "", &a->ask);
        const struct site *site = view_site(a->view);
        a->machine = who_machine(site, &a->ask);
        a->duty = agent_duty_of(site, &a->ask);
        a->rest = p->rest;
        if (!is_token(a, p))
                return refuse_stranger(a);
        /* A result that waits for what it leads to may have led to the end of the agent's work. */
        if (p->is_seed || may_act(a) || (r->is_again && strcmp(p->rest, "result") == 0))
                return true;
        if (a->machine)
                agent_http_refuse(a->answer, 403, "machine %s is %s: there is nothing for its agent to do",
                                  a->machine->name, machine_state_name(a->machine->state));
        else
                agent_http_refuse(a->answer, 403,
                                  "nobody registered this machine, and its subnet enlists none");
        return false;
}

/* ---- the agent ---- */

/* "http://10.77.0.1:5248", as the one who asks reaches us. */
static void append_base(const struct asked *a, struct text *out) {
        char server[IP_TEXT_SIZE];
        text_printf(out, "http://%s:%u", ip_text(&a->ask.server, server), a->ask.http_port);
}

static void append_host(const struct asked *a, struct text *out) {
        char server[IP_TEXT_SIZE];
        text_append(out, ip_text(&a->ask.server, server));
}

static const struct mark {
        const char *text;
        void (*append)(const struct asked *a, struct text *out);
} marks[] = { { MACHINE_RACK_MARK, append_base }, { MACHINE_RACK_HOST_MARK, append_host } };

static const struct mark *mark_at(const char *at) {
        for (size_t i = 0; i < ARRAY_LEN(marks); i++)
                if (text_starts_with(at, marks[i].text))
                        return &marks[i];
        return NULL;
}

/* A text of the region, with our address where it has a mark for it; the caller's. NULL: out of memory. */
static char *fill_in(const struct asked *a, const char *text) {
        CLEANUP(text_free) struct text out = {};
        const char *at = text;

        text_append(&out, "");
        while ((at = strchr(at, '@'))) {
                const struct mark *mark = mark_at(at);
                if (!mark) {
                        at++;
                        continue;
                }
                text_append_octets(&out, text, (size_t)(at - text));
                mark->append(a, &out);
                text = at += strlen(mark->text);
        }
        text_append(&out, text);
        return text_take(&out);
}

static void put_identity(const struct asked *a, struct agent_report *r) {
        const struct machine *m = a->machine;
        const struct site *site = view_site(a->view);
        const struct board *board = NULL;

        r->mac = a->ask.mac;
        r->has_serial = a->ask.has_serial;
        r->serial = a->ask.serial;
        r->has_uuid = a->ask.has_uuid;
        memcpy(r->uuid, a->ask.uuid, sizeof(r->uuid));
        r->client_ip = a->ask.client_ip;
        if (m && m->board[0])
                board = board_find(site_boards(site), m->board);
        else if (a->ask.revision)
                board = board_find_type(site_boards(site), a->ask.revision >> 4 & 0xff);
        if (board)
                (void)text_copy(r->board, sizeof(r->board), board->name);
}

/* The report as the region gets it; NULL: out of memory. */
static struct agent_report *report_of(const struct asked *a, const struct agent_said *said, const char *body,
                                      size_t body_len) {
        struct agent_report r = {
                .kind = said->kind,
                .machine = a->duty.machine,
                .session = a->ask.session,
                .at_s = clock_unix_s(),
                .arch = said->arch,
                .task = said->task,
                .body = (char *)body,
                .body_len = body_len,
        };
        put_identity(a, &r);
        if (r.arch == ARCH_NONE && a->machine)
                r.arch = a->machine->arch;
        return agent_report_copy(&r);
}

/* Hands it on; false with a refusal when there is no room. */
static bool hear(struct asked *a, const struct agent_said *said, const char *body, size_t body_len) {
        struct heard m = {
                .kind = HEARD_REPORT,
                .session = a->ask.session,
                .mac = a->ask.mac,
                .duty = a->duty,
                .said = *said,
                .report = report_of(a, said, body, body_len),
        };
        if (m.report && view_hear(a->view, &m))
                return true;
        agent_http_refuse(a->answer, 503, "more is reported just now than can be taken: try again");
        return false;
}

/* Reads the body; false with a refusal when it is not what it should be. */
static bool read_body(struct asked *a, enum agent_report_kind kind, struct agent_said *ret) {
        struct error error;

        if (agent_body_read(kind, a->request->body, a->request->body_len, ret, &error) == 0)
                return true;
        agent_http_refuse(a->answer, 400, "%s", error.text);
        return false;
}

static void answer_hello(struct asked *a) {
        const struct machine *m = a->machine;
        struct agent_said said;

        if (!read_body(a, REPORT_HELLO, &said) || !hear(a, &said, a->request->body, a->request->body_len))
                return;
        CLEANUP(json_decref_at)
        json_t *out = json_pack("{s:I, s:s?, s:s?, s:i}", "time_s", (json_int_t)clock_unix_s(), "machine",
                                m ? m->name : NULL, "state", m ? machine_state_name(m->state) : NULL,
                                "heartbeat_s", HEARTBEAT_S);
        answer_json(a->answer, out ? json_dumps(out, JSON_COMPACT) : NULL);
}

static void answer_done(struct asked *a) {
        *a->answer = (struct http_answer){ .status = 204 };
}

/* Whether a report is about what the agent shall do now. What is not came too late, or twice: it counted
 * already. */
static bool is_current(const struct asked *a, const struct agent_said *said) {
        if (said->task == AGENT_TASK_ROOT)
                return a->machine && machine_is_run_by_agent(a->machine);
        return said->task == a->duty.task;
}

static void answer_progress(struct asked *a) {
        struct agent_said said;

        if (!read_body(a, REPORT_PROGRESS, &said))
                return;
        /* Of an old task it is still a sign of life; the next one is a second away if there is no room for
         * this one. */
        if (hear(a, &said, a->request->body, a->request->body_len))
                answer_done(a);
}

static void answer_script(struct asked *a) {
        struct agent_said said;

        if (!read_body(a, REPORT_SCRIPT, &said))
                return;
        if (!is_current(a, &said) || hear(a, &said, a->request->body, a->request->body_len))
                answer_done(a);
}

static void answer_result(struct asked *a) {
        struct agent_said said;

        if (!read_body(a, REPORT_RESULT, &said))
                return;
        if (is_current(a, &said) && !a->request->is_again &&
            !hear(a, &said, a->request->body, a->request->body_len))
                return;
        /* Of a root nothing follows that its agent would have to wait for: the system starts, or it tries
         * again. */
        if (said.task != AGENT_TASK_ROOT && is_current(a, &said) && a->request->waited_ms < RESULT_WAIT_MS)
                *a->answer =
                        (struct http_answer){ .wait_ms = (unsigned)(RESULT_WAIT_MS - a->request->waited_ms),
                                              .wait_key = a->ask.session };
        else
                answer_done(a);
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
                return fill_in(a, a->machine->task);
        if (asprintf(&text, "{\"id\":%llu,\"kind\":\"%s\"}", (unsigned long long)a->duty.task,
                     a->machine ? "park" : "inventory") < 0)
                return NULL;
        return text;
}

static void answer_task(struct asked *a) {
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
                answer_json(a->answer, task_text(a));
        else if (a->request->waited_ms < wait_ms)
                *a->answer = (struct http_answer){ .wait_ms = (unsigned)(wait_ms - a->request->waited_ms),
                                                   .wait_key = a->ask.session };
        else
                answer_done(a);
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
                agent_http_refuse(a->answer, 503, "the root of machine %s is not ready yet: ask again",
                                  a->machine->name);
}

/* The root of a system that the agent starts. */
static void answer_root(struct asked *a) {
        const struct machine *m = a->machine;

        if (!m || !machine_is_run_by_agent(m))
                agent_http_refuse(a->answer, 404, "%s%s: there is no root to be brought up",
                                  m ? "machine " : "this machine", m ? m->name : "");
        else if (is_kept_here(m) && !a->ask.is_root_ready)
                wait_for_root(a);
        else
                answer_json(a->answer, fill_in(a, m->run));
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

        if (a->machine && a->machine->image[0] && holds(site_image(site, a->machine->image), id))
                return true;
        for (size_t i = 0; i < ARRAY_LEN(shared_images); i++)
                if (holds(site_image(site, shared_images[i]), id))
                        return true;
        return false;
}

static void answer_blob(struct asked *a) {
        struct blob_id id;
        int error = -EIO;

        if (text_parse_hex(a->rest, id.octets, sizeof(id.octets)) < 0) {
                agent_http_refuse(a->answer, 404, "a blob is named by the 64 hex digits of its SHA-256");
                return;
        }
        if (!may_fetch(a, &id)) {
                agent_http_refuse(a->answer, 403, "no image of this machine holds that blob");
                return;
        }
        CLEANUP(blob_drop_at) struct blob *blob = view_open_blob(a->view, &id, &error);
        struct boot_segment whole = { .blob = blob, .len = blob ? blob->size : 0 };
        struct boot_file *file = blob ? boot_file_new(&whole, 1) : NULL;
        if (file)
                *a->answer = (struct http_answer){ .status = 200, .file = file };
        else
                agent_http_refuse(a->answer, 500, "the blob cannot be read: %s",
                                  strerror(blob ? ENOMEM : -error));
}

/* ---- seeds ---- */

/* What may hold passwords and keys; the rest every boot needs, to see that the instance is the same. */
static bool is_secret(const char *member) {
        return strcmp(member, "user-data") == 0 || strcmp(member, "vendor-data") == 0;
}

static void answer_seed(struct asked *a) {
        const struct machine *m = a->machine;
        CLEANUP(json_decref_at) json_t *seed = m && m->seed ? json_loads(m->seed, 0, NULL) : NULL;
        const char *text = json_string_value(json_object_get(seed, a->rest));

        if (!m || machine_purpose(m) != PURPOSE_RUN) {
                agent_http_refuse(a->answer, 403,
                                  "no system is booted from here on this machine: it has no seed");
        } else if (!text || !text[0]) {
                agent_http_refuse(a->answer, 404, "machine %s has no %.40s", m->name, a->rest);
        } else if (is_secret(a->rest) && a->ask.is_seed_closed) {
                agent_http_refuse(a->answer, 403,
                                  "the seed of this boot was given: its secrets are not told again before "
                                  "the next one");
        } else {
                char *filled = fill_in(a, text);
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

/* The machine whose deployment somebody knows the token of, wherever it asks from; NULL. */
static const struct machine *deployment_of(struct view *v, const char *token) {
        uint8_t hash[MACHINE_TOKEN_HASH_SIZE];

        if (strlen(token) != DEPLOYMENT_TOKEN_LEN)
                return NULL;
        sha256_of(token, strlen(token), hash);
        return site_machine_by_token(view_site(v), hash);
}

static bool is_phone_home(const struct path *p) {
        return p->is_seed && strcmp(p->rest, "phone-home") == 0;
}

static bool is_wanted_question(const struct path *p) {
        return p->is_seed && strcmp(p->rest, "wanted") == 0;
}

static void refuse_deployment(struct asked *a) {
        agent_http_refuse(a->answer, 403,
                          "this token is of no deployment: the machine was released, or deployed anew");
}

/* A system that boots its disk first asks at each start whether its machine is to come back to its agent. */
static void answer_wanted(struct asked *a, const struct path *p) {
        const struct machine *m = deployment_of(a->view, p->token);

        if (!m)
                refuse_deployment(a);
        else
                answer_json(a->answer,
                            strdup(boot_purpose_is_agent(machine_purpose(m)) ? "{\"wanted\": true}\n"
                                                                             : "{\"wanted\": false}\n"));
}

/* cloud-init posts a form, our own first-boot unit JSON. */
static void answer_phone_home(struct asked *a, const struct path *p) {
        const struct http_request *r = a->request;
        const char *type = http_request_header(r, "Content-Type");
        bool is_json = type && text_starts_with(type, "application/json");
        CLEANUP(free_at) char *form = is_json ? NULL : agent_form_read(r->body, r->body_len);
        const char *body = is_json ? r->body : form ? form : "{}";
        size_t len = is_json ? r->body_len : strlen(body);
        struct agent_said said;
        struct error error;

        a->machine = deployment_of(a->view, p->token);
        if (!a->machine) {
                refuse_deployment(a);
                return;
        }
        if (agent_body_read(REPORT_PHONE_HOME, body, len, &said, &error) < 0) {
                agent_http_refuse(a->answer, 400, "%s", error.text);
                return;
        }
        (void)view_who(a->view, &(struct view_peer){ .client = r->client, .server = r->server }, "", &a->ask);
        if (a->machine->n_macs)
                a->ask.mac = a->machine->macs[0];
        a->duty = agent_duty_of(view_site(a->view), &a->ask);
        a->duty.machine = a->machine->id;
        if (hear(a, &said, body, len))
                answer_done(a);
}

/* ---- which is which ---- */

static const struct route {
        const char *method, *name; /* of the path behind the token; "/" at its end: and more */
        bool is_seed;
        void (*answer)(struct asked *a);
        size_t body_max;
} routes[] = {
        { "POST", "hello", false, answer_hello, AGENT_BODY_MAX },
        { "GET", "hello", false, answer_done, 0 }, /* whether this network card leads here */
        { "GET", "task", false, answer_task, 0 },
        { "GET", "root", false, answer_root, 0 },
        { "POST", "progress", false, answer_progress, AGENT_BODY_MAX },
        { "POST", "result", false, answer_result, AGENT_BODY_MAX },
        { "POST", "script", false, answer_script, AGENT_BODY_MAX },
        { "GET", "blob/", false, answer_blob, 0 },
        { "HEAD", "blob/", false, answer_blob, 0 },
        { "GET", "meta-data", true, answer_seed, 0 },
        { "GET", "user-data", true, answer_seed, 0 },
        { "GET", "vendor-data", true, answer_seed, 0 },
        { "GET", "network-config", true, answer_seed, 0 },
};

static bool has_name(const struct route *r, const char *rest) {
        size_t len = strlen(r->name);
        return r->name[len - 1] == '/' ? strncmp(r->name, rest, len) == 0 : strcmp(r->name, rest) == 0;
}

static const struct route *find_route(const struct path *p, const char *method, bool *ret_is_there) {
        *ret_is_there = false;
        for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
                if (routes[i].is_seed != p->is_seed || !has_name(&routes[i], p->rest))
                        continue;
                *ret_is_there = true;
                if (strcmp(routes[i].method, method) == 0)
                        return &routes[i];
        }
        return NULL;
}

size_t agent_http_body_max(struct view *v, const struct http_request *r) {
        struct http_answer refusal = {};
        struct asked a = { .view = v, .request = r, .answer = &refusal };
        struct path p;
        bool is_there;

        if (!split(r->path, &p))
                return 0;
        if (is_phone_home(&p))
                return deployment_of(v, p.token) ? FORM_MAX : 0;
        const struct route *route = find_route(&p, r->method, &is_there);
        bool may = route && route->body_max > 0 && let_in(&a, &p);
        free(refusal.body);
        return may ? route->body_max : 0;
}

void agent_http_answer(struct view *v, const struct http_request *r, struct http_answer *ret, uint64_t *tag) {
        struct asked a = { .view = v, .request = r, .answer = ret };
        struct path p;
        bool is_there;

        if (!split(r->path, &p)) {
                agent_http_refuse(ret, 404, "there is no such thing");
                return;
        }
        if (is_phone_home(&p) && strcmp(r->method, "POST") == 0) {
                answer_phone_home(&a, &p);
                *tag = a.ask.session;
                return;
        }
        if (is_wanted_question(&p) && strcmp(r->method, "GET") == 0) {
                answer_wanted(&a, &p);
                return;
        }
        bool may = let_in(&a, &p);
        *tag = a.ask.session;
        if (!may)
                return;
        const struct route *route = find_route(&p, r->method, &is_there);
        if (!route) {
                agent_http_refuse(ret, is_there ? 405 : 404, "%s",
                                  is_there ? "not by this method" : "there is no such thing");
                return;
        }
        if (route->name[strlen(route->name) - 1] == '/')
                a.rest += strlen(route->name);
        route->answer(&a);
}

void agent_http_why(struct view *v, const struct http_report *r, char *buf, size_t size) {
        const struct http_request request = { .method = r->method, .path = r->path, .client = r->client };
        struct http_answer refusal = {};
        struct asked a = { .view = v, .request = &request, .answer = &refusal };
        struct path p;

        buf[0] = 0;
        if (r->status == 403 && split(r->path, &p) && !is_phone_home(&p) && !let_in(&a, &p) && refusal.body)
                (void)snprintf(buf, size, "%.*s", (int)strcspn(refusal.body, "\n"), refusal.body);
        free(refusal.body);
}
