/* Agents and seeds over a real connection: who may speak, what is answered, who waits and who is woken. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "core/machine/agent_report.h"
#include "io/clock.h"
#include "rack/address.h"
#include "rack/agents.h"
#include "rack/http.h"
#include "rack/served.h"
#include "rack/story.h"
#include "rack_world.h"

#define PI4 "dc:a6:32:a7:ed:89"
#define HERE 0x7f000001u
#define DEPLOYMENT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* A rack whose boot HTTP listens on loopback, and machine pi4-demo, which boots at 127.0.0.1. */
struct lab {
        struct rack_world *world;
        struct published site;
        struct view_source source;
        struct http_files *files;
        struct session *session;

        /* What the region got. */
        unsigned n_reports;
        enum agent_report_kind kind;
        uint64_t machine, task;
        enum arch arch;
        char body[256];
};

static void *take_site(void *s) {
        return site_take(s);
}

static void drop_site(void *s) {
        site_drop(s);
}

static void note_report(void *ctx, const struct agent_report *r) {
        struct lab *l = ctx;

        l->n_reports++;
        l->kind = r->kind;
        l->machine = r->machine;
        l->task = r->task;
        l->arch = r->arch;
        (void)snprintf(l->body, sizeof(l->body), "%s", r->body ? r->body : "");
}

static struct rack *rack_of(struct lab *l) {
        return &l->world->rack;
}

/* What rack_set_site() does with a new snapshot. */
static void publish(struct lab *l) {
        published_set(&l->site, site_take(l->world->site));
        rack_wake_agents(rack_of(l));
}

static void live(struct lab *l, const struct becomes *b) {
        rack_world_live(l->world, "pi4-demo", b);
        publish(l);
}

static int set_up(void **state) {
        struct lab *l = calloc(1, sizeof(*l));
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        const struct http_config config = {
                .listen_fd = -1, .connections_max = 64, .timeout_s = 30, .bodies_max = 4 << 20, .n_threads = 2
        };
        struct error error;
        struct mac mac;

        assert_non_null(l);
        l->world = rack_world_new();
        struct rack *r = rack_of(l);
        r->config.agent = note_report;
        r->config.agent_ctx = l;
        published_init(&l->site, take_site, drop_site);
        publish(l);
        l->source = (struct view_source){ .site = &l->site,
                                          .presences = r->presences,
                                          .served = r->served,
                                          .hearing = r->hearing,
                                          .http_port = 5248 };
        l->files = http_files_new(&l->source);
        assert_int_equal(http_server_start(&config, &http_files_backend, l->files, &r->http, &error), 0);
        live(l, &(struct becomes){ .state = STATE_COMMISSIONING, .task = "\"kind\":\"inventory\"" });
        assert_int_equal(rack_world_says(l->world, ETH1, &discover), DHCP4_OFFER);
        assert_int_equal(mac_parse(PI4, &mac), 0);
        l->session = sessions_find(r->sessions, &mac);
        rack_settle(r, l->session, NULL, HERE);
        *state = l;
        return 0;
}

static int tear_down(void **state) {
        struct lab *l = *state;
        http_server_stop(TAKE(rack_of(l)->http));
        http_files_free(l->files);
        published_destroy(&l->site);
        rack_world_free(l->world);
        free(l);
        return 0;
}

/* ---- asking ---- */

