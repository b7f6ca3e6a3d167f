/* Names of keys; see signing_key.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/site/signing_key.h"

#include <string.h>

#include "core/machine/machine.h"

bool signing_key_is_name(const char *name) {
        size_t len = strlen(name);

        return len > 0 && len <= SIGNING_KEY_NAME_MAX && name[0] != '.' && name[0] != '-' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

bool signing_key_find(const struct signing_key_keeper *keeper, const char *name, struct signing_key *ret) {
        struct signing_key keys[SIGNING_KEYS_MAX];
        const size_t n = keeper->list(keeper->ctx, keys);

        for (size_t i = 0; i < n; i++) {
                if (!*name || strcmp(keys[i].name, name) == 0) {
                        *ret = keys[i];
                        return true;
                }
        }
        return false;
}

bool signing_key_is_of(const struct machine *m, const char *name, const char *usual) {
        if (m->boot_key[0])
                return strcmp(m->boot_key, name) == 0;
        return m->require_trusted && strcmp(usual, name) == 0;
}
