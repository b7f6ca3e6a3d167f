/* One certificate in PEM: what stands between its two lines (RFC 7468). Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** pem_certificate() - the DER of the first certificate of @pem, the caller's; NULL: there is none. */
uint8_t *pem_certificate(const char *pem, size_t *ret_len);
