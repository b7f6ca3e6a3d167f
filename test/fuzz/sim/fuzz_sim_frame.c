/* Whatever frame reaches a simulated board: what is read of it lies inside it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "app/bramble-sim/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct frame f;

        frame_parse(data, len, &f);
        if (f.kind == FRAME_UDP)
                assert(f.udp.payload >= data && f.udp.len <= (size_t)(data + len - f.udp.payload));
        assert(f.kind == FRAME_OTHER || len >= 42);
        return 0;
}
