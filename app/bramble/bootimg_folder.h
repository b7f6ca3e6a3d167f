/* The folder that a boot volume is made of: which of its files go in, and what is said of the others. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "format/fat_image.h"

struct bootimg_folder {
        struct fat_image_file files[FAT_IMAGE_FILES_MAX]; /* sorted by path, octet order */
        size_t n;
};

void bootimg_folder_free(struct bootimg_folder *f);
DEFINE_CLEANUP(struct bootimg_folder, bootimg_folder_free)

/**
 * bootimg_folder_list() - fill @ret, which is zeroed
 * @out:        file that the volume becomes: where it lies in the folder it is none of its files
 *
 * A link to a file of the folder is that file under another name. Names that begin with a dot are left out,
 * and that is said. Whatever else is no file is refused: an exit code of cli.h, with its sentence said.
 */
MUST_CHECK int bootimg_folder_list(const char *folder, const char *out, struct bootimg_folder *ret);
