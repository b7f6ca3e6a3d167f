/* bramble script …, and bramble machine results. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/noun.h"
#include "base/base64.h"

enum { FILE_MAX = 180 * 1024 /* octets; the daemon takes no more */ };

static void format_list(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        const json_t *word;
        size_t i;
        (void)cli;
        (void)row;

        json_array_foreach(value, i, word) {
                text_append(out, i ? ", " : "");
                print_text(out, json_string_value(word));
        }
}

static const struct column list_columns[] = {
        { .title = "SCRIPT", .field = "name" },
        { .title = "TYPE", .field = "type" },
        { .title = "TAGS", .field = "tags", .format = format_list },
        { .title = "PARAMETERS", .field = "parameters", .format = format_list },
        { .title = "TITLE", .field = "title" },
        {},
};

static const struct column show_columns[] = {
        { .title = "script", .field = "name" },
        { .title = "type", .field = "type" },
        { .title = "title", .field = "title" },
        { .title = "description", .field = "description" },
        { .title = "tags", .field = "tags", .format = format_list },
        { .title = "parameters", .field = "parameters", .format = format_list },
        { .title = "timeout", .field = "timeout_s" },
        { .title = "destructive", .field = "destructive" },
        { .title = "size", .field = "size", .format = format_size },
        { .title = "added", .field = "created", .format = format_time },
        { .title = "not done", .field = "notes", .format = format_list },
        {},
};

/* The file as base64, the caller's; NULL with a complaint. */
static char *read_base64(const char *path) {
        CLEANUP(free_at) char *octets = malloc(FILE_MAX + 1);
        FILE *f = fopen(path, "re");

        if (!f || !octets) {
                (void)cli_fail(CLI_LOCAL, "%s: %s", path, strerror(f ? ENOMEM : errno));
                if (f)
                        (void)fclose(f);
                return NULL;
        }
        const size_t len = fread(octets, 1, FILE_MAX + 1, f);
        const bool is_bad = ferror(f);
        (void)fclose(f);
        if (is_bad || len > FILE_MAX) {
                (void)cli_fail(CLI_LOCAL, "%s: %s", path,
                               is_bad ? "cannot be read" : "is larger than 180 KiB");
                return NULL;
        }
        char *text = base64_encode(octets, len);
        if (!text)
                (void)cli_fail(CLI_LOCAL, "out of memory");
        return text;
}

int cmd_script_add(struct cli *cli, const struct args *args) {
        const char *path = args->words[0], *slash = strrchr(path, '/');
        CLEANUP(free_at) char *body = read_base64(path);
        CLEANUP(json_decref_at) json_t *wish = NULL, *script = NULL;
        const json_t *note;
        size_t i;

        if (!body)
                return CLI_LOCAL;
        wish = json_pack("{s:s, s:s}", "file", slash ? slash + 1 : path, "body_base64", body);
        if (!wish)
                return cli_fail(CLI_LOCAL, "%s: its name is no UTF-8 text", path);
        const int code = api_json(cli, "POST", "/api/v1/scripts", wish, &script);
        if (code != CLI_OK)
                return code;
        json_array_foreach(json_object_get(script, "notes"), i, note) {
                CLEANUP(text_free) struct text line = {};
                print_text(&line, json_string_value(note));
                cli_note("not done: %s", line.octets ? line.octets : "");
        }
        if (cli->json)
                return print_json(script);
        cli_done(cli, "added script %s", json_text_at(script, "name"));
        return CLI_OK;
}

int cmd_script_list(struct cli *cli, const struct args *args) {
        (void)args;
        return noun_list(cli, "/api/v1/scripts", list_columns);
}

int cmd_script_show(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("scripts", args->words[0], NULL);
        return noun_show(cli, path, show_columns, NULL);
}

int cmd_script_delete(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("scripts", args->words[0], NULL);
        const int code = noun_delete(cli, path);

        if (code == CLI_OK)
                cli_done(cli, "deleted script %s", args->words[0]);
        return code;
}

/* ---- what became of them ---- */

static void format_runtime(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        (void)cli;
        (void)row;
        text_printf(out, "%.1f s", (double)json_integer_value(value) / 1000);
}

static const struct column result_columns[] = {
        { .title = "SCRIPT", .field = "name" },
        { .title = "STATUS", .field = "status" },
        { .title = "EXIT", .field = "exit", .is_right = true },
        { .title = "TIME", .field = "runtime_ms", .format = format_runtime, .is_right = true },
        { .title = "FINISHED", .field = "finished", .format = format_time },
        { .title = "TASK", .field = "task", .is_right = true },
        {},
};

int print_script_results(const struct cli *cli, const json_t *results) {
        return print_table(cli, result_columns, results);
}

/* The number of the newest task in which it ran; "" none. Results come with the newest task first. */
static void newest_task(const json_t *results, const char *script, char *buf, size_t size) {
        const json_t *result;
        size_t i;

        buf[0] = 0;
        json_array_foreach(results, i, result) {
                if (strcmp(json_text_at(result, "name"), script) != 0)
                        continue;
                (void)snprintf(buf, size, "%" JSON_INTEGER_FORMAT,
                               json_integer_value(json_object_get(result, "task")));
                return;
        }
}

static int print_output(const struct cli *cli, const json_t *result) {
        const char *output = json_text_at(result, "output");
        CLEANUP(text_free) struct text shown = {};

        if (!cli->is_terminal) {
                (void)fputs(output, stdout);
                return CLI_OK;
        }
        /* Line by line: what it wrote shall steer no terminal. */
        while (*output) {
                const size_t len = strcspn(output, "\n");
                CLEANUP(free_at) char *line = strndup(output, len);
                print_text(&shown, line ? line : "");
                text_append(&shown, "\n");
                output += len + (output[len] != 0);
        }
        (void)fputs(shown.octets ? shown.octets : "", stdout);
        return shown.failed ? cli_fail(CLI_LOCAL, "out of memory") : CLI_OK;
}

static int show_result(struct cli *cli, const char *machine, const char *script, const json_t *results) {
        CLEANUP(json_decref_at) json_t *result = NULL;
        char task[24];

        newest_task(results, script, task, sizeof(task));
        if (!task[0])
                return cli_fail(CLI_REFUSED, "machine %s has no result of a script %s", machine, script);
        CLEANUP(free_at) char *path = api_path("machines", machine, "scripts", task, script, NULL);
        const int code = api_json(cli, "GET", path, NULL, &result);
        if (code != CLI_OK)
                return code;
        return cli->json ? print_json(result) : print_output(cli, result);
}

int cmd_machine_results(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("machines", args->words[0], "scripts", NULL);
        CLEANUP(json_decref_at) json_t *answer = NULL;

        const int code = api_json(cli, "GET", path, NULL, &answer);
        if (code != CLI_OK)
                return code;
        const json_t *results = json_object_get(answer, "items");
        if (args->n_words > 1)
                return show_result(cli, args->words[0], args->words[1], results);
        return cli->json ? print_json(results) : print_script_results(cli, results);
}
