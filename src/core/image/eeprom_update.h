/* What a board's EEPROM is updated to: firmware as it was published, with a configuration in it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/bootfile.h"
#include "base/error.h"
#include "core/site/image.h"

/** eeprom_update_build_time() - when the image's firmware was built, Unix time; 0: it has none, or does not
 * say. */
uint64_t eeprom_update_build_time(const struct image *image, const struct blob_source *blobs);

/**
 * eeprom_update_digest() - the SHA-256 of the image's firmware with @config in it
 *
 * Nothing is kept: who serves it puts it together again. Return: 0, or -errno with a sentence: -EINVAL where
 * @config cannot be a board's by an update of this kind.
 */
MUST_CHECK int eeprom_update_digest(const struct image *image, const struct blob_source *blobs,
                                    const char *config, uint8_t ret[static SHA256_SIZE],
                                    struct error *reterr);
