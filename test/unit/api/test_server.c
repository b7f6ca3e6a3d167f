/*
 * The API whole: over its socket, through the handlers, to a real region, database and store; the rack alone
 * is played.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

#include "api/handlers.h"
#include "api/imports.h"
#include "api/server.h"
#include "base/base64.h"
#include "base/text.h"
#include "core/db/findings.h"
#include "core/life/worker.h"
#include "io/clock.h"
#include "region/region.h"

struct house {
        char dir[64], database[128], socket[96];
        struct loop *loop;
        struct region *region;
        struct db_reader *reader;
        struct life_worker *life;
        struct store *store;
        struct api_server *server;
        pthread_t control;
        struct api_world world;
        struct blob_source blobs;
};

/* ---- the played rack ---- */

/* One offered, one run out, and two that hold. */
static void each_lease(void *ctx, uint32_t after, bool (*fn)(void *fn_ctx, const struct lease *l),
                       void *fn_ctx) {
        static const struct {
                uint32_t addr;
                enum lease_state state;
                int64_t expires_s;
        } rows[] = {
                { 0x0a4d0008, LEASE_OFFERED, 1 },
                { 0x0a4d0009, LEASE_BOUND, 1 }, /* long ago */
                { 0x0a4d000a, LEASE_BOUND, INT64_MAX / 2 },
                { 0x0a4d000b, LEASE_BOUND, INT64_MAX / 2 },
        };
        (void)ctx;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct lease l = { .addr = rows[i].addr,
                                   .state = rows[i].state,
                                   .client = { .subnet = 1,
                                               .key = { 1, 0xff, 1 },
                                               .key_len = 3,
                                               .mac = { { 0xdc, 0xa6, 0x32, 1, 2, 3 } },
                                               .hostname = "pi\xff" },
                                   .expires_s = rows[i].expires_s,
                                   .granted_s = 1700000000 };
                if (l.addr > after && !fn(fn_ctx, &l))
                        return;
        }
}

static void each_sighting(void *ctx, const struct mac *after,
                          bool (*fn)(void *fn_ctx, const struct api_sighting *s), void *fn_ctx) {
        struct api_sighting seen = { .mac = { { 0xdc, 0xa6, 0x32, 9, 9, 9 } },
                                     .client = "pi4",
                                     .pi = { .has_revision = true,
                                             .has_serial = true,
                                             .revision = 0xc03114,
                                             .serial = 0x1234,
                                             .model = "Raspberry Pi 4B",
                                             .memory_mib = 4096,
                                             .stepping = "1.4" },
                                     .first_s = 1700000000,
                                     .last_s = 1700000060,
                                     .why = "nobody registered it" };
        (void)ctx;

        for (; seen.mac.octets[5] < 9 + 5; seen.mac.octets[5]++)
                if (memcmp(&seen.mac, after, sizeof(*after)) > 0 && !fn(fn_ctx, &seen))
                        return;
}

static const struct trail_event events[] = {
        { .kind = TRAIL_DHCP,
          .at_ms = 1700000000000,
          .what = "DISCOVER",
          .detail = "OFFER 10.77.0.5",
          .client = "pi4" },
        { .kind = TRAIL_TFTP,
          .outcome = TRAIL_MISS,
          .at_ms = 1700000000100,
          .took_ms = 1,
          .what = "config.txt" },
};
static const struct trail_session session = { .id = 7,
                                              .mac = { { 0xdc, 0xa6, 0x32, 1, 2, 3 } },
                                              .machine = "pi4",
                                              .start_ms = 1700000000000,
                                              .last_ms = 1700000000101,
                                              .events = events,
                                              .n_events = 2 };

static void each_trail(void *ctx, const char *machine, const struct mac *mac,
                       bool (*fn)(void *fn_ctx, const struct trail_session *s), void *fn_ctx) {
        (void)ctx;
        if ((machine && strcmp(machine, "pi4") == 0) || mac_equal(mac, &session.mac))
                (void)(fn(fn_ctx, &session) && fn(fn_ctx, &session));
}

static uint64_t trail_follow(void *ctx, uint64_t after, unsigned wait_ms,
                             bool (*fn)(void *fn_ctx, uint64_t sequence, const struct trail_session *s,
                                        const struct trail_event *e),
                             void *fn_ctx) {
        (void)ctx;
        (void)wait_ms;
        for (uint64_t i = 1; i <= 2; i++) {
                if (i > after && !fn(fn_ctx, i, &session, &events[i - 1]))
                        break;
        }
        return 2;
}

/* Takes its time, and counts who is in it. */
static atomic_uint n_inside, most_inside;

static void status(void *ctx, void (*fn)(void *fn_ctx, const char *name, uint64_t value), void *fn_ctx) {
        uint64_t start_ms = clock_now_ms();
        unsigned n = atomic_fetch_add(&n_inside, 1) + 1, most = atomic_load(&most_inside);
        (void)ctx;

        while (n > most && !atomic_compare_exchange_weak(&most_inside, &most, n))
                ;
        while (clock_now_ms() - start_ms < 5)
                (void)sched_yield();
        fn(fn_ctx, "dhcp_discover", 12);
        (void)atomic_fetch_sub(&n_inside, 1);
}

static void each_problem(void *ctx, void (*fn)(void *fn_ctx, const char *sentence), void *fn_ctx) {
        (void)ctx;
        fn(fn_ctx, "there is no interface br9");
}

static bool ask_for(void *ctx, const struct machine *m, const struct mac *mac, enum boot_client_id client,
                    struct boot_ask *ret) {
        (void)ctx;
        *ret = (struct boot_ask){ .mac = *mac, .client = client, .http_port = 5248 };
        if (m && m->has_serial) {
                ret->has_serial = true;
                ret->serial = m->serial;
        }
        return ip_parse("10.77.0.1", &ret->server) == 0 && ip_parse("10.77.0.0", &ret->subnet) == 0;
}

static struct blob *open_blob(void *ctx, const struct blob_id *id, int *error) {
        return store_open_blob(ctx, id, error);
}

static const uint8_t ca_hash[SHA256_SIZE] = { [0 ... SHA256_SIZE - 1] = 0xca };

/* ---- the house ---- */

static unsigned by_hand(void *ctx, const char *driver) {
        (void)ctx;
        (void)driver;
        return 0;
}

struct activity_question {
        const struct house *house;
        const struct machine *machine;
        struct life_view *ret;
        bool is_known;
};

static void ask_activity(void *ctx) {
        struct activity_question *q = ctx;
        q->is_known = life_view(life_worker_life(q->house->life), q->machine, clock_unix_s(), q->ret);
}

static bool activity(void *ctx, const struct machine *m, struct life_view *ret) {
        const struct house *h = ctx;
        struct activity_question q = { .house = h, .machine = m, .ret = ret };
        return loop_call(h->loop, ask_activity, &q) && q.is_known;
}

/* An agent's word, on the control thread as a rack brings it. */
struct words {
        const struct house *house;
        const struct agent_report *report;
};

static void pass_on(void *ctx) {
        const struct words *w = ctx;
        life_report(life_worker_life(w->house->life), w->report);
}

static void *control(void *arg) {
        (void)loop_run(arg);
        return NULL;
}

static void end_loop(void *loop) {
        loop_stop(loop);
}

