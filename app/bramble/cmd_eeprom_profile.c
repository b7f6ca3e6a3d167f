/* bramble eeprom-profile …: what boards, tags and machines want in their EEPROMs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/eeprom_file.h"
#include "app/bramble/noun.h"
#include "app/bramble/text_file.h"

static const struct column list_columns[] = {
        { .title = "SCOPE", .field = "scope" },
        { .title = "NAME", .field = "name" },
        { .title = "GIVEN", .field = "created", .format = format_time },
        { .title = "FIRMWARE", .field = "firmware" },
        { .title = "LINES", .field = "text" },
        {},
};

/* Where a profile is kept: boards and tags have paths for them, a machine's own is a part of the machine. */
struct place {
        char *path;
        const char *method, *text, *firmware; /* of a change, and the members that it has there */
};

static void place_end(struct place *p) {
        free(p->path);
}

/* "tag=rack-b"; a usage error where it says nothing of the kind. */
static int find_place(const char *word, struct place *ret) {
        static const struct {
                const char *scope;
                bool is_machine;
        } scopes[] = { { "board", false }, { "tag", false }, { "machine", true } };
        const char *equals = strchr(word, '=');

        for (size_t i = 0; equals && equals[1] && i < ARRAY_LEN(scopes); i++) {
                if ((size_t)(equals - word) != strlen(scopes[i].scope) ||
                    strncmp(word, scopes[i].scope, strlen(scopes[i].scope)) != 0)
                        continue;
                *ret = scopes[i].is_machine
                               ? (struct place){ .path = api_path("machines", equals + 1, NULL),
                                                 .method = "PATCH",
                                                 .text = "eeprom_lines",
                                                 .firmware = "eeprom_firmware" }
                               : (struct place){ .path = api_path("eeprom", "profiles", scopes[i].scope,
                                                                  equals + 1, NULL),
                                                 .method = "PUT",
                                                 .text = "text",
                                                 .firmware = "firmware" };
                return ret->path ? CLI_OK : cli_fail(CLI_LOCAL, "out of memory");
        }
        return cli_fail(CLI_USAGE, "%s: whose profile? board=pi4b, say, tag=rack-b, or machine=shelf-07",
                        word);
}

int cmd_eeprom_profile_list(struct cli *cli, const struct args *args) {
        (void)args;
        return noun_list(cli, "/api/v1/eeprom/profiles", list_columns);
}

/* The lines as they are, so that they can go into a file and come back; the firmware as a comment before
 * them. */
int cmd_eeprom_profile_show(struct cli *cli, const struct args *args) {
        CLEANUP(place_end) struct place place = {};
        CLEANUP(json_decref_at) json_t *profile = NULL;

        int code = find_place(args->words[0], &place);
        if (code == CLI_OK)
                code = api_json(cli, "GET", place.path, NULL, &profile);
        if (code != CLI_OK)
                return code;
        if (cli->json)
                return print_json(profile);
        if (*json_text_at(profile, place.firmware))
                (void)printf("# firmware: %s\n", json_text_at(profile, place.firmware));
        (void)fputs(json_text_at(profile, place.text), stdout);
        return CLI_OK;
}

int cmd_eeprom_profile_set(struct cli *cli, const struct args *args) {
        CLEANUP(place_end) struct place place = {};
        const char *file = args->words[1], *firmware = args_value(args, "firmware");

        int code = find_place(args->words[0], &place);
        if (code != CLI_OK)
                return code;
        CLEANUP(free_at) char *text = text_file_read(file);
        if (!text)
                return CLI_LOCAL;
        eeprom_config_remarks(file, text, strlen(text));
        json_t *body = json_pack("{s:s, s:o}", place.text, text, place.firmware,
                                 firmware ? json_string(firmware) : json_null());
        if (!body)
                return cli_fail(CLI_LOCAL, "%s: is no UTF-8 text", file);
        code = noun_send(cli, place.method, place.path, body);
        if (code == CLI_OK)
                cli_done(cli, "%s wants this: bramble eeprom plan shows what would change", args->words[0]);
        return code;
}

int cmd_eeprom_profile_delete(struct cli *cli, const struct args *args) {
        CLEANUP(place_end) struct place place = {};

        int code = find_place(args->words[0], &place);
        if (code != CLI_OK)
                return code;
        code = strcmp(place.method, "PATCH") == 0
                       ? noun_send(cli, "PATCH", place.path,
                                   json_pack("{s:n, s:n}", place.text, place.firmware))
                       : noun_delete(cli, place.path);
        if (code == CLI_OK)
                cli_done(cli, "%s has no profile of its own any more; EEPROMs stay as they are",
                         args->words[0]);
        return code;
}
