/* Names of keys; see signing_key.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/site/signing_key.h"

#include <string.h>

bool signing_key_is_name(const char *name) {
        size_t len = strlen(name);

        return len > 0 && len <= SIGNING_KEY_NAME_MAX && name[0] != '.' && name[0] != '-' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}
