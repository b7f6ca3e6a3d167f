/* Whether a bootconf.txt makes sense; see bootconf_keys.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/nearest.h"
#include "format/bootconf.h"
#include "format/bootconf_keys.h"

enum { VALUE_SIZE = 512, HASH_DIGITS = 64, ORDER_DIGITS = 8 };

struct check {
        unsigned soc, line;
        const char *release;
        struct config_txt_board board;
        void (*fn)(void *ctx, const struct bootconf_remark *remark);
        void *ctx;
        size_t n;
};

static void remark(struct check *c, struct bootconf_remark r) {
        r.soc = c->soc;
        c->n++;
        c->fn(c->ctx, &r);
}

/* ---- values ---- */

static bool is_number(const struct bootconf_key *k, const char *value) {
        const bool is_negative = value[0] == '-';
        uint64_t n;

        if (text_parse_u64(value + is_negative, UINT32_MAX, &n) < 0)
                return false;
        const int64_t number = is_negative ? -(int64_t)n : (int64_t)n;
        return number >= k->min && number <= k->max;
}

/* Without 0x its digits are taken for a decimal number, which is another order. */
static bool is_order(const struct bootconf_key *k, const char *value) {
        (void)k;
        return text_starts_with(value, "0x") && value[2] && strlen(value) <= 2 + ORDER_DIGITS &&
               value[2 + strspn(value + 2, "0123456789abcdefABCDEF")] == 0;
}

static bool is_flag(const struct bootconf_key *k, const char *value) {
        (void)k;
        return strcmp(value, "0") == 0 || strcmp(value, "1") == 0;
}

static bool is_ip(const struct bootconf_key *k, const char *value) {
        struct ip_addr ip;
        (void)k;
        return ip_parse(value, &ip) == 0 && ip.family == IP_V4;
}

static bool is_mac(const struct bootconf_key *k, const char *value) {
        struct mac mac;
        (void)k;
        return mac_parse(value, &mac) == 0;
}

static bool is_hash(const struct bootconf_key *k, const char *value) {
        (void)k;
        return strlen(value) == HASH_DIGITS && strspn(value, "0123456789abcdefABCDEF") == HASH_DIGITS;
}

/* The firmware wants every one of its separators, whatever is left out between them. */
static bool is_netconsole(const struct bootconf_key *k, const char *value) {
        static const char separators[] = "@/,@/";
        const char *at = value;

        for (const char *s = separators; *s; s++) {
                at = strchr(at, *s);
                if (!at++)
                        return false;
        }
        return strlen(value) <= (size_t)k->max;
}

static bool is_text(const struct bootconf_key *k, const char *value) {
        return k->max == 0 || strlen(value) <= (size_t)k->max;
}

static const struct {
        bool (*is_right)(const struct bootconf_key *k, const char *value);
        const char *wanted;
} types[] = {
        [BOOTCONF_FLAG] = { is_flag, "0 or 1" },
        [BOOTCONF_NUMBER] = { is_number, "a number" },
        [BOOTCONF_ORDER] = { is_order, "0x and up to eight hexadecimal digits, as in 0xf412" },
        [BOOTCONF_IP] = { is_ip, "an address, as in 192.168.1.10" },
        [BOOTCONF_MAC] = { is_mac, "six hex pairs, as in dc:a6:32:01:02:03" },
        [BOOTCONF_HASH] = { is_hash, "64 hex digits" },
        [BOOTCONF_NETCONSOLE] = { is_netconsole, "PORT@ADDRESS/DEVICE,PORT@ADDRESS/MAC with every separator, "
                                                 "in 32 characters" },
        [BOOTCONF_TEXT] = { is_text, "a text" },
};

/* ---- lines ---- */

static const char *nearest_key(const char *name, size_t len) {
        char word[NEAREST_WORD_MAX + 1];

        (void)snprintf(word, sizeof(word), "%.*s", (int)(len < NEAREST_WORD_MAX ? len : NEAREST_WORD_MAX),
                       name);
        struct nearest n = nearest_to(word);
        for (const struct bootconf_key *k = bootconf_keys(); k->name; k++)
                nearest_offer(&n, k->name);
        return n.best;
}

static const char *since(const struct bootconf_key *k, unsigned soc) {
        return soc == 2711 ? k->since_2711 : soc == 2712 ? k->since_2712 : "";
}

