/* JSON for reports; see json.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/json.h"

/* Octets of the UTF-8 character there (RFC 3629), 0 when it is none. */
static size_t utf8_len(const uint8_t *s, size_t len) {
        size_t n = s[0] < 0x80                   ? 1
                   : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
                   : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
                   : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                                 : 0;
        if (n == 0 || n > len)
                return 0;
        for (size_t i = 1; i < n; i++)
                if ((s[i] & 0xc0) != 0x80)
                        return 0;
        bool is_overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
        bool is_beyond = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
        return is_overlong || is_beyond ? 0 : n;
}

static bool is_control(uint8_t c) {
        return (c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
}

json_t *json_clean_text(const char *text, size_t len) {
        CLEANUP(free_at) char *clean = malloc(len + 1);
        size_t n;

        if (!clean)
                return NULL;
        for (size_t i = 0; i < len; i += n) {
                const uint8_t *at = (const uint8_t *)text + i;
                n = utf8_len(at, len - i);
                if (n == 0 || is_control(*at)) {
                        clean[i] = '?';
                        n = 1;
                } else
                        memcpy(clean + i, at, n);
        }
        return json_stringn_nocheck(clean, len);
}

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