static int send_request(struct lab *l, uint32_t from, const char *method, const char *path,
                        const char *body) {
        const struct sockaddr_in to = { .sin_family = AF_INET,
                                        .sin_port = htons(http_server_port(rack_of(l)->http)),
                                        .sin_addr = { htonl(HERE) } },
                                 me = { .sin_family = AF_INET, .sin_addr = { htonl(from) } };
        CLEANUP(text_free) struct text request = {};
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        assert_int_equal(bind(fd, (const struct sockaddr *)&me, sizeof(me)), 0);
        assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
        text_printf(&request, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n", method, path);
        if (body && body[0] == '{')
                text_append(&request, "Content-Type: application/json\r\n");
        if (body)
                text_printf(&request, "Content-Length: %zu\r\n", strlen(body));
        text_printf(&request, "\r\n%s", body ? body : "");
        assert_int_equal(send(fd, request.octets, request.len, MSG_NOSIGNAL), request.len);
        return fd;
}

/* The status; the body goes into @ret, which may be NULL. */
static unsigned hear(int fd, char *ret, size_t size) {
        CLEANUP(text_free) struct text got = {};
        char buf[4096];
        unsigned status = 0;

        for (ssize_t n; (n = recv(fd, buf, sizeof(buf), 0)) > 0;)
                text_append_octets(&got, buf, (size_t)n);
        close(fd);
        if (!got.octets || sscanf(got.octets, "HTTP/1.1 %u", &status) != 1)
                fail_msg("no answer");
        const char *blank = strstr(got.octets, "\r\n\r\n");
        if (ret)
                (void)snprintf(ret, size, "%s", blank ? blank + 4 : "");
        return status;
}

/* Asks from 127.0.0.1, and lets the control thread take what was said. "%s" in the path: the agent's token.
 */
static unsigned ask(struct lab *l, const char *method, const char *path, const char *body, char *ret,
                    size_t size) {
        char whole[256];
        int n = snprintf(whole, sizeof(whole), "/a/%s/%s", l->session->ask.agent_token, path);

        assert_true(n > 0 && (size_t)n < sizeof(whole));
        unsigned status = hear(send_request(l, HERE, method, whole, body), ret, size);
        (void)rack_hear_agents(rack_of(l), l->world->now_ms);
        return status;
}

static unsigned say(struct lab *l, const char *path, const char *body) {
        return ask(l, "POST", path, body, NULL, 0);
}

static void must_be_told(struct lab *l, const char *line) {
        char story[16384];
        if (!strstr(rack_world_story(l->world, PI4, story, sizeof(story)), line))
                fail_msg("not in the story: %s\n%s", line, story);
}

static void wait_until_waiting(struct lab *l, unsigned n) {
        while (http_server_waiting(rack_of(l)->http) != n)
                (void)sched_yield();
        (void)rack_hear_agents(rack_of(l), l->world->now_ms);
}

#define HELLO "{\"agent\":\"0.2\",\"arch\":\"arm64\",\"mac\":\"" PI4 "\",\"uptime_s\":3}"

/* ---- who may speak ---- */

static void tokens_are_of_one_boot_one_address_and_one_use(void **state) {
        struct lab *l = *state;
        const struct boot_ask *k = &l->session->ask;
        char other[BOOT_TOKEN_SIZE];
        (void)snprintf(other, sizeof(other), "%s", k->agent_token);
        other[7] = other[7] == '0' ? '1' : '0';
        const struct {
                const char *remark;
                uint32_t from;
                const char *token, *rest;
                unsigned status;
                const char *says;
        } rows[] = {
                { "its own", HERE, k->agent_token, "task", 200, "\"kind\":\"inventory\"" },
                { "from another address", 0x7f000002, k->agent_token, "task", 403, "must boot again" },
                { "forged", HERE, other, "task", 403, "not of this address's boot" },
                { "its files' token", HERE, k->token, "task", 403, "not of this address's boot" },
                { "its seed's", HERE, k->seed_token, "task", 403, "not of this address's boot" },
                { "none", HERE, "-", "task", 403, "not of this address's boot" },
                { "empty", HERE, "", "task", 403, "not of this address's boot" },
                { "too long", HERE, "0123456789012345678901234567890123456789012345678901234567890123456789",
                  "task", 403, "not of this address's boot" },
                { "nothing behind it", HERE, k->agent_token, "", 404, "no such thing" },
                { "nothing of that name", HERE, k->agent_token, "tasks", 404, "no such thing" },
                { "is somebody there?", HERE, k->agent_token, "hello", 204, "" },
                { "said, not read", HERE, k->agent_token, "progress", 405, "not by this method" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char path[256], body[512];
                (void)snprintf(path, sizeof(path), "/a/%s/%s", rows[i].token, rows[i].rest);
                unsigned status = hear(send_request(l, rows[i].from, "GET", path, NULL), body, sizeof(body));
                if (status != rows[i].status || !strstr(body, rows[i].says))
                        fail_msg("%s: %u %s", rows[i].remark, status, body);
        }
        /* And the agent's opens no files. */
        char path[128];
        (void)snprintf(path, sizeof(path), "/b/%s/config.txt", k->agent_token);
        assert_int_equal(hear(send_request(l, HERE, "GET", path, NULL), NULL, 0), 403);
}

/* boot.img is the same for all of its kind: who fetched it in this boot has an agent without a token. */
static void an_agent_out_of_the_volume_is_known_by_what_it_fetched(void **state) {
        struct lab *l = *state;
        struct served s = { .kind = TRAIL_HTTP,
                            .outcome = TRAIL_FAILED,
                            .mac = l->session->ask.mac,
                            .ip = l->session->ask.client_ip,
                            .client = CLIENT_PI4,
                            .session = l->session->ask.session,
                            .octets = 1000,
                            .path = "net/boot.img" };

        rack_tell_served(rack_of(l), &s, l->world->now_ms); /* it broke off */
        assert_int_equal(hear(send_request(l, HERE, "GET", "/a/-/task", NULL), NULL, 0), 403);
        s.outcome = TRAIL_OK;
        rack_tell_served(rack_of(l), &s, l->world->now_ms);
        assert_int_equal(hear(send_request(l, HERE, "GET", "/a/-/task", NULL), NULL, 0), 200);
        assert_int_equal(hear(send_request(l, 0x7f000002, "GET", "/a/-/task", NULL), NULL, 0), 403);
        assert_int_equal(hear(send_request(l, HERE, "GET", "/seed/-/user-data", NULL), NULL, 0), 403);
}

static void tokens_end_with_their_boot(void **state) {
        struct lab *l = *state;
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        char path[128];

        (void)snprintf(path, sizeof(path), "/a/%s/hello", l->session->ask.agent_token);
        assert_int_equal(say(l, "hello", HELLO), 200);
        l->world->now_ms += 10; /* an agent that was up, and firmware: it is another boot */
        assert_int_equal(rack_world_says(l->world, ETH1, &discover), DHCP4_OFFER);
        rack_settle(rack_of(l), l->session, NULL, HERE);
        assert_int_equal(hear(send_request(l, HERE, "POST", path, HELLO), NULL, 0), 403);
        assert_int_equal(say(l, "hello", HELLO), 200); /* the new one's is good */
        assert_int_equal(l->n_reports, 2);
}

static void a_state_without_work_for_an_agent_lets_none_in(void **state) {
        static const struct {
                const char *remark;
                struct becomes now;
                unsigned status;
        } rows[] = {
                { "in the middle of a deployment",
                  { .state = STATE_DEPLOYING, .task = "\"kind\":\"deploy\"" },
                  200 },
                { "written, and told to reboot",
                  { .state = STATE_DEPLOYING,
                    .root = ROOT_DISK,
                    .boots_own = true,
                    .task = "\"kind\":\"reboot\"" },
                  200 },
                { "on its disk", { .state = STATE_DEPLOYED, .root = ROOT_DISK, .boots_own = true }, 403 },
                { "diskless", { .state = STATE_DEPLOYED, .root = ROOT_NFS, .boots_own = true }, 403 },
                { "given back", { .state = STATE_READY }, 200 },
                { "retired", { .state = STATE_RETIRED }, 403 },
        };
        struct lab *l = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                live(l, &rows[i].now);
                if (say(l, "hello", HELLO) != rows[i].status)
                        fail_msg("%s", rows[i].remark);
        }
        rack_world_delete(l->world, "pi4-demo");
        publish(l);
        assert_int_equal(say(l, "hello", HELLO), 200); /* a stranger now, whom the subnet enlists */
}

/* ---- the conversation ---- */

static void what_it_says_is_told_and_passed_on(void **state) {
        static const struct {
                const char *path, *body;
                unsigned status, n_reports;
                const char *story;
        } rows[] = {
                { "hello", HELLO, 200, 1, "hello|agent 0.2 on arm64, up for 3 s" },
                { "hello", "{\"arch\":\"vax\"}", 400, 1, "" },
                { "hello", "no JSON", 400, 1, "" },
                { "hello", "", 400, 1, "" },
                { "progress", "{\"task\":1,\"phase\":\"idle\"}", 204, 2, "" },
                { "progress", "{\"task\":1,\"phase\":\"look\",\"done\":4,\"total\":10,\"rate\":85000000}",
                  204, 3, "task 1: look|40 %, 85.0 MB/s\n" },
                { "progress", "{\"phase\":\"look\"}", 400, 3, "" },
                { "script", "{\"task\":1,\"name\":\"memory\",\"status\":\"failed\"}", 204, 4,
                  "script memory|failed\n" },
                { "script", "{\"task\":7,\"name\":\"late\",\"status\":\"passed\"}", 204, 4, "" },
                { "script", "{\"task\":1}", 400, 4, "" },
                { "result", "{\"task\":7,\"ok\":true}", 204, 4, "" },
                { "result", "{\"task\":1}", 400, 4, "" },
        };
        struct lab *l = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                unsigned status = say(l, rows[i].path, rows[i].body);
                if (status != rows[i].status || l->n_reports != rows[i].n_reports)
                        fail_msg("%s %s: %u, %u reports", rows[i].path, rows[i].body, status, l->n_reports);
                must_be_told(l, rows[i].story);
        }
        assert_int_equal(l->kind, REPORT_SCRIPT);
        assert_int_equal(l->machine, site_machine_by_name(l->world->site, "pi4-demo")->id);
        assert_int_equal(l->task, 1);
        assert_non_null(strstr(l->body, "\"memory\""));
}

