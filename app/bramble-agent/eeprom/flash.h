/*
 * What a board's EEPROM gets: put together, held against what is there, and written where they differ.
 *
 * Pure: the chip is behind a bus. Nothing is written before all of it was looked at.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-agent/eeprom/nor.h"
#include "base/error.h"

struct flash_update {
        uint8_t *image; /* firmware as it was published; becomes what is written */
        size_t size;
        const char *config; /* its bootconf.txt */
        const char *files;  /* what goes in beside it, as format/eeprom_files.h has it; "": nothing */
        uint32_t ts;        /* Unix time of the update */
        bool is_signed;     /* the board goes by no configuration that its own key did not sign */
        const char *device; /* the path that the chip is behind, for sentences */
};

/** flash_prepare() - put the configuration, the files and the time into the image. 0 or -errno with a
 * sentence.
 */
MUST_CHECK int flash_prepare(const struct flash_update *u, struct error *reterr);

/**
 * flash_write() - write a prepared image where the chip has something else
 * @tell:       after each sector: how many of how many
 * @ret_n:      sectors that were written, also where it failed
 *
 * The chip has to be of that size and hold an image of an EEPROM, which keeps one system; and a key that it
 * has must not be lost. Else nothing is written. Return: 0 or -errno with a sentence.
 */
MUST_CHECK int flash_write(const struct flash_update *u, const struct nor_bus *bus,
                           void (*tell)(void *ctx, size_t n, size_t of), void *ctx, size_t *ret_n,
                           struct error *reterr);
