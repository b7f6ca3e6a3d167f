/* Whatever apt prints about its targets: mirrors are whole, known suites only, and the sources file has no
 * line of others. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble/build/apt.h"
#include "app/bramble/build/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(apt_mirrors_free) struct apt_mirrors m = {};
        CLEANUP(text_free) struct text sources = {}, words = {};

        text_append(&words, "");
        text_append_octets(&words, data, len);
        CLEANUP(free_at) char *kernel = view_kernel_parse(words.octets);
        if (kernel && (strncmp(kernel, "linux-image-", 12) != 0 || strchr(kernel, ' ')))
                abort();
        if (apt_mirrors_parse((const char *)data, len, &m, NULL) < 0)
                return 0;
        for (size_t i = 0; i < m.n; i++)
                if (!*m.rows[i].uri || strpbrk(m.rows[i].uri, " \n") ||
                    (m.rows[i].key && m.rows[i].key[0] != '/'))
                        abort();
        apt_sources(&m, "bookworm", "main", &sources);
        if (!sources.octets || !strstr(sources.octets, "Suites: bookworm\n"))
                abort();
        return 0;
}
