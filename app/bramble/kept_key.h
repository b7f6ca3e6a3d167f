/* Keys that the daemon keeps, as commands want them. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/cli.h"
#include "base/cleanup.h"
#include "io/rsa.h"

/** kept_key_public() - the public part of a key, as pubkey.bin of an EEPROM; prints its own failure and
 * returns an exit code. */
MUST_CHECK int kept_key_public(struct cli *cli, const char *name, uint8_t ret[static RSA_PUBLIC_SIZE]);