static void hello_is_answered_with_who_it_is(void **state) {
        struct lab *l = *state;
        char body[512];

        assert_int_equal(ask(l, "POST", "hello", HELLO, body, sizeof(body)), 200);
        assert_non_null(strstr(body, "\"machine\":\"pi4-demo\""));
        assert_non_null(strstr(body, "\"state\":\"Commissioning\""));
        assert_non_null(strstr(body, "\"heartbeat_s\":30"));
        assert_non_null(strstr(body, "\"time_s\":"));
}

static void a_task_is_given_with_our_address_in_it(void **state) {
        struct lab *l = *state;
        char body[512], wanted[128];

        live(l, &(struct becomes){ .state = STATE_DEPLOYING,
                                   .task = "\"kind\":\"deploy\",\"seed\":{\"a\":\"@RACK@/x @RACK@\"}" });
        assert_int_equal(ask(l, "GET", "task?after=1", NULL, body, sizeof(body)), 200);
        (void)snprintf(wanted, sizeof(wanted), "{\"id\":2,\"kind\":\"deploy\",\"seed\":{\"a\":\"%s/x %s\"}}",
                       "http://127.0.0.1:5248", "http://127.0.0.1:5248");
        assert_string_equal(body, wanted);
        must_be_told(l, "task 2|deploy\n");
        live(l, &(struct becomes){ .state = STATE_READY });
        assert_int_equal(ask(l, "GET", "task?after=2", NULL, body, sizeof(body)), 200);
        assert_string_equal(body, "{\"id\":3,\"kind\":\"park\"}");
        assert_int_equal(ask(l, "GET", "task?after=3", NULL, NULL, 0), 204);
}

static void an_agent_is_woken_for_its_next_task(void **state) {
        struct lab *l = *state;
        char path[128], body[512];

        (void)snprintf(path, sizeof(path), "/a/%s/task?after=1&wait=50", l->session->ask.agent_token);
        int fd = send_request(l, HERE, "GET", path, NULL);
        wait_until_waiting(l, 1);
        rack_world_register(l->world, &(struct registered){ .name = "other", .mac = "02:00:00:00:00:99" });
        publish(l);
        assert_int_equal(http_server_waiting(rack_of(l)->http), 1); /* another's news is not its own */
        live(l, &(struct becomes){ .state = STATE_COMMISSIONING, .task = "\"kind\":\"scripts\"" });
        assert_int_equal(hear(fd, body, sizeof(body)), 200);
        assert_string_equal(body, "{\"id\":2,\"kind\":\"scripts\"}");
}

