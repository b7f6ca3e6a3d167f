/* The end of an import; see finish.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/bramble/api.h"
#include "app/bramble/finish.h"
#include "app/bramble/print.h"

enum { PAUSE_MS = 20, PAUSES = 10, FINISH_IDLE_S = 4 * 60 * 60 };

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int signo) {
        (void)signo;
        is_interrupted = 1;
}

/* Who looks after the import while the request that finishes it waits. */
struct watch {
        const struct cli *cli;
        const char *id;
        atomic_bool is_over;
        bool has_shown;
};

static const char *phase_title(const char *phase) {
        static const struct {
                const char *phase, *title;
        } rows[] = {
                { "unpacking", "unpacking" },      { "reading", "looking at what is in it" },
                { "packing", "packing the disk" }, { "rooting", "making the root file system" },
                { "keeping", "writing it down" },
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
                if (strcmp(rows[i].phase, phase) == 0)
                        return rows[i].title;
        return phase;
}

static void show(struct watch *w, const json_t *import) {
        CLEANUP(text_free) struct text line = {};
        const json_int_t done = json_integer_value(json_at(import, "done"));
        const json_int_t total = json_integer_value(json_at(import, "total"));

        text_append(&line, "\r");
        print_text(&line, phase_title(json_text_at(import, "phase")));
        if (total > 0 && done <= total) {
                text_printf(&line, ": %d %%, ", (int)(done / (total / 100 + 1)));
                print_size(&line, (uint64_t)done);
                text_append(&line, " of ");
                print_size(&line, (uint64_t)total);
        }
        text_append(&line, "\033[K");
        if (line.octets)
                (void)fputs(line.octets, stderr);
        w->has_shown = true;
}

static void look(struct watch *w, struct http_client *client) {
        CLEANUP(free_at) char *path = api_path("imports", w->id, NULL);
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        const struct http_call call = { .method = is_interrupted ? "DELETE" : "GET", .path = path };
        struct error ignored; /* the request that waits has the last word */

        if (!path || http_client_call(client, &call, &reply, &ignored) < 0 || reply.status != 200)
                return;
        CLEANUP(json_decref_at) json_t *import = json_loadb(reply.body, reply.len, 0, NULL);
        if (import && w->cli->has_progress)
                show(w, import);
}

static void *watch(void *ctx) {
        CLEANUP(http_client_free_at) struct http_client *client = NULL;
        const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
        struct watch *w = ctx;
        const struct http_target target = { .socket_path = w->cli->socket };
        struct error ignored;

        if (http_client_new(&target, &client, &ignored) < 0)
                return NULL;
        for (unsigned i = 1; !w->is_over; i++) {
                (void)nanosleep(&pause, NULL);
                if (i % PAUSES == 0)
                        look(w, client);
        }
        if (w->has_shown)
                (void)fputs("\r\033[K", stderr);
        return NULL;
}

int import_finish(struct cli *cli, const char *id, json_t **ret) {
        CLEANUP(free_at) char *path = api_path("imports", id, "finish", NULL);
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        const struct http_call call = { .method = "POST", .path = path, .idle_s = FINISH_IDLE_S };
        struct sigaction on = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART }, was[2];
        struct watch w = { .cli = cli, .id = id };
        pthread_t thread;

        (void)sigaction(SIGINT, &on, &was[0]);
        (void)sigaction(SIGTERM, &on, &was[1]);
        const bool is_watched = pthread_create(&thread, NULL, watch, &w) == 0;
        const int code = api_call(cli, &call, &reply);
        w.is_over = true;
        if (is_watched)
                (void)pthread_join(thread, NULL);
        (void)sigaction(SIGINT, &was[0], NULL);
        (void)sigaction(SIGTERM, &was[1], NULL);
        if (code != CLI_OK)
                return code;
        *ret = json_loadb(reply.body, reply.len, 0, NULL);
        return *ret ? CLI_OK : cli_fail(CLI_FAILED, "brambled's answer is no JSON");
}
