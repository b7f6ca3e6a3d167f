/* Loop devices; see loop.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/bramble-agent/io/loop.h"

enum { LOOP_TRIES = 16 };

/* One try with the device that is free now; -EBUSY: somebody else was faster. */
static int configure(int control, const struct loop_config *config, int flags,
                     char device[static LOOP_PATH_SIZE], int *ret) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);
        if (number < 0)
                return -errno;
        (void)snprintf(device, LOOP_PATH_SIZE, "/dev/loop%d", number);
        int fd = open(device, flags);
        if (fd < 0)
                return -errno;
        if (ioctl(fd, LOOP_CONFIGURE, config) < 0) {
                int error = -errno;
                (void)close(fd);
                return error;
        }
        *ret = fd;
        return 0;
}

int loop_attach(const char *file, uint64_t offset, uint64_t len, bool may_write,
                char device[static LOOP_PATH_SIZE], int *ret) {
        const int flags = (may_write ? O_RDWR : O_RDONLY) | O_CLOEXEC;
        int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), fd = open(file, flags);
        int r = control < 0 || fd < 0 ? -errno : -EBUSY;
        const struct loop_config config = {
                .fd = (uint32_t)fd,
                .info = { .lo_offset = offset,
                          .lo_sizelimit = len,
                          .lo_flags = LO_FLAGS_AUTOCLEAR | (may_write ? 0 : LO_FLAGS_READ_ONLY) },
        };

        for (unsigned i = 0; r == -EBUSY && i < LOOP_TRIES; i++)
                r = configure(control, &config, flags, device, ret);
        if (control >= 0)
                (void)close(control);
        if (fd >= 0)
                (void)close(fd);
        return r;
}
