/* Running udhcpc; see dhcp.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/bramble-agent/io/dhcp.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/places.h"
#include "base/text.h"

#define FD_VARIABLE "BRAMBLE_LEASE_FD"

/* Between fork and exec only system calls are made. The pipe's end is the one thing that the client inherits.
 */
static void become(const char *nic, int fd, char *variable) {
        const char *const argv[] = { "udhcpc", "-f", "-i", nic, "-s", PLACE_LEASE, "-C",
                                     "-t",     "4",  "-T", "2", "-A", "3",         NULL };
        char *const env[] = { variable, NULL };

        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)fcntl(fd, F_SETFD, 0);
        (void)execve(PLACE_BUSYBOX, (char *const *)(uintptr_t)argv, env);
        _exit(127);
}

int dhcp_start(struct dhcp *d, const char *nic) {
        char variable[sizeof(FD_VARIABLE) + 16];
        int ends[2];

        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        (void)snprintf(variable, sizeof(variable), FD_VARIABLE "=%d", ends[1]);
        pid_t pid = fork();
        if (pid == 0)
                become(nic, ends[1], variable);
        int error = errno;
        (void)close(ends[1]);
        if (pid < 0) {
                (void)close(ends[0]);
                return -error;
        }
        d->pid = pid;
        d->fd = ends[0];
        (void)text_copy(d->nic, sizeof(d->nic), nic);
        return 0;
}

static int apply(const struct dhcp *d, const struct lease *l) {
        if (l->event == LEASE_LOST)
                return nic_set_address(d->nic, 0, 0);
        int r = nic_set_address(d->nic, l->address, l->mask);
        return r < 0 || l->router == 0 ? r : nic_set_route(d->nic, l->router);
}

int dhcp_read(struct dhcp *d, struct lease *ret) {
        char message[LEASE_MESSAGE_MAX];
        ssize_t n = read(d->fd, message, sizeof(message) - 1);

        if (n <= 0)
                return n < 0 ? -errno : -EPIPE;
        message[n] = '\0';
        /* Several may wait; each is a line, and the last one holds. */
        char *last = strrchr(message, '\n');
        if (last)
                *last = '\0';
        last = strrchr(message, '\n');
        int r = lease_parse(last ? last + 1 : message, ret);
        if (r == 0)
                r = apply(d, ret);
        if (r < 0)
                log_line("%s: the lease cannot be used: %s", d->nic, strerror(-r));
        return r < 0 ? r : (int)ret->event;
}

void dhcp_stop(struct dhcp *d) {
        if (d->pid > 0) {
                (void)kill(d->pid, SIGTERM);
                while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        if (d->fd >= 0)
                (void)close(d->fd);
        *d = (struct dhcp){ .fd = -1 };
}

static const char *variable(const char *name) {
        return getenv(name);
}

int dhcp_event_main(const char *event) {
        char message[LEASE_MESSAGE_MAX];
        const char *fd = getenv(FD_VARIABLE);
        uint64_t number;

        if (!fd || text_parse_u64(fd, INT16_MAX, &number) < 0 || lease_message(event, variable, message) < 0)
                return 0; /* news of no interest */
        size_t len = strlen(message);
        message[len++] = '\n';
        return write((int)number, message, len) == (ssize_t)len ? 0 : 1;
}
