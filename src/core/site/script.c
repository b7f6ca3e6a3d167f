/* Scripts as values; see script.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/site/script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[SCRIPT_TYPES] = {
        [SCRIPT_COMMISSIONING] = "commissioning",
        [SCRIPT_TESTING] = "testing",
};

struct script *script_new(void) {
        struct script *s = calloc(1, sizeof(*s));
        if (s)
                ref_init(&s->ref);
        return s;
}

struct script *script_take(const struct script *s) {
        struct script *taken = (struct script *)s;
        ref_take(&taken->ref);
        return taken;
}

void script_drop(struct script *s) {
        if (!s || !ref_drop(&s->ref))
                return;
        free(s->title);
        free(s->description);
        free(s->tags);
        free(s->parameters);
        free(s->notes);
        free(s->body);
        free(s);
}

static bool has_word(const char *words, const char *word) {
        size_t len = strchr(word, ' ') ? 0 : strlen(word);

        for (const char *at = words; at && len; at = strchr(at, ' ')) {
                at += *at == ' ';
                if (strncmp(at, word, len) == 0 && (at[len] == ' ' || at[len] == 0))
                        return true;
        }
        return false;
}

bool script_has_tag(const struct script *s, const char *tag) {
        return has_word(s->tags, tag);
}

bool script_takes(const struct script *s, const char *parameter) {
        return has_word(s->parameters, parameter);
}

const char *script_type_name(enum script_type type) {
        return type < SCRIPT_TYPES ? type_names[type] : "";
}

int script_type_parse(const char *name, enum script_type *ret) {
        for (size_t i = 0; i < SCRIPT_TYPES; i++) {
                if (strcmp(type_names[i], name) == 0) {
                        *ret = (enum script_type)i;
                        return 0;
                }
        }
        return -EINVAL;
}

bool script_is_name(const char *name) {
        size_t len = strlen(name);

        return len > 0 && len <= SCRIPT_NAME_MAX && name[0] != '.' && name[0] != '-' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}