/* The snapshot changed between its question and the moment in which the control thread heard of it. */
static void an_agent_that_nobody_knew_of_is_woken_too(void **state) {
        struct lab *l = *state;
        char path[128], body[512];

        (void)snprintf(path, sizeof(path), "/a/%s/task?after=1&wait=50", l->session->ask.agent_token);
        int fd = send_request(l, HERE, "GET", path, NULL);
        while (http_server_waiting(rack_of(l)->http) != 1)
                (void)sched_yield();
        assert_false(l->session->agent.is_up);
        live(l, &(struct becomes){ .state = STATE_COMMISSIONING, .task = "\"kind\":\"scripts\"" });
        (void)rack_hear_agents(rack_of(l), l->world->now_ms);
        assert_int_equal(hear(fd, body, sizeof(body)), 200);
}

static void a_result_is_answered_when_it_led_to_something(void **state) {
        struct lab *l = *state;
        char path[128];

        (void)snprintf(path, sizeof(path), "/a/%s/result", l->session->ask.agent_token);
        int fd = send_request(l, HERE, "POST", path, "{\"task\":1,\"ok\":true,\"data\":{}}");
        wait_until_waiting(l, 1);
        assert_int_equal(l->n_reports, 1);
        assert_int_equal(l->kind, REPORT_RESULT);
        must_be_told(l, "task 1 done|\n");
        live(l, &(struct becomes){ .state = STATE_COMMISSIONING, .task = "\"kind\":\"scripts\"" });
        assert_int_equal(hear(fd, NULL, 0), 204);
        (void)rack_hear_agents(rack_of(l), l->world->now_ms);
        assert_int_equal(l->n_reports, 1); /* told once, though it was decided twice */
        assert_int_equal(say(l, "result", "{\"task\":1,\"ok\":true}"),
                         204); /* and told again it counts no more */
        assert_int_equal(l->n_reports, 1);
}

/* "Reboot" is done: nothing is left for an agent to do, and it shall know that this was heard. */
static void the_last_result_is_answered_too(void **state) {
        struct lab *l = *state;
        char path[128];

        live(l,
             &(struct becomes){ .state = STATE_DEPLOYING, .boots_own = true, .task = "\"kind\":\"reboot\"" });
        (void)snprintf(path, sizeof(path), "/a/%s/result", l->session->ask.agent_token);
        int fd = send_request(l, HERE, "POST", path, "{\"task\":2,\"ok\":true,\"data\":{}}");
        wait_until_waiting(l, 1);
        live(l, &(struct becomes){ .state = STATE_DEPLOYING, .boots_own = true });
        assert_int_equal(hear(fd, NULL, 0), 204);
        (void)rack_hear_agents(rack_of(l), l->world->now_ms);

        /* It was lost on the way: who says it again is answered as before, and nothing follows. */
        const unsigned before = l->n_reports;
        assert_int_equal(say(l, "result", "{\"task\":2,\"ok\":true}"), 204);
        assert_int_equal(l->n_reports, before);
        live(l, &(struct becomes){ .state = STATE_DEPLOYED, .root = ROOT_DISK, .boots_own = true });
        assert_int_equal(say(l, "result", "{\"task\":2,\"ok\":true}"), 204);
        assert_int_equal(l->n_reports, before);
        assert_int_equal(say(l, "result", "{\"task\":9,\"ok\":true}"), 403); /* it never had that one */
        assert_int_equal(say(l, "progress", "{\"task\":2,\"phase\":\"idle\"}"), 403);
}

static void a_stranger_is_asked_what_it_is(void **state) {
        struct lab *l = *state;
        char body[512];

        rack_world_delete(l->world, "pi4-demo");
        publish(l);
        assert_int_equal(ask(l, "POST", "hello", HELLO, body, sizeof(body)), 200);
        assert_non_null(strstr(body, "\"machine\":null"));
        assert_int_equal(l->machine, 0);
        assert_int_equal(l->arch, ARCH_ARM64);
        assert_int_equal(ask(l, "GET", "task?after=0", NULL, body, sizeof(body)), 200);
        assert_string_equal(body, "{\"id\":1,\"kind\":\"inventory\"}");
        assert_int_equal(ask(l, "GET", "task?after=1", NULL, NULL, 0), 204);
        must_be_told(l, "task 1|inventory\n");

        /* What it is registered by says all that was learnt before. */
        char path[128];
        (void)snprintf(path, sizeof(path), "/a/%s/result", l->session->ask.agent_token);
        int fd = send_request(l, HERE, "POST", path, "{\"task\":1,\"ok\":true,\"data\":{}}");
        wait_until_waiting(l, 1);
        assert_int_equal(l->kind, REPORT_RESULT);
        assert_int_equal(l->arch, ARCH_ARM64);
        rack_world_register(l->world, &(struct registered){ .name = "machine-a7ed89", .mac = PI4 });
        publish(l);
        (void)hear(fd, NULL, 0);
}

static void what_does_not_fit_is_tried_again(void **state) {
        struct lab *l = *state;

        for (int i = 0; i < 40; i++) { /* the queue of this rack has sixteen places, and nobody empties it */
                char path[128];
                (void)snprintf(path, sizeof(path), "/a/%s/hello", l->session->ask.agent_token);
                assert_int_equal(hear(send_request(l, HERE, "POST", path, HELLO), NULL, 0),
                                 i < 16 ? 200 : 503);
        }
        while (rack_hear_agents(rack_of(l), l->world->now_ms) > 0)
                ;
        assert_int_equal(l->n_reports, 16);
        assert_int_equal(say(l, "hello", HELLO), 200);
}

