/* Headers of qcow2 images; see qcow2.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/reader.h"
#include "format/qcow2.h"

enum { EXTERNAL_DATA = 4 /* bit of what a reader must know */ };

int qcow2_header(const void *data, size_t len, struct qcow2_info *ret) {
        struct reader r = reader_of(data, len);
        const uint8_t *magic = read_octets(&r, 4);
        uint32_t version = read_u32(&r);
        struct qcow2_info info = { .has_backing_file = read_u64(&r) != 0 };

        (void)read_octets(&r, 4 + 4); /* length of that file's name, cluster bits */
        info.size = read_u64(&r);
        info.is_encrypted = read_u32(&r) != 0;
        (void)read_octets(&r, 36); /* tables and snapshots */
        if (version >= 3)
                info.has_external_data = read_u64(&r) & EXTERNAL_DATA;
        if (r.bad || memcmp(magic, "QFI\xfb", 4) != 0)
                return -EBADMSG;
        *ret = info;
        return 0;
}
