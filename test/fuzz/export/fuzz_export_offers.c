/* Whatever stands in an exporter's file: it is refused, or it is the same when it is written and read again.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "core/export/offers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(offers_free) struct offers o = {}, back = {};
        CLEANUP(text_free) struct text out = {}, again = {}, ganesha = {};
        const struct ip_addr at = ip_from_v4(0x0a4d0001);

        if (offers_parse((const char *)data, len, &o) < 0)
                return 0;
        offers_write(&o, &out);
        assert(!out.failed && offers_parse(out.octets, out.len, &back) == 0);
        offers_write(&back, &again);
        assert(!again.failed && strcmp(out.octets, again.octets) == 0);
        offers_ganesha(&o, &at, "/roots", "/clients", &ganesha);
        for (size_t i = 0; i < o.n; i++) {
                const struct volume v = o.all[i].volume;
                assert(volume_is_sound(&v) && offers_remove(&back, &v));
        }
        return 0;
}
