/* Boards from YAML; see board_yaml.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/machine/board_yaml.h"

/* What libcyaml reads a file into, before it is checked. */
struct source {
        char *name, *title, *client;
        enum board_family family;
        enum arch *archs;
        unsigned n_archs;
        uint8_t *types;
        unsigned n_types;
        char **dtbs, **upstream_dtbs, **methods;
        unsigned n_dtbs, n_upstream_dtbs, n_methods;
};

static const cyaml_strval_t family_names[] = {
        { "none", BOARD_OTHER },
        { "rom", BOARD_PI_ROM },
        { "2711", BOARD_PI_2711 },
        { "2712", BOARD_PI_2712 },
};

static const cyaml_strval_t arch_names[] = {
        { "amd64", ARCH_AMD64 }, { "arm64", ARCH_ARM64 },     { "armhf", ARCH_ARMHF },
        { "i386", ARCH_I386 },   { "riscv64", ARCH_RISCV64 },
};

static const cyaml_schema_value_t arch_value = {
        CYAML_VALUE_ENUM(CYAML_FLAG_STRICT, enum arch, arch_names, ARRAY_LEN(arch_names)),
};

static const cyaml_schema_value_t type_value = {
        CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint8_t),
};

static const cyaml_schema_value_t name_value = {
        CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 63),
};

static const cyaml_schema_field_t fields[] = {
        CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct source, name, 1, BOARD_NAME_MAX),
        CYAML_FIELD_STRING_PTR("title", CYAML_FLAG_POINTER, struct source, title, 1, BOARD_NAME_MAX),
        CYAML_FIELD_ENUM("family", CYAML_FLAG_STRICT, struct source, family, family_names,
                         ARRAY_LEN(family_names)),
        CYAML_FIELD_SEQUENCE_COUNT("archs", CYAML_FLAG_POINTER, struct source, archs, n_archs, &arch_value, 1,
                                   BOARD_ARCHS_MAX),
        CYAML_FIELD_SEQUENCE_COUNT("revision_types", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct source,
                                   types, n_types, &type_value, 1, BOARD_TYPES_MAX),
        CYAML_FIELD_SEQUENCE_COUNT("dtbs", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct source, dtbs,
                                   n_dtbs, &name_value, 1, BOARD_DTBS_MAX),
        CYAML_FIELD_SEQUENCE_COUNT("upstream_dtbs", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct source,
                                   upstream_dtbs, n_upstream_dtbs, &name_value, 1, BOARD_DTBS_MAX),
        CYAML_FIELD_STRING_PTR("client", CYAML_FLAG_POINTER, struct source, client, 1, BOARD_NAME_MAX),
        CYAML_FIELD_SEQUENCE_COUNT("methods", CYAML_FLAG_POINTER, struct source, methods, n_methods,
                                   &name_value, 1, BOARD_METHODS_MAX),
        CYAML_FIELD_END,
};

static const cyaml_schema_value_t schema = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct source, fields),
};

/* Keeps the first thing that libcyaml says, which is the fault itself; what follows is where it stood. */
static void keep_first(cyaml_log_t level, void *ctx, const char *format, va_list args) {
        char *said = ctx;
        (void)level;
        if (said[0])
                return;
        (void)vsnprintf(said, sizeof(((struct error *)NULL)->text) / 2, format, args);
        said[strcspn(said, "\n")] = 0;
}

static cyaml_config_t config_with(char *said) {
        return (cyaml_config_t){
                .log_fn = keep_first,
                .log_ctx = said,
                .mem_fn = cyaml_mem,
                .log_level = CYAML_LOG_WARNING,
                /* An alias that refers to itself many times over would make much of little. */
                .flags = CYAML_CFG_NO_ALIAS,
        };
}

static void source_free(struct source *s) {
        cyaml_config_t config = config_with((char[256]){});
        if (s)
                (void)cyaml_free(&config, &schema, s, 0);
}
DEFINE_CLEANUP(struct source, source_free)

