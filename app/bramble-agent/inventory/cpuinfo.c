/* /proc/cpuinfo; see cpuinfo.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble-agent/inventory/cpuinfo.h"
#include "base/cleanup.h"

enum { IMPLEMENTER_ARM = 0x41 };

/* Main ID Register, bits 31 to 24 and 15 to 4 (Arm Architecture Reference Manual). */
static const struct {
        unsigned implementer;
        const char *name;
} implementers[] = {
        { IMPLEMENTER_ARM, "ARM" }, { 0x42, "Broadcom" }, { 0x43, "Cavium" },
        { 0x4e, "NVIDIA" },         { 0x50, "APM" },      { 0x51, "Qualcomm" },
        { 0x56, "Marvell" },        { 0x61, "Apple" },    { 0xc0, "Ampere" },
};
static const struct {
        unsigned part;
        const char *name;
} arm_parts[] = {
        { 0xb76, "ARM1176" },     { 0xc05, "Cortex-A5" },   { 0xc07, "Cortex-A7" },
        { 0xc08, "Cortex-A8" },   { 0xc09, "Cortex-A9" },   { 0xc0e, "Cortex-A17" },
        { 0xc0f, "Cortex-A15" },  { 0xd01, "Cortex-A32" },  { 0xd03, "Cortex-A53" },
        { 0xd04, "Cortex-A35" },  { 0xd05, "Cortex-A55" },  { 0xd07, "Cortex-A57" },
        { 0xd08, "Cortex-A72" },  { 0xd09, "Cortex-A73" },  { 0xd0a, "Cortex-A75" },
        { 0xd0b, "Cortex-A76" },  { 0xd0c, "Neoverse-N1" }, { 0xd0d, "Cortex-A77" },
        { 0xd40, "Neoverse-V1" }, { 0xd41, "Cortex-A78" },  { 0xd46, "Cortex-A510" },
        { 0xd47, "Cortex-A710" }, { 0xd49, "Neoverse-N2" }, { 0xd4f, "Neoverse-V2" },
};

void cpuinfo_of_midr(unsigned implementer, unsigned part, struct cpuinfo *ret) {
        (void)snprintf(ret->vendor, sizeof(ret->vendor), "0x%02x", implementer);
        (void)snprintf(ret->name, sizeof(ret->name), "0x%03x", part);
        for (size_t i = 0; i < ARRAY_LEN(implementers); i++)
                if (implementers[i].implementer == implementer)
                        (void)snprintf(ret->vendor, sizeof(ret->vendor), "%s", implementers[i].name);
        for (size_t i = 0; i < ARRAY_LEN(arm_parts) && implementer == IMPLEMENTER_ARM; i++)
                if (arm_parts[i].part == part)
                        (void)snprintf(ret->name, sizeof(ret->name), "%s", arm_parts[i].name);
}

/* The value of a line "KEY   : VALUE", cut at its end; false when the line is of another key. */
static bool take(const char *line, size_t len, const char *key, char *buf, size_t size) {
        size_t key_len = strlen(key);
        const char *colon = memchr(line, ':', len);

        if (!colon || len < key_len || memcmp(line, key, key_len) != 0)
                return false;
        for (const char *at = line + key_len; at < colon; at++)
                if (*at != ' ' && *at != '\t')
                        return false;
        const char *value = colon + 1, *end = line + len;
        while (value < end && (*value == ' ' || *value == '\t'))
                value++;
        while (value < end && (unsigned char)end[-1] <= ' ')
                end--;
        if (!*buf) /* the first processor speaks for all */
                (void)snprintf(buf, size, "%.*s", (int)(end - value), value);
        return true;
}

void cpuinfo_parse(const char *text, size_t len, struct cpuinfo *ret) {
        char implementer[16] = "", part[16] = "", arm_name[sizeof(ret->name)] = "";

        *ret = (struct cpuinfo){ 0 };
        for (const char *end = text + len, *line = text; line < end;) {
                const char *newline = memchr(line, '\n', (size_t)(end - line));
                size_t n = (size_t)((newline ? newline : end) - line);
                (void)(take(line, n, "vendor_id", ret->vendor, sizeof(ret->vendor)) ||
                       take(line, n, "model name", arm_name, sizeof(arm_name)) ||
                       take(line, n, "CPU implementer", implementer, sizeof(implementer)) ||
                       take(line, n, "CPU part", part, sizeof(part)) ||
                       take(line, n, "Revision", ret->revision, sizeof(ret->revision)) ||
                       take(line, n, "Serial", ret->serial, sizeof(ret->serial)));
                line += n + 1;
        }
        /* 32-bit ARM kernels say "ARMv7 Processor rev 3 (v7l)" as the model's name: its parts say more. */
        if (*implementer && *part)
                cpuinfo_of_midr((unsigned)strtoul(implementer, NULL, 16), (unsigned)strtoul(part, NULL, 16),
                                ret);
        else
                memcpy(ret->name, arm_name, sizeof(ret->name));
}
