/* Choosing the disk to write; see target.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "app/bramble-agent/deploy/target.h"

static double gigabytes(uint64_t octets) {
        return (double)octets / 1e9;
}

/* Whether the image can go there; else why not, and what to do. */
static int check(const struct target_disk *t, const struct target_wish *w, struct error *reterr) {
        const struct disk *d = t->disk;

        if (d->is_read_only)
                return error_set(reterr, -EROFS,
                                 "disk %s is read-only: a switch on the card, or a locked disk", d->name);
        if (d->size < w->size)
                return error_set(reterr, -ENOSPC, "disk %s has %.1f GB, and the image needs %.1f GB", d->name,
                                 gigabytes(d->size), gigabytes(w->size));
        if (w->sector_size && d->sector_size != w->sector_size)
                return error_set(reterr, -EINVAL,
                                 "disk %s counts in sectors of %u octets, and the image's partition table in "
                                 "sectors of %u",
                                 d->name, d->sector_size, w->sector_size);
        if (t->firmware_reason && !w->overwrite_boot_medium && !w->keep_firmware)
                return error_set(reterr, -EPERM,
                                 "disk %s carries the firmware that this machine boots from (%s): keep its "
                                 "first partition with --keep-firmware%s, or take all of it with "
                                 "--overwrite-boot-medium",
                                 d->name, t->firmware_reason,
                                 w->can_convert ? ", free all of it with bramble machine convert --to eeprom"
                                                : "");
        if (t->has_data && !*w->hint)
                return error_set(reterr, -EEXIST,
                                 "disk %s has data that a system without a disk kept there: to write over "
                                 "them, name it with --disk %s",
                                 d->name, d->name);
        return 0;
}

static int choose_by_hint(const struct target_disk *disks, size_t n, const struct target_wish *w,
                          struct error *reterr) {
        for (size_t i = 0; i < n; i++) {
                if (!disk_is_meant(disks[i].disk, w->hint))
                        continue;
                int r = check(&disks[i], w, reterr);
                return r < 0 ? r : (int)i;
        }
        return error_set(
                reterr, -ENODEV,
                "there is no disk \"%.100s\": name a device, a serial number or a WWN that the machine has",
                w->hint);
}

int target_choose(const struct target_disk *disks, size_t n, const struct target_wish *wish,
                  struct error *reterr) {
        struct error first = { 0 };
        int best = -1;

        if (wish->n_begun > 1)
                return error_set(reterr, -EEXIST,
                                 "half of this deployment is on %zu disks: erase the machine, and deploy it "
                                 "again",
                                 wish->n_begun);
        if (wish->n_begun == 1) {
                int r = check(&disks[wish->begun], wish, reterr);
                return r < 0 ? r : (int)wish->begun;
        }
        if (*wish->hint)
                return choose_by_hint(disks, n, wish, reterr);
        for (size_t i = 0; i < n; i++) {
                struct error why = { 0 };
                if (check(&disks[i], wish, &why) < 0) {
                        if (first.code == 0)
                                first = why;
                } else if (best < 0 || disks[i].disk->bus < disks[best].disk->bus)
                        best = (int)i;
        }
        if (best >= 0)
                return best;
        if (first.code == 0)
                return error_set(reterr, -ENODEV,
                                 "the machine has no disk, or none that this kernel has a driver for");
        if (reterr)
                *reterr = first;
        return first.code;
}
