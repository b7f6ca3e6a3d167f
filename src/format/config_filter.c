/* Filters of config.txt, judged for one board (Raspberry Pi documentation, config_txt/conditional). */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "format/config_filter.h"

enum { NO_FAMILY = -1, NAMES_MAX = 4, NUMBER_MAX = 24 };

/* Board types of the revision code, and the model filters that each of them sees. */
static const struct model {
        int type;
        int family; /* NO_FAMILY: does not boot from a network */
        const char *filters[NAMES_MAX];
} models[] = {
        { 0x00, NO_FAMILY, { "pi1" } },
        { 0x01, NO_FAMILY, { "pi1" } },
        { 0x02, NO_FAMILY, { "pi1" } },
        { 0x03, NO_FAMILY, { "pi1" } },
        { 0x04, CONFIG_TXT_ROM, { "pi2" } },
        { 0x06, NO_FAMILY, { "pi1", "cm1" } },
        { 0x08, CONFIG_TXT_ROM, { "pi3" } },
        { 0x09, NO_FAMILY, { "pi0" } },
        { 0x0a, CONFIG_TXT_ROM, { "pi3", "cm3" } },
        { 0x0c, NO_FAMILY, { "pi0", "pi0w" } },
        { 0x0d, CONFIG_TXT_ROM, { "pi3", "pi3+" } },
        { 0x0e, CONFIG_TXT_ROM, { "pi3", "pi3+" } },
        { 0x10, CONFIG_TXT_ROM, { "pi3", "pi3+", "cm3+" } },
        { 0x11, CONFIG_TXT_2711, { "pi4" } },
        { 0x12, NO_FAMILY, { "pi0", "pi0w", "pi02" } },
        { 0x13, CONFIG_TXT_2711, { "pi4", "pi400" } },
        { 0x14, CONFIG_TXT_2711, { "pi4", "cm4" } },
        { 0x15, CONFIG_TXT_2711, { "pi4", "cm4s" } },
        { 0x17, CONFIG_TXT_2712, { "pi5" } },
        { 0x18, CONFIG_TXT_2712, { "pi5", "cm5" } },
        { 0x19, CONFIG_TXT_2712, { "pi5", "pi500" } },
        { 0x1a, CONFIG_TXT_2712, { "pi5", "cm5" } }, /* CM5 Lite */
};

/* Expressions may ask for these (the ones with a number at the end: 0 to 7). */
static const char *const variables[] = {
        "boot_arg1", "bootvar0",  "boot_count", "boot_partition", "partition", "cust_otp0", "cust_otp1",
        "cust_otp2", "cust_otp3", "cust_otp4",  "cust_otp5",      "cust_otp6", "cust_otp7",
};

