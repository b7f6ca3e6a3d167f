/* Any frame from a network card. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "format/lldp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct lldp_neighbour n;

        if (lldp_parse(data, len, &n) == 0)
                assert(*n.chassis && *n.port && strlen(n.system_description) < sizeof(n.system_description));
        return 0;
}
