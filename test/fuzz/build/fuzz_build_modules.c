/* Whatever modules.dep says: what is chosen is sorted, each once, and within bounds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble/build/modules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(argv_free) struct argv chosen = {};

        if (modules_choose((const char *)data, len, agent_modules, &chosen, NULL) < 0)
                return 0;
        if (chosen.n == 0 || chosen.n > MODULES_MAX)
                abort();
        for (size_t i = 1; i < chosen.n; i++)
                if (strcmp(chosen.words[i - 1], chosen.words[i]) >= 0)
                        abort();
        return 0;
}
