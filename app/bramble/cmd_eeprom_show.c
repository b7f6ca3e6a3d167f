/* bramble eeprom show, and diff: what is in images of EEPROMs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/eeprom_file.h"
#include "app/bramble/print.h"

#define CONFIG "bootconf.txt"

/* ---- one file of it ---- */

static int give(const struct cli *cli, const struct args *args, const uint8_t *octets, size_t len) {
        const char *out = args_value(args, "out");

        if (out)
                return file_write(out, octets, len);
        if (cli->is_terminal && memchr(octets, 0, len))
                return cli_fail(CLI_LOCAL, "it is no text: send it to a file by --out, or to a program");
        if (fwrite(octets, 1, len, stdout) != len)
                return cli_fail(CLI_LOCAL, "cannot write it out: %s", strerror(errno));
        return CLI_OK;
}

static int extract(const struct cli *cli, const struct args *args, const struct file_octets *image,
                   const char *name) {
        struct eeprom_file file;

        if (eeprom_find(image->octets, image->len, name, &file) < 0)
                return cli_fail(CLI_LOCAL, "%s: has no file %s: `bramble eeprom show` lists what it has",
                                args->words[0], name);
        return give(cli, args, image->octets + file.at, file.len);
}

/* ---- all of it ---- */

static void format_offset(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        (void)cli;
        (void)row;
        text_printf(out, "0x%06llx", (unsigned long long)json_integer_value(value));
}

static void format_room(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        (void)cli;
        if (json_is_true(json_object_get(row, "empty")))
                text_append(out, "nothing is in it");
        if (value)
                text_printf(out, "%sroom for %" JSON_INTEGER_FORMAT, out->len ? ", " : "",
                            json_integer_value(value));
}

static const struct column section_columns[] = {
        { .title = "OFFSET", .field = "offset", .format = format_offset },
        { .title = "KIND", .field = "kind" },
        { .title = "NAME", .field = "name" },
        { .title = "SIZE", .field = "size", .is_right = true },
        { .title = "", .field = "room", .format = format_room },
        {},
};

static void format_halves(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        (void)cli;
        (void)row;
        text_append(out, json_is_true(value) ? "two: one runs while the other is written" : "one");
}

static const struct column image_columns[] = {
        { .title = "chip", .field = "soc" },
        { .title = "size", .field = "size", .format = format_size },
        { .title = "version", .field = "version" },
        { .title = "timestamp", .field = "timestamp", .format = format_time },
        { .title = "systems", .field = "ab", .format = format_halves },
        {},
};

static json_t *section_json(const struct file_octets *image, const struct eeprom_section *s) {
        const struct eeprom_file file = { .at = s->data_at, .len = s->data_len };
        json_t *json = json_pack("{s:I, s:s, s:I, s:b}", "offset", (json_int_t)s->at, "kind",
                                 eeprom_kind_name(s->kind), "size", (json_int_t)s->data_len, "empty",
                                 s->kind == EEPROM_FILE && eeprom_is_empty(image->octets, &file));
        struct eeprom_file replaced;
        size_t room;

        if (*s->name)
                (void)json_object_set_new(json, "name", json_string(s->name));
        /* Only the one of its name that is replaced has room for another. */
        if (s->kind == EEPROM_FILE && s->data_len <= EEPROM_FILE_MAX &&
            eeprom_room(image->octets, image->len, s->name, &room) == 0 &&
            eeprom_find(image->octets, image->len, s->name, &replaced) == 0 && replaced.at == s->data_at)
                (void)json_object_set_new(json, "room", json_integer((json_int_t)room));
        return json;
}

static json_t *sections_json(const struct file_octets *image) {
        json_t *list = json_array();
        struct eeprom_section s = {};

        while (eeprom_next(image->octets, image->len, &s) > 0)
                (void)json_array_append_new(list, section_json(image, &s));
        return list;
}

static json_t *time_json(uint64_t unix_s) {
        const time_t at = (time_t)unix_s;
        char text[sizeof("2026-01-02T03:04:05Z")];
        struct tm tm;

        if (!gmtime_r(&at, &tm) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
                return json_null();
        return json_string(text);
}

static void add_remark(void *ctx, const char *sentence) {
        (void)json_array_append_new(ctx, json_string(sentence));
}

static json_t *remarks_json(const struct file_octets *image, const struct eeprom_file *config) {
        json_t *list = json_array();

        eeprom_file_remarks(image, image->octets + config->at, config->len, add_remark, list);
        return list;
}

static json_t *image_json(const struct file_octets *image) {
        json_t *json = json_pack("{s:i, s:I, s:b}", "soc", (int)eeprom_soc(image->len), "size",
                                 (json_int_t)image->len, "ab", eeprom_is_ab(image->octets, image->len));
        char version[EEPROM_VERSION_SIZE];
        struct eeprom_file config;
        uint32_t ts;

        if (eeprom_version(image->octets, image->len, version) == 0)
                (void)json_object_set_new(json, "version", json_string(version));
        if (eeprom_timestamp(image->octets, image->len, &ts) == 0)
                (void)json_object_set_new(json, "timestamp", time_json(ts));
        if (eeprom_find(image->octets, image->len, CONFIG, &config) == 0) {
                const char *text = (const char *)image->octets + config.at;
                (void)json_object_set_new(json, "config", json_stringn(text, config.len));
                (void)json_object_set_new(json, "remarks", remarks_json(image, &config));
        }
        (void)json_object_set_new(json, "sections", sections_json(image));
        return json;
}

/* Line by line: what is in a file shall steer no terminal. */
static void print_config(const char *config) {
        CLEANUP(text_free) struct text out = {};

        while (*config) {
                const size_t len = strcspn(config, "\n");
                CLEANUP(free_at) char *line = strndup(config, len);
                text_append(&out, "    ");
                print_text(&out, line ? line : "");
                text_append(&out, "\n");
                config += len + (config[len] != 0);
        }
        (void)printf("\n" CONFIG "\n%s", out.octets ? out.octets : "");
}

int cmd_eeprom_show(struct cli *cli, const struct args *args) {
        CLEANUP(file_octets_end) struct file_octets image = {};
        CLEANUP(json_decref_at) json_t *json = NULL;
        const char *name = args_value(args, "extract");
        const json_t *remark;
        size_t i;

        if (args_value(args, "config") && name)
                return cli_fail(CLI_USAGE, "--config and --extract are two wishes: one at a time");
        if (args_value(args, "out") && !args_value(args, "config") && !name)
                return cli_fail(CLI_USAGE, "--out is for --config and --extract");
        int code = eeprom_file_read(args->words[0], &image);
        if (code != CLI_OK)
                return code;
        if (args_value(args, "config"))
                return extract(cli, args, &image, CONFIG);
        if (name)
                return extract(cli, args, &image, name);
        json = image_json(&image);
        if (!json)
                return cli_fail(CLI_LOCAL, "out of memory");
        if (cli->json)
                return print_json(json);
        code = print_fields(cli, image_columns, json);
        if (cli->is_terminal)
                (void)puts("");
        if (code == CLI_OK)
                code = print_table(cli, section_columns, json_object_get(json, "sections"));
        if (code == CLI_OK && cli->is_terminal)
                print_config(json_text_at(json, "config"));
        json_array_foreach(json_object_get(json, "remarks"), i, remark)
                cli_note(CONFIG ": %s", json_string_value(remark));
        return code;
}
