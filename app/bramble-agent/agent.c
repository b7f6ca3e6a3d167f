/* Wiring the conversation, the connections and the jobs together; see agent.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/bramble-agent/agent.h"
#include "app/bramble-agent/arch.h"
#include "app/bramble-agent/boot_words.h"
#include "app/bramble-agent/identity.h"
#include "app/bramble-agent/init.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/io/clock.h"
#include "app/bramble-agent/io/dhcp.h"
#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/module.h"
#include "app/bramble-agent/io/tls.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/jobs.h"
#include "app/bramble-agent/json.h"
#include "app/bramble-agent/options.h"
#include "app/bramble-agent/root/root.h"
#include "app/bramble-agent/talk.h"
#include "app/bramble-agent/uplink.h"
#include "base/text.h"

enum { POLL_GRACE_S = 15, COMMAND_LINE_SIZE = 4096, CLOCK_OFF_BY_S = 5 };

struct agent {
        const struct options *options;
        struct job_world world;
        struct boot_words words;
        struct talk talk;
        struct dhcp dhcp;
        struct event_base *base;
        struct event *timer, *news, *lease;
        struct http *asking, *telling,
                *pulse; /* a question for a task waits long, and others may not wait for it */
        int news_fd;
        struct task next; /* what talk.next names */
        struct job *job;
        int exit_status; /* -1: go on */
};

static uint32_t chance(void) {
        uint32_t number = 0;
        (void)!getrandom(&number, sizeof(number), GRND_NONBLOCK); /* zero is a number as well */
        return number;
}

static void step(struct agent *a);

static enum talk_answer judge(const struct http_answer *answer) {
        if (answer->status == 204)
                return TALK_NOTHING;
        if (answer->status >= 200 && answer->status < 300)
                return TALK_OK;
        bool is_refusal = answer->status >= 400 && answer->status < 500 && answer->status != 408 &&
                          answer->status != 429;
        return is_refusal ? TALK_REFUSED : TALK_FAILED;
}

/* What a person at the console should know of an answer that is none. The server's sentence, where it gave
 * one. */
static void complain(const struct http_answer *answer, const char *about) {
        if (answer->status == 0)
                log_line("%s: %s", about, answer->why);
        else
                log_line("%s: the server says %u: %.*s", about, answer->status,
                         (int)strcspn(answer->body, "\r\n"), answer->body);
}

static void take_time(struct agent *a, int64_t server_s) {
        int64_t off_s = server_s - clock_unix_s();

        if (server_s <= 0)
                return;
        if (a->world.is_whole_machine && (off_s > CLOCK_OFF_BY_S || off_s < -CLOCK_OFF_BY_S)) {
                int r = clock_set(server_s);
                if (r < 0)
                        log_line("the clock cannot be set: %s", strerror(-r));
        }
        if (a->world.tls)
                tls_trust_clock(a->world.tls);
}

static void on_hello(void *ctx, const struct http_answer *answer) {
        struct agent *a = ctx;
        CLEANUP(json_decref_at) json_t *body = json_loadb(answer->body, answer->len, 0, NULL);
        enum talk_answer verdict = judge(answer);

        if (verdict == TALK_OK && !json_is_object(body))
                verdict = TALK_FAILED;
        if (verdict == TALK_OK) {
                const char *name = json_text_of(body, "machine"), *state = json_text_of(body, "state");
                take_time(a, (int64_t)json_number_of(body, "time_s", INT64_MAX, 0));
                log_line("the server knows this machine as %s, state %s", *name ? name : "nobody yet",
                         *state ? state : "none");
        } else
                complain(answer, "hello");
        talk_hello_answered(&a->talk, verdict, (uint32_t)json_number_of(body, "heartbeat_s", 3600, 0),
                            clock_now_ms(), chance());
        step(a);
}

static void on_task(void *ctx, const struct http_answer *answer) {
        struct agent *a = ctx;
        enum talk_answer verdict = judge(answer);
        struct error error = { 0 };
        struct task task = { 0 };

        if (verdict == TALK_OK && task_parse(answer->body, answer->len, &task, &error) < 0) {
                log_line("%s", error.text);
                verdict = TALK_FAILED;
        } else if (verdict != TALK_OK && verdict != TALK_NOTHING)
                complain(answer, "task");
        uint64_t id = task.id;
        if (verdict == TALK_OK && id != talk_after(&a->talk)) {
                task_clear(&a->next);
                a->next = task;
                task = (struct task){ 0 };
        }
        talk_poll_answered(&a->talk, verdict, id, clock_now_ms(), chance());
        task_clear(&task);
        step(a);
}

static void on_progress(void *ctx, const struct http_answer *answer) {
        struct agent *a = ctx;

        talk_progress_answered(&a->talk, judge(answer), clock_now_ms());
        step(a);
}

