/* Any octets as a kernel, an EFI program, a device tree. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/fdt.h"
#include "format/kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct kernel_info info = kernel_probe(data, len);

        if (!kernel_kind_name(info.kind) ||
            strnlen(info.version, sizeof(info.version)) == sizeof(info.version))
                abort();
        for (size_t i = 0; i < 3; i++) {
                const char *s = fdt_root_string(data, len, "compatible", i);
                if (s && (s < (const char *)data || s + strlen(s) >= (const char *)data + len))
                        abort();
        }
        return 0;
}
