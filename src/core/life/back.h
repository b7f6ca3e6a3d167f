/*
 * How a machine with a system on its disk is taken back: what makes it boot its agent from the network again.
 * Pure.
 *
 * docs/taken-back.md is this table in words.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "core/machine/machine.h"

/* What a power driver can do for a machine; none of it: power is by hand. */
enum life_can {
        LIFE_CAN_BOOT = 1,
        LIFE_CAN_OFF = 2,
        LIFE_CAN_CHOOSE = 4 /* that the next boot is from the network, whatever the boot order says */
};

enum back_way {
        BACK_BY_AGENT,      /* its agent runs: nothing has to be booted */
        BACK_BY_CONTROLLER, /* its controller makes the next boot one from the network */
        BACK_BY_POWER,      /* switched off and on it comes to the network by its boot order, or may come */
        BACK_BY_HAND,       /* likewise, by somebody who has to walk there */
        BACK_BY_SYSTEM, /* its own system asks at its next start whether it is wanted back, and leaves room */
        BACK_BY_NOTHING /* it boots its disk, however often it is switched */
};

/**
 * back_way() - of a machine that has a system on its disk
 * @first:      where its firmware looks first
 * @power_can:  flags of enum life_can
 * @asks_back:  whether that system asks at each start whether it is wanted back
 */
enum back_way back_way(enum boot_first first, unsigned power_can, bool asks_back, bool agent_is_up);

/** back_advice() - what a hand must do with a machine that comes back by nothing else: the end of a sentence,
 * for people. */
const char *back_advice(enum boot_first first);
