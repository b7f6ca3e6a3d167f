/* Power as JSON; see power_json.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/fields.h"
#include "api/power_json.h"
#include "core/power/keys.h"

/* ["hard", "soft"] of "hard|soft"; null when there is no choice. */
static json_t *choices_json(const char *choices) {
        if (!choices)
                return json_null();
        json_t *out = json_array();
        for (const char *at = choices; *at;) {
                const size_t len = strcspn(at, "|");
                (void)json_array_append_new(out, json_stringn(at, len));
                at += len + (at[len] == '|');
        }
        return out;
}

static json_t *key_json(const struct power_key *key) {
        const bool is_number = key->type == POWER_NUMBER;

        return json_pack("{s:s, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:s}", "name", key->name, "type",
                         power_key_type_name(key->type), "required", key->is_required, "secret",
                         key->is_secret, "default", api_text_or_null(key->fallback), "choices",
                         choices_json(key->choices), "least",
                         is_number ? json_integer(key->least) : json_null(), "most",
                         is_number ? json_integer(key->most) : json_null(), "help", key->help);
}

static json_t *actions_json(const struct power_driver *d) {
        json_t *out = json_array();

        for (int i = 0; i < POWER_ACTIONS; i++) {
                if (d->can & 1u << i)
                        (void)json_array_append_new(out,
                                                    json_string(power_action_name((enum power_action)i)));
        }
        return out;
}

json_t *power_driver_to_json(const struct power_driver *d) {
        json_t *keys = json_array();

        for (const struct power_key *key = d->keys; key->name; key++)
                (void)json_array_append_new(keys, key_json(key));
        return json_pack("{s:s, s:s, s:o, s:o, s:b}", "name", d->name, "title", d->title, "actions",
                         actions_json(d), "keys", keys, "any_key", d->takes_any_key);
}

json_t *power_result_to_json(int result, const struct power_outcome *outcome, const struct error *words) {
        const bool is_by_hand = result == POWER_BY_HAND;

        return json_pack("{s:s, s:s, s:o, s:o}", "result", is_by_hand ? "by-hand" : "done", "state",
                         power_state_name(outcome->state), "note", api_text_or_null(outcome->note), "words",
                         is_by_hand ? api_text_or_empty(words->text) : json_null());
}
