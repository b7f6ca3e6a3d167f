/*
 * What the agent does to an EEPROM, on a flash behind this kernel's spidev: DEVICE IMAGE CONFIG TIMESTAMP.
 *
 * The chip that QEMU has on a bus that spidev reaches does not tell its size as the chips of Raspberry Pis
 * do, in the third octet of its id: here it is given theirs. All else of it is asked and written as on a
 * board.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble-agent/eeprom/flash.h"
#include "app/bramble-agent/io/spi.h"
#include "format/eeprom.h"

enum { SPI_HZ = 16000000, CMD_ID = 0x9f };
static const uint8_t CHIP[] = { 0xbf, 0x25, 0x41 };       /* Microchip SST25VF016B, 2 MiB */
static const uint8_t STANDS_FOR[] = { 0xef, 0x40, 0x15 }; /* Winbond W25Q16, 2 MiB */

static int transfer(void *ctx, const uint8_t *out, size_t out_len, uint8_t *in, size_t in_len) {
        int r = spi_transfer(ctx, out, out_len, in, in_len);

        if (r == 0 && out[0] == CMD_ID && in_len == sizeof(CHIP) && memcmp(in, CHIP, sizeof(CHIP)) == 0)
                memcpy(in, STANDS_FOR, sizeof(STANDS_FOR));
        return r;
}

static size_t load(const char *path, uint8_t *buf, size_t size) {
        FILE *f = fopen(path, "re");
        const size_t n = f ? fread(buf, 1, size, f) : 0;

        if (f)
                (void)fclose(f);
        return n;
}

int main(int argc, char **argv) {
        static uint8_t image[EEPROM_SIZE_2712], config[4096];
        struct error error = {};
        CLEANUP(spi_close_at) struct spi *spi = NULL;
        size_t n = 0;

        if (argc != 5 || !load(argv[2], image, sizeof(image)) || !load(argv[3], config, sizeof(config) - 1))
                return EXIT_FAILURE;
        const struct flash_update u = { .image = image,
                                        .size = sizeof(image),
                                        .config = (const char *)config,
                                        .files = "",
                                        .ts = (uint32_t)strtoul(argv[4], NULL, 10),
                                        .device = argv[1] };
        int r = flash_prepare(&u, &error);
        if (r == 0)
                r = spi_open(argv[1], SPI_HZ, &spi, &error);
        const struct nor_bus bus = { .ctx = spi, .transfer = transfer, .pause = spi_pause };
        if (r == 0)
                r = flash_write(&u, &bus, NULL, NULL, &n, &error);
        printf("FLASHED r=%d sectors=%zu %s\n", r, n, error.text);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
