/* Lines of a console; see lines.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/netconsole/lines.h"

#include <string.h>

void netconsole_lines_end(struct netconsole_lines *l, void (*fn)(void *ctx, const char *line), void *ctx) {
        while (l->len > 0 && l->line[l->len - 1] == ' ')
                l->len--;
        l->line[l->len] = 0;
        if (l->len > 0)
                fn(ctx, l->line);
        l->len = 0;
}

static void add_octet(struct netconsole_lines *l, char c) {
        bool is_text = (unsigned char)c >= ' ' && (unsigned char)c != 0x7f;

        if (c != '\r' && l->len < NETCONSOLE_LINE_MAX)
                l->line[l->len++] = c == '\t' ? ' ' : is_text ? c : '?';
}

void netconsole_lines_add(struct netconsole_lines *l, const struct netconsole_record *r,
                          void (*fn)(void *ctx, const char *line), void *ctx) {
        if (r->is_extended && r->offset == 0)
                netconsole_lines_end(l, fn, ctx); /* the rest of the record before it was lost */
        for (size_t i = 0; i < r->len; i++) {
                if (r->text[i] == '\n')
                        netconsole_lines_end(l, fn, ctx);
                else
                        add_octet(l, r->text[i]);
        }
        /* An extended record is a line by itself, unless more of it follows. */
        if (r->is_extended && (r->of_size == 0 || r->offset + r->len >= r->of_size))
                netconsole_lines_end(l, fn, ctx);
}
