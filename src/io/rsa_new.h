/* A new RSA-2048 key of our own (GnuTLS). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

/** rsa_key_make() - a private key in PEM, the caller's, who overwrites it before it is freed; seconds of
 * work. 0, or -errno with a sentence. */
MUST_CHECK int rsa_key_make(char **ret_pem, struct error *reterr);
