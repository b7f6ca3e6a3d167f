/* Any body: an import is begun with a whole wish, or refused with a sentence and the member that it is about.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "api/import_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        json_t *in = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);
        const char *field = NULL;
        struct import_wish w;
        struct error error = {};

        if (json_is_object(in)) {
                if (import_wish_from_json(in, &w, &field, &error) == 0) {
                        assert(strlen(w.name) < sizeof(w.name));
                        assert(*image_kind_name(w.kind) && (w.arch == ARCH_NONE || *arch_name(w.arch)));
                        assert(!w.cmdline ||
                               strcmp(w.cmdline, json_string_value(json_object_get(in, "cmdline"))) == 0);
                } else {
                        assert(field && error.text[0]);
                }
        }
        json_decref(in);
        return 0;
}
