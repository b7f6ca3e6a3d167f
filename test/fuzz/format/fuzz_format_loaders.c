/* Command lines written for boot loaders and read back as each loader reads: nothing is lost, nothing gets
 * in. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/cmdline.h"
#include "format/extlinux.h"
#include "format/grub_cfg.h"
#include "format/ipxe_script.h"
#include "loader_readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_extlinux(const struct boot_loader_entry *entry) {
        static char value[READER_TEXT_MAX], line[READER_TEXT_MAX];
        CLEANUP(text_free) struct text out = {};

        assert(extlinux_write(entry, EXTLINUX_UBOOT, &out) == 0);
        if (!extlinux_read_value(out.octets, "append", value))
                value[0] = 0;
        assert(strcmp(uboot_read_append(value, line), entry->cmdline) == 0);
}

static void check_grub(const struct boot_loader_entry *entry) {
        static char line[READER_TEXT_MAX];
        static struct reader_words words;
        CLEANUP(text_free) struct text out = {};
        size_t n = 2, len;

        assert(grub_cfg_write(entry, &out) == 0);
        assert(line_of(out.octets, "linux", line));
        grub_read_words(line, &words);
        for (const char *at = entry->cmdline, *word; (word = cmdline_next(&at, &len)) && n < READER_WORDS_MAX;
             n++) {
                const char *got = words.words[n];
                assert(n < words.n);
                for (size_t i = 0; i < len; i++) {
                        if (word[i] != '"')
                                assert(*got++ == word[i]);
                }
                assert(*got == 0);
        }
        assert(n == words.n);
}

static void check_ipxe(const struct boot_loader_entry *entry) {
        static char line[READER_TEXT_MAX], joined[READER_TEXT_MAX];
        static struct reader_words words;
        CLEANUP(text_free) struct text out = {};
        size_t used = 0;

        if (ipxe_script_write(entry, &out) < 0)
                return;
        assert(line_of(out.octets, "kernel", line));
        ipxe_read_words(line, &words);
        if (words.n == READER_WORDS_MAX)
                return;
        assert(words.n >= 3);
        for (size_t i = 3; i < words.n; i++)
                used += (size_t)snprintf(joined + used, sizeof(joined) - used, "%s ", words.words[i]);
        /* iPXE puts one space between words, however many there were. */
        const char *at = entry->cmdline, *got = joined;
        for (; *at; at++) {
                if (*at == ' ')
                        continue;
                got += *got == ' ';
                assert(*got++ == *at);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        char cmdline[CMDLINE_MAX + 1];
        struct boot_loader_entry entry = {
                .title = cmdline, .kernel = "vmlinuz", .initrd = "initrd", .cmdline = cmdline
        };

        if (cmdline_join((const char *)data, len, NULL, cmdline, sizeof(cmdline)) < 0)
                return 0;
        check_extlinux(&entry);
        check_grub(&entry);
        check_ipxe(&entry);
        return 0;
}
