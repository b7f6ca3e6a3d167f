/* How boot loaders read what we write for them; see loader_readers.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "loader_readers.h"

/* U-Boot's simple parser: variables by $(NAME) and ${NAME}, text between single quotes as it is, a backslash
 * escapes. */
const char *uboot_read_append(const char *value, char out[static READER_TEXT_MAX]) {
        bool is_quoted = false;
        char last = 0; /* the octet before, which makes the next one literal when it is a backslash */
        size_t n = 0;

        for (const char *at = value; *at && n + 1 < READER_TEXT_MAX;) {
                char c = *at++;
                if (!is_quoted && c == '\\' && last != '\\') {
                        last = c;
                        c = *at;
                        if (c)
                                at++;
                        else
                                break;
                }
                bool is_literal = last == '\\';
                last = c;
                if (c == '\'' && !is_literal) {
                        is_quoted = !is_quoted;
                        continue;
                }
                if (c == '$' && !is_literal && !is_quoted && (*at == '{' || *at == '(')) {
                        at += strcspn(at, ")}");
                        at += *at != 0;
                        continue;
                }
                out[n++] = c;
        }
        out[n] = 0;
        return out;
}

static void end_word(struct reader_words *w, const char *word, size_t *used) {
        w->text[(*used)++] = 0;
        if (w->n < READER_WORDS_MAX)
                w->words[w->n++] = word;
}

void grub_read_words(const char *line, struct reader_words *ret) {
        size_t used = 0;
        const char *word = NULL;
        bool is_quoted = false;

        ret->n = 0;
        for (const char *c = line; *c && *c != '\n' && used + 2 < READER_TEXT_MAX; c++) {
                if (!is_quoted && *c == ' ') {
                        if (word)
                                end_word(ret, word, &used);
                        word = NULL;
                        continue;
                }
                if (!word)
                        word = ret->text + used;
                if (*c == '\'')
                        is_quoted = !is_quoted;
                else if (*c == '\\' && !is_quoted && c[1])
                        ret->text[used++] = *++c;
                else
                        ret->text[used++] = *c;
        }
        if (word)
                end_word(ret, word, &used);
}

void ipxe_read_words(const char *line, struct reader_words *ret) {
        size_t used = 0;

        ret->n = 0;
        for (const char *c = line; *c && *c != '\n';) {
                while (*c && *c != '\n' && isspace((unsigned char)*c))
                        c++;
                const char *word = ret->text + used, *start = c;
                while (*c && *c != '\n' && !isspace((unsigned char)*c) && used + 2 < READER_TEXT_MAX)
                        ret->text[used++] = *c++;
                if (c == start)
                        break;
                end_word(ret, word, &used);
                if (word[0] == '#' || strcmp(word, "||") == 0 || strcmp(word, "&&") == 0 ||
                    strcmp(word, ";") == 0 || strstr(word, "${")) {
                        ret->n = 0;
                        return;
                }
        }
}

const char *extlinux_read_value(const char *config, const char *key, char out[static READER_TEXT_MAX]) {
        for (const char *line = config; *line;) {
                const char *at = line + strspn(line, " \t");
                size_t key_len = strcspn(at, " \t\n"), len;
                if (key_len == strlen(key) && strncmp(at, key, key_len) == 0) {
                        at += key_len;
                        at += strspn(at, " \t");
                        len = strcspn(at, "\n");
                        len = len < READER_TEXT_MAX ? len : READER_TEXT_MAX - 1;
                        memcpy(out, at, len);
                        out[len] = 0;
                        return out;
                }
                line += strcspn(line, "\n");
                line += *line != 0;
        }
        return NULL;
}

const char *line_of(const char *text, const char *word, char out[static READER_TEXT_MAX]) {
        for (const char *line = text; *line;) {
                size_t len = strcspn(line, "\n");
                if (strncmp(line, word, strlen(word)) == 0 && line[strlen(word)] == ' ' &&
                    len < READER_TEXT_MAX) {
                        memcpy(out, line, len);
                        out[len] = 0;
                        return out;
                }
                line += len;
                line += *line != 0;
        }
        return NULL;
}
