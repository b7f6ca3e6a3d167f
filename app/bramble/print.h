/*
 * Printing what the API says: tables for people on a terminal, lines with tabs for programs, JSON where it is
 * asked for.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "app/bramble/cli.h"
#include "base/text.h"

struct column {
        const char *title;
        const char *field; /* "pi.model": a member of a member */
        /* NULL: as it is. @row is the whole item, @value the field (NULL when there is none). */
        void (*format)(struct text *out, const struct cli *cli, const json_t *row, const json_t *value);
        bool is_right; /* numbers */
};

/** print_json() - @json as indented text and a newline. */
int print_json(const json_t *json);

/**
 * print_table() - one row for each item
 * @columns:    end with a NULL title
 * @items:      an array of objects
 *
 * On a terminal with titles, without columns that nothing stands in, the last one wrapped to the width or set
 * below its row, and "none" where there are no items; else a line for each item, tabs between fields, no
 * titles.
 */
int print_table(const struct cli *cli, const struct column *columns, const json_t *items);

/** print_fields() - one item, a line for each column: title and value. */
int print_fields(const struct cli *cli, const struct column *columns, const json_t *item);

/** print_script_results() - how scripts went, without what they wrote. */
int print_script_results(const struct cli *cli, const json_t *results);

/** print_text() - a text from elsewhere with what would steer a terminal made harmless. */
void print_text(struct text *out, const char *s);

/* Formats of columns. */
void format_plain(struct text *out, const struct cli *cli, const json_t *row, const json_t *value);
void format_size(struct text *out, const struct cli *cli, const json_t *row, const json_t *value);

/* "2026-01-02 03:04" (UTC) on a terminal. */
void format_time(struct text *out, const struct cli *cli, const json_t *row, const json_t *value);

/** print_size() - "6.3 MB"; three figures. */
void print_size(struct text *out, uint64_t octets);

/** json_at() - the member "a.b" of an object, NULL when there is none or it is null. */
const json_t *json_at(const json_t *object, const char *path);

/** json_text_at() - its text, "" when it is none. */
const char *json_text_at(const json_t *object, const char *path);
