/* gzip (RFC 1952) by zlib, and not by libarchive, which does not look at the checksum. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/unpack/stream.h"

MUST_CHECK int open_gzip(struct stream *below, struct stream **ret, struct error *reterr);
