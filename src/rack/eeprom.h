/*
 * What the wire shows of an update of a board's EEPROM: it is fetched, the board comes back, or it went on.
 *
 * Told to the region, which decides what follows. Control thread only.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rack/served.h"
#include "rack/state.h"

/** rack_watch_eeprom() - a file of a boot was served or refused. */
void rack_watch_eeprom(struct rack *r, struct session *session, const struct served *s);

/** rack_watch_restart() - the firmware of a boot begins anew. */
void rack_watch_restart(struct session *s);
