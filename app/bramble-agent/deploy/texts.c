/* Changing boot texts; see texts.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "app/bramble-agent/deploy/texts.h"
#include "base/text.h"

/* The line's indentation is skipped; true when it begins with the word and white space. */
static bool has_keyword(const char *line, size_t len, const char *word) {
        size_t indent = strspn(line, " \t"), n = strlen(word);

        return indent + n < len && strncasecmp(line + indent, word, n) == 0 &&
               (line[indent + n] == ' ' || line[indent + n] == '\t');
}

static bool is_wanted(enum texts_kind kind, const char *line, size_t len, bool is_first) {
        switch (kind) {
        case TEXTS_CMDLINE:
                return is_first;
        case TEXTS_EXTLINUX:
                return has_keyword(line, len, "append");
        case TEXTS_LOADER_ENTRY:
                return has_keyword(line, len, "options");
        case TEXTS_GRUB_CFG:
                return has_keyword(line, len, "linux") || has_keyword(line, len, "linuxefi");
        case TEXTS_DEFAULT_GRUB:
                return text_starts_with(line, "GRUB_CMDLINE_LINUX=");
        case TEXTS_OTHER:
                return false;
        }
        return false;
}

/* Where in a line the words belong: before a quote that closes it, else before the white space at its end. */
static size_t place_of(enum texts_kind kind, const char *line, size_t len) {
        while (len > 0 && (unsigned char)line[len - 1] <= ' ')
                len--;
        bool is_quoted =
                kind == TEXTS_DEFAULT_GRUB && len > 0 && (line[len - 1] == '"' || line[len - 1] == '\'');
        return is_quoted ? len - 1 : len;
}

static char *take(struct text *out, bool has_changed, bool *failed) {
        if (!has_changed) {
                text_free(out);
                return NULL;
        }
        char *text = text_take(out);
        if (!text)
                *failed = true;
        return text;
}

char *texts_add_words(enum texts_kind kind, const char *text, const char *words, bool *failed) {
        struct text out = { 0 };
        bool has_changed = false, is_first = true;

        if (!*words)
                return NULL;
        for (const char *line = text; *line || is_first; is_first = false) {
                size_t len = strcspn(line, "\n");
                if (is_wanted(kind, line, len, is_first)) {
                        size_t place = place_of(kind, line, len);
                        text_append_octets(&out, line, place);
                        bool needs_space = place > 0 && line[place - 1] != '"' && line[place - 1] != ' ';
                        text_printf(&out, "%s%s", needs_space ? " " : "", words);
                        text_append_octets(&out, line + place, len - place);
                        has_changed = true;
                } else
                        text_append_octets(&out, line, len);
                text_append(&out, line[len] ? "\n" : "");
                line += len + (line[len] == '\n');
        }
        return take(&out, has_changed, failed);
}

/* A partition's name stands alone: no digit or letter of another one right before or behind it. */
static bool stands_alone(const char *text, const char *at, size_t len) {
        bool is_joined_before = at > text && (text_hex_digit(at[-1]) >= 0 || at[-1] == '-');
        return !is_joined_before && text_hex_digit(at[len]) < 0 && at[len] != '-';
}

static const struct texts_rename *find(const char *text, const char *at, const struct texts_rename *rows,
                                       size_t n) {
        for (size_t i = 0; i < n; i++) {
                size_t len = strlen(rows[i].from);
                if (len > 0 && strncasecmp(at, rows[i].from, len) == 0 && stands_alone(text, at, len))
                        return &rows[i];
        }
        return NULL;
}

bool texts_names_partition(const char *text, const struct texts_rename *rows, size_t n) {
        for (const char *at = text; *at; at++)
                if (find(text, at, rows, n))
                        return true;
        return false;
}

char *texts_rename(const char *text, const struct texts_rename *rows, size_t n, bool *failed) {
        struct text out = { 0 };
        bool has_changed = false;

        for (const char *at = text; *at;) {
                const struct texts_rename *row = find(text, at, rows, n);
                if (row) {
                        text_append(&out, row->to);
                        at += strlen(row->from);
                        has_changed = true;
                } else
                        text_append_octets(&out, at++, 1);
        }
        return take(&out, has_changed, failed);
}

char *texts_add_config(const char *text, const char *lines, bool *failed) {
        struct text out = { 0 };
        size_t len = strlen(text);

        if (!*lines)
                return NULL;
        text_append(&out, text);
        text_printf(&out, "%s[all]\n%s%s", len > 0 && text[len - 1] != '\n' ? "\n" : "", lines,
                    lines[strlen(lines) - 1] == '\n' ? "" : "\n");
        return take(&out, true, failed);
}

char *texts_set_host(const char *text, const char *hostname, bool *failed) {
        static const char address[] = "127.0.1.1";
        struct text out = { 0 };
        bool is_set = false;

        for (const char *line = text; *line;) {
                size_t len = strcspn(line, "\n");
                if (has_keyword(line, len, address)) {
                        if (!is_set)
                                text_printf(&out, "%s\t%s\n", address, hostname);
                        is_set = true;
                } else {
                        text_append_octets(&out, line, len);
                        text_append(&out, "\n");
                }
                line += len + (line[len] == '\n');
        }
        if (!is_set)
                text_printf(&out, "%s\t%s\n", address, hostname);
        return take(&out, true, failed);
}
