/* Any text as an fstab: what comes of it has nothing tied left, and each line that was there. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/ties.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t n_lines(const char *text) {
        size_t n = 0;

        for (; *text; text++)
                n += *text == '\n';
        return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        char *text = malloc(len + 1);

        assert(text);
        memcpy(text, data, len);
        text[len] = '\0';
        char *loose = tie_fstab(text);
        if (loose) {
                assert(strlen(loose) > strlen(text) && n_lines(loose) == n_lines(text));
                assert(!tie_fstab(loose));
        }
        free(loose);
        free(text);
        return 0;
}