static void leave(struct agent *a, enum job_then then) {
        static const int status[] = {
                [JOB_THEN_REBOOT] = INIT_EXIT_REBOOT,
                [JOB_THEN_POWEROFF] = INIT_EXIT_POWEROFF,
                [JOB_THEN_START] = INIT_EXIT_START,
        };
        static const char *const words[] = {
                [JOB_THEN_REBOOT] = "starting the machine anew",
                [JOB_THEN_POWEROFF] = "switching the machine off",
                [JOB_THEN_START] = "starting the system in its root",
        };

        if (then == JOB_THEN_WAIT)
                return;
        log_line("%s", words[then]);
        a->exit_status = status[then];
        (void)event_base_loopbreak(a->base);
}

static void on_result(void *ctx, const struct http_answer *answer) {
        struct agent *a = ctx;
        enum talk_answer verdict = judge(answer);
        enum job_then then = job_then(a->job);

        if (verdict == TALK_REFUSED || verdict == TALK_FAILED)
                complain(answer, "result");
        bool is_settled = talk_result_answered(&a->talk, verdict, clock_now_ms(), chance());
        if (verdict != TALK_FAILED) {
                job_free(TAKE(a->job));
                if (is_settled)
                        leave(a, then);
        }
        step(a);
}

static void send_hello(struct agent *a) {
        CLEANUP(json_decref_at) json_t *eeprom = pi_describe_eeprom(&a->world.tree);
        struct identity id;

        identity_read(&a->world.tree, a->world.nic, &id);
        const struct report_hello hello = { .arch = ARCH_NAME,
                                            .boot_id = id.boot_id,
                                            .mac = id.mac,
                                            .serial = id.serial,
                                            .uptime_s = id.uptime_s,
                                            .eeprom = eeprom };
        CLEANUP(free_at) char *body = report_hello(&hello);
        const struct http_ask ask = { .method = "POST", .path = "hello", .body = body };
        if (!body || http_ask(a->telling, &ask, on_hello, a) < 0)
                talk_hello_answered(&a->talk, TALK_FAILED, 0, clock_now_ms(), chance());
}

static void send_poll(struct agent *a) {
        char path[64];

        (void)snprintf(path, sizeof(path), "task?after=%llu&wait=%d",
                       (unsigned long long)talk_after(&a->talk), TALK_POLL_S);
        const struct http_ask ask = { .method = "GET", .path = path, .idle_s = TALK_POLL_S + POLL_GRACE_S };
        if (http_ask(a->asking, &ask, on_task, a) < 0)
                talk_poll_answered(&a->talk, TALK_FAILED, 0, clock_now_ms(), chance());
}

static void send_progress(struct agent *a) {
        struct report_progress progress = { .task = a->talk.task, .phase = "idle" };

        if (a->job)
                job_progress(a->job, &progress);
        CLEANUP(free_at) char *body = report_progress(&progress);
        const struct http_ask ask = { .method = "POST", .path = "progress", .body = body };
        if (!body || http_ask(a->pulse, &ask, on_progress, a) < 0)
                talk_progress_answered(&a->talk, TALK_FAILED, clock_now_ms());
}

static void send_result(struct agent *a) {
        CLEANUP(free_at) char *body = job_result(a->job);
        const struct http_ask ask = { .method = "POST", .path = "result", .body = body };

        if (!body || http_ask(a->telling, &ask, on_result, a) < 0)
                (void)talk_result_answered(&a->talk, TALK_FAILED, clock_now_ms(), chance());
}

static int run_unknown(struct job *j, struct error *reterr) {
        return error_set(reterr, -ENOTSUP, "this agent (%s) does not know tasks of the kind \"%s\"",
                         BRAMBLE_VERSION, json_text_of(job_order(j), "kind"));
}

static void start_job(struct agent *a) {
        static const struct job_kind unknown = { .name = "unknown", .run = run_unknown };
        const struct job_kind *kind = job_kind_of(a->next.kind);

        log_line("task %llu: %s", (unsigned long long)a->next.id, a->next.kind);
        a->job = job_start(kind ? kind : &unknown, &a->next, &a->world, a->news_fd);
        if (!a->job) {
                log_line("task %llu cannot be begun: out of memory", (unsigned long long)a->talk.task);
                abort(); /* the supervisor starts anew, with memory */
        }
}

static void start_root(struct agent *a) {
        static const struct job_kind root = { .name = "root", .run = root_run };
        struct task task = { .kind = "root", .body = json_object() };

        a->job = job_start(&root, &task, &a->world, a->news_fd);
        if (!a->job)
                abort(); /* as above */
}

static void arm(struct agent *a, uint64_t wake_ms) {
        uint64_t now_ms = clock_now_ms(), wait_ms = wake_ms > now_ms ? wake_ms - now_ms : 0;

        if (wake_ms == UINT64_MAX)
                (void)event_del(a->timer);
        else
                (void)event_add(a->timer,
                                &(struct timeval){ .tv_sec = (time_t)(wait_ms / 1000),
                                                   .tv_usec = (suseconds_t)(wait_ms % 1000) * 1000 });
}

static void step(struct agent *a) {
        if (a->exit_status >= 0)
                return;
        struct talk_todo todo = talk_next(&a->talk, clock_now_ms());

        if (todo.hello)
                send_hello(a);
        if (todo.poll)
                send_poll(a);
        if (todo.stop)
                job_stop(a->job);
        if (todo.start)
                start_job(a);
        if (todo.root)
                start_root(a);
        if (todo.progress)
                send_progress(a);
        if (todo.result)
                send_result(a);
        arm(a, todo.wake_ms);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx) {
        (void)fd;
        (void)what;
        step(ctx);
}

