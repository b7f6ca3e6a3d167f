/*
 * A card as an image: a partition table and one FAT volume, filled by mtools.
 *
 * The same files give the same octets: times are those of the FAT epoch, and the numbers of disk and volume
 * are made of what is in it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/card/files.h"

enum { CARD_VOLUME_AT = 1 << 20 };

/** card_image_size() - octets of the whole image. */
uint64_t card_image_size(const struct card_files *f);

/**
 * card_image_make() - write the image to @path, all of it or nothing
 * @label:      of the volume, at most eleven capitals
 */
MUST_CHECK int card_image_make(const struct card_files *f, const char *label, const char *path,
                               struct error *reterr);

/** card_folder_make() - the files into the new or empty folder @path: what rpiboot takes. */
MUST_CHECK int card_folder_make(const struct card_files *f, const char *path, struct error *reterr);
