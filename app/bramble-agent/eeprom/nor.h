/*
 * Flash chips of the NOR kind behind SPI, as EEPROMs of Raspberry Pis are: asked, read and written.
 *
 * Pure: commands go through a small table of functions, so that a chip that is not there can stand for one.
 * Source: JEDEC JESD216 and the common commands of 25-series flash (data sheets of Winbond W25X40 and
 * W25Q16).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

enum {
        NOR_SECTOR = 4096, /* octets that are erased together */
        NOR_PAGE = 256,    /* that are programmed together */
        NOR_READ = 1024    /* that are read in one transfer: spidev takes 4096 */
};

/* The bus that the chip is on. */
struct nor_bus {
        void *ctx;

        /* Select the chip, send @out, receive @in, deselect. 0 or -errno. */
        int (*transfer)(void *ctx, const uint8_t *out, size_t out_len, uint8_t *in, size_t in_len);
        void (*pause)(void *ctx, unsigned ms);
};

/** nor_probe() - the octets of the chip, as its JEDEC id says; 0: none answers, or none of a size that makes
 * sense. */
size_t nor_probe(const struct nor_bus *bus);

/** nor_read() - 0 or -errno with a sentence. */
MUST_CHECK int nor_read(const struct nor_bus *bus, size_t at, uint8_t *buf, size_t len, struct error *reterr);

/**
 * nor_update() - write what differs, sector by sector, each read back
 * @now:        what the chip has, as it was read; becomes what it has
 * @wanted:     what it shall have; as long
 * @done:       told after each sector: how many of how many; may be NULL
 * @ret_n:      sectors that were written, also where it failed
 *
 * A loss of power on the way leaves some sectors of each: there is no way around that with one chip.
 * Return: 0, -EPERM: it is protected against writing, and nothing was written; or -errno; with a sentence.
 */
MUST_CHECK int nor_update(const struct nor_bus *bus, uint8_t *now, const uint8_t *wanted, size_t size,
                          void (*done)(void *ctx, size_t n, size_t of), void *ctx, size_t *ret_n,
                          struct error *reterr);