static bool is_file_name(const char *name) {
        return name[0] != '.' && !strchr(name, '/') && !strchr(name, '\\') && strspn(name, " \t") == 0;
}

static int check_file_names(char **names, unsigned n, const char *file, struct error *reterr) {
        for (unsigned i = 0; i < n; i++) {
                if (!is_file_name(names[i]) || !text_ends_with(names[i], ".dtb"))
                        return error_set(reterr, -EINVAL, "%s: \"%s\" is no file name of a device tree", file,
                                         names[i]);
        }
        return 0;
}

static int check_source(const struct source *s, const char *file, struct error *reterr) {
        if (s->name[strspn(s->name, "abcdefghijklmnopqrstuvwxyz0123456789.-")] != 0 || s->name[0] == '.')
                return error_set(reterr, -EINVAL,
                                 "%s: name \"%s\": only a-z, 0-9, \".\" and \"-\" may stand in it", file,
                                 s->name);
        if (s->family != BOARD_OTHER && (s->n_types == 0 || s->n_dtbs == 0))
                return error_set(reterr, -EINVAL, "%s: a Raspberry Pi needs revision_types and dtbs", file);
        if (s->family == BOARD_OTHER && s->n_types > 0)
                return error_set(reterr, -EINVAL, "%s: only a Raspberry Pi has revision_types", file);
        int r = check_file_names(s->dtbs, s->n_dtbs, file, reterr);
        return r < 0 ? r : check_file_names(s->upstream_dtbs, s->n_upstream_dtbs, file, reterr);
}

static void copy_names(const char **to, char **from, unsigned n) {
        for (unsigned i = 0; i < n; i++)
                to[i] = from[i];
}

static struct board board_of(const struct source *s) {
        struct board b = {
                .name = s->name,
                .title = s->title,
                .family = s->family,
                .client = s->client,
                .n_types = s->n_types,
        };
        for (unsigned i = 0; i < s->n_archs; i++)
                b.archs[i] = s->archs[i];
        for (unsigned i = 0; i < s->n_types; i++)
                b.types[i] = s->types[i];
        copy_names(b.dtbs, s->dtbs, s->n_dtbs);
        copy_names(b.upstream_dtbs, s->upstream_dtbs, s->n_upstream_dtbs);
        copy_names(b.methods, s->methods, s->n_methods);
        return b;
}

static int parse(const char *yaml, size_t len, const char *file, struct board_parsed *ret,
                 struct error *reterr) {
        CLEANUP(source_free_at) struct source *source = NULL;
        char said[sizeof(reterr->text) / 2] = "";
        cyaml_config_t config = config_with(said);

        if (len == 0 || len > BOARD_YAML_MAX)
                return error_set(reterr, -EINVAL, "%s: a board's file has between 1 and %d octets", file,
                                 BOARD_YAML_MAX);
        cyaml_err_t r =
                cyaml_load_data((const uint8_t *)yaml, len, &config, &schema, (cyaml_data_t **)&source, NULL);
        if (r == CYAML_ERR_OOM)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (r != CYAML_OK || !source)
                return error_set(reterr, -EINVAL, "%s: %s", file, said[0] ? said : cyaml_strerror(r));
        int checked = check_source(source, file, reterr);
        if (checked < 0)
                return checked;
        *ret = (struct board_parsed){ .board = board_of(source), .source = TAKE(source) };
        return 0;
}

/* A sentence quotes the file, which may hold anything: on one line it stays a sentence. */
static void keep_on_one_line(struct error *err) {
        for (char *c = err->text; *c; c++) {
                if ((unsigned char)*c < ' ' || *c == 0x7f)
                        *c = '?';
        }
}

int board_yaml_parse(const char *yaml, size_t len, const char *file, struct board_parsed *ret,
                     struct error *reterr) {
        struct error err = {};
        int r = parse(yaml, len, file, ret, &err);

        if (r < 0 && reterr) {
                keep_on_one_line(&err);
                *reterr = err;
        }
        return r;
}

void board_parsed_clear(struct board_parsed *p) {
        source_free(p->source);
        *p = (struct board_parsed){};
}
