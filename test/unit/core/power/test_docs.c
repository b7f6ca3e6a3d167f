/* docs/power says of every driver and every key what the rows say, and of none that there is not; the
 * manual knows the words of the protocol. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/power/exec_protocol.h"
#include "core/power/keys.h"

static const char *folder, *manual; /* docs/power, and bramble-power-exec(7) */

static char *read_file(const char *path) {
        CLEANUP(text_free) struct text page = {};
        char piece[4096];

        FILE *f = fopen(path, "re");
        if (!f)
                fail_msg("there is no page %s", path);
        for (size_t n; (n = fread(piece, 1, sizeof(piece), f)) > 0;)
                text_append_octets(&page, piece, n);
        (void)fclose(f);
        return text_take(&page);
}

static char *read_page(const char *name) {
        char path[4096];

        (void)snprintf(path, sizeof(path), "%s/%s.md", folder, name);
        return read_file(path);
}

/* "hard, soft" of "hard|soft". */
static void put_choices(struct text *out, const char *choices) {
        for (const char *c = choices; *c; c++)
                text_append_octets(out, *c == '|' ? ", " : c, *c == '|' ? 2 : 1);
}

static void put_type(struct text *out, const struct power_key *key) {
        if (key->type == POWER_CHOICE)
                put_choices(out, key->choices);
        else if (key->type == POWER_NUMBER)
                text_printf(out, "number, %u to %u", key->least, key->most);
        else if (key->type == POWER_BOOL)
                text_append(out, "true, false");
        else
                text_append(out, power_key_type_name(key->type));
        if (key->is_secret)
                text_append(out, ", secret");
}

/* The row that a page's table has for the key. */
static void put_row(struct text *out, const struct power_key *key) {
        text_printf(out, "| `%s` | ", key->name);
        put_type(out, key);
        text_printf(out, " | %s%s%s | %s |\n", key->fallback ? "`" : "",
                    key->is_required ? "required"
                    : key->fallback  ? key->fallback
                                     : "",
                    key->fallback ? "`" : "", key->help);
}

static size_t count_rows(const char *page) {
        size_t n = 0;

        for (const char *at = page; (at = strstr(at, "\n| `")); at++)
                n++;
        return n;
}

static void each_driver_has_its_page(void **state) {
        (void)state;
        for (size_t i = 0; power_drivers[i]; i++) {
                const struct power_driver *d = power_drivers[i];
                CLEANUP(free_at) char *page = read_page(d->name);
                size_t n_keys = 0;

                for (const struct power_key *key = d->keys; key->name; key++, n_keys++) {
                        CLEANUP(text_free) struct text row = {};
                        put_row(&row, key);
                        if (!strstr(page, row.octets))
                                fail_msg("docs/power/%s.md does not have: %s", d->name, row.octets);
                }
                if (count_rows(page) != n_keys)
                        fail_msg("docs/power/%s.md has rows of keys that there are not", d->name);
        }
}

static void the_list_names_each_driver(void **state) {
        CLEANUP(free_at) char *page = read_page("README");

        (void)state;
        for (size_t i = 0; power_drivers[i]; i++) {
                const struct power_driver *d = power_drivers[i];
                char row[200];
                (void)snprintf(row, sizeof(row), "| [%s](%s.md) | %s |", d->name, d->name, d->title);
                if (!strstr(page, row))
                        fail_msg("docs/power/README.md does not have: %s", row);
        }
}

/* As it stands in the page's source, where a dash is written as "\\-". */
static void find_word(void *ctx, const char *word) {
        CLEANUP(text_free) struct text spelled = {};

        for (; *word; word++)
                text_append_octets(&spelled, *word == '-' ? "\\-" : word, *word == '-' ? 2 : 1);
        if (!strstr(ctx, spelled.octets))
                fail_msg("%s does not explain %s", manual, spelled.octets);
}

static void the_manual_explains_each_word(void **state) {
        CLEANUP(free_at) char *page = read_file(manual);

        (void)state;
        power_exec_each_word(find_word, page);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_driver_has_its_page),
                cmocka_unit_test(the_list_names_each_driver),
                cmocka_unit_test(the_manual_explains_each_word),
        };
        if (argc != 3)
                return 2;
        folder = argv[1];
        manual = argv[2];
        return cmocka_run_group_tests(tests, NULL, NULL);
}
