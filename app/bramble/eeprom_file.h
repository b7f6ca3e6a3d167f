/* EEPROM images in files, as the commands about them share it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/cli.h"
#include "app/bramble/file.h"
#include "base/cleanup.h"
#include "format/eeprom.h"

/** eeprom_file_read() - an image that makes sense, or an exit code of cli.h with its sentence said. */
MUST_CHECK int eeprom_file_read(const char *path, struct file_octets *ret);
