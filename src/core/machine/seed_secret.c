/* Secrets of seeds; see seed_secret.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/machine/seed_secret.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

DEFINE_CLEANUP(json_t, json_decref)

static const char *secret_in(const json_t *seed) {
        const char *user = json_string_value(json_object_get(seed, "user-data"));
        const char *vendor = json_string_value(json_object_get(seed, "vendor-data"));

        if (user && *user && strcmp(user, SEED_NO_USER_DATA) != 0)
                return "user data";
        return vendor && *vendor && !text_starts_with(vendor, SEED_PHONE_HOME) ? "vendor data" : NULL;
}

const char *seed_secret(const char *seed) {
        CLEANUP(json_decref_at) json_t *in = seed ? json_loads(seed, 0, NULL) : NULL;

        return secret_in(in);
}

bool seed_may_be_given(const char *seed) {
        CLEANUP(json_decref_at) json_t *in = seed ? json_loads(seed, 0, NULL) : NULL;

        return !secret_in(in) || json_is_true(json_object_get(in, SEED_GIVE_SECRETS));
}
