/* libcyaml's schema, made from config_keys. A section's fields count their offsets from struct config too. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "app/brambled/config_schema.h"

static cyaml_schema_field_t *section_field(struct config_schema *s, const char *name, size_t len) {
        size_t i = 0;

        while (i < s->n_sections &&
               (strncmp(s->section_names[i], name, len) != 0 || s->section_names[i][len]))
                i++;
        assert(i < CONFIG_SECTIONS_MAX && len < CONFIG_SECTION_NAME_MAX);
        if (i == s->n_sections) {
                s->n_sections++;
                memcpy(s->section_names[i], name, len);
                s->root[s->n_root++] = (cyaml_schema_field_t){
                        .key = s->section_names[i],
                        .value = { .type = CYAML_MAPPING,
                                   .flags = CYAML_FLAG_OPTIONAL,
                                   .data_size = sizeof(struct config),
                                   .mapping = { .fields = s->sections[i] } },
                };
        }
        assert(s->n_fields[i] < CONFIG_KEYS_MAX);
        return &s->sections[i][s->n_fields[i]++];
}

static cyaml_schema_value_t value_schema(const struct config_schema *s, const struct config_key *key) {
        static const cyaml_schema_value_t text = {
                .type = CYAML_STRING,
                .flags = CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER,
                .data_size = 1,
                .string = { .max = CONFIG_TEXT_MAX },
        };
        static const cyaml_schema_value_t number = {
                .type = CYAML_UINT,
                .flags = CYAML_FLAG_OPTIONAL,
                .data_size = sizeof(uint32_t),
        };
        if (key->type != CONFIG_LIST)
                return key->type == CONFIG_NUMBER ? number : text;
        return (cyaml_schema_value_t){
                .type = CYAML_SEQUENCE,
                .flags = CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER,
                .data_size = sizeof(char *),
                .sequence = { .entry = &s->entry, .max = CONFIG_INTERFACES_MAX },
        };
}

void config_schema_make(struct config_schema *s) {
        s->entry = (cyaml_schema_value_t){
                .type = CYAML_STRING,
                .flags = CYAML_FLAG_POINTER,
                .data_size = 1,
                .string = { .max = CONFIG_TEXT_MAX },
        };
        for (const struct config_key *key = config_keys; key->name; key++) {
                if (key->type == CONFIG_REFUSED)
                        continue;
                const char *dot = strchr(key->name, '.');
                assert(dot || s->n_root < CONFIG_KEYS_MAX);
                cyaml_schema_field_t *field =
                        dot ? section_field(s, key->name, (size_t)(dot - key->name)) : &s->root[s->n_root++];
                *field = (cyaml_schema_field_t){
                        .key = config_last_part(key->name),
                        .data_offset = (uint32_t)key->offset,
                        .count_offset = (uint32_t)offsetof(struct config, n_interfaces),
                        .count_size = sizeof(uint32_t),
                        .value = value_schema(s, key),
                };
        }
        s->top = (cyaml_schema_value_t){
                .type = CYAML_MAPPING,
                .flags = CYAML_FLAG_POINTER_NULL,
                .data_size = sizeof(struct config),
                .mapping = { .fields = s->root },
        };
}
