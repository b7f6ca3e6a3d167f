/* Boards from YAML; see board_yaml.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/machine/board_yaml.h"

struct source_stepping {
        char *name, *dtb, *overlay;
        uint32_t *revisions;
        unsigned n_revisions;
        uint8_t since_pcb;
};

/* Days, as 2025-09-23. */
struct source_since {
        char *http, *https_ca, *tcp_window, *block_rollover, *signed_tftp;
};

/* What libcyaml reads a file into, before it is checked. */
struct source {
        char *name, *title, *client;
        enum board_family family;
        enum arch *archs;
        unsigned n_archs;
        uint8_t *types;
        unsigned n_types;
        char **dtbs, **upstream_dtbs, **methods, **ouis;
        unsigned n_dtbs, n_upstream_dtbs, n_methods, n_ouis;
        struct source_stepping *steppings;
        unsigned n_steppings;
        struct source_since since;
        uint16_t offer_delay_ms;
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

static const cyaml_schema_value_t oui_value = {
        CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 8, 8),
};

static const cyaml_schema_value_t revision_value = {
        CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint32_t),
};

static const cyaml_schema_field_t stepping_fields[] = {
        CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct source_stepping, name, 1, 15),
        CYAML_FIELD_STRING_PTR("dtb", CYAML_FLAG_POINTER, struct source_stepping, dtb, 1, 63),
        CYAML_FIELD_STRING_PTR("overlay", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct source_stepping,
                               overlay, 1, 63),
        CYAML_FIELD_SEQUENCE_COUNT("revisions", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                                   struct source_stepping, revisions, n_revisions, &revision_value, 1,
                                   BOARD_REVISIONS_MAX),
        CYAML_FIELD_UINT("since_pcb", CYAML_FLAG_OPTIONAL, struct source_stepping, since_pcb),
        CYAML_FIELD_END,
};

static const cyaml_schema_value_t stepping_value = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct source_stepping, stepping_fields),
};

#define SINCE(member) \
        CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct source_since, \
                               member, 10, 10)

static const cyaml_schema_field_t since_fields[] = {
        SINCE(http),           SINCE(https_ca),    SINCE(tcp_window),
        SINCE(block_rollover), SINCE(signed_tftp), CYAML_FIELD_END,
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
        CYAML_FIELD_SEQUENCE_COUNT("ouis", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct source, ouis,
                                   n_ouis, &oui_value, 1, BOARD_OUIS_MAX),
        CYAML_FIELD_SEQUENCE_COUNT("steppings", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct source,
                                   steppings, n_steppings, &stepping_value, 1, BOARD_STEPPINGS_MAX),
        CYAML_FIELD_MAPPING("since", CYAML_FLAG_OPTIONAL, struct source, since, since_fields),
        CYAML_FIELD_UINT("offer_delay_ms", CYAML_FLAG_OPTIONAL, struct source, offer_delay_ms),
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

/* "b8:27:eb" */
static int read_ouis(const struct source *s, struct board *b, const char *file, struct error *reterr) {
        for (unsigned i = 0; i < s->n_ouis; i++) {
                const char *text = s->ouis[i];
                for (size_t k = 0; k < 3; k++)
                        if (text_parse_hex((const char[]){ text[3 * k], text[3 * k + 1], 0 }, &b->ouis[i][k],
                                           1) < 0 ||
                            text[3 * k + 2] != (k < 2 ? ':' : '\0'))
                                return error_set(reterr, -EINVAL,
                                                 "%s: \"%s\" is not how a MAC begins: b8:27:eb", file, text);
        }
        b->n_ouis = s->n_ouis;
        return 0;
}

/* The day as a number that sorts, 20250923; 0: it is none. */
static uint32_t day_of(const char *text) {
        char digits[9] = "";
        uint64_t day = 0;

        if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
                return 0;
        memcpy(digits, text, 4);
        memcpy(digits + 4, text + 5, 2);
        memcpy(digits + 6, text + 8, 2);
        return strspn(digits, "0123456789") == 8 && text_parse_u64(digits, UINT32_MAX, &day) == 0
                       ? (uint32_t)day
                       : 0;
}

static int read_since(const struct source *s, struct board *b, const char *file, struct error *reterr) {
        const char *const days[BOARD_SINCE_KINDS] = {
                [BOARD_SINCE_HTTP] = s->since.http,
                [BOARD_SINCE_HTTPS_CA] = s->since.https_ca,
                [BOARD_SINCE_TCP_WINDOW] = s->since.tcp_window,
                [BOARD_SINCE_BLOCK_ROLLOVER] = s->since.block_rollover,
                [BOARD_SINCE_SIGNED_TFTP] = s->since.signed_tftp,
        };
        for (size_t i = 0; i < BOARD_SINCE_KINDS; i++) {
                b->since[i] = days[i] ? day_of(days[i]) : 0;
                if (days[i] && b->since[i] == 0)
                        return error_set(reterr, -EINVAL, "%s: \"%s\" is no day: 2025-09-23", file, days[i]);
        }
        return 0;
}

static bool has_name(char **names, unsigned n, const char *name) {
        for (unsigned i = 0; i < n; i++)
                if (strcmp(names[i], name) == 0)
                        return true;
        return false;
}

static int read_steppings(const struct source *s, struct board *b, const char *file, struct error *reterr) {
        for (unsigned i = 0; i < s->n_steppings; i++) {
                const struct source_stepping *from = &s->steppings[i];
                if (!has_name(s->dtbs, s->n_dtbs, from->dtb))
                        return error_set(reterr, -EINVAL, "%s: %s of stepping %s is not among its dtbs", file,
                                         from->dtb, from->name);
                b->steppings[i] = (struct board_stepping){ .name = from->name,
                                                           .dtb = from->dtb,
                                                           .overlay = from->overlay,
                                                           .n_revisions = from->n_revisions,
                                                           .since_pcb = from->since_pcb };
                for (unsigned k = 0; k < from->n_revisions; k++)
                        b->steppings[i].revisions[k] = from->revisions[k];
        }
        b->n_steppings = s->n_steppings;
        return 0;
}

static int read_quirks(const struct source *s, struct board *b, const char *file, struct error *reterr) {
        b->offer_delay_ms = s->offer_delay_ms;
        int r = read_ouis(s, b, file, reterr);
        if (r == 0)
                r = read_since(s, b, file, reterr);
        return r == 0 ? read_steppings(s, b, file, reterr) : r;
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
        struct board board = board_of(source);
        checked = read_quirks(source, &board, file, reterr);
        if (checked < 0)
                return checked;
        *ret = (struct board_parsed){ .board = board, .source = TAKE(source) };
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
