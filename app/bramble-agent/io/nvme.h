/* NVMe's own way to erase (NVM Express Base Specification 2.0 section 5.14). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/io/block.h"
#include "base/cleanup.h"

/** nvme_format() - format with an erase of user data; 0, or -errno with half a sentence: why not. */
MUST_CHECK int nvme_format(struct block *b, struct error *reterr);
