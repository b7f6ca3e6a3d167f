/*
 * An update of a Raspberry Pi's EEPROM in its tree: pieeprom.sig and pieeprom.upd.
 *
 * There only while its part of a roll-out is offered: firmware reads the first at each boot, and writes the
 * second into its flash when that is later than what it has. Never the firmware as it was published: the
 * configuration that this board shall have is in it. Source: raspberry-pi.md sections 2.3 and 6.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/method.h"

#define PI_EEPROM_UPDATE "pieeprom.upd"
#define PI_EEPROM_SIGNATURE "pieeprom.sig"

/** pi_eeprom_generate() - the two files, or none; as boot_method.generate(). */
size_t pi_eeprom_generate(const struct boot_plan *p, struct boot_generated *list);

/**
 * pi_eeprom_reaches_local() - whether a board that is handed over to its disk still asks for an update
 *
 * A Pi 4 does before it misses start4.elf, and goes on. A Pi 5 asks for nothing more where there is no
 * config.txt, and one that is offered no boot asks for nothing at all.
 */
bool pi_eeprom_reaches_local(enum boot_client_id id, const struct machine *m);

/** pi_eeprom_say() - whether there is an update for it, as one of the plan's reasons. */
void pi_eeprom_say(struct boot_plan *p);