static size_t no_keys(void *ctx, struct signing_key ret[static SIGNING_KEYS_MAX]) {
        (void)ctx;
        (void)ret;
        return 0;
}

static void open_house(struct house *h) {
        struct error error = {};
        char store[96];

        (void)snprintf(store, sizeof(store), "%s/store", h->dir);
        (void)snprintf(h->database, sizeof(h->database), "sqlite:%s/b.db", h->dir);
        (void)snprintf(h->socket, sizeof(h->socket), "%s/api.sock", h->dir);
        h->loop = loop_new();
        if (store_open(store, &h->store, &error) < 0)
                fail_msg("%s", error.text);
        const struct region_config config = { .loop = h->loop, .database = h->database, .store = h->store };
        if (region_open(&config, &h->region, &error) < 0)
                fail_msg("%s", error.text);
        const struct life_worker_config life = { .loop = h->loop,
                                                 .keeper = region_life_keeper(h->region),
                                                 .power = { .can = by_hand } };
        if (db_reader_open(h->database, &h->reader, &error) < 0 ||
            life_worker_start(&life, &h->life, &error) < 0)
                fail_msg("%s", error.text);
        assert_int_equal(pthread_create(&h->control, NULL, control, h->loop), 0);
        h->blobs = (struct blob_source){ .open = open_blob, .ctx = h->store };
        h->world = (struct api_world){ .keeper = region_keeper(h->region),
                                       .store = h->store,
                                       .life = life_worker_life(h->life),
                                       .reader = h->reader,
                                       .keys = { .list = no_keys },
                                       .ca_pem = "-----BEGIN",
                                       .ca_hash = ca_hash,
                                       .ctx = h,
                                       .activity = activity,
                                       .each_lease = each_lease,
                                       .each_sighting = each_sighting,
                                       .each_trail = each_trail,
                                       .trail_follow = trail_follow,
                                       .status = status,
                                       .each_problem = each_problem,
                                       .blobs = &h->blobs,
                                       .ask_for = ask_for };
        if (api_server_start(h->socket, &h->world, &h->server, &error) < 0)
                fail_msg("%s", error.text);
}

static int setup(void **state) {
        struct house *h = calloc(1, sizeof(*h));
        if (!h)
                return -1;
        *state = h;
        (void)snprintf(h->dir, sizeof(h->dir), "/tmp/bramble-api-XXXXXX");
        if (!mkdtemp(h->dir))
                return -1;
        open_house(h);
        return 0;
}

static int teardown(void **state) {
        struct house *h = *state;
        char command[128];

        assert_true(loop_post(h->loop, end_loop, h->loop));
        assert_int_equal(pthread_join(h->control, NULL), 0);
        region_stop(h->region);
        api_server_stop(h->server);
        life_worker_stop(h->life);
        db_reader_close(h->reader);
        region_free(h->region);
        store_close(h->store);
        loop_free(h->loop);
        (void)snprintf(command, sizeof(command), "rm -rf %s", h->dir);
        int r = system(command);
        free(h);
        return r;
}

/* ---- a client ---- */

