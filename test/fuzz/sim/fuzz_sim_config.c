/* Whatever stands in a config.txt that a simulated board has fetched. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "app/bramble-sim/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        const struct config_board board = { .filters = { "pi4" },
                                            .serial = 0xa1b2c3d4,
                                            .revision = 0xc03112 };
        struct config c;

        config_defaults(&c, true);
        config_read(&c, &board, (const char *)data, len);
        assert(c.n_overlays <= CONFIG_OVERLAYS_MAX);
        assert(strlen(c.kernel) < CONFIG_VALUE_MAX && strlen(c.include) < CONFIG_VALUE_MAX);
        return 0;
}