static bool is_word(const char *text, size_t len, const char *word) {
        return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

static bool begins_with(const char *text, size_t len, const char *prefix) {
        return len >= strlen(prefix) && strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/* A decimal or 0x number; false when it is none. */
static bool parse_number(const char *text, size_t len, uint64_t *ret) {
        char copy[NUMBER_MAX];

        if (len == 0 || len >= sizeof(copy))
                return false;
        memcpy(copy, text, len);
        copy[len] = '\0';
        return text_parse_u64(copy, UINT64_MAX, ret) == 0;
}

static bool sees(const struct model *m, const char *text, size_t len) {
        for (size_t i = 0; i < NAMES_MAX && m->filters[i]; i++)
                if (is_word(text, len, m->filters[i]))
                        return true;
        return false;
}

/* A model that is not known for sure may be any of its family. */
static enum config_txt_match match_model(const char *text, size_t len, const struct config_txt_board *board) {
        size_t n = 0, n_seeing = 0;

        for (size_t i = 0; i < ARRAY_LEN(models); i++)
                if (models[i].type == board->type)
                        return sees(&models[i], text, len) ? CONFIG_TXT_YES : CONFIG_TXT_NO;
        for (size_t i = 0; i < ARRAY_LEN(models); i++)
                if (models[i].family == (int)board->family) {
                        n++;
                        n_seeing += sees(&models[i], text, len);
                }
        return n_seeing == 0 ? CONFIG_TXT_NO : n_seeing == n ? CONFIG_TXT_YES : CONFIG_TXT_MAYBE;
}

static bool is_model(const char *text, size_t len) {
        for (size_t i = 0; i < ARRAY_LEN(models); i++)
                if (sees(&models[i], text, len))
                        return true;
        return is_word(text, len, "cm0");
}

static enum config_txt_match match_board_type(const char *text, size_t len,
                                              const struct config_txt_board *board) {
        uint64_t type;

        if (!parse_number(text, len, &type))
                return CONFIG_TXT_MAYBE;
        if (board->type == CONFIG_TXT_TYPE_UNKNOWN) {
                for (size_t i = 0; i < ARRAY_LEN(models); i++)
                        if ((uint64_t)models[i].type == type && models[i].family != (int)board->family)
                                return CONFIG_TXT_NO;
                return CONFIG_TXT_MAYBE;
        }
        return type == (uint64_t)board->type ? CONFIG_TXT_YES : CONFIG_TXT_NO;
}

static enum config_txt_match match_serial(uint64_t serial, const struct config_txt_board *board) {
        if (!board->has_serial)
                return CONFIG_TXT_MAYBE;
        return (uint32_t)serial == board->serial ? CONFIG_TXT_YES : CONFIG_TXT_NO;
}

static enum config_txt_match compare(uint32_t have, const char *test, size_t len) {
        uint64_t a, b;
        bool holds;

        if (*test == '&') {
                const char *equals = memchr(test, '=', len);
                size_t mask_len = equals ? (size_t)(equals - test) : len;
                if (!parse_number(test + 1, mask_len - 1, &a))
                        return CONFIG_TXT_MAYBE;
                if (equals && !parse_number(equals + 1, len - mask_len - 1, &b))
                        return CONFIG_TXT_MAYBE;
                holds = equals ? (have & a) == b : (have & a) != 0;
        } else {
                if (!parse_number(test + 1, len - 1, &a))
                        return CONFIG_TXT_MAYBE;
                holds = *test == '=' ? have == a : *test == '<' ? have < a : have > a;
        }
        return holds ? CONFIG_TXT_YES : CONFIG_TXT_NO;
}

/* ARG=V, ARG&M, ARG&M=V, ARG<V or ARG>V; false when it is no expression. */
static bool match_expression(const char *text, size_t len, const struct config_txt_board *board,
                             enum config_txt_match *ret) {
        size_t name_len = 0;

        while (name_len < len && !memchr("=&<>", text[name_len], 4))
                name_len++;
        if (name_len == len)
                return false;
        for (size_t i = 0; i < board->n_variables; i++)
                if (is_word(text, name_len, board->variables[i].name)) {
                        *ret = compare(board->variables[i].value, text + name_len, len - name_len);
                        return true;
                }
        for (size_t i = 0; i < ARRAY_LEN(variables); i++)
                if (is_word(text, name_len, variables[i])) {
                        *ret = CONFIG_TXT_MAYBE;
                        return true;
                }
        return false;
}

static enum config_filter_type classify(const char *text, size_t len, const struct config_txt_board *board,
                                        enum config_txt_match *ret) {
        static const char board_type[] = "board-type=";
        uint64_t number;

        *ret = CONFIG_TXT_MAYBE;
        if (is_model(text, len)) {
                *ret = match_model(text, len, board);
                return CONFIG_FILTER_MODEL;
        }
        if (begins_with(text, len, board_type)) {
                size_t skip = sizeof(board_type) - 1;
                *ret = match_board_type(text + skip, len - skip, board);
                return CONFIG_FILTER_MODEL;
        }
        if (is_word(text, len, "none")) {
                *ret = CONFIG_TXT_NO;
                return CONFIG_FILTER_NONE;
        }
        if (is_word(text, len, "tryboot")) {
                *ret = board->is_tryboot ? CONFIG_TXT_YES : CONFIG_TXT_NO;
                return CONFIG_FILTER_TRYBOOT;
        }
        if (begins_with(text, len, "0x") && parse_number(text, len, &number)) {
                *ret = match_serial(number, board);
                return CONFIG_FILTER_SERIAL;
        }
        if (begins_with(text, len, "gpio"))
                return CONFIG_FILTER_GPIO;
        if (begins_with(text, len, "EDID="))
                return CONFIG_FILTER_EDID;
        if (begins_with(text, len, "HDMI:"))
                return CONFIG_FILTER_HDMI;
        if (match_expression(text, len, board, ret))
                return CONFIG_FILTER_EXPRESSION;
        return CONFIG_FILTER_OTHER;
}

void config_filters_put(struct config_filters *f, const char *text, size_t len,
                        const struct config_txt_board *board) {
        enum config_txt_match match;

        if (is_word(text, len, "all")) {
                *f = (struct config_filters){ 0 };
                return;
        }
        enum config_filter_type type = classify(text, len, board, &match);
        f->by_type[type] = (struct config_filter){ .text = text, .len = len, .match = match };
}

enum config_txt_match config_filters_match(const struct config_filters *f) {
        enum config_txt_match least = CONFIG_TXT_YES;

        for (size_t i = 0; i < CONFIG_FILTER_TYPES; i++)
                if (f->by_type[i].len > 0 && f->by_type[i].match < least)
                        least = f->by_type[i].match;
        return least;
}
