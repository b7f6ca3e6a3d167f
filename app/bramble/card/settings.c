/* Settings of an EEPROM; see settings.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "format/bootconf.h"

enum {
        SETTINGS_MAX = 300,
        OURS = 5,
        LINE_MAX_OCTETS = 64,
        HTTP_PORT = 5248,
        MODE_HTTP = 7 /* of BOOT_ORDER */
};

/* The lines to come, in their order. */
struct lines {
        char ours[OURS][LINE_MAX_OCTETS];
        size_t n_ours;
        const char *all[SETTINGS_MAX];
        size_t n;
};

static size_t key_len(const char *line) {
        return strcspn(line, "=");
}

static bool is_same_key(const char *line, const char *other) {
        return key_len(line) == key_len(other) && memcmp(line, other, key_len(line)) == 0;
}

/* A later line takes the place of an earlier one with its key. */
static int add(struct lines *l, const char *line, struct error *reterr) {
        size_t at = 0;

        if (key_len(line) == 0 || !line[key_len(line)])
                return error_set(reterr, -EINVAL,
                                 "\"%.60s\" is no setting of an EEPROM: these are written KEY=VALUE", line);
        for (const char *c = line; *c; c++)
                if ((unsigned char)*c <= ' ' || *c == 0x7f)
                        return error_set(reterr, -EINVAL,
                                         "\"%.60s\" is no setting of an EEPROM: there are no spaces in one",
                                         line);
        for (size_t i = 0; i < key_len(line); i++)
                if (!isupper((unsigned char)line[i]) && !isdigit((unsigned char)line[i]) && line[i] != '_')
                        return error_set(reterr, -EINVAL,
                                         "\"%.*s\" is no key of an EEPROM: they are written as in BOOT_ORDER",
                                         (int)key_len(line), line);
        while (at < l->n && !is_same_key(l->all[at], line))
                at++;
        if (at == SETTINGS_MAX)
                return error_set(reterr, -E2BIG, "too many settings");
        l->all[at] = line;
        l->n += at == l->n;
        return 0;
}

static int add_ours(struct lines *l, struct error *reterr, const char *format, ...) PRINTF(3, 4);

static int add_ours(struct lines *l, struct error *reterr, const char *format, ...) {
        char *line = l->ours[l->n_ours++];
        va_list args;

        va_start(args, format);
        (void)vsnprintf(line, LINE_MAX_OCTETS, format, args);
        va_end(args);
        return add(l, line, reterr);
}

static int collect(const struct card_settings *s, uint32_t order, struct lines *l, struct error *reterr) {
        int r = add_ours(l, reterr, "BOOT_ORDER=0x%x", order);

        if (r == 0 && s->server)
                r = add_ours(l, reterr, "TFTP_IP=%s", s->server);
        if (r == 0 && s->server && s->has_http)
                r = add_ours(l, reterr, "HTTP_HOST=%s", s->server);
        if (r == 0 && s->server && s->has_http)
                r = add_ours(l, reterr, "HTTP_PORT=%d", HTTP_PORT);
        if (r == 0 && s->server && s->has_http)
                r = add_ours(l, reterr, "HTTP_PATH=boot");
        for (const char *const *more = s->more; r == 0 && more && *more; more++)
                r = add(l, *more, reterr);
        return r;
}

struct copying {
        const struct lines *lines;
        struct text *out;
        bool is_for_all; /* what comes next is read by all boards */
};

static int copy_line(void *ctx, const struct config_txt_line *line) {
        struct copying *c = ctx;

        if (line->kind == CONFIG_TXT_FILTER)
                c->is_for_all = line->key_len == 3 && memcmp(line->key, "all", 3) == 0;
        for (size_t i = 0;
             line->kind == CONFIG_TXT_SETTING && line->match == CONFIG_TXT_YES && i < c->lines->n; i++)
                if (line->key_len == key_len(c->lines->all[i]) &&
                    memcmp(line->key, c->lines->all[i], line->key_len) == 0)
                        return 0;
        text_append_octets(c->out, line->text, line->len);
        text_append(c->out, "\n");
        return 0;
}

/* The network before every disk; and HTTP before all, where there is a key for it. */
static uint32_t order_for(const struct card_settings *s, uint32_t own) {
        const uint32_t order = boot_order_network_first(own);

        if (!s->has_http || !s->server || order >> 28)
                return order;
        for (uint32_t rest = order; rest; rest >>= 4)
                if ((rest & 0xf) == MODE_HTTP)
                        return order;
        return order << 4 | MODE_HTTP;
}

int card_settings_apply(const struct card_settings *s, const char *own, size_t own_len,
                        const struct config_txt_board *board, struct text *out, struct error *reterr) {
        const uint32_t order =
                s->boot_order ? s->boot_order : order_for(s, bootconf_boot_order(own, own_len, board));
        struct lines lines = {};
        struct copying c = { .lines = &lines, .out = out, .is_for_all = true };
        const size_t start = out->len;
        int r = collect(s, order, &lines, reterr);

        if (r < 0)
                return r;
        r = config_txt_each(own, own_len, board, NULL, copy_line, &c);
        if (r < 0)
                return error_set(reterr, r, "the EEPROM's own configuration has too many lines");
        if (!c.is_for_all)
                text_append(out, "[all]\n");
        for (size_t i = 0; i < lines.n; i++)
                text_printf(out, "%s\n", lines.all[i]);
        if (out->failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        return out->len - start <= BOOTCONF_SIZE_MAX
                       ? 0
                       : error_set(reterr, -E2BIG,
                                   "the configuration would have %zu octets, and an EEPROM has room for %d",
                                   out->len - start, BOOTCONF_SIZE_MAX);
}
