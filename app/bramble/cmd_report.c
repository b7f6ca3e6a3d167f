/* bramble report: what a boot was like, for people who were not there, without whose board it was. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/print.h"
#include "app/bramble/report/hear.h"
#include "app/bramble/report/standins.h"
#include "base/base64.h"
#include "base/text.h"

enum { REPORT_VERSION = 1 };

/* ---- what the daemon knows ---- */

static int ask(struct cli *cli, const char *part, const char *more, const char *of, const char *led,
               json_t **ret) {
        CLEANUP(free_at) char *path = api_path(part, more, NULL);

        api_query(&path, "of", of);
        api_query(&path, "led", led);
        return api_json(cli, "GET", path, NULL, ret);
}

/* A machine's own words, where it is one of ours. */
static json_t *about_machine(const json_t *machine) {
        static const char *const members[] = { "board", "arch", "boot_order", "boot_order_found",
                                               "root",  "image" };
        json_t *about = json_object();

        for (size_t i = 0; machine && i < ARRAY_LEN(members); i++)
                (void)json_object_set(about, members[i], json_object_get(machine, members[i]));
        return about;
}

struct answers {
        json_t *machine, *machines, *inventory, *trail, *messages, *diagnosis;
};

static void answers_free(struct answers *a) {
        json_decref(a->machine);
        json_decref(a->machines);
        json_decref(a->inventory);
        json_decref(a->trail);
        json_decref(a->messages);
        json_decref(a->diagnosis);
}

/* Their names are replaced where the report has them. */
static int ask_for_machines(struct cli *cli, json_t **ret) {
        CLEANUP(free_at) char *path = api_path("machines", NULL);
        return api_list(cli, path, ret);
}

static int ask_all(struct cli *cli, const struct args *args, struct answers *ret) {
        const char *of = args->words[0], *led = args_value(args, "led");
        int code = ask(cli, "boot", "trail", of, NULL, &ret->trail);

        if (code == CLI_OK)
                code = ask(cli, "boot", "messages", of, NULL, &ret->messages);
        if (code == CLI_OK)
                code = ask(cli, "doctor", "boot", of, led, &ret->diagnosis);
        if (code == CLI_OK)
                code = ask_for_machines(cli, &ret->machines);
        if (code != CLI_OK)
                return code;
        const json_t *boot = json_array_get(json_object_get(ret->trail, "sessions"), 0);
        if (!boot)
                return cli_fail(CLI_REFUSED, "no boot of %s was seen yet: there is nothing to report", of);
        const char *name = json_string_value(json_object_get(boot, "machine"));
        if (!name)
                return CLI_OK;
        CLEANUP(free_at)
        char *machine = api_path("machines", name, NULL),
             *inventory = api_path("machines", name, "inventory", NULL);
        struct http_reply reply = {};
        code = api_json(cli, "GET", machine, NULL, &ret->machine);
        /* It has none before its agent was there. */
        const struct http_call call = { .method = "GET", .path = inventory, .accept = "application/json" };
        if (code == CLI_OK && http_client_call(cli->client, &call, &reply, NULL) == 0 && reply.status == 200)
                ret->inventory = json_loadb(reply.body, reply.len, 0, NULL);
        http_reply_clear(&reply);
        return code;
}

/* ---- whose it was ---- */

/* The octets of a message; NULL: it is none. */
static uint8_t *octets_of(const json_t *message, size_t *ret_len) {
        return base64_decode(json_text_at(message, "octets"), ret_len);
}

/* Members whose words are all ours: a machine may be called like one of them. */
static bool has_our_words(const char *member) {
        static const char *const ours[] = { "advice", "arch", "at",      "board",  "bramble",
                                            "client", "kind", "outcome", "page",   "root",
                                            "start",  "last", "title",   "weight", "id" };

        for (size_t i = 0; i < ARRAY_LEN(ours); i++)
                if (strcmp(member, ours[i]) == 0)
                        return true;
        return false;
}

/* All texts in a value, whose depth is the API's, each on a line of its own. */
static void put_texts(struct text *out, const json_t *value) {
        const char *key;
        json_t *item;
        size_t i;

        if (json_is_string(value)) {
                text_append(out, json_string_value(value));
                text_append(out, "\n");
        }
        json_array_foreach(value, i, item) {
                put_texts(out, item);
        }
        json_object_foreach((json_t *)(uintptr_t)value, key, item) {
                if (!has_our_words(key))
                        put_texts(out, item);
        }
}

/* The board of the report first: its stand-ins are number one. */
static void hear_board(const struct answers *a, const json_t *boot, struct standins *s) {
        const char *serial = json_text_at(a->machine, "serial"),
                   *found = json_text_at(a->inventory, "board.pi.serial"),
                   *name = json_text_at(boot, "machine");
        const json_t *mac;
        size_t i;

        hear_text(s, json_text_at(boot, "mac"));
        standins_add_serial_text(s, serial, strlen(serial));
        standins_add_serial_text(s, found, strlen(found));
        standins_add_name(s, name, strlen(name));
        json_array_foreach(json_object_get(a->machine, "macs"), i, mac) {
                hear_text(s, json_string_value(mac) ? json_string_value(mac) : "");
        }
}

