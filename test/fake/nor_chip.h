/*
 * A NOR flash chip of 512 KiB that is not there: it does as data sheets say, remembers what was done to it,
 * and can be ill.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-agent/eeprom/nor.h"

enum { NOR_CHIP_SIZE = 512 * 1024, NOR_CHIP_SECTORS = NOR_CHIP_SIZE / NOR_SECTOR };

struct nor_chip {
        uint8_t octets[NOR_CHIP_SIZE];
        uint8_t id[3];
        uint8_t protected; /* bits of its status that say so */
        bool is_deaf;      /* to write enable: its pin is held */
        bool is_enabled, is_dead;
        unsigned busy;  /* questions for the status until it is done */
        size_t stuck;   /* an octet that stays as it is; NOR_CHIP_SIZE: none */
        unsigned power; /* commands that write until the power goes; 0: it stays */
        unsigned n_erased[NOR_CHIP_SECTORS], n_programmed;
        bool is_wrong; /* something was asked that no chip does */
};

/** nor_chip_start() - a healthy one, a W25X40, empty. */
void nor_chip_start(struct nor_chip *c);

/** nor_chip_bus() - the bus that it is on. */
struct nor_bus nor_chip_bus(struct nor_chip *c);
