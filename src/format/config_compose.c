/* Our lines laid over an image's config.txt, which the firmware reads only below 4 KiB. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/writer.h"
#include "format/config_filter.h"
#include "format/config_txt.h"

/* Lines that are kept, each group under one statement of the filters that it needs. */
struct shortening {
        const struct config_txt_board *board;
        struct writer w;
        struct config_filters wanted,
                written; /* those of the base so far; those that the firmware is under */
        bool is_unsure;  /* an included file may have changed what the firmware is under */
        bool drops_sections;
};

static void write_text(struct writer *w, const char *text) {
        write_octets(w, text, strlen(text));
}

static void write_filter(struct writer *w, const char *text, size_t len) {
        write_u8(w, '[');
        write_octets(w, text, len);
        write_text(w, "]\n");
}

static void write_line(struct writer *w, const struct config_txt_line *line) {
        /* These octets are a byte order mark only where a text begins: a line that moves up there must not
         * become one. */
        if (writer_len(w) == 0 && line->len >= 3 && memcmp(line->text, "\xef\xbb\xbf", 3) == 0)
                write_text(w, "#\n");
        write_octets(w, line->text, line->len);
        write_u8(w, '\n');
}

/* Filters that hold for certain need not be said once sections are dropped. */
static bool must_say(const struct config_filter *f) {
        return f->len > 0 && f->match != CONFIG_TXT_YES;
}

static bool is_same(const struct config_filters *a, const struct config_filters *b) {
        for (size_t i = 0; i < CONFIG_FILTER_TYPES; i++) {
                const struct config_filter *x = &a->by_type[i], *y = &b->by_type[i];
                if (must_say(x) != must_say(y))
                        return false;
                if (must_say(x) && (x->len != y->len || memcmp(x->text, y->text, x->len) != 0))
                        return false;
        }
        return true;
}

static void say_filters(struct shortening *s) {
        if (!s->is_unsure && is_same(&s->wanted, &s->written))
                return;
        write_filter(&s->w, "all", strlen("all"));
        for (size_t i = 0; i < CONFIG_FILTER_TYPES; i++)
                if (must_say(&s->wanted.by_type[i]))
                        write_filter(&s->w, s->wanted.by_type[i].text, s->wanted.by_type[i].len);
        s->written = s->wanted;
        s->is_unsure = false;
}

static bool is_include(const struct config_txt_line *line) {
        return line->kind == CONFIG_TXT_DIRECTIVE && config_txt_key_is(line, "include");
}

static int keep_line(void *ctx, const struct config_txt_line *line) {
        struct shortening *s = ctx;

        if (line->kind == CONFIG_TXT_FILTER)
                config_filters_put(&s->wanted, line->key, line->key_len, s->board);
        if (line->depth > 0 || line->kind == CONFIG_TXT_BLANK || line->kind == CONFIG_TXT_COMMENT)
                return 0;
        if (!s->drops_sections) {
                write_line(&s->w, line);
                return 0;
        }
        if (line->kind == CONFIG_TXT_FILTER || line->match == CONFIG_TXT_NO)
                return 0;
        /* What follows would hang on whether the board reads that file: this base cannot be shortened. */
        if (is_include(line) && line->match == CONFIG_TXT_MAYBE)
                return -E2BIG;
        say_filters(s);
        write_line(&s->w, line);
        s->is_unsure = is_include(line);
        return 0;
}

static void write_ours(struct writer *w, const char *ours) {
        if (!*ours && writer_len(w) > 0)
                return; /* but a file of no octets may count as one that is not there */
        write_filter(w, "all", strlen("all"));
        write_text(w, ours);
}

/* The base as it is; a missing newline at its end must not swallow our first line. */
static void compose_whole(struct writer *w, const char *base, size_t base_len, const char *ours) {
        write_octets(w, base, base_len);
        if (*ours && base_len > 0 && base[base_len - 1] != '\n')
                write_u8(w, '\n');
        write_ours(w, ours);
}

int config_txt_compose(const char *base, size_t base_len, const struct config_txt_board *board,
                       const struct config_txt_tree *tree, const char *ours, char *buf, size_t size,
                       size_t *ret_len) {
        size_t room = size < CONFIG_TXT_SIZE_MAX ? size : CONFIG_TXT_SIZE_MAX;
        struct writer whole = writer_of(buf, room);

        compose_whole(&whole, base, base_len, ours);
        if (!whole.full) {
                *ret_len = writer_len(&whole);
                return 0;
        }
        for (int drops_sections = 0; drops_sections <= 1; drops_sections++) {
                struct shortening s = { .board = board,
                                        .w = writer_of(buf, room),
                                        .drops_sections = drops_sections };
                int r = config_txt_each(base, base_len, board, drops_sections ? tree : NULL, keep_line, &s);
                if (r < 0)
                        return r;
                write_ours(&s.w, ours);
                if (!s.w.full) {
                        *ret_len = writer_len(&s.w);
                        return 0;
                }
        }
        return -E2BIG;
}
