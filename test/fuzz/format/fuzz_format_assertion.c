/* Any text as the assertions that an operator gives for Ubuntu Core. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>

#include "format/assertion.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct assertions found;
        struct error error = { 0 };

        if (assertions_parse((const char *)data, len, &found, &error) == 0)
                assert(found.n <= ASSERTIONS_MAX && found.n_system_users <= found.n);
        else
                assert(*error.text);
        return 0;
}
