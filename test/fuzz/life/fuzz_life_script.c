/* Any octets as an operator's script: refused with a sentence, or what a site keeps and a task carries. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/life/job.h"
#include "core/life/script.h"
#include "core/life/script_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(script_drop_at) struct script *s = NULL;
        struct error error = {};

        if (script_read("file", data, len, &s, &error) < 0) {
                assert(error.text[0] && !strchr(error.text, '\n'));
                return 0;
        }
        struct site *empty = site_empty(), *site = empty ? site_put_script(empty, s, &error) : NULL;
        struct machine *m = machine_new();
        assert(site && m);
        CLEANUP(json_decref_at) json_t *scripts = json_pack("[s]", s->name);
        const struct script_wish w = { .site = site, .machine = m, .scripts = scripts };
        CLEANUP(json_decref_at) json_t *list = script_list(&w);
        assert(json_array_size(list) == 1);
        machine_drop(m);
        site_drop(site);
        site_drop(empty);
        return 0;
}
