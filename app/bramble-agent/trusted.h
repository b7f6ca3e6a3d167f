/*
 * What this agent may fetch, where its firmware checked the volume that it came in (docs/trust.md).
 *
 * /bramble/trusted lies in the initramfs beside it: a SHA-256 in hex each line. Without that file the server
 * is believed, as ever.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "app/bramble-agent/io/tree.h"
#include "base/bootfile.h"
#include "base/error.h"

/** trusted_check() - whether a blob may be used; 0, or -EPERM with a sentence. @what: for people. */
MUST_CHECK int trusted_check(const struct tree *tree, const uint8_t sha256[static SHA256_SIZE],
                             const char *what, struct error *reterr);

/** trusted_is_required() - whether nothing may be used that cannot be checked. */
bool trusted_is_required(const struct tree *tree);