static void on_news(evutil_socket_t fd, short what, void *ctx) {
        struct agent *a = ctx;
        eventfd_t count;

        (void)what;
        (void)eventfd_read(fd, &count);
        if (!a->job)
                return;
        if (job_has_ended(a->job) && a->talk.work != TALK_REPORTING)
                talk_job_ended(&a->talk, clock_now_ms());
        else
                talk_job_moved(&a->talk);
        step(a);
}

static void on_lease(evutil_socket_t fd, short what, void *ctx) {
        struct agent *a = ctx;
        struct lease lease;

        (void)fd;
        (void)what;
        int r = dhcp_read(&a->dhcp, &lease);
        if (r == LEASE_LOST)
                log_line("%s: the lease has run out; asking for another address", a->dhcp.nic);
        if (r != -EPIPE)
                return;
        (void)event_del(a->lease);
        log_line("%s: the DHCP client has ended: the address is kept as long as nobody else takes it",
                 a->dhcp.nic);
}

static int read_words(struct agent *a, struct error *reterr) {
        char line[COMMAND_LINE_SIZE];

        if (a->options->url)
                return server_at_parse(a->options->url, a->options->ca, &a->words.server, reterr);
        (void)tree_text(&a->world.tree, line, sizeof(line), "proc/cmdline");
        return boot_words_parse(line, &a->words, reterr);
}

static void close_all(struct agent *a) {
        job_free(a->job);
        task_clear(&a->next);
        http_free(a->asking);
        http_free(a->telling);
        http_free(a->pulse);
        struct event *events[] = { a->timer, a->news, a->lease };
        for (size_t i = 0; i < ARRAY_LEN(events); i++)
                if (events[i])
                        event_free(events[i]);
        if (a->base)
                event_base_free(a->base);
        dhcp_stop(&a->dhcp);
        if (a->news_fd >= 0)
                (void)close(a->news_fd);
        tls_free(a->world.tls);
        module_set_free(a->world.modules);
        tree_close(&a->world.tree);
}

static int open_loop(struct agent *a) {
        a->base = event_base_new();
        a->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (!a->base || a->news_fd < 0)
                return -ENOMEM;
        a->timer = event_new(a->base, -1, 0, on_timer, a);
        a->news = event_new(a->base, a->news_fd, EV_READ | EV_PERSIST, on_news, a);
        a->asking = http_new(a->base, &a->world.server, a->world.tls);
        a->telling = http_new(a->base, &a->world.server, a->world.tls);
        a->pulse = http_new(a->base, &a->world.server, a->world.tls);
        if (!a->timer || !a->news || !a->asking || !a->telling || !a->pulse || event_add(a->news, NULL) < 0)
                return -ENOMEM;
        if (a->dhcp.fd < 0)
                return 0;
        a->lease = event_new(a->base, a->dhcp.fd, EV_READ | EV_PERSIST, on_lease, a);
        return a->lease && event_add(a->lease, NULL) == 0 ? 0 : -ENOMEM;
}

static void find_server(struct agent *a) {
        struct nic nic;

        if (a->world.is_whole_machine) {
                a->world.modules = module_set_open(&a->world.tree);
                uplink_find(&a->world.tree, a->world.modules, &a->words, a->world.tls, &a->dhcp);
                (void)text_copy(a->world.nic, sizeof(a->world.nic), a->dhcp.nic);
        } else if (nic_first(&a->world.tree, &nic))
                (void)text_copy(a->world.nic, sizeof(a->world.nic), nic.name);
}

static int prepare(struct agent *a, struct error *reterr) {
        int r = tree_open(&a->world.tree, a->options->root);
        if (r < 0)
                return error_set(reterr, r, "%s: %s", a->options->root, strerror(-r));
        r = read_words(a, reterr);
        if (r < 0)
                return r;
        a->world.server = a->words.server;
        a->world.root = strcmp(a->options->root, "/") == 0 ? "" : a->options->root;
        a->world.is_whole_machine = a->options->is_init;
        if (a->world.server.is_https)
                r = tls_new(&a->world.server, &a->world.tls, reterr);
        if (r < 0)
                return r;
        find_server(a);
        r = open_loop(a);
        return r < 0 ? error_set(reterr, r, "out of memory") : 0;
}

int agent_run(const struct options *options) {
        struct agent a = {
                .options = options, .news_fd = -1, .dhcp.fd = -1, .world.tree.root = -1, .exit_status = -1
        };
        struct error error = { 0 };

        (void)signal(SIGPIPE, SIG_IGN);
        log_line("bramble-agent %s for %s", BRAMBLE_VERSION, ARCH_NAME);
        if (prepare(&a, &error) < 0) {
                log_line("%s", error.text);
                close_all(&a);
                return EXIT_FAILURE;
        }
        a.talk.wants_root = a.words.wants_root;
        step(&a);
        (void)event_base_dispatch(a.base);
        close_all(&a);
        return a.exit_status;
}