static int dial(const struct house *h) {
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        assert_int_equal(text_copy(at.sun_path, sizeof(at.sun_path), h->socket), 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
        return fd;
}

struct reply {
        unsigned status;
        char *whole;      /* head and body */
        const char *body; /* in it */
};

static void reply_free(struct reply *r) {
        free(r->whole);
}

/* One request with a body ("" none) and one more header line ("" none), and all that comes back. */
static struct reply ask_with(const struct house *h, const char *method, const char *path, const char *header,
                             const char *body) {
        struct text request = {}, got = {};
        struct reply reply = {};
        char buf[8192];
        int fd = dial(h);

        text_printf(&request, "%s /api/v1/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s", method, path,
                    header);
        if (body[0])
                text_printf(&request, "Content-Length: %zu\r\n", strlen(body));
        text_printf(&request, "\r\n%s", body);
        assert_int_equal(send(fd, request.octets, request.len, MSG_NOSIGNAL), request.len);
        for (ssize_t n; (n = recv(fd, buf, sizeof(buf), 0)) > 0;)
                text_append_octets(&got, buf, (size_t)n);
        close(fd);
        text_free(&request);
        reply.whole = text_take(&got);
        assert_non_null(reply.whole);
        assert_int_equal(sscanf(reply.whole, "HTTP/1.1 %u", &reply.status), 1);
        reply.body = strstr(reply.whole, "\r\n\r\n");
        assert_non_null(reply.body);
        reply.body += 4;
        return reply;
}

static struct reply ask(const struct house *h, const char *method, const char *path, const char *body) {
        return ask_with(h, method, path, "", body);
}

/* The answer's JSON; the test fails when the status is another one. */
static json_t *json_of(const struct house *h, const char *method, const char *path, const char *body,
                       unsigned status) {
        CLEANUP(reply_free) struct reply r = ask(h, method, path, body);
        if (r.status != status)
                fail_msg("%s %s: %s", method, path, r.whole);
        json_t *out = json_loads(r.body, JSON_REJECT_DUPLICATES, NULL);
        if (!out && status != 204)
                fail_msg("%s %s: no JSON: %s", method, path, r.body);
        return out;
}

static void expect(const struct house *h, const char *method, const char *path, const char *body,
                   unsigned status) {
        json_decref(json_of(h, method, path, body, status));
}

/* A failure must be a problem with this in its sentence. */
static void expect_problem(const struct house *h, const char *method, const char *path, const char *body,
                           unsigned status, const char *sentence) {
        CLEANUP(reply_free) struct reply r = ask(h, method, path, body);
        json_t *problem = json_loads(r.body, 0, NULL);
        const char *detail = json_string_value(json_object_get(problem, "detail"));

        if (r.status != status || !detail || !strstr(detail, sentence) ||
            !strstr(r.whole, "application/problem+json") ||
            json_integer_value(json_object_get(problem, "status")) != status)
                fail_msg("%s %s %s: %s", method, path, body, r.whole);
        json_decref(problem);
}

/* "a.b" of an object; "(none)" unless it is a text. */
static const char *text_at(const json_t *at, const char *key) {
        const char *text = json_string_value(json_object_get(at, key));
        return text ? text : "(none)";
}

/* Sends body as a stream to an import. */
static unsigned put_file(const struct house *h, const char *id, const char *query, const char *body) {
        char path[160];
        (void)snprintf(path, sizeof(path), "imports/%s/files?%s", id, query);
        CLEANUP(reply_free) struct reply r = ask(h, "PUT", path, body);
        return r.status;
}

#define SUBNET "{\"net\": \"10.77.0.0/24\", \"dhcp\": \"server\", \"interface\": \"br0\"}"
#define MACHINE \
        "{\"name\": \"pi4\", \"macs\": [\"dc:a6:32:01:02:03\"], \"ip\": \"10.77.0.5\", \"board\": " \
        "\"pi4b\"}"

static void adds_shows_changes_deletes(void **state) {
        struct house *h = *state;

        json_t *subnet = json_of(h, "POST", "subnets", SUBNET, 201);
        assert_string_equal(text_at(subnet, "unknown"), "discover");
        json_decref(subnet);
        CLEANUP(reply_free) struct reply made = ask(h, "POST", "machines", MACHINE);
        assert_int_equal(made.status, 201);
        assert_non_null(strstr(made.whole, "Location: /api/v1/machines/pi4\r\n"));
        assert_non_null(strstr(made.whole, "ETag: \""));

        json_t *machine =
                json_of(h, "PATCH", "machines/pi4", "{\"cmdline_extra\": \"quiet\", \"ip\": null}", 200);
        assert_string_equal(text_at(machine, "cmdline_extra"), "quiet");
        assert_true(json_is_null(json_object_get(machine, "ip")));
        assert_string_equal(text_at(machine, "board"), "pi4b"); /* not named: stays */
        assert_int_equal(json_integer_value(json_object_get(machine, "id")), 1);
        json_t *shown = json_of(h, "GET", "machines/pi4", "", 200);
        assert_true(json_equal(machine, shown));
        json_decref(machine);
        json_decref(shown);

        machine = json_of(h, "PATCH", "machines/pi4", "{\"name\": \"other\"}", 200);
        json_decref(machine);
        expect(h, "GET", "machines/pi4", "", 404);
        subnet = json_of(h, "PATCH", "subnets/10.77.0.0/24", "{\"unknown\": \"refuse\"}", 200);
        assert_string_equal(text_at(subnet, "interface"), "br0");
        json_decref(subnet);
        expect(h, "DELETE", "machines/other", "", 204);
        expect(h, "DELETE", "subnets/10.77.0.0/24", "", 204);
        json_t *page = json_of(h, "GET", "machines", "", 200);
        assert_int_equal(json_array_size(json_object_get(page, "items")), 0);
        json_decref(page);
}

/* What an agent of the one machine says; true when it has changed the machine's state or task to what is
 * awaited. */
static void agent_says(const struct house *h, enum agent_report_kind kind, const char *body,
                       const char *member, const char *awaited) {
        struct site *s = h->world.keeper.site(h->world.keeper.ctx);
        const struct machine *m = site_machine_by_name(s, "pi4");
        const struct agent_report r = { .kind = kind,
                                        .machine = m->id,
                                        .task = m->task_id,
                                        .at_s = clock_unix_s(),
                                        .body = (char *)body,
                                        .body_len = strlen(body) };
        assert_true(loop_call(h->loop, pass_on, &(struct words){ h, &r }));
        site_drop(s);
        for (uint64_t end_ms = clock_now_ms() + 10000; clock_now_ms() < end_ms;) {
                json_t *now = json_of(h, "GET", "machines/pi4/activity", "", 200);
                const char *text = json_string_value(json_object_get(now, member));
                bool is_there = text && strstr(text, awaited);
                json_decref(now);
                if (is_there)
                        return;
                (void)sched_yield();
        }
        fail_msg("%s never became %s", member, awaited);
}

static int read_power_parameters(void *ctx, struct db *db, struct error *reterr) {
        return db_power_get(db, 1, ctx, reterr);
}

static void a_machine_lives(void **state) {
        struct house *h = *state;

        expect(h, "POST", "subnets", SUBNET, 201);
        json_t *m = json_of(h, "POST", "machines", MACHINE, 201);
        assert_string_equal(text_at(m, "state"), "New");
        assert_true(json_is_null(json_object_get(m, "root")));
        json_decref(m);
        m = json_of(h, "PATCH", "machines/pi4",
                    "{\"tags\": [\"rack-2\", \"arm\", \"arm\"], \"pool\": \"class\", \"note\": \"by the "
                    "window\"}",
                    200);
        assert_string_equal(json_string_value(json_array_get(json_object_get(m, "tags"), 0)), "arm");
        assert_int_equal(json_array_size(json_object_get(m, "tags")), 2);
        json_decref(m);
        m = json_of(h, "PATCH", "machines/pi4", "{\"pool\": null}", 200);
        assert_string_equal(text_at(m, "note"), "by the window");
        json_decref(m);
        expect_problem(h, "PATCH", "machines/pi4", "{\"state\": \"Ready\"}", 422,
                       "there is no field \"state\"");

        expect_problem(h, "POST", "machines/pi4/actions/comission", "{}", 404, "has no action comission");
        expect_problem(h, "POST", "machines/none/actions/commission", "{}", 404, "there is no machine none");
        expect_problem(h, "POST", "machines/pi4/actions/deploy", "{}", 422, "\"image\" is missing");
        expect_problem(h, "POST", "machines/pi4/actions/release", "{}", 409,
                       "machine pi4 is New: release begins from");
        expect_problem(h, "GET", "machines/pi4/inventory", "", 404, "was not looked at yet");
        m = json_of(h, "POST", "machines/pi4/actions/commission", "{\"scripts\": [\"memory\"]}", 200);
        assert_string_equal(text_at(m, "state"), "Commissioning");
        assert_non_null(strstr(text_at(m, "reason"), "by hand: switch it on"));
        assert_true(json_is_string(json_object_get(m, "deadline")));
        json_decref(m);

        agent_says(h, REPORT_HELLO, "{}", "reason", "looks at");
        agent_says(h, REPORT_RESULT, "{\"ok\": true, \"data\": {\"memory\": {\"total\": 8}}}", "reason",
                   "runs scripts");
        agent_says(h, REPORT_PROGRESS, "{\"phase\": \"memory\", \"done\": 3, \"total\": 4}", "reason",
                   "runs scripts");
        json_t *activity = json_of(h, "GET", "machines/pi4/activity", "", 200);
        assert_string_equal(text_at(json_object_get(activity, "progress"), "phase"), "memory");
        assert_true(json_is_true(json_object_get(activity, "agent_up")));
        json_decref(activity);
        agent_says(h, REPORT_SCRIPT,
                   "{\"name\": \"memory\", \"status\": \"passed\", \"exit\": 0, \"output\": \"fine\"}",
                   "reason", "runs scripts");
        agent_says(h, REPORT_RESULT, "{\"ok\": true}", "state", "Ready");

        json_t *inventory = json_of(h, "GET", "machines/pi4/inventory", "", 200);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(inventory, "memory"), "total")),
                         8);
        json_decref(inventory);
        json_t *scripts = json_of(h, "GET", "machines/pi4/scripts", "", 200);
        const json_t *script = json_array_get(json_object_get(scripts, "items"), 0);
        assert_string_equal(text_at(script, "status"), "passed");
        assert_null(json_object_get(script, "output"));
        char path[64];
        (void)snprintf(path, sizeof(path), "machines/pi4/scripts/%lld/memory",
                       json_integer_value(json_object_get(script, "task")));
        json_decref(scripts);
        scripts = json_of(h, "GET", path, "", 200);
        assert_string_equal(text_at(scripts, "output"), "fine");
        json_decref(scripts);
        expect_problem(h, "GET", "machines/pi4/scripts/1/nothing", "", 404,
                       "has no result of script nothing");

        json_t *page = json_of(h, "GET", "machines?state=ready&tag=arm", "", 200);
        assert_int_equal(json_array_size(json_object_get(page, "items")), 1);
        json_decref(page);
        page = json_of(h, "GET", "machines?state=deployed", "", 200);
        assert_int_equal(json_array_size(json_object_get(page, "items")), 0);
        json_decref(page);
        expect_problem(h, "GET", "machines?state=lazy", "", 400, "no state of a machine");

        expect(h, "POST", "machines/pi4/actions/lock", "{}", 200);
        expect_problem(h, "PATCH", "machines/pi4", "{\"arch\": \"arm64\"}", 409, "unlock it first");
        expect_problem(h, "DELETE", "machines/pi4", "", 409, "unlock it first");
        expect(h, "POST", "machines/pi4/actions/unlock", "{}", 200);
        expect(h, "DELETE", "machines/pi4", "", 204);
}

