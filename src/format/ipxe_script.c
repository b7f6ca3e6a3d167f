/* iPXE scripts; see ipxe_script.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "format/ipxe_script.h"

static const char *next_word(const char **at, size_t *ret_len) {
        const char *word = *at;
        while (*word && (unsigned char)*word <= ' ')
                word++;
        const char *end = word;
        while ((unsigned char)*end > ' ')
                end++;
        *at = end;
        *ret_len = (size_t)(end - word);
        return end > word ? word : NULL;
}

static bool is_plain_word(const char *word, size_t len) {
        static const char *const ends[] = { "||", "&&", ";" };

        for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
                if (strlen(ends[i]) == len && memcmp(word, ends[i], len) == 0)
                        return false;
        }
        return word[0] != '#' && !memmem(word, len, "${", 2);
}

bool ipxe_script_can_say(const char *cmdline) {
        size_t len;
        for (const char *at = cmdline, *word; (word = next_word(&at, &len));) {
                if (!is_plain_word(word, len))
                        return false;
        }
        return true;
}

/* Words for the screen: what a script would take for its own is left out. */
static void put_words(struct text *out, const char *sentence) {
        size_t len;
        for (const char *at = sentence, *word; (word = next_word(&at, &len));) {
                if (!is_plain_word(word, len))
                        continue;
                text_append(out, " ");
                text_append_octets(out, word, len);
        }
}

int ipxe_script_write(const struct boot_loader_entry *entry, struct text *out) {
        size_t len;

        if (!boot_entry_is_plain(entry->kernel) || (entry->initrd && !boot_entry_is_plain(entry->initrd)) ||
            !ipxe_script_can_say(entry->cmdline))
                return -EINVAL;

        text_append(out, "#!ipxe\necho");
        put_words(out, entry->title);
        text_printf(out, "\nkernel %s", entry->kernel);
        /* An EFI kernel finds the initrd by the name that it was given here; a BIOS one ignores the word. */
        if (entry->initrd)
                text_append(out, " initrd=initrd");
        for (const char *at = entry->cmdline, *word; (word = next_word(&at, &len));) {
                text_append(out, " ");
                text_append_octets(out, word, len);
        }
        text_append(out, "\n");
        if (entry->initrd)
                text_printf(out, "initrd --name initrd %s\n", entry->initrd);
        text_append(out, "boot\n");
        return out->failed ? -ENOMEM : 0;
}

void ipxe_script_exit(const char *sentence, struct text *out) {
        text_append(out, "#!ipxe\necho");
        put_words(out, sentence);
        text_append(out, "\nexit\n");
}

void ipxe_script_local(bool is_bios, struct text *out) {
        text_append(out, "#!ipxe\necho Bramble: on to the disk\n");
        if (is_bios)
                text_append(out, "sanboot --no-describe --drive 0x80 ||\n");
        text_append(out, "exit 1\n");
}
