/* Any body: a machine that is read is shown as JSON that reads as the same machine. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>

#include "api/machine_json.h"

static void forget_what_the_server_sets(json_t *machine) {
        (void)json_object_del(machine, "id");
        (void)json_object_del(machine, "created");
        for (const char *const *member = machine_read_only; *member; member++)
                (void)json_object_del(machine, *member);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(machine_drop_at) struct machine *m = NULL;
        CLEANUP(machine_drop_at) struct machine *again = NULL;
        const char *field = NULL;
        struct error error = {};
        json_t *in = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);

        if (json_is_object(in) && machine_from_json(in, &m, &field, &error) == 0) {
                json_t *out = machine_to_json(m);
                assert(out);
                forget_what_the_server_sets(out);
                assert(machine_from_json(out, &again, &field, &error) == 0);
                json_t *twice = machine_to_json(again);
                forget_what_the_server_sets(twice);
                assert(json_equal(out, twice));
                json_decref(out);
                json_decref(twice);
        }
        json_decref(in);
        return 0;
}
