/* What a DHCP message, or a text, says of its sender is replaced in it, and it keeps its length. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble/report/hear.h"
#include "app/bramble/report/standins.h"
#include "base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(free_at) struct standins *s = calloc(1, sizeof(*s));
        CLEANUP(free_at) uint8_t *octets = malloc(len + 1);
        CLEANUP(free_at) char *text = strndup((const char *)data, len);

        memcpy(octets, data, len);
        hear_message(s, octets, len);
        hear_text(s, text);
        assert(s->n <= STANDINS_MAX);
        standins_apply_message(s, octets, len);
        const size_t before = strlen(text);
        standins_apply_text(s, text);
        assert(strlen(text) == before);
        return 0;
}
