/* Certificates in PEM; see pem.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pem.h"

#include <string.h>

#include "base/base64.h"
#include "base/text.h"

uint8_t *pem_certificate(const char *pem, size_t *ret_len) {
        static const char begin[] = "-----BEGIN CERTIFICATE-----\n", end[] = "-----END CERTIFICATE-----";
        CLEANUP(text_free) struct text inside = {};
        const char *from = strstr(pem, begin), *until = from ? strstr(from, end) : NULL;

        if (!until)
                return NULL;
        for (from += strlen(begin); from < until; from++)
                if (*from != '\n')
                        text_append_octets(&inside, from, 1);
        return inside.failed || !inside.octets ? NULL : base64_decode(inside.octets, ret_len);
}