static void check_setting(struct check *c, const struct config_txt_line *line) {
        const struct bootconf_key *k = bootconf_key(line->key, line->key_len);
        struct bootconf_remark r = { .line = c->line, .key = line->key, .key_len = line->key_len, .row = k };
        char value[VALUE_SIZE];

        if (!k) {
                r.nearest = nearest_key(line->key, line->key_len);
                r.fault = BOOTCONF_UNKNOWN_KEY;
                remark(c, r);
                return;
        }
        if (line->key[line->key_len] != '=' || line->value != line->key + line->key_len + 1) {
                r.fault = BOOTCONF_SPACED;
                remark(c, r);
        }
        if (!since(k, c->soc)) {
                r.fault = BOOTCONF_OTHER_CHIP;
                remark(c, r);
        } else if (c->release && strcmp(c->release, since(k, c->soc)) < 0) {
                r.fault = BOOTCONF_TOO_NEW;
                remark(c, r);
        }
        (void)snprintf(value, sizeof(value), "%.*s",
                       (int)(line->value_len < VALUE_SIZE ? line->value_len : VALUE_SIZE), line->value);
        if (line->value_len > 0 && !types[k->type].is_right(k, value)) {
                r.fault = BOOTCONF_BAD_VALUE;
                remark(c, r);
        }
}

static int check_line(void *ctx, const struct config_txt_line *line) {
        struct check *c = ctx;
        struct bootconf_remark r = { .line = ++c->line, .key = line->text, .key_len = line->len };

        if (line->kind == CONFIG_TXT_FILTER && config_txt_key_is(line, "config.txt"))
                return 1; /* the rest is config.txt's */
        if (line->match == CONFIG_TXT_NO)
                return 0;
        if (line->is_long && line->kind != CONFIG_TXT_COMMENT) {
                r.fault = BOOTCONF_LONG_LINE;
                remark(c, r);
        }
        if (line->kind == CONFIG_TXT_DIRECTIVE) {
                r.fault = BOOTCONF_NO_SETTING;
                remark(c, r);
        }
        if (line->kind == CONFIG_TXT_SETTING)
                check_setting(c, line);
        return 0;
}

size_t bootconf_check(const char *text, size_t len, unsigned soc, const char *release,
                      void (*fn)(void *ctx, const struct bootconf_remark *remark), void *ctx) {
        struct check c = {
                .soc = soc,
                .release = release,
                .board = { .family = soc == 2711 ? CONFIG_TXT_2711 : CONFIG_TXT_2712,
                           .type = CONFIG_TXT_TYPE_UNKNOWN },
                .fn = fn,
                .ctx = ctx,
        };

        if (len > BOOTCONF_SIZE_MAX)
                remark(&c, (struct bootconf_remark){ .fault = BOOTCONF_TOO_LARGE });
        /* A text with too many lines ends early: there is no room for it anyway. */
        (void)!config_txt_each(text, len, &c.board, NULL, check_line, &c);
        return c.n;
}

/* ---- sentences ---- */

static void print_wanted(struct text *out, const struct bootconf_key *k) {
        text_append(out, types[k->type].wanted);
        if (k->type == BOOTCONF_NUMBER)
                text_printf(out, " from %" PRId64 " to %" PRId64, k->min, k->max);
        if (k->type == BOOTCONF_TEXT && k->max)
                text_printf(out, " of at most %" PRId64 " octets", k->max);
}

void bootconf_remark_text(const struct bootconf_remark *r, struct text *out) {
        const int len = (int)(r->key_len < CONFIG_TXT_LINE_MAX ? r->key_len : CONFIG_TXT_LINE_MAX);

        if (r->line)
                text_printf(out, "line %u: ", r->line);
        switch (r->fault) {
        case BOOTCONF_UNKNOWN_KEY:
                text_printf(out, "the bootloader has no key %.*s", len, r->key);
                if (r->nearest)
                        text_printf(out, ", did you mean %s?", r->nearest);
                break;
        case BOOTCONF_OTHER_CHIP:
                text_printf(out, "%s is no key of the BCM%u", r->row->name, r->soc);
                break;
        case BOOTCONF_TOO_NEW:
                text_printf(out, "%s wants a bootloader of %s or later", r->row->name, since(r->row, r->soc));
                break;
        case BOOTCONF_BAD_VALUE:
                text_printf(out, "%s takes ", r->row->name);
                print_wanted(out, r->row);
                break;
        case BOOTCONF_SPACED:
                text_printf(out, "%s has a blank beside its =, which the bootloader does not take away",
                            r->row->name);
                break;
        case BOOTCONF_NO_SETTING:
                text_printf(out, "'%.*s' is neither KEY=VALUE nor a filter nor a comment", len, r->key);
                break;
        case BOOTCONF_LONG_LINE:
                text_printf(out, "the bootloader reads only %d octets of a line", CONFIG_TXT_LINE_MAX);
                break;
        case BOOTCONF_TOO_LARGE:
                text_printf(out, "it is larger than %d octets, which is all that an EEPROM has room for",
                            BOOTCONF_SIZE_MAX);
                break;
        }
}
