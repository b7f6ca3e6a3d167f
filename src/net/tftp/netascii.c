/* Line ends for the wire. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tftp/netascii.h"

size_t netascii_convert(struct netascii_place *place, const uint8_t *in, size_t in_len, uint8_t *out,
                        size_t out_len) {
        size_t used = 0, made = 0;

        while (used < in_len && made < out_len) {
                uint8_t octet = in[used];
                bool is_pair = octet == '\n' || octet == '\r';
                uint8_t now = octet;

                if (place->owes_second_octet)
                        now = octet == '\n' ? '\n' : '\0';
                else if (is_pair)
                        now = '\r';
                if (out)
                        out[made] = now;
                made++;
                place->owes_second_octet = is_pair && !place->owes_second_octet;
                if (!place->owes_second_octet)
                        used++;
        }
        place->offset += used;
        return made;
}
