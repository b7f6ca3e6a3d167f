/* Lines of a config.txt, in the order and under the filters that the firmware sees them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/config_txt.h"

#include <errno.h>
#include <string.h>

#include "format/config_filter.h"

/* One walk over a text and its included files. */
struct walk {
        const struct config_txt_board *board;
        const struct config_txt_tree *tree;
        int (*fn)(void *ctx, const struct config_txt_line *line);
        void *ctx;
        struct config_filters filters;
        unsigned n_lines, n_includes;
};

static bool is_space(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\0';
}

static void trim(const char **text, size_t *len) {
        while (*len > 0 && is_space(**text)) {
                ++*text;
                --*len;
        }
        while (*len > 0 && is_space((*text)[*len - 1]))
                --*len;
}

bool config_txt_key_is(const struct config_txt_line *line, const char *key) {
        return line->key_len == strlen(key) && memcmp(line->key, key, line->key_len) == 0;
}

/* "[pi4]", also with a remark behind the bracket. */
static void parse_filter(const char *at, size_t len, struct config_txt_line *line) {
        const char *end = memchr(at, ']', len);

        if (!end)
                return;
        line->kind = CONFIG_TXT_FILTER;
        line->key = at + 1;
        line->key_len = (size_t)(end - line->key);
        trim(&line->key, &line->key_len);
}

static void parse_setting(const char *at, size_t len, struct config_txt_line *line) {
        size_t key_len = 0;

        while (key_len < len && at[key_len] != '=' && !is_space(at[key_len]))
                key_len++;
        line->key = at;
        line->key_len = key_len;

        const char *value = at + key_len;
        size_t value_len = len - key_len;
        trim(&value, &value_len);
        line->kind = CONFIG_TXT_DIRECTIVE;
        if (value_len > 0 && *value == '=') {
                line->kind = CONFIG_TXT_SETTING;
                value++;
                value_len--;
                trim(&value, &value_len);
        }
        line->value = value;
        line->value_len = value_len;
}

/* The fields of one line without its end; `match` and `depth` are the walk's. */
static struct config_txt_line parse_line(const char *text, size_t len) {
        if (len > 0 && text[len - 1] == '\r')
                len--;
        struct config_txt_line line = { .text = text, .len = len, .is_long = len > CONFIG_TXT_LINE_MAX };

        line.key = line.value = text;
        trim(&text, &len);
        if (len == 0)
                return line;
        line.kind = CONFIG_TXT_COMMENT;
        if (*text == '[')
                parse_filter(text, len, &line); /* one that is not closed is as good as a comment */
        else if (*text != '#')
                parse_setting(text, len, &line);
        return line;
}

static int walk_text(struct walk *w, const char *text, size_t len, unsigned depth);

static int walk_include(struct walk *w, const struct config_txt_line *line) {
        char path[CONFIG_TXT_PATH_MAX + 1];

        if (line->value_len == 0 || line->value_len >= sizeof(path))
                return 0;
        memcpy(path, line->value, line->value_len);
        path[line->value_len] = '\0';

        size_t len;
        const char *text = w->tree->read(w->tree->ctx, path[0] == '/' ? path + 1 : path, &len);
        if (!text)
                return 0;
        if (line->depth + 1 > CONFIG_TXT_DEPTH_MAX || ++w->n_includes > CONFIG_TXT_INCLUDES_MAX)
                return -ELOOP;
        return walk_text(w, text, len, line->depth + 1);
}

static int walk_line(struct walk *w, const char *text, size_t len, unsigned depth) {
        struct config_txt_line line = parse_line(text, len);

        if (++w->n_lines > CONFIG_TXT_LINES_MAX)
                return -E2BIG;
        line.depth = depth;
        if (line.kind == CONFIG_TXT_FILTER)
                config_filters_put(&w->filters, line.key, line.key_len, w->board);
        line.match = config_filters_match(&w->filters);

        int r = w->fn(w->ctx, &line);
        if (r != 0)
                return r;
        bool is_include = line.kind == CONFIG_TXT_DIRECTIVE && config_txt_key_is(&line, "include");
        return is_include && line.match == CONFIG_TXT_YES && w->tree ? walk_include(w, &line) : 0;
}

static int walk_text(struct walk *w, const char *text, size_t len, unsigned depth) {
        /* Editors on Windows put a byte order mark there. */
        if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
                text += 3;
                len -= 3;
        }
        while (len > 0) {
                const char *newline = memchr(text, '\n', len);
                size_t line_len = newline ? (size_t)(newline - text) : len;
                int r = walk_line(w, text, line_len, depth);
                if (r != 0)
                        return r;
                size_t skip = newline ? line_len + 1 : line_len;
                text += skip;
                len -= skip;
        }
        return 0;
}

int config_txt_each(const char *text, size_t len, const struct config_txt_board *board,
                    const struct config_txt_tree *tree,
                    int (*fn)(void *ctx, const struct config_txt_line *line), void *ctx) {
        struct walk w = { .board = board, .tree = tree, .fn = fn, .ctx = ctx };

        return walk_text(&w, text, len, 0);
}
