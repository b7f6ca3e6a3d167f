/* A configuration for people: what changed between two, and the values in force. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/brambled/config_schema.h"
#include "base/text.h"

static bool lists_differ(const struct config *a, const struct config *b) {
        if (a->n_interfaces != b->n_interfaces)
                return true;
        for (uint32_t i = 0; i < a->n_interfaces; i++)
                if (strcmp(a->interfaces[i], b->interfaces[i]) != 0)
                        return true;
        return false;
}

void config_each_change(const struct config *before, const struct config *after,
                        void (*fn)(void *ctx, const struct config_key *key), void *ctx) {
        for (const struct config_key *key = config_keys; key->name; key++) {
                const bool differs[] = {
                        [CONFIG_TEXT] = key->type == CONFIG_TEXT && strcmp(*config_text_of(before, key),
                                                                           *config_text_of(after, key)) != 0,
                        [CONFIG_NUMBER] = key->type == CONFIG_NUMBER &&
                                          *config_number_of(before, key) != *config_number_of(after, key),
                        [CONFIG_LIST] = key->type == CONFIG_LIST && lists_differ(before, after),
                        [CONFIG_REFUSED] = false,
                };
                if (differs[key->type])
                        fn(ctx, key);
        }
}

/* A text as YAML: in double quotes, which everything can be written in. */
static void print_text(struct text *out, const char *value) {
        text_append(out, "\"");
        for (const char *s = value; *s; s++)
                text_printf(out, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
        text_append(out, "\"");
}

static void print_value(struct text *out, const struct config *c, const struct config_key *key) {
        if (key->type == CONFIG_NUMBER) {
                text_printf(out, "%u", *config_number_of(c, key));
        } else if (key->type == CONFIG_TEXT) {
                print_text(out, *config_text_of(c, key));
        } else {
                text_append(out, "[");
                for (uint32_t i = 0; i < c->n_interfaces; i++) {
                        text_append(out, i ? ", " : "");
                        print_text(out, c->interfaces[i]);
                }
                text_append(out, "]");
        }
        text_append(out, "\n");
}

char *config_print(const struct config *c) {
        CLEANUP(text_free) struct text out = {};
        const char *section = "";

        for (const struct config_key *key = config_keys; key->name; key++) {
                const char *dot = strchr(key->name, '.');
                const size_t len = dot ? (size_t)(dot - key->name) : 0;
                if (key->type == CONFIG_REFUSED)
                        continue;
                if (dot && (strncmp(section, key->name, len + 1) != 0)) {
                        text_printf(&out, "%.*s:\n", (int)len, key->name);
                        section = key->name;
                }
                text_printf(&out, "%s%s: ", dot ? "  " : "", config_last_part(key->name));
                print_value(&out, c, key);
        }
        return text_take(&out);
}
