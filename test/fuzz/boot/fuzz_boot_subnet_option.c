/* DHCP options as operators write them. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/site/subnet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct subnet_option o = {};
        struct error err = {};
        char *spelled = malloc(len + 1);

        assert(spelled);
        memcpy(spelled, data, len);
        spelled[len] = 0;
        if (subnet_option_parse(spelled, &o, &err) < 0)
                assert(err.text[0] && !o.octets && !o.spelled);
        else
                assert(o.len > 0 && o.len <= SUBNET_OPTION_OCTETS_MAX && strcmp(o.spelled, spelled) == 0);
        subnet_option_clear(&o);
        free(spelled);
        return 0;
}
