/* SHA-256 of octets, by OpenSSL. Any thread may call it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bootfile.h"

void sha256_of(const void *data, size_t len, uint8_t ret[static SHA256_SIZE]);
