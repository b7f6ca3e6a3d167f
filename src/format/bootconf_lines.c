/* Settings laid over the EEPROM's configuration; see bootconf_lines.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/bootconf_lines.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "format/bootconf.h"

static size_t key_len(const struct bootconf_line *line) {
        const char *equals = memchr(line->text, '=', line->len);
        return equals ? (size_t)(equals - line->text) : line->len;
}

static bool has_key(const struct bootconf_line *line, const char *key, size_t len) {
        return key_len(line) == len && memcmp(line->text, key, len) == 0;
}

static enum bootconf_line_fault check(const struct bootconf_line *line) {
        const size_t key = key_len(line);

        if (key == 0 || key == line->len)
                return BOOTCONF_LINE_NO_SETTING;
        for (size_t i = 0; i < line->len; i++)
                if ((unsigned char)line->text[i] <= ' ' || line->text[i] == 0x7f)
                        return BOOTCONF_LINE_SPACED;
        for (size_t i = 0; i < key; i++)
                if (!isupper((unsigned char)line->text[i]) && !isdigit((unsigned char)line->text[i]) &&
                    line->text[i] != '_')
                        return BOOTCONF_LINE_NO_KEY;
        return BOOTCONF_LINE_GOOD;
}

enum bootconf_line_fault bootconf_lines_add(struct bootconf_lines *l, const char *text, size_t len) {
        const struct bootconf_line line = { .text = text, .len = len };
        const enum bootconf_line_fault fault = check(&line);
        size_t at = 0;

        if (fault != BOOTCONF_LINE_GOOD)
                return fault;
        while (at < l->n && !has_key(&l->items[at], text, key_len(&line)))
                at++;
        if (at == BOOTCONF_LINES_MAX)
                return BOOTCONF_LINE_TOO_MANY;
        l->items[at] = line;
        l->n += at == l->n;
        return BOOTCONF_LINE_GOOD;
}

static size_t trimmed_len(const char *line, size_t len) {
        while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t' || line[len - 1] == '\r'))
                len--;
        return len;
}

enum bootconf_line_fault bootconf_lines_add_text(struct bootconf_lines *l, const char *text,
                                                 struct bootconf_line *ret_bad) {
        for (const char *line = text; *line;) {
                const size_t whole = strcspn(line, "\n"), len = trimmed_len(line, whole);
                const enum bootconf_line_fault fault =
                        len == 0 || *line == '#' ? BOOTCONF_LINE_GOOD : bootconf_lines_add(l, line, len);
                if (fault != BOOTCONF_LINE_GOOD) {
                        *ret_bad = (struct bootconf_line){ .text = line, .len = len };
                        return fault;
                }
                line += whole + (line[whole] == '\n');
        }
        return BOOTCONF_LINE_GOOD;
}

const char *bootconf_line_fault_text(enum bootconf_line_fault fault) {
        static const char *const texts[] = {
                [BOOTCONF_LINE_GOOD] = "",
                [BOOTCONF_LINE_NO_SETTING] = "is no setting of an EEPROM: these are written KEY=VALUE",
                [BOOTCONF_LINE_SPACED] = "is no setting of an EEPROM: there are no spaces in one",
                [BOOTCONF_LINE_NO_KEY] = "begins with no key of an EEPROM: they are written as in BOOT_ORDER",
                [BOOTCONF_LINE_TOO_MANY] = "is one setting of an EEPROM too many",
        };
        return texts[fault];
}

/* ---- laid over ---- */

/* Settings of which the board reads the same value already, bits of their places. */
struct look {
        const struct bootconf_lines *lines;
        bool counts[BOOTCONF_LINES_MAX];
};

static size_t find(const struct bootconf_lines *l, const struct config_txt_line *line) {
        size_t at = 0;

        while (at < l->n && !has_key(&l->items[at], line->key, line->key_len))
                at++;
        return at;
}

/* The last line that may apply is the one that counts. */
static int look_at_line(void *ctx, const struct config_txt_line *line) {
        struct look *k = ctx;
        const size_t at = line->kind == CONFIG_TXT_SETTING && line->match != CONFIG_TXT_NO
                                  ? find(k->lines, line)
                                  : k->lines->n;

        if (at == k->lines->n)
                return 0;
        const struct bootconf_line *wanted = &k->lines->items[at];
        const size_t key = key_len(wanted) + 1;
        k->counts[at] = line->match == CONFIG_TXT_YES && line->value_len == wanted->len - key &&
                        memcmp(line->value, wanted->text + key, line->value_len) == 0;
        return 0;
}

