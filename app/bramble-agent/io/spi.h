/* One chip on an SPI bus, through the kernel's spidev. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

struct spi;

/** spi_open() - mode 0, @hz at most. 0, or -errno with a sentence. */
MUST_CHECK int spi_open(const char *path, uint32_t hz, struct spi **ret, struct error *reterr);
void spi_close(struct spi *s);
DEFINE_CLEANUP(struct spi, spi_close)

/** spi_transfer() - select, send @out, receive @in, deselect; @spi is a struct spi. 0 or -errno. */
int spi_transfer(void *spi, const uint8_t *out, size_t out_len, uint8_t *in, size_t in_len);
void spi_pause(void *spi, unsigned ms);