static void hear_all(const struct answers *a, const json_t *parts, const char *texts, struct standins *s) {
        const json_t *item;
        size_t i, len;

        hear_board(a, json_object_get(parts, "boot"), s);
        json_array_foreach(json_object_get(a->messages, "messages"), i, item) {
                CLEANUP(free_at) uint8_t *octets = octets_of(item, &len);
                if (octets)
                        hear_message(s, octets, len);
        }
        hear_text(s, texts);
        json_array_foreach(a->machines, i, item) {
                const char *name = json_text_at(item, "name");
                if (strcasestr(texts, name))
                        standins_add_name(s, name, strlen(name));
        }
}

static json_t *without_owner(const struct standins *s, const json_t *value) {
        CLEANUP(free_at) char *text = json_is_string(value) ? strdup(json_string_value(value)) : NULL;
        const char *key;
        json_t *item, *out;
        size_t i;

        if (text) {
                standins_apply_text(s, text);
                return json_string(text);
        }
        if (json_is_array(value)) {
                out = json_array();
                json_array_foreach(value, i, item) {
                        (void)json_array_append_new(out, without_owner(s, item));
                }
                return out;
        }
        if (!json_is_object(value))
                return json_deep_copy(value);
        out = json_object();
        json_object_foreach((json_t *)(uintptr_t)value, key, item) {
                (void)json_object_set_new(out, key,
                                          has_our_words(key) ? json_deep_copy(item) : without_owner(s, item));
        }
        return out;
}

static json_t *messages_without_owner(const struct standins *s, const json_t *messages) {
        json_t *out = json_array();
        const json_t *item;
        size_t i, len;

        json_array_foreach(messages, i, item) {
                CLEANUP(free_at) uint8_t *octets = octets_of(item, &len);
                if (!octets)
                        continue;
                standins_apply_message(s, octets, len);
                CLEANUP(free_at) char *text = base64_encode(octets, len);
                (void)json_array_append_new(out,
                                            json_pack("{s:O, s:s}", "at_ms", json_object_get(item, "at_ms"),
                                                      "octets", text ? text : ""));
        }
        return out;
}

/* What is of texts, as it is. */
static json_t *parts_of(const struct args *args, const struct answers *a) {
        const json_t *boot = json_array_get(json_object_get(a->trail, "sessions"), 0),
                     *pi = json_at(a->inventory, "board.pi");

        return json_pack("{s:i, s:s, s:o, s:O?, s:O, s:O, s:s*}", "report", REPORT_VERSION, "bramble",
                         BRAMBLE_VERSION, "machine", about_machine(a->machine), "firmware", pi, "boot", boot,
                         "diagnosis", a->diagnosis, "comment", args_value(args, "comment"));
}

static int compose(const struct args *args, const struct answers *a, json_t **ret) {
        CLEANUP(free_at) struct standins *s = calloc(1, sizeof(*s));
        CLEANUP(json_decref_at) json_t *parts = parts_of(args, a);
        CLEANUP(text_free) struct text texts = {};

        put_texts(&texts, parts);
        if (!s || !parts || texts.failed)
                return cli_fail(CLI_LOCAL, "out of memory");
        hear_all(a, parts, texts.octets ? texts.octets : "", s);
        if (s->is_full)
                return cli_fail(CLI_REFUSED,
                                "this boot names more boards than there are stand-ins: nothing is written");
        CLEANUP(json_decref_at) json_t *report = without_owner(s, parts);
        (void)json_object_set_new(report, "messages",
                                  messages_without_owner(s, json_object_get(a->messages, "messages")));
        (void)json_object_set(report, "left_out", json_object_get(a->messages, "left_out"));
        *ret = TAKE(report);
        return CLI_OK;
}

/* ---- to a file ---- */

static int write_report(const json_t *report, const char *path) {
        return json_dump_file(report, path, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0
                       ? CLI_OK
                       : cli_fail(CLI_LOCAL, "cannot write %s: %s", path, strerror(errno));
}

/* All of it is shown before it is written: what it says of somebody is theirs to judge. */
static int agree(struct cli *cli, const struct args *args, const json_t *report) {
        char answer[16] = "";
        int code = print_json(report);

        if (code != CLI_OK || args_value(args, "yes"))
                return code;
        if (!cli->has_progress || isatty(STDIN_FILENO) != 1)
                return cli_fail(
                        CLI_USAGE,
                        "report: there is no terminal to ask whether this may be written: give --yes");
        (void)fflush(stdout);
        (void)fprintf(stderr, "This is all that the report says. Write it to %s? Type yes: ",
                      args_value(args, "out"));
        if (!fgets(answer, sizeof(answer), stdin) || strcmp(answer, "yes\n") != 0)
                return cli_fail(CLI_REFUSED, "nothing was written");
        return CLI_OK;
}

int cmd_report(struct cli *cli, const struct args *args) {
        CLEANUP(answers_free) struct answers answers = {};
        CLEANUP(json_decref_at) json_t *report = NULL;
        int code = ask_all(cli, args, &answers);

        if (code != CLI_OK)
                return code;
        code = compose(args, &answers, &report);
        if (code == CLI_OK)
                code = agree(cli, args, report);
        if (code == CLI_OK)
                code = write_report(report, args_value(args, "out"));
        if (code == CLI_OK)
                cli_done(cli, "next: send %s to the project, with what the board is and what it did",
                         args_value(args, "out"));
        return code;
}
