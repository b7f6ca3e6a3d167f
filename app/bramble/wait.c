/* Waiting; see wait.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "app/bramble/api.h"
#include "app/bramble/print.h"
#include "app/bramble/wait.h"

enum { DRAWN_MAX = 40 /* lines: more would scroll away */, NAME_WIDTH = 20 };

struct waiter {
        char *line; /* as it was shown last; NULL: not yet */
        bool is_done, has_failed;
};

struct crowd {
        struct cli *cli;
        const json_t *machines; /* as they were when it began */
        struct waiter *waiters;
        size_t n, n_drawn;
        bool is_drawn; /* on a terminal, in place */
};

static void free_crowd(struct crowd *c) {
        for (size_t i = 0; c->waiters && i < c->n; i++)
                free(c->waiters[i].line);
        free(c->waiters);
}

/* "write 45 %, 1.20 GB of 2.60 GB, 23.0 MB/s". */
static void append_progress(struct text *out, const json_t *progress, bool with_numbers) {
        const json_int_t done = json_integer_value(json_at(progress, "done"));
        const json_int_t total = json_integer_value(json_at(progress, "total"));
        const json_int_t rate = json_integer_value(json_at(progress, "rate"));

        if (!progress)
                return;
        text_append(out, ": ");
        print_text(out, json_text_at(progress, "phase"));
        if (!with_numbers)
                return;
        if (total > 0) {
                text_printf(out, " %" JSON_INTEGER_FORMAT " %%, ", done * 100 / total);
                print_size(out, (uint64_t)done);
                text_append(out, " of ");
                print_size(out, (uint64_t)total);
        }
        if (rate > 0) {
                text_append(out, ", ");
                print_size(out, (uint64_t)rate);
                text_append(out, "/s");
        }
}

static char *line_of(const char *name, const json_t *activity, bool with_numbers) {
        CLEANUP(text_free) struct text line = {};
        const char *reason = json_text_at(activity, "reason");

        text_printf(&line, "%-*s %s", NAME_WIDTH, name, json_text_at(activity, "state"));
        if (*reason) {
                text_append(&line, ": ");
                print_text(&line, reason);
        }
        append_progress(&line, json_at(activity, "progress"), with_numbers);
        return text_take(&line);
}

/* What the state that a machine rests in says about how it went. */
static bool is_failure(const char *state) {
        return strcasestr(state, "failed") || strcmp(state, "Broken") == 0 || strcmp(state, "Missing") == 0;
}

/* Deployed all the same, with what it had before: so ends a trial that failed. */
static int look_for_fallback(struct crowd *c, const json_t *begun, struct waiter *w) {
        CLEANUP(free_at) char *path = api_path("machines", json_text_at(begun, "name"), NULL);
        CLEANUP(json_decref_at) json_t *now = NULL;

        if (!*json_text_at(begun, "falls_back_to"))
                return CLI_OK;
        int code = api_json(c->cli, "GET", path, NULL, &now);
        w->has_failed = w->has_failed || (now && !json_equal(json_at(now, "image"), json_at(begun, "image")));
        return code;
}

/* A machine that rests waits for nothing: it has no deadline. */
static int look_at(struct crowd *c, size_t i) {
        const json_t *begun = json_array_get(c->machines, i);
        const char *name = json_text_at(begun, "name");
        CLEANUP(free_at) char *path = api_path("machines", name, "activity", NULL);
        CLEANUP(json_decref_at) json_t *activity = NULL;
        struct waiter *w = &c->waiters[i];

        const int code = api_json(c->cli, "GET", path, NULL, &activity);
        if (code != CLI_OK)
                return code;
        w->is_done = !json_at(activity, "deadline");
        w->has_failed = w->is_done && is_failure(json_text_at(activity, "state"));
        char *line = line_of(name, activity, c->is_drawn);
        if (!line)
                return cli_fail(CLI_LOCAL, "out of memory");
        if (!c->is_drawn && (!w->line || strcmp(w->line, line) != 0))
                cli_note("%s", line);
        free(w->line);
        w->line = line;
        return w->is_done ? look_for_fallback(c, begun, w) : CLI_OK;
}

static int width_of(const struct crowd *c) {
        return c->cli->columns ? (int)c->cli->columns - 1 : 79;
}

static void draw(struct crowd *c) {
        const int width = width_of(c);

        if (!c->is_drawn)
                return;
        if (c->n_drawn > 0)
                (void)fprintf(stderr, "\033[%zuA", c->n_drawn);
        for (size_t i = 0; i < c->n; i++)
                (void)fprintf(stderr, "\r%.*s\033[K\n", width, c->waiters[i].line ? c->waiters[i].line : "");
        c->n_drawn = c->n;
}

/* What the drawing has cut: in the end it is what has to be known of a machine, as that it is not erased. */
static void say_what_was_cut(const struct crowd *c) {
        for (size_t i = 0; c->is_drawn && i < c->n; i++) {
                const struct waiter *w = &c->waiters[i];
                if (w->is_done && w->line && strlen(w->line) > (size_t)width_of(c))
                        cli_note("%s", w->line);
        }
}

static int look_at_all(struct crowd *c, size_t *ret_left) {
        *ret_left = 0;
        for (size_t i = 0; i < c->n; i++) {
                if (c->waiters[i].is_done)
                        continue;
                int code = look_at(c, i);
                if (code != CLI_OK)
                        return code;
                *ret_left += !c->waiters[i].is_done;
        }
        return CLI_OK;
}

int wait_for(struct cli *cli, const json_t *machines) {
        CLEANUP(free_crowd)
        struct crowd c = { .cli = cli, .machines = machines, .n = json_array_size(machines) };
        size_t left = 0;
        int code;

        c.waiters = calloc(c.n + 1, sizeof(*c.waiters));
        if (!c.waiters)
                return cli_fail(CLI_LOCAL, "out of memory");
        c.is_drawn = cli->has_progress && c.n <= DRAWN_MAX;
        while ((code = look_at_all(&c, &left)) == CLI_OK && left > 0) {
                draw(&c);
                (void)sleep(1);
        }
        draw(&c);
        say_what_was_cut(&c);
        for (size_t i = 0; code == CLI_OK && i < c.n; i++)
                code = c.waiters[i].has_failed ? CLI_REFUSED : CLI_OK;
        return code;
}
