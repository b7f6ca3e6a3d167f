/* Telling certificates from other files; see certificate.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/certificate.h"

#include "base/reader.h"

/* Tags of DER (X.690 section 8.1.2). */
enum { INTEGER = 0x02, SEQUENCE = 0x30, VERSION = 0xa0 };

/* Go into the sequence that stands next, of so many octets; SIZE_MAX: something else stands there. */
static size_t enter(struct reader *r) {
        const uint8_t tag = read_u8(r), first = read_u8(r);
        const size_t len = first == 0x82 ? read_u16(r) : first == 0x81 ? read_u8(r) : first;

        return r->bad || tag != SEQUENCE || (first >= 0x80 && first != 0x81 && first != 0x82) ? SIZE_MAX
                                                                                              : len;
}

/* What is signed comes first, and in it the version; the serial number, where that is the first one. */
bool certificate_is_der(const void *octets, size_t len) {
        struct reader r = reader_of(octets, len);

        if (enter(&r) != reader_left(&r) || enter(&r) > reader_left(&r))
                return false;
        const uint8_t tag = read_u8(&r);
        return tag == VERSION || tag == INTEGER;
}
