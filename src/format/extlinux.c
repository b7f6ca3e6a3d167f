/* extlinux.conf; see extlinux.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>

#include "format/extlinux.h"

/* One line of text: what could end it, or end a word, is left out. */
static void put_line_text(struct text *out, const char *s) {
        for (; *s; s++) {
                char c = (unsigned char)*s < ' ' || *s == 0x7f ? ' ' : *s;
                text_append_octets(out, &c, 1);
        }
}

/*
 * U-Boot replaces $(NAME) and ${NAME}, and takes "\" and "'" away, before the kernel sees the line. What
 * follows a backslash that was itself written with one counts as escaped already: so the last octet that came
 * out decides.
 */
static void put_escaped(struct text *out, const char *s) {
        char before = 0;

        for (; *s; s++) {
                char c = (unsigned char)*s < ' ' || *s == 0x7f ? ' ' : *s;
                if ((c == '$' || c == '\\' || c == '\'') && before != '\\')
                        text_append(out, "\\");
                text_append_octets(out, &c, 1);
                before = c;
        }
}

static void put_path(struct text *out, const char *key, const char *path) {
        if (path)
                text_printf(out, "\t%s %s\n", key, path);
}

int extlinux_write(const struct boot_loader_entry *entry, enum extlinux_dialect dialect, struct text *out) {
        const char *const paths[] = { entry->kernel, entry->initrd, entry->fdt, entry->fdtdir };
        for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
                if (paths[i] && !boot_entry_is_plain(paths[i]))
                        return -EINVAL;
        }

        text_append(out, "default bramble\nprompt 0\ntimeout 1\n\nlabel bramble\n\tmenu label ");
        put_line_text(out, entry->title);
        text_append(out, "\n");
        put_path(out, "kernel", entry->kernel);
        put_path(out, "initrd", entry->initrd);
        put_path(out, "fdt", entry->fdt);
        if (!entry->fdt)
                put_path(out, "fdtdir", entry->fdtdir);
        if (entry->cmdline[0]) {
                text_append(out, "\tappend ");
                if (dialect == EXTLINUX_UBOOT)
                        put_escaped(out, entry->cmdline);
                else
                        put_line_text(out, entry->cmdline);
                text_append(out, "\n");
        }
        return out->failed ? -ENOMEM : 0;
}

/* U-Boot runs $localcmd; where that is not set it gives up, and its boot command goes on to the next thing.
 */
void extlinux_write_local(struct text *out) {
        text_append(out, "default local\nprompt 0\ntimeout 1\n\nlabel local\n\tlocalboot 1\n");
}
