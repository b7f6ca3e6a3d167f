/* Foreign texts in JSON; see json_text.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/json_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

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
