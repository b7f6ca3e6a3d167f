/* What a machine's EEPROM shall have; see eeprom_wish.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/eeprom_wish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/life/task.h"
#include "format/boot_trust.h"
#include "format/bootconf.h"
#include "format/bootconf_lines.h"
#include "format/eeprom.h"

void eeprom_wish_end(struct eeprom_wish *w) {
        free(w->config);
        w->config = NULL;
}

/* ---- words about firmware ---- */

/* "2026-05-17", as Raspberry Pi's files are named by. */
static bool is_day(const char *word) {
        static const char form[] = "dddd-dd-dd";

        if (strlen(word) != sizeof(form) - 1)
                return false;
        for (size_t i = 0; form[i]; i++)
                if (form[i] == 'd' ? word[i] < '0' || word[i] > '9' : word[i] != form[i])
                        return false;
        return true;
}

static bool is_image(const char *word) {
        return text_starts_with(word, "eeprom-2711") || text_starts_with(word, "eeprom-2712");
}

struct search {
        const char *name, *day;
        const struct eeprom_builds *builds;
        const struct image *found; /* the newest of those that fit */
};

/* Its file has the day in its name where it was imported under its own, and in its octets in any case. */
static bool is_of_day(const struct search *s, const struct image *i, const struct image_file *f) {
        char built[EEPROM_DAY_SIZE];

        if (strstr(f->path, s->day))
                return true;
        const uint64_t build_s = s->builds->of(s->builds->ctx, i);
        return build_s && strcmp(eeprom_day(build_s, built), s->day) == 0;
}

static int look_at_image(void *ctx, const struct image *i) {
        const struct image_file *f = image_find_role(i, IMAGE_FILE_EEPROM);
        struct search *s = ctx;

        if (f && strcmp(i->name, s->name) == 0 && (!s->found || s->found->version < i->version) &&
            is_of_day(s, i, f))
                s->found = i;
        return 0;
}

static const struct image *find_firmware(const struct site *s, const struct machine *m, const char *word,
                                         const struct eeprom_builds *builds, struct error *reterr) {
        const struct image *newest = task_eeprom_image(s, m, reterr);

        if (!newest || !*word || strcmp(word, EEPROM_WISH_NEWEST) == 0)
                return newest;
        if (is_day(word)) {
                struct search search = { .name = newest->name, .day = word, .builds = builds };
                (void)site_each_image(s, look_at_image, &search);
                if (!search.found)
                        (void)error_set(reterr, -ENOENT,
                                        "firmware %s is wanted, and no image %s is of that day: import it",
                                        word, newest->name);
                return search.found;
        }
        const struct image *image = site_image(s, word);
        if (!image || !image_find_role(image, IMAGE_FILE_EEPROM))
                (void)error_set(reterr, -ENOENT, "firmware %s is wanted, and there is no such image", word);
        else if (strcmp(image->name, newest->name) != 0)
                (void)error_set(reterr, -EINVAL, "firmware %s is wanted, and that is for the other chip",
                                word);
        else
                return image;
        return NULL;
}

/* ---- lines ---- */

static int add_lines(struct bootconf_lines *l, const char *text, const char *whose, struct error *reterr) {
        struct bootconf_line bad = {};
        const enum bootconf_line_fault fault = bootconf_lines_add_text(l, text, &bad);

        return fault == BOOTCONF_LINE_GOOD ? 0
                                           : error_set(reterr, -EINVAL, "%s%s\"%.*s\" %s", whose,
                                                       *whose ? ": " : "", (int)(bad.len < 60 ? bad.len : 60),
                                                       bad.text, bootconf_line_fault_text(fault));
}

static void name_too(char *names, size_t size, const char *whose) {
        const size_t len = strlen(names);
        (void)snprintf(names + len, size - len, "%s%s", len ? ", " : "", whose);
}

/* One profile: what it says counts more than what was said so far. */
static int lay(struct eeprom_wish *w, struct bootconf_lines *l, const char *lines, const char *firmware,
               const char *whose, const char **ret_word, struct error *reterr) {
        if (lines && *lines)
                name_too(w->config_of, sizeof(w->config_of), whose);
        if (*firmware) {
                *ret_word = firmware;
                (void)snprintf(w->firmware_of, sizeof(w->firmware_of), "%s", whose);
        }
        return lines ? add_lines(l, lines, whose, reterr) : 0;
}

static int collect(const struct site *s, const struct machine *m, struct eeprom_wish *w,
                   struct bootconf_lines *l, const char **ret_word, struct error *reterr) {
        const struct config_lines *lines;
        char whose[16 + MACHINE_WORD_MAX];
        int r = 0;

        if (m->netconsole)
                r = lay(w, l, MACHINE_NETCONSOLE_LINE "\n", "", "its netconsole", ret_word, reterr);
        for (size_t i = 0; r == 0 && (lines = site_config_lines(s, i)); i++) {
                if (!config_lines_are_for(lines, CONFIG_LINES_BOOTCONF, m->board, m))
                        continue;
                (void)snprintf(whose, sizeof(whose), "%s %s", config_lines_scope_name(lines->scope),
                               lines->name);
                r = lay(w, l, lines->text, lines->firmware, whose, ret_word, reterr);
        }
        return r == 0 ? lay(w, l, m->eeprom_lines, m->eeprom_firmware, "its own", ret_word, reterr) : r;
}

static struct config_txt_board board_of(const struct site *s, const struct machine *m) {
        const struct board *b = m->board[0] ? board_find(site_boards(s), m->board) : NULL;

        return (struct config_txt_board){
                .family = b && b->family == BOARD_PI_2711 ? CONFIG_TXT_2711 : CONFIG_TXT_2712,
                .type = b && b->n_types == 1 ? (int)b->types[0] : CONFIG_TXT_TYPE_UNKNOWN,
                .has_serial = m->has_serial,
                .serial = m->serial,
        };
}

