/* What a volume is made of; see about.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-helper/about.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { ABOUT_MAX = 256 };

char *about_path(const struct volume *v) {
        char folder[VOLUME_NAME_SIZE], file[VOLUME_NAME_SIZE];

        (void)snprintf(file, sizeof(file), "%s.about", volume_part_name(v->part));
        return helper_join(volume_kind_name(v->kind), volume_folder(v->machine, folder), file, NULL);
}

bool about_read(const struct volume *v, struct about *ret) {
        CLEANUP(free_at) char *path = about_path(v);
        CLEANUP(free_at) char *text = helper_read_file(path, ABOUT_MAX, NULL);
        struct about a = {};
        char hex[65];
        int end = 0;

        if (!text ||
            sscanf(text, "content %64[0-9a-f] size %" SCNu64 " deployment %" SCNu64 " boot %" SCNu64 "\n%n",
                   hex, &a.size, &a.deployment, &a.boot, &end) != 4 ||
            end == 0 || text[end] || text_parse_hex(hex, a.content, sizeof(a.content)) < 0)
                return false;
        *ret = a;
        return true;
}

int about_write(const struct volume *v, const struct about *a, struct error *reterr) {
        CLEANUP(free_at) char *path = about_path(v);
        char hex[65], text[ABOUT_MAX];

        int n = snprintf(text, sizeof(text),
                         "content %s size %" PRIu64 " deployment %" PRIu64 " boot %" PRIu64 "\n",
                         text_hex(a->content, sizeof(a->content), hex), a->size, a->deployment, a->boot);
        return helper_write_file(path, text, (size_t)n, reterr);
}
