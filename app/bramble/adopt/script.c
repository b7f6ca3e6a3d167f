/* Scripts for boards; see script.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/adopt/script.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "format/boot_trust.h"

enum { BASE64_LINE = 76 };
#define BEGIN "BRAMBLE-BEGIN\n"
#define PATHS "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
#define NO_TOOLS "no tools"

/* A login shell may say something of its own before. */
const char adopt_look[] = PATHS "echo BRAMBLE-BEGIN\n"
                                "model=$(tr -d '\\0' 2>/dev/null </proc/device-tree/model || sed -n 's/^Model[^:]*: *//p' /proc/cpuinfo)\n"
        "echo \"model $model\"\n"
        "command -v rpi-eeprom-config >/dev/null || echo 'error " NO_TOOLS "'\n"
                                "echo \"version $(vcgencmd bootloader_version 2>/dev/null | sed -n "
                                "'s/^version //p;s/^timestamp /ts /p' | tr '\\n' ' ')\"\n"
                                "echo config\n"
                                "rpi-eeprom-config 2>/dev/null\n";

/* A model's words, the longer ones first. */
static const struct {
        const char *words, *board;
} models[] = {
        { "Compute Module 5", "cm5" }, { "Compute Module 4", "cm4" }, { "Raspberry Pi 400", "pi4" },
        { "Raspberry Pi 500", "pi5" }, { "Raspberry Pi 4", "pi4" },   { "Raspberry Pi 5", "pi5" },
};

/* The rest of the line that begins with @word; "" when there is none. */
static void line_of(const char *said, const char *word, char *buf, size_t size) {
        buf[0] = 0;
        for (const char *line = said; *line; line += strcspn(line, "\n"), line += *line == '\n') {
                const size_t n = strlen(word);
                if (strncmp(line, "config\n", 7) == 0)
                        return;
                if (strncmp(line, word, n) != 0 || line[n] != ' ')
                        continue;
                (void)snprintf(buf, size, "%.*s", (int)strcspn(line + n + 1, "\n"), line + n + 1);
                return;
        }
}

static const struct card_board *board_of(const char *model) {
        for (size_t i = 0; i < ARRAY_LEN(models); i++)
                if (strstr(model, models[i].words))
                        return card_board_find(models[i].board);
        return NULL;
}

int adopt_read(const char *said, struct adopt_board *ret, struct error *reterr) {
        const char *begin = strstr(said, BEGIN), *config = begin ? strstr(begin, "\nconfig\n") : NULL;
        char model[100], wrong[32];

        if (!config)
                return error_set(reterr, -EINVAL, "its shell did not do what it was told");
        begin += strlen(BEGIN);
        config += strlen("\nconfig\n");
        line_of(begin, "model", model, sizeof(model));
        line_of(begin, "error", wrong, sizeof(wrong));
        const struct card_board *board = board_of(model);
        if (!board)
                return error_set(reterr, -EINVAL, "it says that it is \"%s\", which has no EEPROM to set",
                                 *model ? model : "nothing");
        if (*wrong)
                return error_set(reterr, -EINVAL,
                                 "it has no rpi-eeprom-config: install rpi-eeprom there, or use a card "
                                 "(`bramble card make eeprom`)");
        if (!*config)
                return error_set(reterr, -EINVAL,
                                 "its rpi-eeprom-config shows no configuration: may this user read it?");
        *ret = (struct adopt_board){ .board = board, .config = strdup(config) };
        line_of(begin, "version", ret->version, sizeof(ret->version));
        return ret->config ? 0 : error_set(reterr, -ENOMEM, "out of memory");
}

int adopt_check(const struct adopt_board *b, struct error *reterr) {
        const struct config_txt_board filters = { .family = b->board->family, .type = b->board->type };
        const char *beside = boot_trust_beside(b->config, strlen(b->config), &filters);

        return beside ? error_set(reterr, -EINVAL,
                                  "its configuration has %s, which goes by a key or a certificate in its "
                                  "EEPROM, "
                                  "and its rpi-eeprom-config would take these out: bramble eeprom apply NAME "
                                  "--by agent keeps them, or write a card (bramble card make eeprom)",
                                  beside)
                      : 0;
}

void adopt_apply(const char *config, size_t len, struct text *out) {
        CLEANUP(free_at) char *packed = base64_encode(config, len);

        if (!packed) {
                out->failed = true;
                return;
        }
        text_append(out, PATHS "set -e\n"
                               "new=$(mktemp)\n"
                               "trap 'rm -f \"$new\"' EXIT\n"
                               "base64 -d >\"$new\" <<'BRAMBLE'\n");
        for (const char *at = packed; *at; at += strnlen(at, BASE64_LINE))
                text_printf(out, "%.*s\n", BASE64_LINE, at);
        text_append(out, "BRAMBLE\n"
                         "if [ \"$(id -u)\" -eq 0 ]; then sudo=; else sudo='sudo -n'; fi\n"
                         "$sudo rpi-eeprom-config --apply \"$new\"\n"
                         "echo BRAMBLE-APPLIED\n");
}

static bool has_line(const char *text, const char *line, size_t len) {
        for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
                if (strcspn(at, "\n") == len && memcmp(at, line, len) == 0)
                        return true;
        return false;
}

static void lines_beyond(const char *text, const char *other, char mark, struct text *out) {
        for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
                const size_t len = strcspn(at, "\n");
                if (len && !has_line(other, at, len))
                        text_printf(out, "%c%.*s\n", mark, (int)len, at);
        }
}

void adopt_diff(const char *before, const char *after, struct text *out) {
        lines_beyond(before, after, '-', out);
        lines_beyond(after, before, '+', out);
}
