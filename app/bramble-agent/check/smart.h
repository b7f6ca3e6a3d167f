/*
 * What disks say of their own health. Pure: the pages as they came, in; what they mean, out.
 *
 * Sources: NVM Express Base Specification 2.0 section 5.16.1.3; ATA8-ACS section 7.52 (SMART READ DATA);
 * JEDEC 84-B51 (life time of eMMC).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { SMART_PAGE = 512, SMART_UNKNOWN = -1 };

/* SMART_UNKNOWN where a disk does not tell. */
struct smart_health {
        bool is_failing;     /* the disk itself says so */
        int used_percent;    /* of its life; more than 100 is possible */
        int64_t bad_sectors; /* moved, or waiting to be */
        int64_t media_errors;
        int64_t power_on_hours;
        int celsius;
};

#define SMART_NOTHING \
        { false, SMART_UNKNOWN, SMART_UNKNOWN, SMART_UNKNOWN, SMART_UNKNOWN, SMART_UNKNOWN }

/** smart_parse_nvme() - log page 2. -EBADMSG: shorter than it must be. */
MUST_CHECK int smart_parse_nvme(const void *page, size_t len, struct smart_health *ret);

/** smart_parse_ata() - the attributes; whether it is failing is told elsewhere. -EBADMSG: broken. */
MUST_CHECK int smart_parse_ata(const void *page, size_t len, struct smart_health *ret);

/** smart_parse_emmc() - sysfs' life_time ("0x01 0x02") and pre_eol_info ("0x01"). -EBADMSG: neither. */
MUST_CHECK int smart_parse_emmc(const char *life_time, const char *pre_eol_info, struct smart_health *ret);
