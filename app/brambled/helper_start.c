/* Starting bramble-helper; see helper_start.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/brambled/helper_start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/brambled/beside.h"
#include "base/text.h"

/* Its standard input is the socket; it ends when ours is closed, however we end. */
static void become(const char *program, const char *dir, const char *store, int wire) {
        if (dup2(wire, STDIN_FILENO) == STDIN_FILENO && setsid() >= 0)
                (void)execl(program, "bramble-helper", "--dir", dir, "--store", store, NULL);
        _exit(EXIT_FAILURE);
}

int helper_start(const char *state_dir) {
        CLEANUP(free_at) char *program = geteuid() == 0 ? beside_find("bramble-helper") : NULL;
        CLEANUP(text_free) struct text dir = {}, store = {};
        int wire[2];

        if (!program)
                return -ENOENT;
        text_printf(&dir, "%s/roots", state_dir);
        text_printf(&store, "%s/store", state_dir);
        if (dir.failed || store.failed)
                return -ENOMEM;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, wire) < 0)
                return -errno;
        pid_t pid = fork();
        if (pid == 0)
                become(program, dir.octets, store.octets, wire[1]);
        (void)close(wire[1]);
        if (pid < 0) {
                (void)close(wire[0]);
                return -EAGAIN;
        }
        return wire[0];
}
