/* Erasing NVMe disks; see nvme.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/nvme_ioctl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "app/bramble-agent/erase/nvme.h"
#include "app/bramble-agent/io/nvme.h"

enum { ADMIN_IDENTIFY = 0x06, ADMIN_FORMAT = 0x80, IDENTIFY_CONTROLLER = 1, TIMEOUT_MS = 600000 };

static int identify(struct block *b, unsigned nsid, unsigned what, void *page) {
        struct nvme_admin_cmd cmd = { .opcode = ADMIN_IDENTIFY,
                                      .nsid = nsid,
                                      .addr = (uint64_t)(uintptr_t)page,
                                      .data_len = NVME_PAGE,
                                      .cdw10 = what };
        int r = ioctl(block_fd(b), NVME_IOCTL_ADMIN_CMD, &cmd);
        return r < 0 ? -errno : r > 0 ? -EOPNOTSUPP : 0;
}

int nvme_format(struct block *b, struct error *reterr) {
        CLEANUP(free_at) uint8_t *page = block_buffer(NVME_PAGE);
        struct nvme_admin_cmd cmd = { .opcode = ADMIN_FORMAT, .timeout_ms = TIMEOUT_MS };
        struct nvme_abilities abilities;
        const int nsid = ioctl(block_fd(b), NVME_IOCTL_ID);

        if (!page || nsid <= 0)
                return error_set(reterr, -EOPNOTSUPP, "it has no number among its controller's");
        int r = identify(b, 0, IDENTIFY_CONTROLLER, page);
        if (r == 0)
                r = nvme_controller_parse(page, NVME_PAGE, &abilities);
        if (r < 0 || !abilities.can_format)
                return error_set(reterr, -EOPNOTSUPP, "it has no command for it");
        if (abilities.hits_others)
                return error_set(reterr, -EOPNOTSUPP, "its format would take its other namespaces as well");
        cmd.nsid = (unsigned)nsid;
        r = identify(b, cmd.nsid, 0, page);
        if (r == 0)
                r = nvme_format_word(page, NVME_PAGE, &cmd.cdw10);
        if (r == 0)
                r = ioctl(block_fd(b), NVME_IOCTL_ADMIN_CMD, &cmd);
        if (r == 0)
                return 0;
        return r < 0 ? error_set(reterr, -errno, "it failed: %s", strerror(errno))
                     : error_set(reterr, -EIO, "it failed with status %x", (unsigned)r);
}