/* A password goes in, is used, and does not come out: neither where it is shown nor with the machine. */
static void keeps_the_secrets_of_power(void **state) {
        struct house *h = *state;
        const char *ipmi =
                "{\"driver\": \"ipmi\", \"parameters\": {\"address\": \"10.0.0.5\", \"user\": \"admin\","
                " \"password\": \"s3cret\"}}";

        expect(h, "POST", "subnets", SUBNET, 201);
        expect(h, "POST", "machines", MACHINE, 201);
        json_t *power = json_of(h, "GET", "machines/pi4/power", "", 200);
        assert_true(json_is_null(json_object_get(power, "driver")));
        json_decref(power);
        power = json_of(h, "PUT", "machines/pi4/power", ipmi, 200);
        assert_string_equal(text_at(json_object_get(power, "parameters"), "password"), "(hidden)");
        json_decref(power);
        CLEANUP(reply_free) struct reply shown = ask(h, "GET", "machines/pi4/power", "");
        assert_non_null(strstr(shown.body, "10.0.0.5"));
        assert_null(strstr(shown.body, "s3cret"));
        CLEANUP(reply_free) struct reply machine = ask(h, "GET", "machines/pi4", "");
        assert_non_null(strstr(machine.body, "\"power\":\"ipmi\""));
        assert_null(strstr(machine.body, "s3cret"));

        /* What was shown can be sent back with one change: the secret stays. */
        power = json_of(
                h, "PUT", "machines/pi4/power",
                "{\"driver\": \"ipmi\", \"parameters\": {\"address\": \"10.0.0.6\", \"user\": \"admin\","
                " \"password\": \"(hidden)\"}}",
                200);
        json_decref(power);
        struct error error = {};
        CLEANUP(free_at) char *kept = NULL;
        assert_int_equal(db_reader_use(h->reader, read_power_parameters, &kept, &error), 0);
        assert_non_null(strstr(kept, "s3cret"));
        assert_non_null(strstr(kept, "10.0.0.6"));

        expect_problem(h, "PUT", "machines/pi4/power", "{\"driver\": \"ipmy\"}", 422,
                       "there is no power driver \"ipmy\"");
        expect_problem(h, "PUT", "machines/pi4/power", "{\"driver\": \"ipmi\"}", 422, "address");
        expect_problem(h, "PUT", "machines/none/power", ipmi, 404, "there is no machine none");
        power = json_of(h, "PUT", "machines/pi4/power", "{\"driver\": \"manual\"}", 200);
        assert_true(json_is_null(json_object_get(power, "driver")));
        json_decref(power);
        expect(h, "POST", "machines/pi4/actions/lock", "{}", 200);
        expect_problem(h, "PUT", "machines/pi4/power", ipmi, 409, "unlock it first");
}

static const struct {
        const char *method, *path, *body;
        unsigned status;
        const char *sentence;
} problems[] = {
        { "GET", "nothing", "", 404, "there is nothing at /api/v1/nothing" },
        { "PUT", "machines", "{}", 405, "PUT cannot be done here; GET, POST can" },
        { "POST", "machines", "", 400, "has no body" },
        { "POST", "machines", "{\"name\": ", 400, "no JSON: line 1" },
        { "POST", "machines", "[]", 400, "not an object" },
        { "POST", "machines", "{\"name\": \"a\", \"name\": \"b\"}", 400, "duplicate" },
        { "POST", "machines", "{\"name\": \"a\", \"mac\": []}", 422, "\"macs\" is probably meant" },
        { "POST", "machines", "{\"name\": \"a\", \"macs\": [\"02:00:00:00:00:01\"], \"image\": \"none\"}",
          422, "there is no image none" },
        { "POST", "machines", "{\"name\": \"a\", \"macs\": [\"02:00:00:00:00:01\"], \"ip\": \"10.9.9.9\"}",
          422, "lies in no subnet" },
        { "POST", "machines", MACHINE, 409, "there is a machine pi4 already" },
        { "POST", "subnets", SUBNET, 409, "there is a subnet 10.77.0.0/24 already" },
        { "PATCH", "subnets/10.77.0.0/24", "{\"net\": \"10.78.0.0/24\"}", 422, "cannot change" },
        { "PATCH", "machines/pi4", "{\"id\": 9}", 422, "there is no field \"id\"" },
        { "GET", "machines/none", "", 404, "there is no machine none" },
        { "GET", "subnets/10.77.0.0/25", "", 404, "there is no subnet 10.77.0.0/25" },
        { "DELETE", "images/none", "", 404, "there is no image none" },
        { "DELETE", "subnets/10.77.0.0/24", "", 409, "has address 10.77.0.5 reserved for machine pi4" },
        { "GET", "machines?limit=0", "", 400, "from 1 to 1000" },
        { "GET", "machines?sort=name", "", 400, "there is no parameter \"sort\" here" },
        { "GET", "machines?mac=x", "", 400, "is no MAC address" },
        { "GET", "leases?state=new", "", 400, "no state of a lease" },
        { "GET", "leases?cursor=10.77.0.10", "", 400, "no cursor of this list" },
        { "GET", "sightings?cursor=m1", "", 400, "no cursor of this list" },
        { "GET", "boot/explain?of=nobody", "", 404, "there is no machine nobody" },
        { "GET", "boot/explain", "", 400, "parameter of is missing" },
        { "GET", "boot/explain?of=pi4&client=pi9", "", 400, "there is no client \"pi9\"" },
        { "GET", "boot/files/content?of=pi4", "", 400, "path is missing" },
        { "GET", "imports/none", "", 404, "there is no import none" },
        { "PUT", "imports/none/files?path=a", "abc", 404, "there is no import none" },
        { "POST", "imports/none/finish", "", 404, "there is no import none" },
        { "POST", "imports", "{\"name\": \"x\", \"kind\": \"iso\"}", 422, "there are pi, parts" },
        { "GET", "events?after=x", "", 400, "the id of an event" },
};

static void says_what_is_wrong(void **state) {
        struct house *h = *state;

        expect(h, "POST", "subnets", SUBNET, 201);
        expect(h, "POST", "machines", MACHINE, 201);
        for (size_t i = 0; i < ARRAY_LEN(problems); i++)
                expect_problem(h, problems[i].method, problems[i].path, problems[i].body, problems[i].status,
                               problems[i].sentence);
        json_t *page = json_of(h, "GET", "machines", "", 200); /* and nothing has changed */
        assert_int_equal(json_array_size(json_object_get(page, "items")), 1);
        json_decref(page);
}

