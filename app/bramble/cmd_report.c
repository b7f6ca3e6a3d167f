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
        json_t *machine, *inventory, *trail, *messages, *diagnosis;
};

static void answers_free(struct answers *a) {
        json_decref(a->machine);
        json_decref(a->inventory);
        json_decref(a->trail);
        json_decref(a->messages);
        json_decref(a->diagnosis);
}

static int ask_all(struct cli *cli, const struct args *args, struct answers *ret) {
        const char *of = args->words[0], *led = args_value(args, "led");
        int code = ask(cli, "boot", "trail", of, NULL, &ret->trail);

        if (code == CLI_OK)
                code = ask(cli, "boot", "messages", of, NULL, &ret->messages);
        if (code == CLI_OK)
                code = ask(cli, "doctor", "boot", of, led, &ret->diagnosis);
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

static void add_mac(struct standins *s, const char *text) {
        struct mac mac;

        if (mac_parse(text, &mac) == 0)
                standins_add_mac(s, &mac);
}

static void add_serial(struct standins *s, const char *text) {
        uint8_t octets[4];
        const size_t len = strlen(text);

        if (len >= 8 && text_parse_hex(text + len - 8, octets, sizeof(octets)) == 0)
                standins_add_serial(s, (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 |
                                               (uint32_t)octets[2] << 8 | octets[3]);
}

/* The octets of a message; NULL: it is none. */
static uint8_t *octets_of(const json_t *message, size_t *ret_len) {
        return base64_decode(json_text_at(message, "octets"), ret_len);
}

static void hear_all(const struct answers *a, struct standins *s) {
        const json_t *item, *boot = json_array_get(json_object_get(a->trail, "sessions"), 0);
        size_t i, len;

        add_mac(s, json_text_at(boot, "mac"));
        add_serial(s, json_text_at(a->machine, "serial"));
        add_serial(s, json_text_at(a->inventory, "board.pi.serial"));
        standins_add_name(s, json_text_at(boot, "machine"));
        json_array_foreach(json_object_get(a->machine, "macs"), i, item) {
                add_mac(s, json_string_value(item) ? json_string_value(item) : "");
        }
        json_array_foreach(json_object_get(a->messages, "messages"), i, item) {
                CLEANUP(free_at) uint8_t *octets = octets_of(item, &len);
                if (octets)
                        standins_hear(s, octets, len);
        }
}

/* All texts in a value, whose depth is the API's. */
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
                (void)json_object_set_new(out, key, without_owner(s, item));
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
                standins_apply_octets(s, octets, len);
                CLEANUP(free_at) char *text = base64_encode(octets, len);
                (void)json_array_append_new(out,
                                            json_pack("{s:O, s:s}", "at_ms", json_object_get(item, "at_ms"),
                                                      "octets", text ? text : ""));
        }
        return out;
}

static json_t *compose(const struct args *args, const struct answers *a) {
        CLEANUP(free_at) struct standins *s = calloc(1, sizeof(*s));
        const json_t *boot = json_array_get(json_object_get(a->trail, "sessions"), 0);

        if (!s)
                return NULL;
        hear_all(a, s);
        CLEANUP(json_decref_at) json_t *about = about_machine(a->machine);
        json_t *report = json_pack(
                "{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:O}", "report", REPORT_VERSION, "bramble",
                BRAMBLE_VERSION, "machine", without_owner(s, about), "firmware",
                without_owner(s, json_at(a->inventory, "board.pi") ? json_at(a->inventory, "board.pi")
                                                                   : json_null()),
                "boot", without_owner(s, boot), "diagnosis", without_owner(s, a->diagnosis), "messages",
                messages_without_owner(s, json_object_get(a->messages, "messages")), "left_out",
                json_object_get(a->messages, "left_out"));
        const char *comment = args_value(args, "comment");
        if (report && comment)
                (void)json_object_set_new(report, "comment", json_string(comment));
        return report;
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
        report = compose(args, &answers);
        if (!report)
                return cli_fail(CLI_LOCAL, "out of memory");
        code = agree(cli, args, report);
        if (code == CLI_OK)
                code = write_report(report, args_value(args, "out"));
        if (code == CLI_OK)
                cli_done(cli, "next: send %s to the project, with what the board is and what it did",
                         args_value(args, "out"));
        return code;
}
