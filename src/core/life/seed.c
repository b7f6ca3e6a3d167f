/* Seeds; see seed.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/seed.h"
#include "core/life/job.h"
#include "core/life/wish.h"
#include "core/machine/seed_secret.h"

/* Of the token: enough to tell two deployments of one machine apart, too little to stand for it. */
enum { INSTANCE_DIGITS = 8 };

/* JSON is YAML: what was typed somewhere cannot end a value early. */
static json_t *meta_data(const struct machine *m, const json_t *wish, const char *token) {
        json_t *keys = json_object_get(wish, "authorized_keys");
        CLEANUP(json_decref_at)
        json_t *out = json_pack("{s:o, s:s}", "instance-id",
                                json_sprintf("%s-%.*s", m->name, INSTANCE_DIGITS, token), "local-hostname",
                                wish_text(wish, "hostname", m->name));

        if (out && json_array_size(keys) && json_object_set(out, "public-keys", keys) < 0)
                return NULL;
        CLEANUP(free_at) char *text = out ? json_dumps(out, JSON_COMPACT) : NULL;
        return text ? json_sprintf("%s\n", text) : NULL;
}

static json_t *vendor_data(const json_t *wish, const char *token) {
        const char *own = json_string_value(json_object_get(wish, "vendor_data"));
        if (own)
                return json_string(own);
        return json_sprintf(SEED_PHONE_HOME
                            "%s/phone-home\", \"post\": [\"instance_id\", \"hostname\"], \"tries\": 20}}\n",
                            token);
}

json_t *seed_make(const struct machine *m, const json_t *wish, const char *token) {
        return json_pack("{s:o, s:s, s:o, s:s, s:o*}", "meta-data", meta_data(m, wish, token), "user-data",
                         wish_text(wish, "user_data", SEED_NO_USER_DATA), "vendor-data",
                         vendor_data(wish, token), "network-config", wish_text(wish, "network_config", ""),
                         SEED_GIVE_SECRETS, wish_flag(wish, "give_secrets", false) ? json_true() : NULL);
}