/* One field of the items of all pages of a list: a space between items, a bar between pages. */
static const char *pages(const struct house *h, const char *list, const char *field, char *buf, size_t size) {
        char path[128];
        size_t len = 0;

        buf[0] = 0;
        (void)snprintf(path, sizeof(path), "%s", list);
        for (bool is_last = false; !is_last;) {
                json_t *page = json_of(h, "GET", path, "", 200);
                const json_t *items = json_object_get(page, "items"), *next = json_object_get(page, "next");
                for (size_t i = 0; i < json_array_size(items); i++)
                        len += (size_t)snprintf(buf + len, size - len, "%s%s", i ? " " : "",
                                                text_at(json_array_get(items, i), field));
                is_last = json_is_null(next);
                if (!is_last) {
                        len += (size_t)snprintf(buf + len, size - len, "|");
                        (void)snprintf(path, sizeof(path), "%s&cursor=%s", list, json_string_value(next));
                }
                json_decref(page);
        }
        return buf;
}

static void pages_and_filters(void **state) {
        struct house *h = *state;
        char body[128], path[64], all[256];

        for (unsigned i = 0; i < 5; i++) {
                (void)snprintf(body, sizeof(body),
                               "{\"name\": \"m%u\", \"macs\": [\"02:00:00:00:00:0%u\"], \"arch\": \"%s\"}", i,
                               i + 1, i % 2 ? "arm64" : "amd64");
                expect(h, "POST", "machines", body, 201);
        }
        static const struct {
                const char *list, *field, *pages;
        } lists[] = {
                { "machines?limit=2", "name", "m0 m1|m2 m3|m4" },
                { "machines?limit=5", "name", "m0 m1 m2 m3 m4" }, /* no empty page behind a full one */
                { "leases?limit=1", "ip", "10.77.0.10|10.77.0.11" },
                { "leases?limit=2", "ip", "10.77.0.10 10.77.0.11" },
                { "leases?limit=2&state=bound", "ip", "10.77.0.9 10.77.0.10|10.77.0.11" },
                { "leases?limit=1&mac=02:00:00:00:00:99", "ip", "" },
                { "sightings?limit=2", "mac",
                  "dc:a6:32:09:09:09 dc:a6:32:09:09:0a|dc:a6:32:09:09:0b "
                  "dc:a6:32:09:09:0c|dc:a6:32:09:09:0d" },
        };
        for (size_t i = 0; i < ARRAY_LEN(lists); i++)
                assert_string_equal(pages(h, lists[i].list, lists[i].field, all, sizeof(all)),
                                    lists[i].pages);

        static const struct {
                const char *query;
                size_t n;
        } filters[] = {
                { "arch=arm64", 2 },
                { "q=3", 1 },
                { "mac=02-00-00-00-00-02", 1 },
                { "mac=02:00:00:00:00:99", 0 },
                { "image=x", 0 },
                { "q=m&arch=amd64", 3 },
                { "serial=00000001", 0 },
        };
        for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
                (void)snprintf(path, sizeof(path), "machines?%s", filters[i].query);
                json_t *page = json_of(h, "GET", path, "", 200);
                if (json_array_size(json_object_get(page, "items")) != filters[i].n)
                        fail_msg("%s", path);
                json_decref(page);
        }
}

static void heeds_conditions(void **state) {
        struct house *h = *state;
        char etag[64], header[96];

        expect(h, "POST", "machines", "{\"name\": \"a\", \"macs\": [\"02:00:00:00:00:01\"]}", 201);
        struct reply r = ask(h, "GET", "machines/a", "");
        const char *at = strstr(r.whole, "ETag: ");
        assert_non_null(at);
        assert_int_equal(sscanf(at, "ETag: %63s", etag), 1);
        reply_free(&r);

        (void)snprintf(header, sizeof(header), "If-None-Match: %s\r\n", etag);
        r = ask_with(h, "GET", "machines/a", header, "");
        assert_int_equal(r.status, 304);
        reply_free(&r);

        (void)snprintf(header, sizeof(header), "If-Match: %s\r\n", etag);
        r = ask_with(h, "PATCH", "machines/a", header, "{\"arch\": \"arm64\"}");
        assert_int_equal(r.status, 200);
        reply_free(&r);
        r = ask_with(h, "PATCH", "machines/a", header, "{\"arch\": \"armhf\"}");
        assert_int_equal(r.status, 412);
        reply_free(&r);
        r = ask_with(h, "DELETE", "machines/a", header, "");
        assert_int_equal(r.status, 412);
        reply_free(&r);
        json_t *machine = json_of(h, "GET", "machines/a", "", 200);
        assert_string_equal(text_at(machine, "arch"), "arm64");
        json_decref(machine);
}

enum { PATCHERS = 8 };

struct patcher {
        const struct house *house;
        unsigned number;
        pthread_t thread;
};

static void *run_patcher(void *arg) {
        const struct patcher *p = arg;
        static const char *const members[PATCHERS] = {
                "\"arch\": \"arm64\"",     "\"serial\": \"00000001\"",
                "\"client_id\": \"0101\"", "\"cmdline_extra\": \"quiet\"",
                "\"board\": \"pi4b\"",     "\"ip\": \"10.77.0.5\"",
                "\"name\": \"a\"",         "\"macs\": [\"02:00:00:00:00:01\"]"
        };
        char body[64];
        (void)snprintf(body, sizeof(body), "{%s}", members[p->number]);
        expect(p->house, "PATCH", "machines/a", body, 200);
        return NULL;
}

/* Each of many at once changes another member: none of them is lost. */
static void loses_no_change(void **state) {
        struct house *h = *state;
        struct patcher patchers[PATCHERS];

        expect(h, "POST", "subnets", SUBNET, 201);
        expect(h, "POST", "machines", "{\"name\": \"a\", \"macs\": [\"02:00:00:00:00:01\"]}", 201);
        for (unsigned i = 0; i < PATCHERS; i++) {
                patchers[i] = (struct patcher){ .house = h, .number = i };
                assert_int_equal(pthread_create(&patchers[i].thread, NULL, run_patcher, &patchers[i]), 0);
        }
        for (unsigned i = 0; i < PATCHERS; i++)
                assert_int_equal(pthread_join(patchers[i].thread, NULL), 0);
        json_t *machine = json_of(h, "GET", "machines/a", "", 200);
        assert_string_equal(text_at(machine, "arch"), "arm64");
        assert_string_equal(text_at(machine, "serial"), "00000001");
        assert_string_equal(text_at(machine, "client_id"), "0101");
        assert_string_equal(text_at(machine, "cmdline_extra"), "quiet");
        assert_string_equal(text_at(machine, "board"), "pi4b");
        assert_string_equal(text_at(machine, "ip"), "10.77.0.5");
        json_decref(machine);
}

