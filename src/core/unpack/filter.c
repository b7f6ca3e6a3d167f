/* Programs at a pipe; see filter.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int filter_start(struct filter *f, const char *const *argv, bool is_reader, const char *package,
                 struct error *reterr) {
        posix_spawn_file_actions_t actions;
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return error_set(reterr, -errno, "no pipe: %s", strerror(errno));
        (void)posix_spawn_file_actions_init(&actions);
        (void)posix_spawn_file_actions_adddup2(&actions, is_reader ? fds[0] : fds[1], is_reader ? 0 : 1);
        if (is_reader)
                (void)posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        int error = posix_spawnp(&f->pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
        (void)posix_spawn_file_actions_destroy(&actions);
        (void)close(is_reader ? fds[0] : fds[1]);
        f->fd = is_reader ? fds[1] : fds[0];
        f->name = argv[0];
        if (error == 0)
                return 0;
        (void)close(f->fd);
        return error_set(reterr, -error, "%s cannot be started (%s): install the package %s", argv[0],
                         strerror(error), package);
}

int filter_end(struct filter *f, int r, struct error *reterr) {
        int status = 0;

        if (r < 0)
                (void)kill(f->pid, SIGKILL);
        (void)close(f->fd);
        while (waitpid(f->pid, &status, 0) < 0 && errno == EINTR)
                ;
        bool is_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        return r == 0 && !is_well ? error_set(reterr, -EIO, "%s failed", f->name) : r;
}
