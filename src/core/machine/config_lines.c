/* Operators' lines for files of Raspberry Pis; see config_lines.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/machine/config_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *const file_names[CONFIG_LINES_FILES] = {
        [CONFIG_LINES_CONFIG_TXT] = "config.txt",
        [CONFIG_LINES_BOOTCONF] = "bootconf.txt",
};

static const char *const scope_names[CONFIG_LINES_SCOPES] = {
        [CONFIG_LINES_BOARD] = "board",
        [CONFIG_LINES_TAG] = "tag",
};

struct config_lines *config_lines_new(void) {
        struct config_lines *l = calloc(1, sizeof(*l));
        if (l)
                ref_init(&l->ref);
        return l;
}

struct config_lines *config_lines_take(const struct config_lines *l) {
        struct config_lines *taken = (struct config_lines *)l;
        ref_take(&taken->ref);
        return taken;
}

void config_lines_drop(struct config_lines *l) {
        if (!l || !ref_drop(&l->ref))
                return;
        free(l->text);
        free(l);
}

int config_lines_compare(const struct config_lines *a, const struct config_lines *b) {
        if (a->file != b->file)
                return (int)a->file - (int)b->file;
        return a->scope != b->scope ? (int)a->scope - (int)b->scope : strcmp(a->name, b->name);
}

bool config_lines_are_for(const struct config_lines *l, enum config_lines_file file, const char *board,
                          const struct machine *m) {
        if (l->file != file)
                return false;
        return l->scope == CONFIG_LINES_BOARD ? strcmp(l->name, board) == 0
                                              : m && machine_has_tag(m, l->name);
}

const char *config_lines_file_name(enum config_lines_file file) {
        return file < CONFIG_LINES_FILES ? file_names[file] : "";
}

static int find_name(const char *const *names, size_t n, const char *name) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(names[i], name) == 0)
                        return (int)i;
        return -EINVAL;
}

int config_lines_file_parse(const char *name, enum config_lines_file *ret) {
        const int at = find_name(file_names, CONFIG_LINES_FILES, name);
        if (at >= 0)
                *ret = (enum config_lines_file)at;
        return at < 0 ? at : 0;
}

const char *config_lines_scope_name(enum config_lines_scope scope) {
        return scope < CONFIG_LINES_SCOPES ? scope_names[scope] : "";
}

int config_lines_scope_parse(const char *name, enum config_lines_scope *ret) {
        const int at = find_name(scope_names, CONFIG_LINES_SCOPES, name);
        if (at >= 0)
                *ret = (enum config_lines_scope)at;
        return at < 0 ? at : 0;
}

/* A tab may stand in a line; what else is below a space no firmware takes for text. */
static bool is_text(const char *line, size_t len) {
        for (size_t i = 0; i < len; i++)
                if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
                        return false;
        return true;
}

int config_lines_check(enum config_lines_file file, const char *text, struct error *reterr) {
        const char *of = config_lines_file_name(file);
        unsigned number = 1;

        if (strlen(text) > CONFIG_LINES_SIZE_MAX)
                return error_set(
                        reterr, -EINVAL,
                        "lines for %s have at most %d octets: firmware reads 4095 of the whole file at most",
                        of, CONFIG_LINES_SIZE_MAX);
        for (const char *line = text; *line; number++) {
                size_t len = strcspn(line, "\n");
                if (!is_text(line, len))
                        return error_set(
                                reterr, -EINVAL,
                                "line %u for %s has a control character in it (lines end with a line feed "
                                "alone)",
                                number, of);
                if (len > CONFIG_LINES_LINE_MAX)
                        return error_set(reterr, -EINVAL,
                                         "line %u for %s has %zu octets, and firmware reads %d of a line",
                                         number, of, len, CONFIG_LINES_LINE_MAX);
                line += len + (line[len] == '\n');
        }
        return 0;
}

void config_lines_put(const char *lines, struct text *to) {
        if (!lines || !*lines)
                return;
        if (to->len > 0)
                text_append(to, "[all]\n");
        text_append(to, lines);
        if (lines[strlen(lines) - 1] != '\n')
                text_append(to, "\n");
}
