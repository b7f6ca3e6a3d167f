/* Tables by libsmartcols, lines and JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
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

void format_time(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        const char *s = json_string_value(value);

        if (cli->is_terminal && s && strlen(s) == strlen("2026-01-02T03:04:05Z"))
                text_printf(out, "%.10s %.5s", s, s + 11);
        else
                format_plain(out, cli, row, value);
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

/* ---- tables ---- */

enum {
        TAIL_MIN = 30,   /* columns: a last column narrower than this stands below its row instead */
        TAIL_INDENT = 4, /* there */
        NATURAL = 10000  /* a width that nothing is shortened to */
};

/* The texts of a table, row by row, before it is known what fits. */
struct grid {
        size_t n_rows, n_columns;
        char **cells;
        size_t *widths;
};

static void grid_free(struct grid *g) {
        for (size_t i = 0; g->cells && i < g->n_rows * g->n_columns; i++)
                free(g->cells[i]);
        free(g->cells);
        free(g->widths);
}

/* Characters, not octets. */
static size_t width_of(const char *s) {
        size_t n = 0;
        for (; *s; s++)
                n += ((unsigned char)*s & 0xc0) != 0x80;
        return n;
}

static int grid_fill(struct grid *g, const struct cli *cli, const struct column *columns,
                     const json_t *items) {
        const json_t *row;
        size_t i;

        while (columns[g->n_columns].title)
                g->n_columns++;
        g->cells = calloc((json_array_size(items) + 1) * g->n_columns, sizeof(*g->cells));
        g->widths = calloc(g->n_columns, sizeof(*g->widths));
        if (!g->cells || !g->widths)
                return -1;
        json_array_foreach(items, i, row) {
                g->n_rows++;
                for (size_t c = 0; c < g->n_columns; c++) {
                        char *text = cell(cli, &columns[c], row);
                        if (!text)
                                return -1;
                        g->cells[i * g->n_columns + c] = text;
                        g->widths[c] = width_of(text) > g->widths[c] ? width_of(text) : g->widths[c];
                }
        }
        return 0;
}

/* A column in which no row has anything is left out; the others are as wide as their titles at least. */
static size_t grid_width(struct grid *g, const struct column *columns, size_t *ret_last) {
        size_t width = 0;

        for (size_t c = 0; c < g->n_columns; c++) {
                const size_t title = width_of(columns[c].title);
                if (g->widths[c] == 0)
                        continue;
                g->widths[c] = g->widths[c] > title ? g->widths[c] : title;
                width += g->widths[c] + 1;
                *ret_last = c;
        }
        return width ? width - 1 : 0;
}

/* @s in lines of @width, broken between words. */
static char *wrapped(const char *s, size_t width) {
        CLEANUP(text_free) struct text out = {};
        size_t column = 0;

        text_append(&out, "");
        while (*s) {
                const size_t len = strcspn(s, " ");
                if (column && column + 1 + len > width) {
                        text_append(&out, "\n");
                        column = 0;
                }
                text_append(&out, column ? " " : "");
                text_append_octets(&out, s, len);
                column += len + (column > 0);
                s += len + strspn(s + len, " ");
        }
        return text_take(&out);
}

static struct libscols_column *add_column(struct libscols_table *table, const struct column *c) {
        struct libscols_column *added =
                scols_table_new_column(table, c->title, 1, c->is_right ? SCOLS_FL_RIGHT : SCOLS_FL_WRAP);

        if (added && !c->is_right) {
                (void)scols_column_set_safechars(added, "\n");
                (void)scols_column_set_wrapfunc(added, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
        }
        return added;
}

/* The grid without what is empty, its last column wrapped to @tail; 0: that one is left out. */
static int fill_table(struct libscols_table *table, const struct column *columns, const struct grid *g,
                      size_t last, size_t tail) {
        const size_t end = tail ? last + 1 : last;

        for (size_t c = 0; c < end; c++)
                if (g->widths[c] && !add_column(table, &columns[c]))
                        return -1;
        for (size_t r = 0; r < g->n_rows; r++) {
                struct libscols_line *line = scols_table_new_line(table, NULL);
                for (size_t c = 0, n = 0; c < end; c++) {
                        const char *text = g->cells[r * g->n_columns + c];
                        CLEANUP(free_at) char *folded = c == last ? wrapped(text, tail) : NULL;
                        if (!g->widths[c])
                                continue;
                        if (!line || (c == last && !folded) ||
                            scols_line_set_data(line, n++, folded ? folded : text) != 0)
                                return -1;
                }
        }
        return 0;
}

/* Each row, and below it what would not fit beside it. */
static int print_rows_and_tails(struct libscols_table *table, const struct grid *g, size_t last,
                                size_t width) {
        for (size_t r = 0; r < g->n_rows; r++) {
                struct libscols_line *line = scols_table_get_line(table, r);
                CLEANUP(free_at)
                char *tail = wrapped(g->cells[r * g->n_columns + last],
                                     width > 2 * TAIL_INDENT ? width - TAIL_INDENT : width);
                if (!line || !tail || scols_table_print_range(table, line, line) != 0)
                        return -1;
                if (r + 1 == g->n_rows)
                        (void)putchar('\n'); /* which the table's last line ends without */
                for (char *at = tail, *next; *at; at = next) {
                        next = strchrnul(at, '\n');
                        (void)printf("%*s%.*s\n", TAIL_INDENT, "", (int)(next - at), at);
                        next += *next == '\n';
                }
        }
        return 0;
}

int print_table(const struct cli *cli, const struct column *columns, const json_t *items) {
        if (!cli->is_terminal)
                return print_lines(cli, columns, items);
        if (json_array_size(items) == 0)
                return puts("none") == EOF ? CLI_LOCAL : CLI_OK;
        CLEANUP(scols_unref_table_at) struct libscols_table *table = scols_new_table();
        CLEANUP(grid_free) struct grid g = {};
        size_t last = 0;

        if (!table || grid_fill(&g, cli, columns, items) < 0)
                return cli_fail(CLI_LOCAL, "cannot print the table");
        const size_t width = grid_width(&g, columns, &last);
        const size_t room = cli->columns && width > cli->columns ? cli->columns : width;
        const size_t before = width - g.widths[last];
        /* Where the last column is short anyway, the terminal may break the line as well as we could. */
        const size_t tail = room == width || g.widths[last] <= TAIL_MIN ? g.widths[last]
                            : room >= before + TAIL_MIN                 ? room - before
                                                                        : 0;

        (void)scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
        (void)scols_table_set_termwidth(table, NATURAL);
        if (fill_table(table, columns, &g, last, tail) < 0 ||
            (tail ? scols_print_table(table) : print_rows_and_tails(table, &g, last, room)) != 0)
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
