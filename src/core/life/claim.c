/* Claim codes; see claim.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/claim.h"

#include <errno.h>
#include <string.h>

#include "io/crypto.h"

/* The digit that is meant by @c; 0: none is. */
static char digit_of(char c) {
        static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

        if (c >= 'a' && c <= 'z')
                c = (char)(c - 'a' + 'A');
        if (c == 'O')
                return '0';
        if (c == 'I' || c == 'L')
                return '1';
        return c && strchr(digits, c) ? c : 0;
}

int claim_hash(const char *code, uint8_t ret[static SHA256_SIZE]) {
        char digits[CLAIM_DIGITS];
        size_t n = 0;

        for (; *code; code++) {
                const char digit = digit_of(*code);
                if (*code == '-' || *code == ' ')
                        continue;
                if (!digit || n == sizeof(digits))
                        return -EINVAL;
                digits[n++] = digit;
        }
        if (n != sizeof(digits))
                return -EINVAL;
        sha256_of(digits, n, ret);
        return 0;
}
