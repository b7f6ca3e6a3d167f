/* Base64; see base64.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *octets, size_t len) {
        const uint8_t *in = octets;
        char *text = malloc((len + 2) / 3 * 4 + 1), *at = text;

        for (size_t i = 0; text && i < len; i += 3) {
                const size_t n = len - i < 3 ? len - i : 3;
                const uint32_t bits = (uint32_t)in[i] << 16 | (n > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                                      (n > 2 ? in[i + 2] : 0);
                *at++ = digits[bits >> 18];
                *at++ = digits[bits >> 12 & 63];
                *at++ = n > 1 ? digits[bits >> 6 & 63] : '=';
                *at++ = n > 2 ? digits[bits & 63] : '=';
        }
        if (text)
                *at = 0;
        return text;
}

static int digit_value(char c) {
        const char *at = c ? strchr(digits, c) : NULL;
        return at ? (int)(at - digits) : -1;
}

void *base64_decode(const char *text, size_t *ret_len) {
        size_t len = strlen(text), padding = 0, n = 0;

        if (len % 4 != 0)
                return NULL;
        while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
                padding++;
        CLEANUP(free_at) uint8_t *octets = malloc(len / 4 * 3 + 1);
        uint32_t bits = 0;
        for (size_t i = 0; octets && i < len; i++) {
                int value = i < len - padding ? digit_value(text[i]) : 0;
                if (value < 0)
                        return NULL;
                bits = bits << 6 | (uint32_t)value;
                if (i % 4 != 3)
                        continue;
                octets[n++] = (uint8_t)(bits >> 16);
                octets[n++] = (uint8_t)(bits >> 8);
                octets[n++] = (uint8_t)bits;
                bits = 0;
        }
        if (!octets)
                return NULL;
        *ret_len = n - padding;
        octets[*ret_len] = 0;
        return TAKE(octets);
}
