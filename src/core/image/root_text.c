/* Texts and programs of a root file system; see root_text.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/root_text.h"

#include <string.h>

#include "base/text.h"
#include "format/cmdline.h"

/* PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" */
char *root_os_name(const char *os_release) {
        static const char key[] = "PRETTY_NAME=";
        const char *at = strstr(os_release, key);

        if (!at)
                return NULL;
        at += sizeof(key) - 1;
        at += *at == '"' || *at == '\'';
        char *name = strndup(at, strcspn(at, "\"'\n"));
        for (char *c = name; c && *c; c++)
                if ((unsigned char)*c < ' ' || *c == 0x7f)
                        *c = ' ';
        return name;
}

enum arch root_program_arch(const uint8_t *elf, size_t len) {
        /* e_machine */
        static const struct {
                unsigned machine;
                enum arch arch;
        } rows[] = { { 62, ARCH_AMD64 },
                     { 183, ARCH_ARM64 },
                     { 40, ARCH_ARMHF },
                     { 3, ARCH_I386 },
                     { 243, ARCH_RISCV64 } };

        if (len < 20 || memcmp(elf, "\177ELF", 4) != 0)
                return ARCH_NONE;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (elf[18] == rows[i].machine && elf[19] == 0)
                        return rows[i].arch;
        return ARCH_NONE;
}

/* "console=ttyS0" of one line that starts a kernel. */
static void take_consoles(const char *line, size_t len, struct text *words) {
        CLEANUP(free_at) char *copy = strndup(line, len);
        const char *word, *next = copy;
        size_t word_len;

        while (next && (word = cmdline_next(&next, &word_len)))
                if (word_len > 8 && strncmp(word, "console=", 8) == 0) {
                        text_append(words, words->len ? " " : "");
                        text_append_octets(words, word, word_len);
                }
}

char *root_console_words(const char *grub_cfg) {
        CLEANUP(text_free) struct text words = {};

        for (const char *line = grub_cfg; *line;) {
                const char *at = line + strspn(line, " \t"), *end = at + strcspn(at, "\n");
                if (strncmp(at, "linux", 5) == 0 && (at[5] == ' ' || at[5] == '\t')) {
                        take_consoles(at, (size_t)(end - at), &words);
                        break;
                }
                line = *end ? end + 1 : end;
        }
        return words.len ? text_take(&words) : NULL;
}
