/* SPI through spidev; see spi.h. Source: Linux Documentation/spi/spidev.rst. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/io/spi.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/spi/spidev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

struct spi {
        int fd;
        uint32_t hz;
};

int spi_open(const char *path, uint32_t hz, struct spi **ret, struct error *reterr) {
        CLEANUP(spi_close_at) struct spi *s = calloc(1, sizeof(*s));
        const uint8_t mode = SPI_MODE_0;

        if (!s)
                return error_set(reterr, -ENOMEM, "out of memory");
        s->hz = hz;
        s->fd = open(path, O_RDWR | O_CLOEXEC);
        if (s->fd < 0 || ioctl(s->fd, SPI_IOC_WR_MODE, &mode) < 0)
                return error_set(reterr, -errno, "%s: %s", path, strerror(errno));
        *ret = TAKE(s);
        return 0;
}

void spi_close(struct spi *s) {
        if (!s)
                return;
        if (s->fd >= 0)
                (void)close(s->fd);
        free(s);
}

int spi_transfer(void *spi, const uint8_t *out, size_t out_len, uint8_t *in, size_t in_len) {
        const struct spi *s = spi;
        struct spi_ioc_transfer parts[] = {
                { .tx_buf = (uintptr_t)out, .len = (uint32_t)out_len, .speed_hz = s->hz },
                { .rx_buf = (uintptr_t)in, .len = (uint32_t)in_len, .speed_hz = s->hz },
        };
        int r = in_len ? ioctl(s->fd, SPI_IOC_MESSAGE(2), parts) : ioctl(s->fd, SPI_IOC_MESSAGE(1), parts);
        return r < 0 ? -errno : 0;
}

void spi_pause(void *spi, unsigned ms) {
        const struct timespec t = { .tv_nsec = (long)ms * 1000000 };
        (void)spi;
        (void)nanosleep(&t, NULL);
}
