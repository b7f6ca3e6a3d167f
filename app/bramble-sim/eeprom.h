/*
 * The EEPROM of one simulated board: whether it takes an update that its server has, and what it is then.
 *
 * It does as documented (raspberry-pi.md section 6).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/boot_sig.h"

struct board;

enum eeprom_fault {
        EEPROM_SOUND,
        EEPROM_PROTECTED, /* nothing is written: it goes on with what it has */
        EEPROM_BREAKS     /* what was written does not start */
};

struct eeprom {
        enum eeprom_fault fault;
        uint32_t ts;                           /* of what it has */
        unsigned n_updates;                    /* that it took */
        uint32_t offered_ts;                   /* of the update that it is about to fetch; 0: none */
        uint8_t offered[BOOT_SIG_DIGEST_SIZE]; /* its SHA-256 */
        uint8_t *update;                       /* as far as it has come */
        size_t len;
};

void eeprom_end(struct eeprom *e);

/** eeprom_read_signature() - pieeprom.sig: true when the update is one for this board. */
bool eeprom_read_signature(struct board *b);

/** eeprom_collect() - the next octets of pieeprom.upd. */
void eeprom_collect(struct board *b, const void *data, size_t len);

/** eeprom_take() - all of it is there: true when the board restarts with it. */
bool eeprom_take(struct board *b);
