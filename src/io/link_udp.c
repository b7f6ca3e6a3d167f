/* UDP on one interface; see link_udp.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/link_udp.h"

enum {
        BUFFER = 8 << 20
}; /* octets: some ten thousand small datagrams, a burst that a stall of the reader leaves behind */

struct link_udp_in {
        struct mmsghdr messages[LINK_UDP_BATCH];
        struct iovec iov[LINK_UDP_BATCH];
        struct sockaddr_in src[LINK_UDP_BATCH];
        struct {
                _Alignas(struct cmsghdr) uint8_t octets[CMSG_SPACE(sizeof(struct timespec))];
        } control[LINK_UDP_BATCH];
        uint64_t received_ms;
        int64_t received_unix_ms;
        uint8_t octets[LINK_UDP_BATCH][LINK_UDP_ROOM];
};

static int set_options(int fd, const char *interface) {
        int on = 1, size = BUFFER;

        if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0)
                return -errno;
        /* Beyond the system's limit where we may; without the privilege the limit holds. */
        if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
                (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
        return 0;
}

int link_udp_open(const char *interface, uint16_t port) {
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
        int r = set_options(fd, interface);
        if (r == 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
                r = -errno;
        if (r < 0) {
                (void)close(fd);
                return r;
        }
        return fd;
}

struct link_udp_in *link_udp_in_new(void) {
        return calloc(1, sizeof(struct link_udp_in));
}

void link_udp_in_free(struct link_udp_in *in) {
        free(in);
}

static void prepare(struct link_udp_in *in, int i) {
        in->iov[i] = (struct iovec){ .iov_base = in->octets[i], .iov_len = LINK_UDP_ROOM };
        in->messages[i].msg_hdr = (struct msghdr){
                .msg_name = &in->src[i],
                .msg_namelen = sizeof(in->src[i]),
                .msg_iov = &in->iov[i],
                .msg_iovlen = 1,
                .msg_control = in->control[i].octets,
                .msg_controllen = sizeof(in->control[i].octets),
        };
}

int link_udp_receive(struct link_udp_in *in, int fd) {
        for (int i = 0; i < LINK_UDP_BATCH; i++)
                prepare(in, i);
        int n;
        do
                n = recvmmsg(fd, in->messages, LINK_UDP_BATCH, MSG_TRUNC, NULL);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
        in->received_ms = clock_now_ms();
        in->received_unix_ms = clock_unix_ms();
        return n;
}

/* The kernel stamps by the wall clock; a step of it between arrival and now must not make a datagram look old
 * for long. */
static uint64_t arrival_ms(const struct link_udp_in *in, struct msghdr *h) {
        for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
                        continue;
                struct timespec at;
                memcpy(&at, CMSG_DATA(c), sizeof(at));
                int64_t age_ms = in->received_unix_ms - ((int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000);
                if (age_ms > 0 && (uint64_t)age_ms < in->received_ms)
                        return in->received_ms - (uint64_t)age_ms;
        }
        return in->received_ms;
}

struct link_datagram link_udp_at(const struct link_udp_in *in, int i) {
        const struct mmsghdr *m = &in->messages[i];
        return (struct link_datagram){
                .src = ntohl(in->src[i].sin_addr.s_addr),
                .src_port = ntohs(in->src[i].sin_port),
                .arrived_ms = arrival_ms(in, (struct msghdr *)&m->msg_hdr),
                .len = m->msg_len,
                .octets = in->octets[i],
        };
}

int link_udp_send(int fd, const struct link_udp_out *out) {
        struct sockaddr_in to = { .sin_family = AF_INET,
                                  .sin_port = htons(out->dst_port),
                                  .sin_addr.s_addr = htonl(out->dst) };
        struct iovec iov = { .iov_base = (void *)out->octets, .iov_len = out->len };
        _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct in_pktinfo))] = {};
        struct msghdr m = { .msg_name = &to,
                            .msg_namelen = sizeof(to),
                            .msg_iov = &iov,
                            .msg_iovlen = 1,
                            .msg_control = control,
                            .msg_controllen = sizeof(control) };
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(out->src) };

        c->cmsg_level = IPPROTO_IP;
        c->cmsg_type = IP_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof(info));
        memcpy(CMSG_DATA(c), &info, sizeof(info));
        return sendmsg(fd, &m, 0) < 0 ? -errno : 0;
}