/* ---- what it fetches ---- */

/* What is given needs a store, which this rack has not: test/scenario fetches it. */
static void no_other_blobs_are_named_than_its_images(void **state) {
        struct lab *l = *state;
        const struct {
                const char *remark;
                struct blob_id id;
        } rows[] = {
                { "of somebody else's image", site_image(l->world->site, "debian-amd64")->files[0].blob },
                { "of nobody's", { { 0xff } } },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char path[96] = "blob/", body[512];
                (void)text_hex(rows[i].id.octets, sizeof(rows[i].id.octets), path + 5);
                if (ask(l, "GET", path, NULL, body, sizeof(body)) != 403 ||
                    !strstr(body, "no image of this machine"))
                        fail_msg("%s: %s", rows[i].remark, body);
        }
        assert_int_equal(ask(l, "GET", "blob/../../etc/passwd", NULL, NULL, 0), 404);
        assert_int_equal(ask(l, "GET", "blob/", NULL, NULL, 0), 404);
}

/* ---- seeds ---- */

#define SEED \
        "{\"meta-data\":\"instance-id: 1\\n\",\"user-data\":\"#cloud-config\\npassword: x\\n\"," \
        "\"vendor-data\":\"@RACK@/seed/" DEPLOYMENT "/phone-home\",\"network-config\":\"\"}"

static unsigned read_seed(struct lab *l, const char *name, char *body, size_t size) {
        char path[128];

        (void)snprintf(path, sizeof(path), "/seed/%s/%s", l->session->ask.seed_token, name);
        unsigned status = hear(send_request(l, HERE, "GET", path, NULL), body, size);
        (void)rack_hear_agents(rack_of(l), l->world->now_ms);
        return status;
}

static void a_diskless_system_reads_its_seed(void **state) {
        struct lab *l = *state;
        char body[512];

        assert_int_equal(read_seed(l, "meta-data", body, sizeof(body)), 403); /* the agent has none */
        live(l, &(struct becomes){ .state = STATE_DEPLOYING,
                                   .root = ROOT_RAM,
                                   .boots_own = true,
                                   .seed = SEED,
                                   .token = DEPLOYMENT });
        assert_int_equal(read_seed(l, "meta-data", body, sizeof(body)), 200);
        assert_string_equal(body, "instance-id: 1\n");
        assert_int_equal(read_seed(l, "vendor-data", body, sizeof(body)), 200);
        assert_string_equal(body, "http://127.0.0.1:5248/seed/" DEPLOYMENT "/phone-home");
        assert_int_equal(read_seed(l, "user-data", body, sizeof(body)), 200);
        assert_int_equal(read_seed(l, "network-config", NULL, 0), 404);
        assert_int_equal(read_seed(l, "passwd", NULL, 0), 404);
}

static void secrets_are_given_until_it_is_up_or_a_quarter_of_an_hour(void **state) {
        struct lab *l = *state;
        struct rack *r = rack_of(l);
        char body[512];
        const uint64_t minute = 60 * 1000;

        live(l, &(struct becomes){ .state = STATE_DEPLOYED,
                                   .root = ROOT_RAM,
                                   .boots_own = true,
                                   .seed = SEED,
                                   .token = DEPLOYMENT });
        rack_look_at_agent(r, l->session, l->world->now_ms + 100 * minute); /* nobody has read it: it stays */
        assert_int_equal(read_seed(l, "user-data", NULL, 0), 200);
        rack_look_at_agent(r, l->session, l->world->now_ms + 14 * minute);
        assert_int_equal(read_seed(l, "user-data", NULL, 0), 200);
        rack_look_at_agent(r, l->session, l->world->now_ms + 15 * minute);
        assert_int_equal(read_seed(l, "user-data", body, sizeof(body)), 403);
        assert_non_null(strstr(body, "not told again"));
        assert_int_equal(read_seed(l, "vendor-data", NULL, 0), 403);
        assert_int_equal(read_seed(l, "meta-data", NULL, 0), 200); /* the instance is still the same */
}

static void a_system_asks_whether_it_is_wanted(void **state) {
        static const struct {
                enum machine_state state;
                bool boots_own;
                const char *answer;
        } rows[] = {
                { STATE_DEPLOYED, true, "{\"wanted\": false}\n" },
                { STATE_DISK_ERASING, false, "{\"wanted\": true}\n" },
                { STATE_ENTERING_RESCUE_MODE, true, "{\"wanted\": true}\n" },
        };
        struct lab *l = *state;
        char body[512];

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                live(l, &(struct becomes){ .state = rows[i].state,
                                           .root = ROOT_DISK,
                                           .boots_own = rows[i].boots_own,
                                           .token = DEPLOYMENT });
                /* From any address: its own system asks, whatever lease that has. */
                unsigned status =
                        hear(send_request(l, 0x7f000003, "GET", "/seed/" DEPLOYMENT "/wanted", NULL), body,
                             sizeof(body));
                assert_int_equal(status, 200);
                assert_string_equal(body, rows[i].answer);
        }
        live(l, &(struct becomes){ .state = STATE_READY });
        assert_int_equal(hear(send_request(l, HERE, "GET", "/seed/" DEPLOYMENT "/wanted", NULL), NULL, 0),
                         403);
        assert_int_equal(hear(send_request(l, HERE, "POST", "/seed/" DEPLOYMENT "/wanted", "{}"), NULL, 0),
                         403);
}

