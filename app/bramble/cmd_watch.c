/* bramble boot watch: every step of every boot, a line each, until somebody ends it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/print.h"
#include "app/bramble/sse.h"

enum { IDLE_S = 60, TRIES_MAX = 10 };

struct watch {
        struct cli *cli;
        const char *machine; /* only this one; NULL: all */
        struct sse sse;
        unsigned tries;     /* connections in vain since the daemon was last heard */
        bool was_connected; /* to a daemon that follows: worth waiting for */
        bool is_unwritable;
};

static void append_time(struct text *out, json_int_t at_ms) {
        const time_t s = (time_t)(at_ms / 1000);
        struct tm local;
        char clock[16] = "";

        if (localtime_r(&s, &local))
                (void)strftime(clock, sizeof(clock), "%H:%M:%S", &local);
        text_printf(out, "%s.%03d", clock, (int)(at_ms % 1000));
}

/* "14:03:07.120  pi4-demo  tftp  config.txt  312 B in 4 ms" */
static void append_step(struct text *out, const json_t *e) {
        const char *who = json_text_at(e, "machine"), *outcome = json_text_at(e, "outcome");
        const char *detail = json_text_at(e, "detail");
        const json_int_t octets = json_integer_value(json_at(e, "octets"));

        append_time(out, json_integer_value(json_at(e, "at_ms")));
        if (!*who)
                who = *json_text_at(e, "mac") ? json_text_at(e, "mac") : json_text_at(e, "ip");
        text_append(out, "  ");
        print_text(out, who);
        text_append(out, "  ");
        print_text(out, json_text_at(e, "kind"));
        text_append(out, "  ");
        print_text(out, json_text_at(e, "what"));
        if (octets > 0) {
                text_append(out, "  ");
                print_size(out, (uint64_t)octets);
                text_printf(out, " in %" JSON_INTEGER_FORMAT " ms",
                            json_integer_value(json_at(e, "took_ms")));
        }
        if (*outcome && strcmp(outcome, "ok") != 0)
                text_printf(out, "  [%s]", outcome);
        text_append(out, *detail ? "  " : "");
        print_text(out, detail);
}

static int on_event(void *ctx, uint64_t id, const char *data) {
        struct watch *w = ctx;
        CLEANUP(json_decref_at) json_t *e = json_loads(data, 0, NULL);
        CLEANUP(text_free) struct text line = {};

        (void)id;
        if (!e || (w->machine && strcmp(json_text_at(e, "machine"), w->machine) != 0))
                return 0;
        if (!w->cli->json)
                append_step(&line, e);
        w->is_unwritable =
                puts(w->cli->json || !line.octets ? data : line.octets) == EOF || fflush(stdout) == EOF;
        return w->is_unwritable;
}

static int on_octets(void *ctx, const void *data, size_t len) {
        struct watch *w = ctx;

        w->tries = 0; /* signs of life count as events do */
        w->was_connected = w->cli->is_patient = true;
        return sse_feed(&w->sse, data, len, on_event, w);
}

static int follow(struct watch *w, bool since_start) {
        CLEANUP(free_at) char *path = api_path("events", NULL);
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        char after[24];

        (void)snprintf(after, sizeof(after), "%" PRIu64, w->sse.id);
        api_query(&path, "after", since_start || w->sse.id ? after : NULL);
        const struct http_call call = {
                .method = "GET",
                .path = path,
                .accept = "text/event-stream",
                .take = on_octets,
                .ctx = w,
                .idle_s = IDLE_S,
        };
        return api_call(w->cli, &call, &reply);
}

int cmd_boot_watch(struct cli *cli, const struct args *args) {
        struct watch w = { .cli = cli, .machine = args_value(args, "machine") };
        int code;

        /* A daemon that is restarted is followed again where it was left; one that is away for long is not
         * waited for. */
        do {
                code = follow(&w, args_value(args, "since-start") != NULL);
                if (w.is_unwritable || (!w.was_connected && code != CLI_OK) || code == CLI_REFUSED)
                        break;
                if (w.tries == 0)
                        cli_note("brambled went away; trying again for %d s", TRIES_MAX);
                cli->is_patient = w.tries + 2 < TRIES_MAX; /* the last attempt says what is wrong */
                (void)sleep(1);
        } while (++w.tries < TRIES_MAX);
        sse_free(&w.sse);
        return w.is_unwritable ? CLI_LOCAL : code;
}
