/* flock(2) on a file in the state directory: the kernel lets go of it when its holder dies. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/brambled/single.h"
#include "io/fd.h"

#define LOCK_NAME "brambled.pid"

static int refuse_second(int fd, const char *state_dir, struct error *reterr) {
        char pid[16] = "";
        const ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

        pid[n > 0 ? n : 0] = '\0';
        pid[strspn(pid, "0123456789")] = '\0';
        return error_set(reterr, -EBUSY,
                         "brambled is running on %s already (pid %s): stop that one, or give this one a "
                         "--state-dir of its own",
                         state_dir, *pid ? pid : "unknown");
}

int single_take(const char *state_dir, int *ret, struct error *reterr) {
        char path[4096], pid[16];
        CLEANUP(fd_close_at) int fd = -1;

        if ((size_t)snprintf(path, sizeof(path), "%s/" LOCK_NAME, state_dir) >= sizeof(path))
                return error_set(reterr, -ENAMETOOLONG, "state_dir: the path is too long");
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
                return error_set(reterr, -errno, "cannot write in the state directory %s: %s", state_dir,
                                 strerror(errno));
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return errno == EWOULDBLOCK
                               ? refuse_second(fd, state_dir, reterr)
                               : error_set(reterr, -errno, "cannot lock %s: %s", path, strerror(errno));
        const int len = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
        if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)len, 0) != len)
                return error_set(reterr, -EIO, "cannot write %s: is the disk full?", path);
        *ret = fd;
        fd = -1;
        return 0;
}
