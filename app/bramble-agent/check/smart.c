/* Health of disks; see smart.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "app/bramble-agent/check/smart.h"
#include "base/reader.h"

enum {
        KELVIN = 273,
        NVME_HEALTH_END = 208,
        ATA_ATTRIBUTES = 30,
        ATA_REALLOCATED = 5,
        ATA_POWER_ON_HOURS = 9,
        ATA_WEAR_SAMSUNG = 177, /* counts down from 100 */
        ATA_TEMPERATURE = 194,
        ATA_PENDING = 197,
        ATA_WEAR_INTEL = 233, /* likewise */
        EMMC_STEP = 10,       /* percent for each step of the estimate */
        EMMC_EXCEEDED = 0x0b,
        EMMC_URGENT = 3
};

static int64_t bounded(uint64_t low, uint64_t high) {
        return high || low > INT64_MAX ? INT64_MAX : (int64_t)low;
}

int smart_parse_nvme(const void *page, size_t len, struct smart_health *ret) {
        struct reader r = reader_of(page, len);
        struct smart_health h = SMART_NOTHING;

        if (len < NVME_HEALTH_END)
                return -EBADMSG;
        uint8_t warning = read_u8(&r);
        uint16_t kelvin = read_u16le(&r);
        (void)read_octets(&r, 2); /* spare and its threshold: a warning says when it matters */
        h.used_percent = read_u8(&r);
        (void)read_octets(&r, 128 - 6);
        uint64_t hours = read_u64le(&r), hours_high = read_u64le(&r);
        (void)read_octets(&r, 16); /* unsafe shutdowns */
        uint64_t errors = read_u64le(&r), errors_high = read_u64le(&r);
        h.is_failing = warning != 0;
        h.celsius = kelvin > 0 ? kelvin - KELVIN : SMART_UNKNOWN;
        h.power_on_hours = bounded(hours, hours_high);
        h.media_errors = bounded(errors, errors_high);
        *ret = h;
        return 0;
}

static void take_attribute(uint8_t id, uint8_t value, uint64_t raw, struct smart_health *h) {
        switch (id) {
        case ATA_REALLOCATED:
        case ATA_PENDING:
                h->bad_sectors =
                        (h->bad_sectors == SMART_UNKNOWN ? 0 : h->bad_sectors) + (int64_t)(raw & UINT32_MAX);
                break;
        case ATA_POWER_ON_HOURS:
                h->power_on_hours = (int64_t)(raw & UINT32_MAX); /* some put minutes above */
                break;
        case ATA_TEMPERATURE:
                h->celsius = (int)(raw & 0xff);
                break;
        case ATA_WEAR_SAMSUNG:
        case ATA_WEAR_INTEL:
                h->used_percent = value <= 100 ? 100 - value : SMART_UNKNOWN;
                break;
        default:
                break;
        }
}

int smart_parse_ata(const void *page, size_t len, struct smart_health *ret) {
        struct reader r = reader_of(page, len);
        struct smart_health h = SMART_NOTHING;
        uint8_t sum = 0;

        if (len != SMART_PAGE)
                return -EBADMSG;
        for (size_t i = 0; i < len; i++)
                sum = (uint8_t)(sum + ((const uint8_t *)page)[i]);
        if (sum != 0)
                return -EBADMSG;
        (void)read_octets(&r, 2);
        for (unsigned i = 0; i < ATA_ATTRIBUTES; i++) {
                uint8_t id = read_u8(&r);
                (void)read_u16le(&r); /* flags */
                uint8_t value = read_u8(&r);
                (void)read_u8(&r); /* worst */
                uint64_t raw = read_u32le(&r);
                raw |= (uint64_t)read_u16le(&r) << 32;
                (void)read_u8(&r);
                take_attribute(id, value, raw, &h);
        }
        *ret = h;
        return 0;
}

int smart_parse_emmc(const char *life_time, const char *pre_eol_info, struct smart_health *ret) {
        struct smart_health h = SMART_NOTHING;
        unsigned a = 0, b = 0, eol = 0;
        int n = sscanf(life_time, "%x %x", &a, &b);

        if (sscanf(pre_eol_info, "%x", &eol) != 1 && n < 1)
                return -EBADMSG;
        unsigned worst = a > b ? a : b;
        if (worst > 0 && worst <= EMMC_EXCEEDED)
                h.used_percent = (int)worst * EMMC_STEP;
        h.is_failing = eol >= EMMC_URGENT || worst >= EMMC_EXCEEDED;
        *ret = h;
        return 0;
}