static void shows_the_rack(void **state) {
        struct house *h = *state;

        expect(h, "POST", "subnets", SUBNET, 201);
        expect(h, "POST", "machines", MACHINE, 201);

        json_t *page = json_of(h, "GET", "leases", "", 200);
        json_t *items = json_object_get(page, "items");
        assert_int_equal(json_array_size(items), 2); /* what ran out and what is only offered is left out */
        json_t *lease = json_array_get(items, 0);
        assert_string_equal(text_at(lease, "ip"), "10.77.0.10");
        assert_string_equal(text_at(lease, "machine"), "pi4");
        assert_string_equal(text_at(lease, "subnet"), "10.77.0.0/24");
        assert_string_equal(text_at(lease, "client_id"), "ff01");
        assert_string_equal(text_at(lease, "hostname"), "pi?");
        json_decref(page);
        page = json_of(h, "GET", "leases?state=offered", "", 200);
        assert_int_equal(json_array_size(json_object_get(page, "items")), 1);
        json_decref(page);

        page = json_of(h, "GET", "sightings", "", 200);
        json_t *sighting = json_array_get(json_object_get(page, "items"), 0);
        assert_string_equal(text_at(sighting, "mac"), "dc:a6:32:09:09:09");
        assert_string_equal(text_at(json_object_get(sighting, "pi"), "revision"), "c03114");
        assert_string_equal(text_at(sighting, "last"), "2023-11-14T22:14:20Z");
        json_decref(page);

        json_t *trail = json_of(h, "GET", "boot/trail?of=pi4&limit=5", "", 200);
        json_t *sessions = json_object_get(trail, "sessions");
        assert_int_equal(json_array_size(sessions), 2);
        json_t *steps = json_object_get(json_array_get(sessions, 0), "steps");
        assert_string_equal(text_at(json_array_get(steps, 1), "outcome"), "miss");
        json_decref(trail);
        CLEANUP(reply_free)
        struct reply drawn =
                ask_with(h, "GET", "boot/trail?of=dc:a6:32:01:02:03", "Accept: text/plain\r\n", "");
        assert_int_equal(drawn.status, 200);
        assert_non_null(strstr(drawn.body, "DISCOVER"));

        json_t *diagnosis = json_of(h, "GET", "doctor/boot?of=pi4&led=0,7", "", 200);
        assert_string_equal(text_at(diagnosis, "machine"), "pi4");
        assert_int_equal(json_integer_value(json_object_get(diagnosis, "session")), 7);
        assert_non_null(strstr(text_at(diagnosis, "summary"), "Its last boot stopped"));
        assert_string_equal(text_at(json_object_get(diagnosis, "led"), "meaning"), "the kernel is not found");
        json_t *finding = json_array_get(json_object_get(diagnosis, "findings"), 0);
        assert_string_equal(text_at(finding, "id"), "no-tree");
        assert_string_equal(text_at(finding, "words"),
                            "Nothing that its firmware begins with is there for it: no config.txt.");
        json_t *evidence = json_array_get(json_object_get(finding, "evidence"), 0);
        assert_int_equal(json_integer_value(json_object_get(evidence, "since_ms")), 100);
        json_decref(diagnosis);
        expect_problem(h, "GET", "doctor/boot?of=pi4&led=4", "", 400, "LONG,SHORT is wanted");
        expect_problem(h, "GET", "doctor/boot?of=pi4&patience=0", "", 400, "seconds are wanted");
        expect_problem(h, "GET", "doctor/boot", "", 400, "the parameter of is missing");

        json_t *state_now = json_of(h, "GET", "status", "", 200);
        assert_int_equal(json_integer_value(json_object_get(state_now, "machines")), 1);
        assert_int_equal(
                json_integer_value(json_object_get(json_object_get(state_now, "counters"), "dhcp_discover")),
                12);
        assert_string_equal(json_string_value(json_array_get(json_object_get(state_now, "problems"), 0)),
                            "there is no interface br9");
        json_decref(state_now);
        json_t *ca = json_of(h, "GET", "ca", "", 200);
        assert_string_equal(text_at(ca, "pin"),
                            "sha256:cacacacacacacacacacacacacacacacacacacacacacacacacacacacacacacaca");
        assert_string_equal(text_at(ca, "pem"), "-----BEGIN");
        json_decref(ca);
        expect(h, "GET", "openapi.json", "", 200);
}

/* base64 of "#!/bin/sh", metadata with a name and a tag, and of one whose timeout is none, in line 3. */
#define SCRIPT \
        "{\"file\": \"x.sh\", \"body_base64\": " \
        "\"IyEvYmluL3NoCiMgLS0tIFN0YXJ0IE1BQVMgMS4wIHNjcmlwdCBtZXRhZGF0YSAtLS0KIyBuYW1lOiBidXJuLWluCiMgdGFn" \
        "czogW2xv" \
        "bmddCiMgLS0tIEVuZCBNQUFTIDEuMCBzY3JpcHQgbWV0YWRhdGEgLS0tCg==\"}"
#define BROKEN_SCRIPT \
        "{\"file\": \"x.sh\", \"body_base64\": " \
        "\"IyEvYmluL3NoCiMgLS0tIFN0YXJ0IE1BQVMgMS4wIHNjcmlwdCBtZXRhZGF0YSAtLS0KIyB0aW1lb3V0OiBzb29uCiMgLS0t" \
        "IEVuZCBN" \
        "QUFTIDEuMCBzY3JpcHQgbWV0YWRhdGEgLS0tCg==\"}"

static void stores_scripts(void **state) {
        struct house *h = *state;

        expect(h, "POST", "subnets", SUBNET, 201);
        expect(h, "POST", "machines", MACHINE, 201);
        expect_problem(h, "POST", "scripts", "{\"body_base64\": \"%%\"}", 422, "as base64");
        expect_problem(h, "POST", "scripts", BROKEN_SCRIPT, 422, "line 3: timeout");
        json_t *s = json_of(h, "POST", "scripts", SCRIPT, 201);
        assert_string_equal(text_at(s, "name"), "burn-in");
        assert_string_equal(json_string_value(json_array_get(json_object_get(s, "tags"), 0)), "long");
        json_decref(s);
        expect(h, "POST", "scripts", SCRIPT, 200); /* in its own place */
        s = json_of(h, "GET", "scripts", "", 200);
        assert_int_equal(json_array_size(json_object_get(s, "items")), 1);
        assert_null(json_object_get(json_array_get(json_object_get(s, "items"), 0), "body_base64"));
        json_decref(s);
        s = json_of(h, "GET", "scripts/burn-in", "", 200);
        assert_non_null(strstr(SCRIPT, text_at(s, "body_base64")));
        json_decref(s);

        /* The largest there may be, and one octet more. */
        for (size_t more = 0; more <= 1; more++) {
                CLEANUP(free_at) char *octets = calloc(1, SCRIPT_BODY_MAX + 1);
                CLEANUP(free_at) char *text = base64_encode(octets, SCRIPT_BODY_MAX + more);
                CLEANUP(free_at) char *body = NULL;
                assert_true(asprintf(&body, "{\"file\": \"large\", \"body_base64\": \"%s\"}", text) > 0);
                if (more)
                        expect_problem(h, "POST", "scripts", body, 422, "octets at most");
                else
                        expect(h, "POST", "scripts", body, 201);
        }

        expect_problem(h, "POST", "machines/pi4/actions/commission", "{\"scripts\": [\"burnin\"]}", 422,
                       "\"burn-in\" is probably meant");
        expect_problem(h, "POST", "machines/pi4/actions/commission",
                       "{\"scripts\": [\"long\"], \"parameters\": {\"colour\": \"red\"}}", 422,
                       "takes a parameter \"colour\"");
        expect(h, "POST", "machines/pi4/actions/commission", "{\"scripts\": [\"long\"]}", 200);
        expect(h, "DELETE", "scripts/burn-in", "", 204);
        expect_problem(h, "GET", "scripts/burn-in", "", 404, "there is no script burn-in");
}

