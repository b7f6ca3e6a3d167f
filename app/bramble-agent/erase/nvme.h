/*
 * What an NVMe disk says of formatting itself. Pure: pages of Identify in, the command's words out.
 *
 * Source: NVM Express Base Specification 2.0 sections 5.14 (Format NVM) and 5.17 (Identify); NVM Command Set
 * Specification 1.0 section 4.1.5.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { NVME_PAGE = 4096 };

struct nvme_abilities {
        bool can_format;
        bool hits_others; /* a format reaches namespaces beside the one that it is for */
};

/** nvme_controller_parse() - Identify Controller; -EBADMSG: shorter than it must be. */
MUST_CHECK int nvme_controller_parse(const void *page, size_t len, struct nvme_abilities *ret);

/** nvme_format_word() - command word 10 of a format that erases user data and leaves all else of a namespace
 * as its Identify page says that it is: the size of its sectors, metadata, protection. -EBADMSG: shorter than
 * it must be. */
MUST_CHECK int nvme_format_word(const void *page, size_t len, uint32_t *ret);
