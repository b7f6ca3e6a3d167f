/*
 * The SD card in a simulated board's slot: an image file, of whose first FAT volume mtools reads the files.
 *
 * It is opened anew for each boot from it, so that what a system wrote since then is seen.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct card;

/** card_insert() - NULL with a sentence in @retwhy, static text, when firmware finds nothing to boot there.
 */
struct card *card_insert(const char *path, const char **retwhy);
void card_eject(struct card *c);
DEFINE_CLEANUP(struct card, card_eject)

enum card_got {
        CARD_WHOLE = 0,
        CARD_NOT_FOUND,
        CARD_BROKEN /* it begins, and cannot be read to its end */
};

/**
 * card_read() - a file's octets, in their order
 * @path:       in the volume, upper and lower case alike
 * @fn:         until it returns false: it has seen enough
 */
enum card_got card_read(const struct card *c, const char *path,
                        bool (*fn)(void *ctx, const void *data, size_t len), void *ctx);
