/* Command lines; see cmdline.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/writer.h"
#include "format/cmdline.h"

static bool is_space(char c) {
        return (unsigned char)c <= ' ' || c == 0x7f;
}

/* Writes one part, a control character as a space, without white space at its ends. */
static void put_part(struct writer *w, const char *text, size_t len) {
        while (len > 0 && is_space(text[len - 1]))
                len--;
        while (len > 0 && is_space(text[0])) {
                text++;
                len--;
        }
        if (len > 0 && writer_len(w) > 0)
                write_u8(w, ' ');
        for (size_t i = 0; i < len; i++)
                write_u8(w, is_space(text[i]) ? ' ' : (uint8_t)text[i]);
}

int cmdline_join(const char *base, size_t base_len, const char *extra, char *buf, size_t size) {
        struct writer w = writer_of(buf, size < CMDLINE_MAX + 1 ? size : CMDLINE_MAX + 1);
        const char *line_end = base_len ? memchr(base, '\n', base_len) : NULL;
        const char *nul = base_len ? memchr(base, 0, base_len) : NULL;

        if (line_end)
                base_len = (size_t)(line_end - base);
        if (nul && (size_t)(nul - base) < base_len)
                base_len = (size_t)(nul - base);
        put_part(&w, base, base_len);
        if (extra)
                put_part(&w, extra, strlen(extra));
        write_u8(&w, 0);
        return w.full ? -E2BIG : (int)writer_len(&w) - 1;
}

const char *cmdline_next(const char **at, size_t *ret_len) {
        const char *word = *at;
        bool is_quoted = false;

        while (*word && is_space(*word))
                word++;
        const char *end = word;
        for (; *end && (is_quoted || !is_space(*end)); end++) {
                if (*end == '"')
                        is_quoted = !is_quoted;
        }
        *at = end;
        *ret_len = (size_t)(end - word);
        return end > word ? word : NULL;
}
