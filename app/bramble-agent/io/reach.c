/* Reaching a server; see reach.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "app/bramble-agent/io/reach.h"

void reach_limit(int fd, unsigned s) {
        const struct timeval limit = { .tv_sec = (time_t)s };

        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)); /* of connect(2), too */
}

int reach_connect(const char *server, uint16_t port) {
        union {
                struct sockaddr any;
                struct sockaddr_in v4;
                struct sockaddr_in6 v6;
        } to = { .v4 = { .sin_family = AF_INET, .sin_port = htons(port) } };
        socklen_t len = sizeof(to.v4);

        if (inet_pton(AF_INET, server, &to.v4.sin_addr) != 1) {
                to.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(port) };
                len = sizeof(to.v6);
                if (inet_pton(AF_INET6, server, &to.v6.sin6_addr) != 1)
                        return -EINVAL;
        }
        int fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        reach_limit(fd, REACH_S);
        if (connect(fd, &to.any, len) < 0) {
                int error = errno == EINPROGRESS ? -ETIMEDOUT : -errno;
                (void)close(fd);
                return error;
        }
        return fd;
}

int reach(const char *server, uint16_t port) {
        int fd = reach_connect(server, port);

        if (fd >= 0)
                (void)close(fd);
        return fd < 0 ? fd : 0;
}
