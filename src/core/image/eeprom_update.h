/* What a board's EEPROM is updated to: firmware as it was published, filled with what this board shall have.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/bootfile.h"
#include "base/error.h"
#include "base/text.h"
#include "core/machine/eeprom_order.h"
#include "core/site/image.h"
#include "core/site/signing_key.h"

/** eeprom_update_build_time() - when the image's firmware was built, Unix time; 0: it has none, or does not
 * say. */
uint64_t eeprom_update_build_time(const struct image *image, const struct blob_source *blobs);

/**
 * eeprom_update_files() - what a board has beside @config, into @ret
 * @key:        that its boots are signed with: the public part goes in, and its signature of @config; NULL:
 * it checks none
 * @authority:  the certificate in DER that HTTPS is checked by
 *
 * The authority goes in where @config has HTTP_CACERT_HASH. Threads that may wait for a signature. Return: 0,
 * or -errno with a sentence: -EINVAL where @config names another authority.
 */
MUST_CHECK int eeprom_update_files(const struct blob_source *blobs, const struct signing_key *key,
                                   const void *authority, size_t authority_len, const char *config,
                                   struct text *ret, struct error *reterr);

/**
 * eeprom_update_seal() - fill in the SHA-256 of the image's firmware with the configuration and files of @c
 * @key:        NULL, or who signs it: a board that checks its boots takes nothing else
 *
 * Nothing is kept: who serves it puts it together again. Return: 0, or -errno with a sentence: -EINVAL where
 * the configuration cannot be a board's by an update of this kind.
 */
MUST_CHECK int eeprom_update_seal(const struct image *image, const struct blob_source *blobs,
                                  const struct signing_key *key, struct eeprom_content *c,
                                  struct error *reterr);
