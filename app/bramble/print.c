/* Tables by libsmartcols, lines and JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble/print.h"

DEFINE_CLEANUP(struct libscols_table, scols_unref_table)

int print_json(const json_t *json) {
        if (json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY) < 0 || puts("") == EOF)
                return cli_fail(CLI_LOCAL, "cannot write the answer");
        return CLI_OK;
}

const json_t *json_at(const json_t *object, const char *path) {
        char part[64];

        for (const char *dot; (dot = strchr(path, '.')); path = dot + 1) {
                (void)snprintf(part, sizeof(part), "%.*s", (int)(dot - path), path);
                object = json_object_get(object, part);
        }
        const json_t *value = json_object_get(object, path);
        return json_is_null(value) ? NULL : value;
}

const char *json_text_at(const json_t *object, const char *path) {
        const char *s = json_string_value(json_at(object, path));
        return s ? s : "";
}

void print_text(struct text *out, const char *s) {
        for (; *s; s++)
                text_printf(out, "%c", (unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s);
}

void print_size(struct text *out, uint64_t octets) {
        static const char *const units[] = { "kB", "MB", "GB", "TB" };
        double n = (double)octets;
        size_t unit = 0;

        if (octets < 1000) {
                text_printf(out, "%" PRIu64 " B", octets);
                return;
        }
        for (n /= 1000; n >= 999.5 && unit + 1 < ARRAY_LEN(units); unit++)
                n /= 1000;
        text_printf(out, "%.*f %s", n < 9.995 ? 2 : n < 99.95 ? 1 : 0, n, units[unit]);
}

/* A range or route of the API, as it is written on the command line. */
static void print_object(struct text *out, const json_t *value) {
        const char *first = json_text_at(value, "first"), *net = json_text_at(value, "net");

        if (*first) {
                print_text(out, first);
                text_append(out, "-");
                print_text(out, json_text_at(value, "last"));
        } else if (*net) {
                print_text(out, net);
                text_append(out, "=");
                print_text(out, json_text_at(value, "router"));
        }
}

static void print_value(struct text *out, const json_t *value) {
        const json_t *entry;
        size_t i;

        switch (value ? json_typeof(value) : JSON_NULL) {
        case JSON_STRING:
                print_text(out, json_string_value(value));
                return;
        case JSON_INTEGER:
                text_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
                return;
        case JSON_TRUE:
        case JSON_FALSE:
                text_append(out, json_is_true(value) ? "yes" : "no");
                return;
        case JSON_ARRAY:
                json_array_foreach(value, i, entry) {
                        text_append(out, i ? "," : "");
                        print_value(out, entry);
                }
                return;
        case JSON_OBJECT:
                print_object(out, value);
                return;
        default:
                return;
        }
}

void format_plain(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        (void)cli;
        (void)row;
        print_value(out, value);
}

void format_size(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        (void)row;
        if (cli->is_terminal)
                print_size(out, (uint64_t)json_integer_value(value));
        else
                print_value(out, value);
}

/* The text of one cell, never NULL unless memory is short; the caller frees it. */
static char *cell(const struct cli *cli, const struct column *c, const json_t *row) {
        CLEANUP(text_free) struct text out = {};

        (c->format ? c->format : format_plain)(&out, cli, row, json_at(row, c->field));
        return text_take(&out);
}

static int print_lines(const struct cli *cli, const struct column *columns, const json_t *items) {
        const json_t *row;
        size_t i;

        json_array_foreach(items, i, row) {
                for (const struct column *c = columns; c->title; c++) {
                        CLEANUP(free_at) char *text = cell(cli, c, row);
                        (void)printf("%s%s", c == columns ? "" : "\t", text ? text : "");
                }
                (void)puts("");
        }
        return ferror(stdout) ? cli_fail(CLI_LOCAL, "cannot write the answer") : CLI_OK;
}

static int fill_table(struct libscols_table *table, const struct cli *cli, const struct column *columns,
                      const json_t *items) {
        const json_t *row;
        size_t i, n;

        for (const struct column *c = columns; c->title; c++)
                if (!scols_table_new_column(table, c->title, 0.1, c->is_right ? SCOLS_FL_RIGHT : 0))
                        return -1;
        json_array_foreach(items, i, row) {
                struct libscols_line *line = scols_table_new_line(table, NULL);
                n = 0;
                for (const struct column *c = columns; line && c->title; c++) {
                        char *text = cell(cli, c, row);
                        if (!text || scols_line_refer_data(line, n++, text) != 0) {
                                free(text);
                                return -1;
                        }
                }
                if (!line)
                        return -1;
        }
        return 0;
}

int print_table(const struct cli *cli, const struct column *columns, const json_t *items) {
        if (!cli->is_terminal)
                return print_lines(cli, columns, items);
        CLEANUP(scols_unref_table_at) struct libscols_table *table = scols_new_table();
        if (!table || fill_table(table, cli, columns, items) < 0 || scols_print_table(table) != 0)
                return cli_fail(CLI_LOCAL, "cannot print the table");
        return CLI_OK;
}

int print_fields(const struct cli *cli, const struct column *columns, const json_t *item) {
        int width = 0;

        for (const struct column *c = columns; c->title; c++)
                width = (int)strlen(c->title) > width ? (int)strlen(c->title) : width;
        for (const struct column *c = columns; c->title; c++) {
                CLEANUP(free_at) char *text = cell(cli, c, item);
                if (cli->is_terminal)
                        (void)printf("%-*s  %s\n", width, c->title, text && *text ? text : "-");
                else
                        (void)printf("%s\t%s\n", c->title, text ? text : "");
        }
        return ferror(stdout) ? cli_fail(CLI_LOCAL, "cannot write the answer") : CLI_OK;
}
