/* grub.cfg; see grub_cfg.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "format/cmdline.h"
#include "format/grub_cfg.h"

void grub_word_quote(struct text *out, const char *word, size_t len) {
        text_append(out, "'");
        for (size_t i = 0; i < len; i++) {
                /* Nothing is special between single quotes but their end: leave, say one, come back. */
                if (word[i] == '\'')
                        text_append(out, "'\\''");
                else
                        text_append_octets(out, &word[i], 1);
        }
        text_append(out, "'");
}

/*
 * The kernel's own double quotes are taken off: GRUB puts a word that holds spaces between double quotes
 * itself, and the kernel reads "name=a b" and name="a b" alike.
 */
static void put_cmdline(struct text *out, const char *cmdline) {
        size_t len;

        for (const char *at = cmdline, *word; (word = cmdline_next(&at, &len));) {
                text_append(out, " '");
                for (size_t i = 0; i < len; i++) {
                        if (word[i] == '\'')
                                text_append(out, "'\\''");
                        else if (word[i] != '"')
                                text_append_octets(out, &word[i], 1);
                }
                text_append(out, "'");
        }
}

static void put_command(struct text *out, const char *command, const char *path) {
        text_printf(out, "%s ", command);
        grub_word_quote(out, path, strlen(path));
}

int grub_cfg_write(const struct boot_loader_entry *entry, struct text *out) {
        const char *const paths[] = { entry->kernel, entry->initrd, entry->fdt, entry->on_refusal };
        for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
                if (paths[i] && !boot_entry_is_plain(paths[i]))
                        return -EINVAL;
        }

        text_append(out, "set timeout=0\necho ");
        grub_word_quote(out, entry->title, strlen(entry->title));
        text_append(out, "\n");
        put_command(out, "linux", entry->kernel);
        put_cmdline(out, entry->cmdline);
        text_append(out, "\n");
        if (entry->initrd) {
                put_command(out, "initrd", entry->initrd);
                text_append(out, "\n");
        }
        if (entry->fdt) {
                put_command(out, "devicetree", entry->fdt);
                text_append(out, "\n");
        }
        text_append(out, "boot\n");
        /* A script goes on after a command that failed: this is reached when there was nothing to boot. */
        if (entry->on_refusal) {
                put_command(out, "cat", entry->on_refusal);
                text_append(out, "\nsleep 5\nexit\n");
        }
        return out->failed ? -ENOMEM : 0;
}

int grub_cfg_write_local(const char *const *loaders, struct text *out) {
        text_append(out, "set timeout=0\nfor loader in");
        for (size_t i = 0; loaders[i]; i++) {
                if (!boot_entry_is_plain(loaders[i]))
                        return -EINVAL;
                text_append(out, " ");
                grub_word_quote(out, loaders[i], strlen(loaders[i]));
        }
        /* A loader is told that it came from $root, and looks there for what belongs to it. */
        text_append(out, "; do\n"
                         "if search --no-floppy --set=root --file $loader; then\n"
                         "echo Bramble: on to the disk, ($root)$loader\n"
                         "if chainloader $loader; then\nboot\nfi\n"
                         "fi\ndone\n"
                         "echo Bramble: no disk here has a loader for UEFI\n"
                         "exit\n");
        return out->failed ? -ENOMEM : 0;
}
