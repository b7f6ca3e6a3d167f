/* EEPROM images in files, as the commands about them share it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/cli.h"
#include "app/bramble/file.h"
#include "base/cleanup.h"
#include "format/eeprom.h"

/** eeprom_file_read() - an image that makes sense, or an exit code of cli.h with its sentence said. */
MUST_CHECK int eeprom_file_read(const char *path, struct file_octets *ret);

/** eeprom_file_release() - the day of its bootloader, "2026-05-17"; NULL when it does not say. */
const char *eeprom_file_release(const struct file_octets *image, char buf[static EEPROM_VERSION_SIZE]);

/** eeprom_config_remarks() - say on standard error what is odd about a configuration for any board, as it
 * stands in the file @path. */
void eeprom_config_remarks(const char *path, const void *config, size_t len);

/** eeprom_file_remarks() - call @fn with each sentence about a bootconf.txt that @image has or gets. */
void eeprom_file_remarks(const struct file_octets *image, const void *config, size_t len,
                         void (*fn)(void *ctx, const char *sentence), void *ctx);
