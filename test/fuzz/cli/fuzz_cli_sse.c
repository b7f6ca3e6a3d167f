/* An event stream cut anywhere gives the same events, and never more than a bound is kept of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int note(void *ctx, uint64_t id, const char *event) {
        text_printf(ctx, "%llu %zu %s\n", (unsigned long long)id, strlen(event), event);
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(text_free) struct text whole = {}, cut = {};
        CLEANUP(sse_free) struct sse a = {}, b = {};

        (void)sse_feed(&a, (const char *)data, len, note, &whole);
        for (size_t i = 0; i < len; i++)
                (void)sse_feed(&b, (const char *)data + i, 1, note, &cut);
        if (whole.len != cut.len || (whole.len && memcmp(whole.octets, cut.octets, whole.len) != 0))
                abort();
        if (a.line.len + a.data.len > SSE_EVENT_MAX + 64)
                abort();
        return 0;
}
