/* Certificates, as far as a wrong file can be told from one. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** certificate_is_der() - whether the octets are all of one X.509 certificate in DER (RFC 5280 section 4.1),
 * by how it begins and how long it says that it is: no key and no PEM is one, nor a part. */
bool certificate_is_der(const void *octets, size_t len);
