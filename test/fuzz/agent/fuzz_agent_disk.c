/* Whatever a disk says of itself, and whatever stands on it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "app/bramble-agent/erase/ata.h"
#include "app/bramble-agent/erase/nvme.h"
#include "app/bramble-agent/root/data_disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static const uint8_t uuid[DATA_UUID_SIZE] = { 1 };
        struct nvme_abilities abilities;
        struct ata_security security;
        const char *holds = NULL;
        uint32_t word;

        if (ata_identify_parse(data, len, &security) == 0)
                assert(len >= ATA_PAGE && security.erase_s <= 0x7fff * 120 &&
                       security.enhanced_s <= 0x7fff * 120);
        (void)!nvme_controller_parse(data, len, &abilities);
        if (nvme_format_word(data, len, &word) == 0)
                assert((word & 7 << 9) == 1 << 9); /* user data are erased, whatever the disk says */
        const enum data_state state = data_probe(data, len, data, len, uuid, &holds);
        assert((state == DATA_IS_TAKEN) == (*holds != '\0'));
        return 0;
}
