/* Words of texts; see words.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/report/words.h"

#include <ctype.h>

static bool is_hex(char c) {
        return isxdigit((unsigned char)c);
}

bool words_is_of_a_name(char c) {
        return isalnum((unsigned char)c) || c == '-' || c == '_';
}

bool words_begins(const char *text, const char *at) {
        return at == text || !isalnum((unsigned char)at[-1]);
}

size_t words_hex(const char *at) {
        size_t n = 0;

        while (is_hex(at[n]))
                n++;
        return n;
}

size_t words_pairs(const char *at) {
        size_t n = 1;

        if (!is_hex(at[0]) || !is_hex(at[1]) || (at[2] != ':' && at[2] != '-'))
                return 0;
        while (at[3 * n - 1] == at[2] && is_hex(at[3 * n]) && is_hex(at[3 * n + 1]))
                n++;
        /* The last may be the begin of a longer word. */
        n -= isalnum((unsigned char)at[3 * n - 1]) != 0;
        return n > 1 ? n : 0;
}

size_t words_name(const char *at) {
        size_t n = 0;

        while (words_is_of_a_name(at[n]) || (n > 0 && at[n] == '.' && words_is_of_a_name(at[n + 1])))
                n++;
        return n;
}
