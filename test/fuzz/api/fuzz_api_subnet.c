/* Any body: a subnet that is read is shown as JSON that reads as the same subnet. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>

#include "api/subnet_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(subnet_drop_at) struct subnet *m = NULL;
        CLEANUP(subnet_drop_at) struct subnet *again = NULL;
        const char *field = NULL;
        struct error error = {};
        json_t *in = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);

        if (json_is_object(in) && subnet_from_json(in, &m, &field, &error) == 0) {
                json_t *out = subnet_to_json(m);
                assert(out);
                (void)json_object_del(out, "id");
                assert(subnet_from_json(out, &again, &field, &error) == 0);
                json_t *twice = subnet_to_json(again);
                (void)json_object_del(twice, "id");
                assert(json_equal(out, twice));
                json_decref(out);
                json_decref(twice);
        }
        json_decref(in);
        return 0;
}
