/* Ways back; see back.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/back.h"

enum power { POWER_CHOOSES, POWER_SWITCHES, POWER_IS_MANUAL, POWER_KINDS };

static enum power power_of(unsigned can) {
        if (can & LIFE_CAN_CHOOSE && can & LIFE_CAN_BOOT)
                return POWER_CHOOSES;
        return can & LIFE_CAN_BOOT ? POWER_SWITCHES : POWER_IS_MANUAL;
}

/* Where nothing is known of the boot order it is tried: that costs a boot, and not to try costs a walk. */
static const enum back_way ways[BOOT_FIRST_KINDS][POWER_KINDS] = {
        [BOOT_FIRST_UNKNOWN] = { BACK_BY_CONTROLLER, BACK_BY_POWER, BACK_BY_HAND },
        [BOOT_FIRST_NETWORK] = { BACK_BY_CONTROLLER, BACK_BY_POWER, BACK_BY_HAND },
        [BOOT_FIRST_DISK] = { BACK_BY_CONTROLLER, BACK_BY_NOTHING, BACK_BY_NOTHING },
        [BOOT_FIRST_DISK_ONLY] = { BACK_BY_CONTROLLER, BACK_BY_NOTHING, BACK_BY_NOTHING },
};

enum back_way back_way(enum boot_first first, unsigned power_can, bool asks_back, bool agent_is_up) {
        const enum back_way way = agent_is_up ? BACK_BY_AGENT : ways[first][power_of(power_can)];

        return way == BACK_BY_NOTHING && asks_back ? BACK_BY_SYSTEM : way;
}

static const char *const advice[BOOT_FIRST_KINDS] = {
        [BOOT_FIRST_UNKNOWN] = "see that it boots from the network",
        [BOOT_FIRST_NETWORK] = "switch it off and on",
        [BOOT_FIRST_DISK] =
                ("choose the network in its boot menu, or take its disk out and switch it on: without a "
                 "disk it boots from the network"),
        [BOOT_FIRST_DISK_ONLY] =
                "put the network into its boot order, before its disk, and switch it off and on",
};

const char *back_advice(enum boot_first first) {
        return first < BOOT_FIRST_KINDS ? advice[first] : "";
}