static void a_system_phones_home_with_its_deployments_token(void **state) {
        static const char form[] = "instance_id=pi4-demo-00112233&hostname=pi4%2Ddemo&empty=&x=a+b";
        struct lab *l = *state;
        char path[128] = "/seed/" DEPLOYMENT "/phone-home";

        live(l, &(struct becomes){ .state = STATE_DEPLOYING,
                                   .root = ROOT_RAM,
                                   .boots_own = true,
                                   .seed = SEED,
                                   .token = DEPLOYMENT });
        assert_int_equal(read_seed(l, "user-data", NULL, 0), 200);
        assert_int_equal(hear(send_request(l, 0x7f000003, "POST", path, form), NULL, 0), 204);
        (void)rack_hear_agents(rack_of(l), l->world->now_ms);
        assert_int_equal(l->kind, REPORT_PHONE_HOME);
        assert_int_equal(l->machine, site_machine_by_name(l->world->site, "pi4-demo")->id);
        assert_string_equal(l->body, "{\"empty\":\"\",\"hostname\":\"pi4-demo\",\"instance_id\":\"pi4-demo-"
                                     "00112233\",\"x\":\"a b\"}");
        must_be_told(l, "phone home|the system is up, host name pi4-demo\n");
        assert_int_equal(read_seed(l, "user-data", NULL, 0),
                         403); /* it is done: its secrets are told no more */

        assert_int_equal(hear(send_request(l, HERE, "POST", path, "{\"hostname\":\"h\"}"), NULL, 0), 204);
        assert_int_equal(hear(send_request(l, HERE, "POST", path, "a=%zz"), NULL, 0),
                         204); /* not understood: it is up */
        assert_int_equal(hear(send_request(l, HERE, "GET", path, NULL), NULL, 0), 403);
        assert_int_equal(hear(send_request(l, HERE, "GET", "/seed/" DEPLOYMENT "/user-data", NULL), NULL, 0),
                         403);
        path[8] = '9';
        assert_int_equal(hear(send_request(l, HERE, "POST", path, form), NULL, 0), 403);
        live(l, &(struct becomes){ .state = STATE_READY });
        path[8] = '0';
        assert_int_equal(hear(send_request(l, HERE, "POST", path, form), NULL, 0), 403);
}

/* ---- around it ---- */

static void refusals_are_in_the_story_and_tokens_are_not(void **state) {
        struct lab *l = *state;
        char path[128], story[8192];

        (void)snprintf(path, sizeof(path), "/a/%s/task", l->session->ask.seed_token);
        assert_int_equal(say(l, "hello", HELLO), 200);
        assert_int_equal(hear(send_request(l, HERE, "GET", path, NULL), NULL, 0), 403);
        while (rack_hear_served(rack_of(l), l->world->now_ms) == 0)
                (void)sched_yield();
        must_be_told(l, "a/task|GET 403: this token is not of this address's boot");
        (void)rack_world_story(l->world, PI4, story, sizeof(story));
        assert_null(strstr(story, l->session->ask.seed_token));
        assert_null(strstr(story, "a/hello")); /* what went well its own words tell */
}

static void an_agent_that_falls_silent_is_noted_once(void **state) {
        struct lab *l = *state;
        struct rack *r = rack_of(l);
        char story[8192];

        assert_int_equal(say(l, "hello", HELLO), 200);
        rack_look_at_agent(r, l->session, l->world->now_ms + 99 * 1000);
        (void)rack_world_story(l->world, PI4, story, sizeof(story));
        assert_null(strstr(story, "silent"));
        rack_look_at_agent(r, l->session, l->world->now_ms + 101 * 1000);
        rack_look_at_agent(r, l->session, l->world->now_ms + 102 * 1000);
        (void)rack_world_story(l->world, PI4, story, sizeof(story));
        const char *first = strstr(story, "its agent is silent");
        assert_non_null(first);
        assert_null(strstr(first + 1, "its agent is silent"));
        assert_int_equal(say(l, "hello", HELLO), 200);
        must_be_told(l, "its agent is heard again");
}

/* Its own DHCP client is no system that is up, and where it gets another address its token goes with it. */
static void an_agents_lease_is_its_own(void **state) {
        struct lab *l = *state;
        const struct saying ask_for_it = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_SYSTEM };
        struct ip_addr ip;

        assert_int_equal(rack_world_says(l->world, ETH1, &ask_for_it), DHCP4_OFFER);
        const struct saying take_it = { .type = DHCP4_REQUEST,
                                        .mac = PI4,
                                        .wanted = l->world->answer.addr,
                                        .server = NET(77, 1),
                                        .options = SAYS_SYSTEM };
        assert_int_equal(rack_world_says(l->world, ETH1, &take_it), DHCP4_ACK);
        ip = ip_from_v4(l->world->answer.addr);
        assert_false(l->session->is_finished);
        assert_int_equal(l->n_reports, 0);
        assert_non_null(presences_find(rack_of(l)->presences, &ip));
        assert_string_equal(presences_find(rack_of(l)->presences, &ip)->ask.agent_token,
                            l->session->ask.agent_token);
}

/* The agent of a diskless machine: it is told its root, tries in vain, then leaves for the system, whose
 * lease is a sign. */
