/* What /proc/cpuinfo says, which is another thing on every architecture. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

struct cpuinfo {
        char vendor[64], name[96]; /* "ARM", "Cortex-A72"; "" unknown */
        char revision[16];         /* of a Raspberry Pi, where the kernel still says it here: "c03112" */
        char serial[32];
};

/** cpuinfo_parse() - @text of @len octets; never fails: what is not there is "". */
void cpuinfo_parse(const char *text, size_t len, struct cpuinfo *ret);

/** cpuinfo_of_midr() - vendor and name by an ARM processor's identification register. */
void cpuinfo_of_midr(unsigned implementer, unsigned part, struct cpuinfo *ret);
