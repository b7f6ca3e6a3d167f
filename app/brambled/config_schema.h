/*
 * From the table of keys to the schema that libcyaml reads by, and the way to a key's value in struct config.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <cyaml/cyaml.h>
#include <string.h>

#include "app/brambled/config.h"

enum { CONFIG_KEYS_MAX = 24, CONFIG_SECTIONS_MAX = 8, CONFIG_SECTION_NAME_MAX = 32 };

/* Points into itself: made in its place, and not to be copied. */
struct config_schema {
        cyaml_schema_field_t root[CONFIG_KEYS_MAX + 1];
        cyaml_schema_field_t sections[CONFIG_SECTIONS_MAX][CONFIG_KEYS_MAX + 1];
        char section_names[CONFIG_SECTIONS_MAX][CONFIG_SECTION_NAME_MAX];
        size_t n_root, n_sections, n_fields[CONFIG_SECTIONS_MAX];
        cyaml_schema_value_t entry, top;
};

/** config_schema_make() - fill a zeroed schema from config_keys. */
void config_schema_make(struct config_schema *s);

static inline void *config_member(const struct config *c, const struct config_key *key) {
        return (char *)(uintptr_t)c + key->offset;
}

static inline char **config_text_of(const struct config *c, const struct config_key *key) {
        return config_member(c, key);
}

static inline uint32_t *config_number_of(const struct config *c, const struct config_key *key) {
        return config_member(c, key);
}

/* The part of a key's name after the dot. */
static inline const char *config_last_part(const char *name) {
        const char *dot = strrchr(name, '.');
        return dot ? dot + 1 : name;
}