int eeprom_wish_of(const struct site *s, const struct machine *m, const struct eeprom_builds *builds,
                   struct eeprom_wish *ret, struct error *reterr) {
        const struct config_txt_board board = board_of(s, m);
        CLEANUP(text_free) struct text config = {};
        struct bootconf_lines lines = {};
        struct eeprom_found found = {};
        const char *word = "";

        int r = collect(s, m, ret, &lines, &word, reterr);
        if (r < 0)
                return r;
        ret->image = find_firmware(s, m, word, builds, &ret->lack);
        if (!eeprom_found_of(m, &found) || !found.config)
                return 0;
        text_append(&config, "");
        r = bootconf_lay_over(&lines, found.config, strlen(found.config), &board, &config);
        if (r == -E2BIG)
                return error_set(reterr, r, "the lines of %s do not fit into the EEPROM", ret->config_of);
        ret->config = r == 0 ? text_take(&config) : NULL;
        return ret->config ? 0 : error_set(reterr, -ENOMEM, "out of memory");
}

int eeprom_wish_check_lines(const char *lines, struct error *reterr) {
        struct bootconf_lines l = {};
        return add_lines(&l, lines, "", reterr);
}

int eeprom_wish_check_firmware(const char *firmware, struct error *reterr) {
        if (!*firmware || strcmp(firmware, EEPROM_WISH_NEWEST) == 0 || is_day(firmware) || is_image(firmware))
                return 0;
        return error_set(reterr, -EINVAL,
                         "\"%.60s\" is no firmware: an image as in eeprom-2711@2, its day as in "
                         "2026-05-17, or newest is wanted",
                         firmware);
}

/* ---- what a configuration says ---- */

void eeprom_wish_each_change(const char *before, const char *after,
                             void (*fn)(void *ctx, char sign, const char *line, size_t len), void *ctx) {
        bootconf_each_change(before, after, fn, ctx);
}

bool eeprom_wish_is_same(const char *a, const char *b) {
        return bootconf_is_same(a, b);
}

static const struct config_txt_board any_board = { .family = CONFIG_TXT_2712,
                                                   .type = CONFIG_TXT_TYPE_UNKNOWN };

uint32_t eeprom_wish_boot_order(const struct site *s, const struct machine *m, const char *config) {
        const struct config_txt_board board = board_of(s, m);
        return bootconf_boot_order(config, strlen(config), &board);
}

bool eeprom_wish_is_signed(const struct site *s, const struct machine *m, const char *config) {
        const struct config_txt_board board = board_of(s, m);
        return boot_trust_is_signed(config, strlen(config), &board);
}

bool eeprom_wish_needs_key(const struct site *s, const struct machine *m, const char *config) {
        const struct config_txt_board board = board_of(s, m);
        return boot_trust_needs_key(config, strlen(config), &board);
}

static int look_for_block(void *ctx, const struct config_txt_line *line) {
        static const struct {
                const char *key;
                char value;
        } blocks[] = { { "ENABLE_SELF_UPDATE", '0' }, { "FREEZE_VERSION", '1' } };
        const char **found = ctx;

        for (size_t i = 0; line->kind == CONFIG_TXT_SETTING && i < ARRAY_LEN(blocks); i++)
                if (config_txt_key_is(line, blocks[i].key)) {
                        if (line->value_len == 1 && *line->value == blocks[i].value)
                                *found = blocks[i].key;
                        else if (*found == blocks[i].key)
                                *found = NULL;
                }
        return 0;
}

int eeprom_wish_takes_update(const char *config, struct error *reterr) {
        const char *block = NULL;

        (void)!config_txt_each(config, strlen(config), &any_board, NULL, look_for_block, &block);
        /* What writes it over SSH would take out what lies beside the configuration. */
        const bool has_more = boot_trust_beside(config, strlen(config), &any_board);
        return block ? error_set(reterr, -EINVAL,
                                 "its EEPROM has %s: it takes no update from the network; its agent may "
                                 "write it (--by agent), or %s",
                                 block,
                                 has_more ? "a card (bramble card make eeprom)"
                                          : "bramble eeprom adopt over SSH")
                     : 0;
}

struct stranger {
        bool (*is_ours)(void *ctx, const struct ip_addr *ip);
        void *ctx;
        char *buf;
        size_t size;
        bool is_there;
};

/* Servers by name are for DNS to find: nothing is said of them. */
static int look_for_stranger(void *ctx, const struct config_txt_line *line) {
        static const char *const keys[] = { "TFTP_IP", "HTTP_HOST" };
        struct stranger *s = ctx;
        char text[IP_TEXT_SIZE];
        struct ip_addr ip;

        if (line->kind != CONFIG_TXT_SETTING || line->value_len >= sizeof(text))
                return 0;
        memcpy(text, line->value, line->value_len);
        text[line->value_len] = 0;
        for (size_t i = 0; !s->is_there && i < ARRAY_LEN(keys); i++) {
                if (!config_txt_key_is(line, keys[i]) || ip_parse(text, &ip) < 0 || s->is_ours(s->ctx, &ip))
                        continue;
                s->is_there = true;
                (void)snprintf(s->buf, s->size, "%s=%s", keys[i], text);
        }
        return 0;
}

bool eeprom_wish_stranger(const char *config, bool (*is_ours)(void *ctx, const struct ip_addr *ip), void *ctx,
                          char *buf, size_t size) {
        struct stranger s = { .is_ours = is_ours, .ctx = ctx, .buf = buf, .size = size };

        (void)!config_txt_each(config, strlen(config), &any_board, NULL, look_for_stranger, &s);
        return s.is_there;
}
