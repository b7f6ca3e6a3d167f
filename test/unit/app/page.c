/* Reads the man(7) source of a page. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "page.h"

char *page_read(const char *path) {
        CLEANUP(text_free) struct text page = {};
        FILE *f = fopen(path, "re");

        if (!f)
                return NULL;
        for (int c; (c = fgetc(f)) != EOF;) {
                const char octet = (char)c;
                if (c == '\\') {
                        c = fgetc(f);
                        if (c == 'f') /* \fB and like */
                                (void)fgetc(f);
                        else if (c == '-')
                                text_append(&page, "-");
                } else if (c != '"') {
                        text_append_octets(&page, &octet, 1);
                }
        }
        (void)fclose(f);
        return text_take(&page);
}

char *page_of(const char *folder, const char *name) {
        char path[4096];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
        char *page = page_read(path);
        if (!page)
                fail_msg("cannot read %s", path);
        return page;
}

bool page_has_tag(const char *page, const char *word) {
        const size_t len = strlen(word);

        for (const char *at = page; (at = strstr(at, "\n.TP\n.B")); at++) {
                const char *tag = at + strlen("\n.TP\n.B");
                tag += strcspn(tag, " \n");
                tag += strspn(tag, " ");
                if (strncmp(tag, word, len) == 0 && (strchr(" \n[=", tag[len]) || word[len - 1] == ')'))
                        return true;
        }
        return false;
}
