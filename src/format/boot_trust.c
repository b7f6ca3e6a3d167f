/* Levels of trust; see boot_trust.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/boot_trust.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "format/bootconf.h"

enum { MODE_HTTP = 7, MODE_STOP = 0xe, MODE_RESTART = 0xf };

static const char *const names[BOOT_TRUST_LEVELS] = {
        [BOOT_TRUST_NONE] = "none",
        [BOOT_TRUST_NETWORK] = "network-trusted",
        [BOOT_TRUST_SIGNED] = "signed",
        [BOOT_TRUST_FUSED] = "fused",
};

const char *boot_trust_name(enum boot_trust t) {
        return t < BOOT_TRUST_LEVELS ? names[t] : "";
}

int boot_trust_parse(const char *name, enum boot_trust *ret) {
        for (size_t i = 0; i < BOOT_TRUST_LEVELS; i++) {
                if (strcmp(names[i], name) != 0)
                        continue;
                *ret = (enum boot_trust)i;
                return 0;
        }
        return -EINVAL;
}

/* What the last lines say that apply. */
struct said {
        bool has_host, updates_itself, is_signed, has_authority;
};

static bool is_one(const struct config_txt_line *line) {
        return line->value_len == 1 && line->value[0] == '1';
}

static int look(void *ctx, const struct config_txt_line *line) {
        struct said *s = ctx;

        if (line->kind != CONFIG_TXT_SETTING || line->match == CONFIG_TXT_NO)
                return 0;
        if (config_txt_key_is(line, "HTTP_HOST"))
                s->has_host = line->value_len > 0;
        else if (config_txt_key_is(line, "ENABLE_SELF_UPDATE"))
                s->updates_itself = is_one(line);
        else if (config_txt_key_is(line, "SIGNED_BOOT"))
                s->is_signed = is_one(line);
        else if (config_txt_key_is(line, "HTTP_CACERT_HASH"))
                s->has_authority = line->value_len > 0;
        return 0;
}

static struct said read_said(const char *config, size_t len, const struct config_txt_board *board) {
        struct said said = { .updates_itself = true }; /* which is the default */

        (void)!config_txt_each(config, len, board, NULL, look, &said);
        return said;
}

static bool has_http(uint32_t order) {
        while (order && (order & 0xf) != MODE_HTTP)
                order >>= 4;
        return order != 0;
}

/* By HTTP firmware takes nothing without a signature; any other way is one for everybody. */
static bool is_http_alone(uint32_t order) {
        for (uint32_t rest = order; rest; rest >>= 4) {
                uint32_t mode = rest & 0xf;
                if (mode != MODE_HTTP && mode != MODE_STOP && mode != MODE_RESTART)
                        return false;
        }
        return has_http(order);
}

enum boot_trust boot_trust_of(const char *config, size_t len, const struct config_txt_board *board,
                              uint32_t signed_bits) {
        const struct said said = read_said(config, len, board);

        if (signed_bits & BOOT_SIGNED_FUSED)
                return BOOT_TRUST_FUSED;
        if (board->family == CONFIG_TXT_2711 && (signed_bits & BOOT_SIGNED || said.is_signed))
                return BOOT_TRUST_SIGNED;
        return said.has_host && !said.updates_itself && is_http_alone(bootconf_boot_order(config, len, board))
                       ? BOOT_TRUST_NETWORK
                       : BOOT_TRUST_NONE;
}

const char *boot_trust_beside(const char *config, size_t len, const struct config_txt_board *board) {
        const struct said said = read_said(config, len, board);

        if (said.is_signed)
                return "SIGNED_BOOT";
        if (said.has_host)
                return "HTTP_HOST";
        return said.has_authority ? "HTTP_CACERT_HASH" : NULL;
}

bool boot_trust_is_signed(const char *config, size_t len, const struct config_txt_board *board) {
        return read_said(config, len, board).is_signed;
}

bool boot_trust_needs_key(const char *config, size_t len, const struct config_txt_board *board) {
        const struct said said = read_said(config, len, board);

        return said.is_signed || (said.has_host && has_http(bootconf_boot_order(config, len, board)));
}
