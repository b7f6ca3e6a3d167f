/* Choosing the medium of an assertion; see aside.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/deploy/aside.h"
#include "format/seed_volume.h"

enum { FAT_OEM_AT = 3, FAT_LABEL_AT = 43, FAT_LABEL_LEN = 11 };

bool aside_is_ours(const void *begin, size_t len) {
        const char *octets = begin;

        return len >= FAT_LABEL_AT + FAT_LABEL_LEN && memcmp(octets + FAT_OEM_AT, "BRAMBLE ", 8) == 0 &&
               memcmp(octets + FAT_LABEL_AT, ASIDE_LABEL " ", FAT_LABEL_LEN) == 0;
}

/* Why it cannot be, whatever lies on it. */
static int check(const struct aside_disk *d, struct error *reterr) {
        if (d->is_target)
                return error_set(reterr, -EINVAL,
                                 "disk %s gets the system: the assertion wants a medium of its own",
                                 d->disk->name);
        if (d->disk->is_read_only)
                return error_set(reterr, -EROFS,
                                 "disk %s is read-only: a switch on the card, or a locked disk",
                                 d->disk->name);
        if (d->disk->size < SEED_VOLUME_SIZE)
                return error_set(reterr, -ENOSPC, "disk %s is smaller than %d MiB", d->disk->name,
                                 SEED_VOLUME_SIZE >> 20);
        if (d->firmware_reason)
                return error_set(reterr, -EPERM,
                                 "disk %s carries the firmware that this machine boots from (%s)",
                                 d->disk->name, d->firmware_reason);
        if (d->has_data)
                return error_set(reterr, -EEXIST, "disk %s has data that a system without a disk kept there",
                                 d->disk->name);
        return 0;
}

static int choose_by_hint(const struct aside_disk *disks, size_t n, const char *hint, struct error *reterr) {
        for (size_t i = 0; i < n; i++) {
                if (!disk_is_meant(disks[i].disk, hint))
                        continue;
                int r = check(&disks[i], reterr);
                return r < 0 ? r : (int)i;
        }
        return error_set(reterr, -ENODEV,
                         "there is no disk \"%.100s\" for the assertion: name a device, a serial number or a "
                         "WWN that the machine has",
                         hint);
}

static int rank(const struct aside_disk *d) {
        if (check(d, NULL) < 0)
                return 0;
        if (d->has_one)
                return 3;
        return d->is_empty ? 1 + d->disk->is_removable : 0;
}

int aside_choose(const struct aside_disk *disks, size_t n, const char *hint, struct error *reterr) {
        int best = -1;

        if (*hint)
                return choose_by_hint(disks, n, hint, reterr);
        for (size_t i = 0; i < n; i++)
                if (rank(&disks[i]) > (best < 0 ? 0 : rank(&disks[best])))
                        best = (int)i;
        return best >= 0
                       ? best
                       : error_set(reterr, -ENODEV,
                                   "the assertion wants a medium beside the disk, and none is empty: plug in "
                                   "an empty USB stick or card, or name one that may be written over with "
                                   "--assertion-disk");
}
