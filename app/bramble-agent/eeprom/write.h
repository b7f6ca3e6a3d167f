/* The task "eeprom": an update of a Raspberry Pi's EEPROM, written by the agent itself. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

struct job;

/**
 * eeprom_run() - write the firmware and the configuration that the task has, and reboot
 *
 * Through /dev/spidev*, where the kernel has it. Never begun where what the flash has now is no image of an
 * EEPROM, or where the firmware keeps two systems (A/B), of which one is running. Once begun it is not broken
 * off. 0, or negative with a sentence.
 */
MUST_CHECK int eeprom_run(struct job *j, struct error *reterr);