static void an_agent_starts_a_system_in_its_root(void **state) {
        struct lab *l = *state;
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_SYSTEM };
        char body[256];

        assert_int_equal(ask(l, "GET", "root", NULL, NULL, 0), 404); /* it is Commissioning */
        live(l, &(struct becomes){
                        .state = STATE_DEPLOYING,
                        .root = ROOT_RAM,
                        .boots_own = true,
                        .run = "{\"server\":\"@RACK_HOST@\",\"url\":\"@RACK@/x\",\"at\":\"@RACK\"}" });
        assert_int_equal(say(l, "hello", HELLO), 200);
        assert_int_equal(ask(l, "GET", "task?after=0", NULL, NULL, 0), 204); /* it is not there to park */
        assert_int_equal(ask(l, "GET", "root", NULL, body, sizeof(body)), 200);
        assert_string_equal(
                body, "{\"server\":\"127.0.0.1\",\"url\":\"http://127.0.0.1:5248/x\",\"at\":\"@RACK\"}");
        assert_int_equal(say(l, "progress", "{\"task\":0,\"phase\":\"fetch\",\"done\":1,\"total\":2}"), 204);
        must_be_told(l, "root: fetch|50 %\n");
        assert_int_equal(say(l, "result", "{\"task\":0,\"ok\":false,\"error\":\"no memory\"}"), 204);
        must_be_told(l, "root failed|no memory\n");
        assert_true(session_is_of_agent(l->session));
        assert_int_equal(say(l, "result", "{\"task\":0,\"ok\":true}"), 204);
        must_be_told(l, "root done|\n");
        assert_int_equal(l->kind, REPORT_RESULT);
        assert_false(session_is_of_agent(l->session));

        assert_int_equal(rack_world_says(l->world, ETH1, &discover), DHCP4_OFFER);
        const struct saying take_it = { .type = DHCP4_REQUEST,
                                        .mac = PI4,
                                        .wanted = l->world->answer.addr,
                                        .server = NET(77, 1),
                                        .options = SAYS_SYSTEM };
        assert_int_equal(rack_world_says(l->world, ETH1, &take_it), DHCP4_ACK);
        assert_int_equal(l->kind, REPORT_SYSTEM_DHCP);
        assert_true(l->session->is_finished);
}

/* What was signed names no seed: it comes with the root, to cloud-init only, with secrets only where somebody
 * said so, and those until the system is up. */
static void a_machine_that_requires_trust_gets_its_seed_with_its_root(void **state) {
        static const char phone_home[] =
                "{\"vendor-data\":\"#cloud-config\\n{\\\"phone_home\\\": {\\\"url\\\": "
                "\\\"@RACK@/seed/" DEPLOYMENT "/phone-home\\\"}}\"}";
        static const char told[] = "\\\"http://127.0.0.1:5248/seed/" DEPLOYMENT "/phone-home";
        static const struct {
                const char *seed, *first_boot;
                unsigned status;
                const char *has, *has_not;
        } rows[] = {
                { phone_home, "null", 200, told, "@RACK@" },
                { phone_home, "{}", 200, "first_boot", "seed" },
                { "{\"user-data\":\"password: x\"}", "null", 403, "could read the user data", "password" },
                { "{\"user-data\":\"password: x\",\"give_secrets\":true}", "null", 200, "password: x",
                  "give_secrets" },
        };
        struct lab *l = *state;
        char run[64], body[1024];

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                (void)snprintf(run, sizeof(run), "{\"root\":\"ram\",\"first_boot\":%s}", rows[i].first_boot);
                live(l, &(struct becomes){ .state = STATE_DEPLOYED,
                                           .root = ROOT_RAM,
                                           .boots_own = true,
                                           .require_trusted = true,
                                           .run = run,
                                           .seed = rows[i].seed,
                                           .token = DEPLOYMENT });
                assert_int_equal(ask(l, "GET", "root", NULL, body, sizeof(body)), rows[i].status);
                assert_non_null(strstr(body, rows[i].has));
                assert_null(strstr(body, rows[i].has_not));
                assert_int_equal(read_seed(l, "meta-data", NULL, 0), 403);
                assert_int_equal(read_seed(l, "user-data", NULL, 0), 403);
        }
        assert_int_equal(
                hear(send_request(l, HERE, "POST", "/seed/" DEPLOYMENT "/phone-home", "a=b"), NULL, 0), 204);
        (void)rack_hear_agents(rack_of(l), l->world->now_ms);
        assert_int_equal(ask(l, "GET", "root", NULL, body, sizeof(body)), 403);
        assert_non_null(strstr(body, "not told again"));
}

/* Whether what asks for an address now counts as a system of the machine. */
static bool is_heard_as_system(struct lab *l) {
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_SYSTEM };
        const unsigned before = l->n_reports;

        assert_int_equal(rack_world_says(l->world, ETH1, &discover), DHCP4_OFFER);
        const struct saying take_it = { .type = DHCP4_REQUEST,
                                        .mac = PI4,
                                        .wanted = l->world->answer.addr,
                                        .server = NET(77, 1),
                                        .options = SAYS_SYSTEM };
        assert_int_equal(rack_world_says(l->world, ETH1, &take_it), DHCP4_ACK);
        const bool is_heard = l->n_reports == before + 1 && l->kind == REPORT_SYSTEM_DHCP;
        assert_int_equal(l->session->is_finished, is_heard);
        l->session->is_finished = false;
        rack_settle(rack_of(l), l->session, NULL, HERE);
        return is_heard;
}

/* Its board boots the disk first, and asks the network for nothing: what asks after the agent's last word is
 * the system. */
