/* Any text as a kernel's configuration and as its lists of modules. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/kconfig.h"
#include "format/qcow2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct qcow2_info info;
        char *text = malloc(len + 1);
        size_t n = 0, words = 0;

        assert(text);
        memcpy(text, data, len);
        text[len] = '\0';
        (void)kconfig_value(text, "CONFIG_SQUASHFS");
        const char *at = modules_find(text, "dm_verity", &n);
        if (at) {
                assert(at >= text && n <= strlen(at));
                at += n;
                while (modules_next_dependency(&at, &n))
                        assert(++words <= len && at <= text + len);
        }
        free(text);
        (void)!qcow2_header(data, len, &info);
        return 0;
}
