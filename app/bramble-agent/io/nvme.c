/* Erasing NVMe disks; see nvme.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/nvme_ioctl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "app/bramble-agent/io/nvme.h"
#include "base/reader.h"

enum {
        ADMIN_IDENTIFY = 0x06,
        ADMIN_FORMAT = 0x80,
        IDENTIFY_SIZE = 4096,
        IDENTIFY_CONTROLLER = 1,
        OACS_AT = 256,
        OACS_FORMAT = 1 << 1,
        NAMESPACES_AT = 516,
        FNA_AT = 524, /* what one format does to all namespaces */
        FLBAS_AT = 26,
        ERASE_USER_DATA = 1 << 9,
        TIMEOUT_MS = 600000
};

static int identify(struct block *b, unsigned nsid, unsigned what, void *page) {
        struct nvme_admin_cmd cmd = { .opcode = ADMIN_IDENTIFY,
                                      .nsid = nsid,
                                      .addr = (uint64_t)(uintptr_t)page,
                                      .data_len = IDENTIFY_SIZE,
                                      .cdw10 = what };
        int r = ioctl(block_fd(b), NVME_IOCTL_ADMIN_CMD, &cmd);
        return r < 0 ? -errno : r > 0 ? -EOPNOTSUPP : 0;
}

int nvme_format(struct block *b) {
        CLEANUP(free_at) uint8_t *page = block_buffer(IDENTIFY_SIZE);
        int nsid = ioctl(block_fd(b), NVME_IOCTL_ID);

        if (!page || nsid <= 0)
                return -EOPNOTSUPP;
        int r = identify(b, 0, IDENTIFY_CONTROLLER, page);
        if (r < 0)
                return r;
        struct reader controller = reader_of(page + OACS_AT, 2);
        struct reader namespaces = reader_of(page + NAMESPACES_AT, 4);
        /* What lies in another namespace is not ours to erase. */
        bool hits_others = (page[FNA_AT] & 3) && read_u32le(&namespaces) > 1;
        if (!(read_u16le(&controller) & OACS_FORMAT) || hits_others)
                return -EOPNOTSUPP;
        r = identify(b, (unsigned)nsid, 0, page);
        if (r < 0)
                return r;
        /* The format of its sectors stays: bits 0 to 3 number it. */
        struct nvme_admin_cmd cmd = { .opcode = ADMIN_FORMAT,
                                      .nsid = (unsigned)nsid,
                                      .cdw10 = (page[FLBAS_AT] & 0xfu) | ERASE_USER_DATA,
                                      .timeout_ms = TIMEOUT_MS };
        r = ioctl(block_fd(b), NVME_IOCTL_ADMIN_CMD, &cmd);
        return r < 0 ? -errno : r > 0 ? -EIO : 0;
}
