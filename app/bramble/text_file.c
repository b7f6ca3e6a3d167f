/* Files as texts; see text_file.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/text_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble/cli.h"
#include "base/text.h"

enum { FILE_MAX = 128 * 1024 /* octets; the daemon takes no more */ };

char *text_file_read(const char *path) {
        CLEANUP(text_free) struct text text = {};
        char chunk[4096];
        size_t n;

        FILE *f = fopen(path, "re");
        if (!f) {
                (void)cli_fail(CLI_LOCAL, "%s: %s", path, strerror(errno));
                return NULL;
        }
        while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0 && text.len <= FILE_MAX)
                text_append_octets(&text, chunk, n);
        const bool is_bad = ferror(f);
        (void)fclose(f);
        if (is_bad || text.len > FILE_MAX) {
                (void)cli_fail(CLI_LOCAL, "%s: %s", path,
                               is_bad ? "cannot be read" : "is larger than 128 KiB");
                return NULL;
        }
        text_append(&text, "");
        return text.octets ? text_take(&text) : strdup("");
}

int text_file_put(json_t *body, const char *field, const char *path) {
        CLEANUP(free_at) char *text = text_file_read(path);

        if (!text)
                return CLI_LOCAL;
        if (json_object_set_new(body, field, json_string(text)) < 0)
                return cli_fail(CLI_LOCAL, "%s: is no UTF-8 text", path);
        return CLI_OK;
}