static void lays_lines_over_config_txt(void **state) {
        struct house *h = *state;

        expect(h, "POST", "subnets", SUBNET, 201);
        expect(h, "POST", "machines", MACHINE, 201);
        expect_problem(h, "PUT", "config-txt/rack/b", "{\"text\": \"a=1\"}", 404, "of a board or a tag");
        expect_problem(h, "PUT", "config-txt/board/pi9", "{\"text\": \"a=1\"}", 422, "there is no board pi9");
        expect_problem(h, "PUT", "config-txt/tag/b", "{\"text\": \"a=\\u0001\"}", 422, "control character");
        expect_problem(h, "PUT", "config-txt/tag/b", "{\"text\": 1}", 422, "a text is wanted");
        expect(h, "PUT", "config-txt/tag/b", "{\"text\": \"a=1\"}", 201);
        expect(h, "PUT", "config-txt/board/pi4b", "{\"text\": \"c=3\\n\"}", 201);
        json_t *lines = json_of(h, "PUT", "config-txt/tag/b", "{\"text\": \"b=2\\n\"}", 200);
        assert_string_equal(text_at(lines, "scope"), "tag");
        assert_string_equal(text_at(lines, "text"), "b=2\n");
        json_decref(lines);
        lines = json_of(h, "GET", "config-txt", "", 200);
        assert_int_equal(json_array_size(json_object_get(lines, "items")), 2);
        assert_string_equal(text_at(json_array_get(json_object_get(lines, "items"), 0), "name"), "pi4b");
        json_decref(lines);
        expect(h, "DELETE", "config-txt/tag/b", "", 204);
        expect_problem(h, "GET", "config-txt/tag/b", "", 404, "there are no lines for tag b");

        lines = json_of(h, "PATCH", "machines/pi4", "{\"config_txt_extra\": \"d=4\\n\"}", 200);
        assert_string_equal(text_at(lines, "config_txt_extra"), "d=4\n");
        json_decref(lines);
        expect_problem(h, "PATCH", "machines/pi4", "{\"config_txt_extra\": \"d\\u0007\"}", 422,
                       "machine pi4: line 1 for config.txt has a control character");
}

static void keeps_profiles_of_eeproms(void **state) {
        struct house *h = *state;

        expect(h, "POST", "subnets", SUBNET, 201);
        expect(h, "POST", "machines", MACHINE, 201);
        expect_problem(h, "PUT", "eeprom/profiles/tag/b", "{\"text\": \"a=1\"}", 422, "begins with no key");
        expect_problem(h, "PUT", "eeprom/profiles/tag/b", "{\"text\": \"[pi4]\"}", 422, "is no setting");
        expect_problem(h, "PUT", "eeprom/profiles/tag/b", "{\"text\": \"A=1\", \"firmware\": \"old\"}", 422,
                       "is no firmware");
        expect_problem(h, "PUT", "eeprom/profiles/board/pi3b", "{\"text\": \"A=1\"}", 422, "has no EEPROM");
        expect(h, "PUT", "config-txt/tag/b", "{\"text\": \"x=1\"}", 201);
        expect(h, "PUT", "eeprom/profiles/tag/b", "{\"text\": \"\", \"firmware\": \"newest\"}", 201);
        expect(h, "PUT", "eeprom/profiles/board/pi4b", "{\"text\": \"BOOT_UART=1\\n\"}", 201);
        json_t *profile = json_of(h, "PUT", "eeprom/profiles/tag/b",
                                  "{\"text\": \"A=1\\n\", \"firmware\": \"2026-05-17\"}", 200);
        assert_string_equal(text_at(profile, "firmware"), "2026-05-17");
        json_decref(profile);
        expect(h, "PATCH", "machines/pi4", "{\"eeprom_lines\": \"BOOT_ORDER=0xf2\\n\"}", 200);
        static const char *const names[] = { "pi4b", "b", "pi4" }; /* config.txt has its own */
        json_t *page = json_of(h, "GET", "eeprom/profiles", "", 200), *all = json_object_get(page, "items");
        assert_int_equal(json_array_size(all), ARRAY_LEN(names));
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                assert_string_equal(text_at(json_array_get(all, i), "name"), names[i]);
        assert_string_equal(text_at(json_array_get(all, 2), "scope"), "machine");
        assert_string_equal(text_at(json_array_get(all, 2), "text"), "BOOT_ORDER=0xf2\n");
        json_decref(page);
        expect(h, "DELETE", "eeprom/profiles/tag/b", "", 204);
        expect_problem(h, "GET", "eeprom/profiles/tag/b", "", 404, "there are no lines for tag b");
        expect(h, "GET", "config-txt/tag/b", "", 200);

        expect_problem(h, "PATCH", "machines/pi4", "{\"eeprom_lines\": \"a=1\"}", 422, "begins with no key");
        json_t *m = json_of(h, "PATCH", "machines/pi4",
                            "{\"eeprom_lines\": \"A=4\\n\", \"eeprom_firmware\": \"newest\"}", 200);
        assert_string_equal(text_at(m, "eeprom_lines"), "A=4\n");
        assert_string_equal(text_at(m, "eeprom_firmware"), "newest");
        json_decref(m);
        m = json_of(h, "GET", "machines/pi4/eeprom", "", 200);
        assert_true(json_is_null(json_object_get(m, "found")));
        const json_t *wanted = json_object_get(m, "wanted");
        assert_string_equal(text_at(wanted, "config_of"), "board pi4b, its own");
        assert_true(strstr(text_at(wanted, "lack"), "there is no image eeprom-2711") != NULL);
        json_decref(m);
        expect_problem(h, "POST", "eeprom/updates", "{\"machines\": [\"pi4\"]}", 422,
                       "there is no image eeprom-2711");
        expect_problem(h, "POST", "eeprom/updates", "{\"machines\": [\"pi4\"], \"within_s\": 1}", 422, "60");
        expect(h, "PATCH", "machines/pi4", "{\"require_trusted\": true}", 200);
        expect_problem(h, "POST", "eeprom/updates", "{\"machines\": [\"pi4\"]}", 422,
                       "it requires trust, and there is no key for it");
        expect(h, "PATCH", "machines/pi4", "{\"require_trusted\": false}", 200);
        m = json_of(h, "POST", "eeprom/updates/back", "{\"machines\": [\"pi4\"]}", 200);
        const json_t *refused = json_array_get(json_object_get(m, "refused"), 0);
        assert_true(strstr(text_at(refused, "why"), "has taken no update") != NULL);
        json_decref(m);
}

static void explains(void **state) {
        struct house *h = *state;

        expect(h, "POST", "subnets", SUBNET, 201);
        expect(h, "POST", "machines", MACHINE, 201);
        json_t *why = json_of(h, "GET", "boot/explain?of=pi4", "", 200);
        assert_string_equal(text_at(json_object_get(why, "client"), "name"),
                            "pi4"); /* as its board suggests */
        assert_string_equal(text_at(why, "machine"), "pi4");
        assert_string_equal(text_at(why, "subnet"), "10.77.0.0/24");
        assert_true(json_array_size(json_object_get(why, "reasons")) > 0);
        json_decref(why);
        why = json_of(h, "GET", "boot/explain?of=02-00-00-00-00-09&client=uefi", "", 200);
        assert_true(json_is_null(json_object_get(why, "machine")));
        json_decref(why);
        json_t *tree = json_of(h, "GET", "boot/files?of=pi4&client=pi5", "", 200);
        assert_string_equal(text_at(tree, "client"), "pi5");
        json_decref(tree);
        expect(h, "GET", "boot/files/content?of=pi4&path=none.txt", "", 404);
}

