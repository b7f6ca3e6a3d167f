/* JSON for reports; see json.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/json.h"

void json_put(json_t *object, const char *key, json_t *value) {
        if (!value)
                return;
        bool is_empty = (json_is_array(value) && json_array_size(value) == 0) ||
                        (json_is_object(value) && json_object_size(value) == 0);
        if (is_empty)
                json_decref(value);
        else
                (void)json_object_set_new(object, key, value);
}

void json_put_text(json_t *object, const char *key, const char *text) {
        if (*text)
                json_put(object, key, json_clean_text(text, strlen(text)));
}

void json_put_number(json_t *object, const char *key, int64_t number) {
        json_put(object, key, json_integer(number));
}

void json_put_bool(json_t *object, const char *key, bool value) {
        json_put(object, key, json_boolean(value));
}

const char *json_text_of(const json_t *object, const char *key) {
        const char *text = json_string_value(json_object_get(object, key));
        return text ? text : "";
}

uint64_t json_number_of(const json_t *object, const char *key, uint64_t max, uint64_t other) {
        const json_t *value = json_object_get(object, key);
        json_int_t number = json_integer_value(value);

        return json_is_integer(value) && number >= 0 && (uint64_t)number <= max ? (uint64_t)number : other;
}
