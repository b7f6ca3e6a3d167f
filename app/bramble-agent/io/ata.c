/* ATA commands; see ata.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>

#include "app/bramble-agent/io/ata.h"

enum {
        SENSE_SIZE = 32,
        RESPONSE_DESCRIPTOR = 0x72,
        ATA_RETURN = 0x09,
        STATUS_AT = 21,
        IS_ERROR = 1,
        IS_FAULT = 1 << 5
};

/* Where the disk's registers come back, they say whether it took the command; else the status does. */
static bool was_taken(const struct sg_io_hdr *io, const uint8_t *sense) {
        if (io->host_status)
                return false;
        if (sense[0] == RESPONSE_DESCRIPTOR && sense[8] == ATA_RETURN)
                return !(sense[STATUS_AT] & (IS_ERROR | IS_FAULT));
        return io->status == 0;
}

static int give(void *ctx, struct ata_command *c) {
        static const int directions[] = { [ATA_NO_DATA] = SG_DXFER_NONE,
                                          [ATA_FROM_DISK] = SG_DXFER_FROM_DEV,
                                          [ATA_TO_DISK] = SG_DXFER_TO_DEV };
        uint8_t sense[SENSE_SIZE] = { 0 };
        struct sg_io_hdr io = { .interface_id = 'S',
                                .dxfer_direction = directions[c->way],
                                .cmd_len = sizeof(c->cdb),
                                .mx_sb_len = sizeof(sense),
                                .dxfer_len = c->way == ATA_NO_DATA ? 0 : sizeof(c->page),
                                .dxferp = c->page,
                                .cmdp = c->cdb,
                                .sbp = sense,
                                .timeout = c->timeout_s * 1000 };

        if (ioctl(block_fd(ctx), SG_IO, &io) < 0)
                return errno == EINVAL || errno == ENOTTY ? -EOPNOTSUPP : -errno;
        return was_taken(&io, sense) ? 0 : -EIO;
}

struct ata_wire ata_wire_to(struct block *b) {
        return (struct ata_wire){ .give = give, .ctx = b };
}
