/* Orders' members; see wish.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/wish.h"

const char *wish_text(const json_t *wish, const char *member, const char *fallback) {
        const char *text = json_string_value(json_object_get(wish, member));
        return text ? text : fallback;
}

bool wish_flag(const json_t *wish, const char *member, bool fallback) {
        const json_t *flag = json_object_get(wish, member);
        return json_is_boolean(flag) ? json_is_true(flag) : fallback;
}

json_t *wish_keys(const json_t *wish) {
        json_t *keys = json_object_get(wish, "authorized_keys");
        return json_is_array(keys) ? json_incref(keys) : json_array();
}
