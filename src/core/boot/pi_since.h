/* What the firmware in a Raspberry Pi's EEPROM has not learnt yet, by the days that its board's file tells.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

struct boot_plan;

/**
 * pi_since_note() - adds to the reasons what is in the way of the plan's boot with an EEPROM so old
 *
 * By the day on which the bootloader was built that the machine's agent found. Where that is not known only
 * what the image itself is in the way of is said, for all EEPROMs that are older.
 */
void pi_since_note(struct boot_plan *p);