struct copying {
        const struct look *look;
        struct text *out;
        bool is_for_all; /* what comes next is read by all boards */
};

static int copy_line(void *ctx, const struct config_txt_line *line) {
        struct copying *c = ctx;

        if (line->kind == CONFIG_TXT_FILTER)
                c->is_for_all = line->key_len == 3 && memcmp(line->key, "all", 3) == 0;
        if (line->kind == CONFIG_TXT_SETTING && line->match == CONFIG_TXT_YES) {
                const size_t at = find(c->look->lines, line);
                if (at < c->look->lines->n && !c->look->counts[at])
                        return 0;
        }
        text_append_octets(c->out, line->text, line->len);
        text_append(c->out, "\n");
        return 0;
}

int bootconf_lay_over(const struct bootconf_lines *l, const char *own, size_t own_len,
                      const struct config_txt_board *board, struct text *out) {
        struct look look = { .lines = l };
        struct copying c = { .look = &look, .out = out, .is_for_all = true };
        const size_t start = out->len;

        if (config_txt_each(own, own_len, board, NULL, look_at_line, &look) < 0 ||
            config_txt_each(own, own_len, board, NULL, copy_line, &c) < 0)
                return -E2BIG;
        for (size_t i = 0; i < l->n; i++) {
                if (look.counts[i])
                        continue;
                if (!c.is_for_all)
                        text_append(out, "[all]\n");
                c.is_for_all = true;
                text_append_octets(out, l->items[i].text, l->items[i].len);
                text_append(out, "\n");
        }
        if (out->failed)
                return -ENOMEM;
        return out->len - start > BOOTCONF_SIZE_MAX ? -E2BIG : 0;
}

/* ---- compared ---- */

static int add_plain(void *ctx, const struct config_txt_line *line) {
        struct text *out = ctx;
        const bool is_all =
                line->kind == CONFIG_TXT_FILTER && line->key_len == 3 && memcmp(line->key, "all", 3) == 0;

        if (line->kind == CONFIG_TXT_BLANK || line->kind == CONFIG_TXT_COMMENT || (is_all && out->len == 0))
                return 0;
        text_append_octets(out, line->text, trimmed_len(line->text, line->len));
        text_append(out, "\n");
        return 0;
}

void bootconf_plain(const char *config, struct text *out) {
        static const struct config_txt_board any = { .family = CONFIG_TXT_2712,
                                                     .type = CONFIG_TXT_TYPE_UNKNOWN };

        text_append(out, "");
        /* A text with more lines than are read of any cannot come out of an EEPROM. */
        (void)!config_txt_each(config, strlen(config), &any, NULL, add_plain, out);
}

bool bootconf_is_same(const char *a, const char *b) {
        CLEANUP(text_free) struct text first = {};
        CLEANUP(text_free) struct text second = {};

        bootconf_plain(a, &first);
        bootconf_plain(b, &second);
        return !first.failed && !second.failed && strcmp(first.octets, second.octets) == 0;
}

static bool has_line(const char *text, const char *line, size_t len) {
        for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
                if (strcspn(text, "\n") == len && memcmp(text, line, len) == 0)
                        return true;
        return false;
}

static void tell_lines(char sign, const char *text, const char *other,
                       void (*fn)(void *ctx, char sign, const char *line, size_t len), void *ctx) {
        for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
                const size_t len = strcspn(text, "\n");
                if (!has_line(other, text, len))
                        fn(ctx, sign, text, len);
        }
}

void bootconf_each_change(const char *before, const char *after,
                          void (*fn)(void *ctx, char sign, const char *line, size_t len), void *ctx) {
        CLEANUP(text_free) struct text was = {};
        CLEANUP(text_free) struct text now = {};

        bootconf_plain(before, &was);
        bootconf_plain(after, &now);
        if (was.failed || now.failed)
                return;
        tell_lines('-', was.octets, now.octets, fn, ctx);
        tell_lines('+', now.octets, was.octets, fn, ctx);
}
