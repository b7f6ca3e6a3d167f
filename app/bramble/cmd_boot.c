/* bramble boot explain, files and trail: what one machine gets, and what it did. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/cmd.h"
#include "app/bramble/noun.h"

enum { WIDTH_MAX = 240 }; /* columns that a waterfall can have */

static void format_generated(struct text *out, const struct cli *cli, const json_t *row,
                             const json_t *value) {
        (void)cli;
        (void)row;
        text_append(out, json_is_true(value) ? "generated" : "image");
}

static const struct column file_columns[] = {
        { .title = "PATH", .field = "path" },
        { .title = "SIZE", .field = "size", .format = format_size, .is_right = true },
        { .title = "FROM", .field = "generated", .format = format_generated },
        { .title = "WHY", .field = "why" },
        {},
};

static void format_client(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        (void)cli;
        (void)value;
        print_text(out, json_text_at(row, "client.title"));
        text_append(out, " (");
        print_text(out, json_text_at(row, "client.name"));
        text_append(out, ")");
}

static const struct column explain_columns[] = {
        { .title = "mac", .field = "mac" },
        { .title = "client", .field = "", .format = format_client },
        { .title = "machine", .field = "machine" },
        { .title = "subnet", .field = "subnet" },
        { .title = "purpose", .field = "purpose" },
        { .title = "method", .field = "method" },
        { .title = "image", .field = "image" },
        { .title = "next server", .field = "offer.next_server" },
        { .title = "boot file", .field = "offer.bootfile" },
        { .title = "vendor class", .field = "offer.vendor_class" },
        { .title = "pxe config", .field = "offer.pxe_config" },
        {},
};

/* The path of a question about one machine. */
static char *question(const struct args *args, const char *what, const char *more) {
        char *path = api_path("boot", what, more, NULL);

        api_query(&path, "of", args->words[0]);
        api_query(&path, "client", args_value(args, "client"));
        return path;
}

static void print_reasons(const struct cli *cli, const json_t *reasons) {
        const json_t *reason;
        size_t i;

        json_array_foreach(reasons, i, reason) {
                CLEANUP(text_free) struct text line = {};
                const char *sentence = json_string_value(reason);
                print_text(&line, sentence ? sentence : "");
                (void)printf(cli->is_terminal ? "  - %s\n" : "why\t%s\n", line.octets ? line.octets : "");
        }
}

int cmd_boot_explain(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = question(args, "explain", NULL);
        CLEANUP(json_decref_at) json_t *plan = NULL;
        const int code = noun_show(cli, path, explain_columns, &plan);

        if (code != CLI_OK || cli->json)
                return code;
        if (cli->is_terminal)
                (void)puts("\nwhy:");
        print_reasons(cli, json_object_get(plan, "reasons"));
        const json_t *files = json_object_get(plan, "files");
        if (json_array_size(files) == 0)
                return CLI_OK;
        if (cli->is_terminal)
                (void)puts("");
        return print_table(cli, file_columns, files);
}

/* ---- files ---- */

struct content {
        struct cli *cli;
        bool is_begun, is_binary, is_unwritable;
};

static int take_content(void *ctx, const void *data, size_t len) {
        struct content *c = ctx;

        c->is_binary = !c->is_begun && c->cli->is_terminal && memchr(data, '\0', len);
        c->is_begun = true;
        if (c->is_binary)
                return -1;
        c->is_unwritable = fwrite(data, 1, len, stdout) != len;
        return c->is_unwritable;
}

static int print_content(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = question(args, "files", "content");
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        struct content content = { .cli = cli };

        api_query(&path, "path", args->words[1]);
        const struct http_call call = {
                .method = "GET",
                .path = path,
                .accept = "application/octet-stream, application/problem+json",
                .take = take_content,
                .ctx = &content,
        };
        const int code = api_call(cli, &call, &reply);
        if (content.is_binary)
                return cli_fail(CLI_LOCAL, "%s is no text: send it to a file or a program", args->words[1]);
        if (content.is_unwritable)
                return cli_fail(CLI_LOCAL, "cannot write the file out");
        return code;
}

int cmd_boot_files(struct cli *cli, const struct args *args) {
        if (args->n_words == 2)
                return print_content(cli, args);

        CLEANUP(free_at) char *path = question(args, "files", NULL);
        CLEANUP(json_decref_at) json_t *tree = NULL;
        const int code = api_json(cli, "GET", path, NULL, &tree);
        if (code != CLI_OK)
                return code;
        if (cli->json)
                return print_json(tree);
        const json_t *files = json_object_get(tree, "files"), *reasons = json_object_get(tree, "reasons");
        if (json_array_size(files) == 0) {
                const char *why = json_string_value(json_array_get(reasons, json_array_size(reasons) - 1));
                cli_note("%s is served no files%s%s", args->words[0], why ? ": " : "", why ? why : "");
                return CLI_OK;
        }
        return print_table(cli, file_columns, files);
}

/* ---- trail ---- */

int cmd_boot_trail(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = question(args, "trail", NULL);
        CLEANUP(http_reply_clear) struct http_reply reply = {};

        if (cli->json) {
                api_query(&path, "limit", args_value(args, "last"));
                CLEANUP(json_decref_at) json_t *trail = NULL;
                const int code = api_json(cli, "GET", path, NULL, &trail);
                return code == CLI_OK ? print_json(trail) : code;
        }
        if (cli->columns) {
                char columns[16];
                (void)snprintf(columns, sizeof(columns), "%u",
                               cli->columns < WIDTH_MAX ? cli->columns : WIDTH_MAX);
                api_query(&path, "width", columns);
        }
        api_query(&path, "ascii", cli->is_ascii ? "true" : NULL);
        const struct http_call call = { .method = "GET", .path = path, .accept = "text/plain" };
        const int code = api_call(cli, &call, &reply);
        if (code == CLI_OK)
                (void)fwrite(reply.body, 1, reply.len, stdout);
        return code;
}
