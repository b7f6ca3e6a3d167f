/* Settings of an EEPROM; see settings.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format/bootconf.h"
#include "format/bootconf_lines.h"

enum {
        OURS = 6,
        LINE_MAX_OCTETS = 96,
        HTTP_PORT = 5248,
        HTTPS_PORT = 5249,
        MODE_HTTP = 7 /* of BOOT_ORDER */
};

/* The lines to come, in their order. */
struct lines {
        char ours[OURS][LINE_MAX_OCTETS];
        size_t n_ours;
        struct bootconf_lines all;
};

static int add(struct lines *l, const char *line, struct error *reterr) {
        const enum bootconf_line_fault fault = bootconf_lines_add(&l->all, line, strlen(line));

        return fault == BOOTCONF_LINE_GOOD
                       ? 0
                       : error_set(reterr, -EINVAL, "\"%.60s\" %s", line, bootconf_line_fault_text(fault));
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

static unsigned port_of(const struct card_settings *s) {
        return s->http_port ? s->http_port : s->cacert_hash ? HTTPS_PORT : HTTP_PORT;
}

static int collect(const struct card_settings *s, uint32_t order, struct lines *l, struct error *reterr) {
        int r = add_ours(l, reterr, "BOOT_ORDER=0x%x", order);

        if (r == 0 && s->server)
                r = add_ours(l, reterr, "TFTP_IP=%s", s->server);
        if (r == 0 && s->server && s->has_http)
                r = add_ours(l, reterr, "HTTP_HOST=%s", s->server);
        if (r == 0 && s->server && s->has_http)
                r = add_ours(l, reterr, "HTTP_PORT=%u", port_of(s));
        if (r == 0 && s->server && s->has_http)
                r = add_ours(l, reterr, "HTTP_PATH=boot");
        if (r == 0 && s->server && s->has_http && s->cacert_hash)
                r = add_ours(l, reterr, "HTTP_CACERT_HASH=%s", s->cacert_hash);
        for (const char *const *more = s->more; r == 0 && more && *more; more++)
                r = add(l, *more, reterr);
        return r;
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
        const size_t start = out->len;
        int r = collect(s, order, &lines, reterr);

        if (r < 0)
                return r;
        r = bootconf_lay_over(&lines.all, own, own_len, board, out);
        if (r == -E2BIG)
                return error_set(reterr, r,
                                 "the configuration would have %zu octets, and an EEPROM has room for %d",
                                 out->len - start, BOOTCONF_SIZE_MAX);
        return r < 0 ? error_set(reterr, r, "out of memory") : 0;
}
