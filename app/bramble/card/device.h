/* A card in this machine's reader: whether it is one that may be written over, and writing it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

struct card_device {
        char about[80]; /* its maker and model, as far as it says; "" */
        uint64_t octets;
};

/**
 * card_device_look() - what is there under /dev/…
 *
 * Return: 0; -EINVAL when it is no device, a part of one, nothing that can be taken out, or write-protected;
 * or another -errno; with a sentence.
 */
MUST_CHECK int card_device_look(const char *path, struct card_device *ret, struct error *reterr);

/** card_device_judge() - the same by its folder in sysfs. */
MUST_CHECK int card_device_judge(const char *path, const char *folder, struct card_device *ret,
                                 struct error *reterr);

/** card_device_write() - an image onto it, to its last octet; -EBUSY when something is mounted there. */
MUST_CHECK int card_device_write(const char *path, const char *image, struct error *reterr);
