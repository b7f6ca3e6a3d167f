/* bramble eeprom diff: what two images of EEPROMs do not have in common. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/eeprom_file.h"
#include "app/bramble/print.h"

#define CONFIG "bootconf.txt"

/* What is at a name of an image; NULL: nothing. */
struct part {
        const char *octets;
        size_t len;
};

static struct part part_of(const struct file_octets *image, const char *name) {
        struct eeprom_file file;

        if (eeprom_find(image->octets, image->len, name, &file) < 0)
                return (struct part){};
        return (struct part){ .octets = (const char *)image->octets + file.at, .len = file.len };
}

static bool is_same(struct part a, struct part b) {
        return !a.octets == !b.octets && a.len == b.len &&
               (!a.octets || memcmp(a.octets, b.octets, a.len) == 0);
}

static void add(json_t *list, const char *what, json_t *before, json_t *after) {
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:o, s:o}", "what", what, "a", before, "b", after));
}

static json_t *version_of(const struct file_octets *image) {
        char version[EEPROM_VERSION_SIZE];

        return eeprom_version(image->octets, image->len, version) == 0 ? json_string(version) : json_null();
}

static json_t *time_of(const struct file_octets *image) {
        uint32_t ts;
        return eeprom_timestamp(image->octets, image->len, &ts) == 0 ? json_integer(ts) : json_null();
}

static void compare(json_t *list, const char *what, json_t *a, json_t *b) {
        if (json_equal(a, b)) {
                json_decref(a);
                json_decref(b);
        } else {
                add(list, what, a, b);
        }
}

/* A size where it is no text: what is in it is for machines. */
static json_t *part_json(const char *name, struct part p) {
        if (!p.octets)
                return json_null();
        return strcmp(name, CONFIG) == 0 ? json_stringn(p.octets, p.len) : json_integer((json_int_t)p.len);
}

/* Those of @from that the other has not, or has otherwise; what both have is told once. */
static void compare_parts(json_t *list, const struct file_octets *from, const struct file_octets *other,
                          bool is_second) {
        struct eeprom_section s = {};

        while (eeprom_next(from->octets, from->len, &s) > 0) {
                const char *name = s.kind == EEPROM_CODE && s.at == 0 ? "bootcode.bin" : s.name;
                const struct part mine = part_of(from, name), theirs = part_of(other, name);
                /* A name that stands twice is told where it is replaced. */
                if (!*name || mine.octets != (const char *)from->octets + s.data_at ||
                    is_same(mine, theirs) || (is_second && theirs.octets))
                        continue;
                add(list, name, part_json(name, is_second ? theirs : mine),
                    part_json(name, is_second ? mine : theirs));
        }
}

static json_t *differences(const struct file_octets *a, const struct file_octets *b) {
        json_t *list = json_array();

        compare(list, "chip", json_integer(eeprom_soc(a->len)), json_integer(eeprom_soc(b->len)));
        compare(list, "version", version_of(a), version_of(b));
        compare(list, "timestamp", time_of(a), time_of(b));
        compare_parts(list, a, b, false);
        compare_parts(list, b, a, true);
        return list;
}

/* ---- for people ---- */

static size_t line_len(const char *text) {
        const size_t len = strcspn(text, "\n");
        return len + (text[len] != 0);
}

static bool has_line(const char *text, const char *line, size_t len) {
        for (; *text; text += line_len(text))
                if (strcspn(text, "\n") == len && memcmp(text, line, len) == 0)
                        return true;
        return false;
}

/* Lines of a configuration say what they say wherever they stand below their filter: those that are on one
 * side only are the difference. */
static void print_lines(struct text *out, char sign, const char *text, const char *other) {
        for (; *text; text += line_len(text)) {
                const size_t len = strcspn(text, "\n");
                if (has_line(other, text, len))
                        continue;
                CLEANUP(free_at) char *line = strndup(text, len);
                text_printf(out, "  %c ", sign);
                print_text(out, line ? line : "");
                text_append(out, "\n");
        }
}

static void print_value(struct text *out, const json_t *value) {
        if (json_is_null(value))
                text_append(out, "none");
        else if (json_is_string(value))
                print_text(out, json_string_value(value));
        else
                text_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
}

static void print_difference(struct text *out, const json_t *d) {
        const json_t *a = json_object_get(d, "a"), *b = json_object_get(d, "b");
        const char *what = json_text_at(d, "what");

        if (strcmp(what, CONFIG) == 0) {
                text_append(out, CONFIG "\n");
                print_lines(out, '-', json_text_at(d, "a"), json_text_at(d, "b"));
                print_lines(out, '+', json_text_at(d, "b"), json_text_at(d, "a"));
        } else if (json_equal(a, b)) {
                text_printf(out, "%s: other content\n", what);
        } else {
                text_printf(out, "%s: ", what);
                print_value(out, a);
                text_append(out, " -> ");
                print_value(out, b);
                text_append(out, "\n");
        }
}

int cmd_eeprom_diff(struct cli *cli, const struct args *args) {
        CLEANUP(file_octets_end) struct file_octets a = {}, b = {};
        CLEANUP(json_decref_at) json_t *list = NULL;
        CLEANUP(text_free) struct text out = {};
        const json_t *d;
        size_t i;
        int code;

        if ((code = eeprom_file_read(args->words[0], &a)) != CLI_OK ||
            (code = eeprom_file_read(args->words[1], &b)) != CLI_OK)
                return code;
        list = differences(&a, &b);
        if (cli->json)
                code = print_json(list);
        json_array_foreach(list, i, d) print_difference(&out, d);
        if (!cli->json && out.octets)
                (void)fputs(out.octets, stdout);
        if (code != CLI_OK || json_array_size(list) == 0)
                return code;
        return CLI_REFUSED; /* as diff(1) has it: 1 where they differ */
}
