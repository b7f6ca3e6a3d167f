/* Formatting NVMe disks; see nvme.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "app/bramble-agent/erase/nvme.h"
#include "base/reader.h"

enum {
        OACS_AT = 256,
        OACS_FORMAT = 1 << 1,
        NAMESPACES_AT = 516,
        FNA_AT = 524, /* what one format, or one erase, does to all namespaces */
        FNA_FORMAT_ALL = 1 << 0,
        FNA_ERASE_ALL = 1 << 1,

        FLBAS_AT =
                26, /* bits 0 to 3 and 5 to 6 number the format of its sectors, bit 4: metadata lie in them */
        DPS_AT = 29, /* protection information: bits 0 to 2 the type, bit 3 where */
        ERASE_USER_DATA = 1 << 9
};

int nvme_controller_parse(const void *page, size_t len, struct nvme_abilities *ret) {
        if (len < NVME_PAGE)
                return -EBADMSG;
        const uint8_t *octets = page;
        struct reader oacs = reader_of(octets + OACS_AT, 2),
                      namespaces = reader_of(octets + NAMESPACES_AT, 4);
        const bool is_for_all = octets[FNA_AT] & (FNA_FORMAT_ALL | FNA_ERASE_ALL);

        *ret = (struct nvme_abilities){ .can_format = read_u16le(&oacs) & OACS_FORMAT,
                                        .hits_others = is_for_all && read_u32le(&namespaces) > 1 };
        return 0;
}

int nvme_format_word(const void *page, size_t len, uint32_t *ret) {
        if (len < NVME_PAGE)
                return -EBADMSG;
        const uint32_t flbas = ((const uint8_t *)page)[FLBAS_AT], dps = ((const uint8_t *)page)[DPS_AT];

        *ret = ERASE_USER_DATA | (flbas & 0x1f) | (dps & 0xf) << 5 | (flbas >> 5 & 3) << 12;
        return 0;
}
