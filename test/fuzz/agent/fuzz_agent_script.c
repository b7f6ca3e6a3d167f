/* Scripts and what they leave behind: metadata, interpreter, arguments, results. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "app/bramble-agent/json.h"
#include "app/bramble-agent/script/verdict.h"
#include "format/script_header.h"
#include "format/yaml_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(free_at) char *text = calloc(1, len + 1);
        CLEANUP(output_free) struct output output = { 0 };
        struct script_interpreter interpreter;
        const char *name;
        json_t *parameter;

        if (len > 0)
                memcpy(text, data, len);
        CLEANUP(json_decref_at) json_t *value = yaml_to_json(text, len, NULL);
        CLEANUP(free_at) char *dumped = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
        assert(!value || dumped);

        CLEANUP(json_decref_at) json_t *header = script_header(text, len, NULL);
        CLEANUP(json_decref_at) json_t *fields = json_pack("{s:s}", "input", "x");
        (void)script_timeout_s(header);
        script_interpreter(text, len, &interpreter);
        json_object_foreach(json_object_get(header, "parameters"), name, parameter) {
                CLEANUP(free_at) char *argument = script_argument(name, parameter, fields);
                assert(argument);
        }
        for (size_t i = 0; i < 64 && len < 4096; i++)
                output_add(&output, data, len);
        CLEANUP(json_decref_at) json_t *told = output_json(&output);
        assert(json_string_length(told) <= VERDICT_OUTPUT_MAX);
        return 0;
}