static void a_system_that_is_started_from_the_disk_is_heard(void **state) {
        static const struct {
                const char *remark, *task;
                bool is_well, goes_on; /* its result; and it says more afterwards */
                bool is_heard;
        } rows[] = {
                { "written, and it restarts with that", "\"kind\":\"deploy\",\"then\":\"reboot\"", true,
                  false, true },
                { "it failed, and waits", "\"kind\":\"deploy\",\"then\":\"reboot\"", false, false, false },
                { "told to restart", "\"kind\":\"reboot\"", true, false, true },
                { "told so, and it is still there", "\"kind\":\"reboot\"", true, true, false },
                { "it blinked", "\"kind\":\"blink\"", true, false, false },
        };
        struct lab *l = *state;
        struct becomes now = { .state = STATE_DEPLOYING, .root = ROOT_DISK, .boots_own = true };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char path[128], body[64];

                now.task = rows[i].task;
                live(l, &now);
                assert_int_equal(say(l, "hello", HELLO), 200);
                assert_false(is_heard_as_system(l)); /* it is the agent's */
                (void)snprintf(path, sizeof(path), "/a/%s/result", l->session->ask.agent_token);
                (void)snprintf(body, sizeof(body), "{\"task\":%d,\"ok\":%s}",
                               (int)site_machine_by_name(l->world->site, "pi4-demo")->task_id,
                               rows[i].is_well ? "true" : "false");
                const int fd = send_request(l, HERE, "POST", path, body);
                wait_until_waiting(l, 1);
                now.task = "\"kind\":\"reboot\"";
                live(l, &now);
                assert_int_equal(hear(fd, NULL, 0), 204);
                (void)rack_hear_agents(rack_of(l), l->world->now_ms);
                if (rows[i].goes_on)
                        assert_int_equal(say(l, "progress", "{\"task\":1,\"phase\":\"idle\"}"), 204);
                if (is_heard_as_system(l) != rows[i].is_heard)
                        fail_msg("%s", rows[i].remark);
        }
}

struct keeper {
        unsigned n;
        struct rack_root_ask ask;
};

static void keep_root(void *ctx, const struct rack_root_ask *q) {
        struct keeper *k = ctx;
        k->n++;
        k->ask = *q;
}

/* A root that is kept on this server: who asks for it waits until it is ready for this boot, and once it is
 * it stays so. */
static void a_root_that_is_kept_here_is_made_ready_first(void **state) {
        struct lab *l = *state;
        struct keeper keeper = {};
        char path[128], body[256];

        rack_of(l)->config.root = keep_root;
        rack_of(l)->config.root_ctx = &keeper;
        live(l, &(struct becomes){ .state = STATE_DEPLOYED,
                                   .root = ROOT_NFS,
                                   .boots_own = true,
                                   .run = "{\"root\":\"nfs\"}" });
        (void)snprintf(path, sizeof(path), "/a/%s/root", l->session->ask.agent_token);
        int fd = send_request(l, HERE, "GET", path, NULL);
        wait_until_waiting(l, 1);
        assert_int_equal(keeper.n, 1);
        assert_int_equal(keeper.ask.session, l->session->ask.session);
        assert_int_equal(ip_to_v4(&keeper.ask.client), HERE);
        assert_int_equal(ip_to_v4(&keeper.ask.server), HERE);
        rack_root_is(rack_of(l), &keeper.ask, "the disk is full");
        must_be_told(l, "its root is not ready|the disk is full\n");
        assert_int_equal(http_server_waiting(rack_of(l)->http), 1); /* it may be soon */

        struct rack_root_ask older = keeper.ask;
        older.session--;
        rack_root_is(rack_of(l), &older, NULL);
        assert_int_equal(http_server_waiting(rack_of(l)->http), 1);
        rack_root_is(rack_of(l), &keeper.ask, NULL);
        assert_int_equal(hear(fd, body, sizeof(body)), 200);
        assert_string_equal(body, "{\"root\":\"nfs\"}");
        must_be_told(l, "its root is ready on this server|\n");
        assert_int_equal(ask(l, "GET", "root", NULL, NULL, 0), 200);
        assert_int_equal(keeper.n, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(tokens_are_of_one_boot_one_address_and_one_use),
                TEST(an_agent_out_of_the_volume_is_known_by_what_it_fetched),
                TEST(tokens_end_with_their_boot),
                TEST(a_state_without_work_for_an_agent_lets_none_in),
                TEST(what_it_says_is_told_and_passed_on),
                TEST(hello_is_answered_with_who_it_is),
                TEST(a_task_is_given_with_our_address_in_it),
                TEST(an_agent_is_woken_for_its_next_task),
                TEST(an_agent_that_nobody_knew_of_is_woken_too),
                TEST(a_result_is_answered_when_it_led_to_something),
                TEST(the_last_result_is_answered_too),
                TEST(a_stranger_is_asked_what_it_is),
                TEST(what_does_not_fit_is_tried_again),
                TEST(no_other_blobs_are_named_than_its_images),
                TEST(a_diskless_system_reads_its_seed),
                TEST(secrets_are_given_until_it_is_up_or_a_quarter_of_an_hour),
                TEST(a_system_asks_whether_it_is_wanted),
                TEST(a_system_phones_home_with_its_deployments_token),
                TEST(refusals_are_in_the_story_and_tokens_are_not),
                TEST(an_agent_that_falls_silent_is_noted_once),
                TEST(an_agents_lease_is_its_own),
                TEST(an_agent_starts_a_system_in_its_root),
                TEST(a_machine_that_requires_trust_gets_its_seed_with_its_root),
                TEST(a_system_that_is_started_from_the_disk_is_heard),
                TEST(a_root_that_is_kept_here_is_made_ready_first),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
