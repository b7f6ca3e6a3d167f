/* The task "convert": a Raspberry Pi that starts from firmware on its card boots by its EEPROM from then on.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

struct job;

/**
 * convert_run() - put an update of the EEPROM on the card, with the network first in its BOOT_ORDER, and
 * reboot
 *
 * The EEPROM finds recovery.bin on the card at its next start, which writes the update, sets itself aside and
 * restarts the board. Where the network is first already nothing is done. 0, or negative with a sentence.
 */
MUST_CHECK int convert_run(struct job *j, struct error *reterr);