static void follows_events(void **state) {
        struct house *h = *state;
        static const char request[] = "GET /api/v1/events?after=0 HTTP/1.1\r\nHost: x\r\n\r\n";
        struct text got = {};
        char buf[4096];
        int fd = dial(h);

        assert_int_equal(send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL), sizeof(request) - 1);
        while (!got.octets || !strstr(got.octets, "config.txt")) {
                ssize_t n = recv(fd, buf, sizeof(buf), 0);
                assert_true(n > 0);
                text_append_octets(&got, buf, (size_t)n);
        }
        close(fd);
        assert_non_null(strstr(got.octets, "Content-Type: text/event-stream\r\n"));
        assert_non_null(strstr(got.octets, "event: boot\nid: 1\ndata: {"));
        assert_non_null(strstr(got.octets, "id: 2\n"));
        assert_non_null(strstr(got.octets, "\"session\":7"));
        text_free(&got);
}

/* An import in parts that cannot become an image leaves nothing; and one at a time, one request at a time. */
static void imports(void **state) {
        struct house *h = *state;

        json_t *begun = json_of(h, "POST", "imports",
                                "{\"name\": \"x\", \"kind\": \"parts\", \"arch\": \"arm64\"}", 201);
        char id[64], path[96];
        assert_int_equal(text_copy(id, sizeof(id), text_at(begun, "id")), 0);
        json_decref(begun);
        assert_int_equal(put_file(h, id, "path=overlays%2Fa.dtbo&role=other", "abc"), 204);
        (void)snprintf(path, sizeof(path), "imports/%s", id);
        json_t *shown = json_of(h, "GET", path, "", 200);
        assert_int_equal(json_integer_value(json_object_get(shown, "files")), 1);
        assert_int_equal(json_integer_value(json_object_get(shown, "octets")), 3);
        json_decref(shown);

        assert_int_equal(put_file(h, id, "path=kernel8.img&role=kernel", "this is no kernel"), 204);
        (void)snprintf(path, sizeof(path), "imports/%s/finish", id);
        expect_problem(h, "POST", path, "", 422, "kernel");
        (void)snprintf(path, sizeof(path), "imports/%s", id);
        expect(h, "GET", path, "", 404); /* it is over */
        expect(h, "GET", "images/x", "", 404);

        begun = json_of(h, "POST", "imports", "{\"name\": \"y\", \"kind\": \"pi\"}", 201);
        assert_int_equal(text_copy(id, sizeof(id), text_at(begun, "id")), 0);
        json_decref(begun);
        assert_int_equal(put_file(h, id, "path=..%2Fetc%2Fpasswd", "abc"), 422);
        (void)snprintf(path, sizeof(path), "imports/%s", id);
        expect(h, "DELETE", path, "", 404); /* what failed is given up */

        begun = json_of(h, "POST", "imports", "{\"name\": \"z\", \"kind\": \"pi\"}", 201);
        (void)snprintf(path, sizeof(path), "imports/%s", text_at(begun, "id"));
        json_decref(begun);
        expect(h, "DELETE", path, "", 204);
        expect(h, "GET", path, "", 404);
}

/* A connection that breaks in the middle of a file ends the import. */
static void gives_up_what_was_cut_short(void **state) {
        struct house *h = *state;
        char request[256], path[96], go_on[64];
        unsigned status = 200;

        json_t *begun = json_of(h, "POST", "imports", "{\"name\": \"x\", \"kind\": \"pi\"}", 201);
        (void)snprintf(path, sizeof(path), "imports/%s", text_at(begun, "id"));
        json_decref(begun);
        (void)snprintf(request, sizeof(request),
                       "PUT /api/v1/%s/files?path=a HTTP/1.1\r\nHost: x\r\nExpect: "
                       "100-continue\r\nContent-Length: 100\r\n\r\n",
                       path);
        int fd = dial(h);
        assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
        assert_true(recv(fd, go_on, sizeof(go_on), 0) > 0); /* "100 Continue": the file has begun */
        assert_int_equal(send(fd, "abc", 3, MSG_NOSIGNAL), 3);
        close(fd);
        while (status == 200) { /* until the server has seen the end */
                struct reply r = ask(h, "GET", path, "");
                status = r.status;
                reply_free(&r);
        }
        assert_int_equal(status, 404);
}

static void gives_up_who_went_silent(void **state) {
        struct house *h = *state;
        CLEANUP(api_imports_free_at) struct api_imports *all = api_imports_new();
        struct http_answer answer = {};
        struct api_call c = { .world = &h->world, .imports = all, .answer = &answer };

        c.site = h->world.keeper.site(h->world.keeper.ctx);
        c.in = json_pack("{s:s, s:s}", "name", "x", "kind", "pi");
        import_start(&c);
        assert_int_equal(answer.status, 201);
        char id[32];
        assert_int_equal(text_copy(id, sizeof(id), answer.location + strlen("/api/v1/imports/")), 0);
        c.params[0] = id;

        api_imports_sweep(all, clock_now_ms());
        import_show(&c);
        assert_int_equal(answer.status, 200); /* too early */
        api_imports_sweep(all, clock_now_ms() + API_IMPORT_IDLE_MS);
        import_show(&c);
        assert_int_equal(answer.status, 404);
        free(answer.body);
        json_decref(c.in);
        site_drop(c.site);
}

static void *ask_status(void *arg) {
        CLEANUP(reply_free) struct reply r = ask(arg, "GET", "status", "");
        return (void *)(uintptr_t)r.status;
}

/* Whoever asks for everything at once leaves the processors to those who serve boards. */
static void reads_take_turns(void **state) {
        pthread_t askers[8];

        atomic_store(&most_inside, 0);
        for (size_t i = 0; i < ARRAY_LEN(askers); i++)
                assert_int_equal(pthread_create(&askers[i], NULL, ask_status, *state), 0);
        for (size_t i = 0; i < ARRAY_LEN(askers); i++) {
                void *answer;
                assert_int_equal(pthread_join(askers[i], &answer), 0);
                assert_int_equal((uintptr_t)answer, 200);
        }
        assert_in_range(atomic_load(&most_inside), 1, 2);
}

static void guards_its_socket(void **state) {
        struct house *h = *state;
        struct api_server *second = NULL;
        struct error error = {};
        struct stat st;

        assert_int_equal(stat(h->socket, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0660);
        assert_int_equal(api_server_start(h->socket, &h->world, &second, &error), -EADDRINUSE);
        assert_non_null(strstr(error.text, "another Bramble"));
        assert_int_equal(stat(h->socket, &st), 0); /* untouched */
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                CASE(adds_shows_changes_deletes),
                CASE(a_machine_lives),
                CASE(keeps_the_secrets_of_power),
                CASE(says_what_is_wrong),
                CASE(pages_and_filters),
                CASE(heeds_conditions),
                CASE(loses_no_change),
                CASE(shows_the_rack),
                CASE(stores_scripts),
                CASE(lays_lines_over_config_txt),
                CASE(keeps_profiles_of_eeproms),
                CASE(explains),
                CASE(follows_events),
                CASE(imports),
                CASE(gives_up_what_was_cut_short),
                CASE(gives_up_who_went_silent),
                CASE(reads_take_turns),
                CASE(guards_its_socket),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
