/* Base64; see base64.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

#include "app/bramble-agent/io/base64.h"
#include "base/cleanup.h"

void *base64_decode(const char *text, size_t *ret_len) {
        size_t len = strlen(text), padding = 0;

        if (len % 4 != 0 || len > INT_MAX)
                return NULL;
        while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
                padding++;
        CLEANUP(free_at) uint8_t *octets = malloc(len / 4 * 3 + 1);
        int n = octets ? EVP_DecodeBlock(octets, (const uint8_t *)text, (int)len) : -1;
        if (n < 0)
                return NULL;
        *ret_len = (size_t)n - padding;
        octets[*ret_len] = '\0';
        return TAKE(octets);
}
