/* bramble machine claim-code: codes that machines are taken up by, for boards that may not be there yet. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/body.h"
#include "app/bramble/cmd.h"
#include "app/bramble/print.h"
#include "base/cleanup.h"
#include "io/crypto.h"

enum { DIGITS = 12, GROUP = 4, CODE_SIZE = DIGITS + DIGITS / GROUP, SERIAL_DIGITS = 8 };

static const struct column columns[] = {
        { .title = "MACHINE", .field = "name" },
        { .title = "SERIAL", .field = "serial" },
        { .title = "CODE", .field = "code" },
        { .title = "UNTIL", .field = "claim_until", .format = format_time },
        {},
};

/* "K7QM-2XRD-9TFA": digits that people do not take for others (Crockford's base 32). */
static const char *new_code(char buf[static CODE_SIZE]) {
        static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        uint8_t octets[DIGITS];
        char *to = buf;

        random_octets(octets, sizeof(octets));
        for (size_t i = 0; i < DIGITS; i++) {
                if (i > 0 && i % GROUP == 0)
                        *to++ = '-';
                *to++ = digits[octets[i] % 32];
        }
        *to = 0;
        return buf;
}

/* As it is printed on boards, short or long. */
static bool is_serial(const char *word) {
        const size_t len = strlen(word);

        if (len != SERIAL_DIGITS && len != 2 * SERIAL_DIGITS)
                return false;
        for (; *word; word++)
                if (!isxdigit((unsigned char)*word))
                        return false;
        return true;
}

/* The machine of a serial, which is registered where there is none yet. */
static int machine_of_serial(struct cli *cli, const char *serial, json_t **ret) {
        CLEANUP(json_decref_at) json_t *found = NULL;
        const char *low = serial + strlen(serial) - SERIAL_DIGITS;
        char *path = api_path("machines", NULL);

        api_query(&path, "serial", low);
        CLEANUP(free_at) char *owned = path;
        const int code = api_list(cli, owned, &found);
        if (code != CLI_OK)
                return code;
        if (json_array_size(found) > 0) {
                *ret = json_incref(json_array_get(found, 0));
                return CLI_OK;
        }
        CLEANUP(json_decref_at)
        json_t *fresh = json_pack("{s:o, s:s}", "name", json_sprintf("pi-%s", low), "serial", low);
        char *name = fresh ? (char *)(uintptr_t)json_text_at(fresh, "name") : NULL;
        for (; name && *name; name++)
                *name = (char)tolower((unsigned char)*name);
        return api_json(cli, "POST", "/api/v1/machines", fresh, ret);
}

static int name_of(struct cli *cli, const char *word, char *buf, size_t size) {
        CLEANUP(json_decref_at) json_t *machine = NULL;

        if (!is_serial(word)) {
                (void)snprintf(buf, size, "%s", word);
                return CLI_OK;
        }
        const int code = machine_of_serial(cli, word, &machine);
        if (code == CLI_OK)
                (void)snprintf(buf, size, "%s", json_text_at(machine, "name"));
        return code;
}

/* A row for one of them, with its code, which nobody is told again. */
static int give_code(struct cli *cli, const struct args *args, const char *word, json_t *rows) {
        CLEANUP(json_decref_at) json_t *body = body_of(args), *machine = NULL;
        char code[CODE_SIZE], name[64];

        int r = name_of(cli, word, name, sizeof(name));
        if (r != CLI_OK)
                return r;
        if (!json_object_get(body, "code"))
                (void)json_object_set_new(body, "code", json_string(new_code(code)));
        CLEANUP(free_at) char *path = api_path("machines", name, "actions", "claim-code", NULL);
        r = api_json(cli, "POST", path, body, &machine);
        if (r != CLI_OK)
                return r;
        json_t *row = json_pack("{s:s, s:O?, s:O, s:O?}", "name", name, "serial",
                                json_object_get(machine, "serial"), "code", json_object_get(body, "code"),
                                "claim_until", json_object_get(machine, "claim_until"));
        return json_array_append_new(rows, row) < 0 ? cli_fail(CLI_LOCAL, "out of memory") : CLI_OK;
}

int cmd_machine_claim_code(struct cli *cli, const struct args *args) {
        CLEANUP(json_decref_at) json_t *rows = json_array();
        int worst = CLI_OK;

        if (args_value(args, "code") && args->n_words > 1)
                return cli_fail(CLI_USAGE,
                                "machine claim-code: --code is for one machine, and here are more");
        for (size_t i = 0; i < args->n_words && worst != CLI_UNREACHABLE; i++) {
                const int code = give_code(cli, args, args->words[i], rows);
                worst = code > worst ? code : worst;
        }
        const int printed = cli->json ? print_json(rows) : print_table(cli, columns, rows);
        return worst != CLI_OK ? worst : printed;
}
