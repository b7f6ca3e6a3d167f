/* UDP sockets, and receiving from them in batches; udp_out.c sends. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void set_buffer(int fd, int force, int plain, unsigned octets) {
        int n = (int)octets;
        if (setsockopt(fd, SOL_SOCKET, force, &n, sizeof(n)) < 0)
                (void)setsockopt(fd, SOL_SOCKET, plain, &n, sizeof(n)); /* the system's limit then */
}

static int configure(int fd, const struct udp_config *config) {
        const int on = 1, let_routers_cut = IP_PMTUDISC_DONT;
        struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(config->port) };

        if (config->is_shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0)
                return -errno;
        if (config->tells_local && setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0)
                return -errno;
        /* Firmware cannot tell us that a tunnel on its way is narrower than Ethernet. */
        if (setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &let_routers_cut, sizeof(let_routers_cut)) < 0)
                return -errno;
        if (config->buffer_octets) {
                set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, config->buffer_octets);
                set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, config->buffer_octets);
        }
        return bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ? -errno : 0;
}

int udp_open(const struct udp_config *config) {
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;

        int r = configure(fd, config);
        if (r < 0) {
                (void)close(fd);
                return r;
        }
        return fd;
}

uint16_t udp_port(int fd) {
        struct sockaddr_in a = {};
        socklen_t len = sizeof(a);
        return getsockname(fd, (struct sockaddr *)&a, &len) < 0 ? 0 : ntohs(a.sin_port);
}

struct in_control {
        _Alignas(struct cmsghdr) uint8_t octets[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

struct udp_in {
        unsigned n, n_used; /* @n_used: filled by the last receive */
        size_t room;
        struct mmsghdr *headers;
        struct iovec *vectors;
        struct sockaddr_in *peers;
        struct in_control *controls;
        uint8_t *octets;
};

/* What the kernel changes in a header that it fills: to be put back before the next time. */
static void reset_header(struct udp_in *in, unsigned i) {
        in->headers[i].msg_hdr.msg_namelen = sizeof(in->peers[i]);
        in->headers[i].msg_hdr.msg_controllen = sizeof(in->controls[i]);
        in->headers[i].msg_hdr.msg_flags = 0;
}

struct udp_in *udp_in_new(unsigned n, size_t room) {
        CLEANUP(udp_in_free_at) struct udp_in *in = calloc(1, sizeof(*in));
        if (!in)
                return NULL;
        in->n = n;
        in->room = room;
        in->headers = calloc(n, sizeof(*in->headers));
        in->vectors = calloc(n, sizeof(*in->vectors));
        in->peers = calloc(n, sizeof(*in->peers));
        in->controls = calloc(n, sizeof(*in->controls));
        in->octets = calloc(n, room);
        if (!in->headers || !in->vectors || !in->peers || !in->controls || !in->octets)
                return NULL;
        for (unsigned i = 0; i < n; i++) {
                in->vectors[i] = (struct iovec){ .iov_base = in->octets + i * room, .iov_len = room };
                in->headers[i].msg_hdr = (struct msghdr){
                        .msg_name = &in->peers[i],
                        .msg_iov = &in->vectors[i],
                        .msg_iovlen = 1,
                        .msg_control = &in->controls[i],
                };
                reset_header(in, i);
        }
        return TAKE(in);
}

void udp_in_free(struct udp_in *in) {
        if (!in)
                return;
        free(in->headers);
        free(in->vectors);
        free(in->peers);
        free(in->controls);
        free(in->octets);
        free(in);
}

int udp_in_receive(struct udp_in *in, int fd) {
        /* Only those that were used: of lock-step transfers few are, and writing all costs as much as one. */
        for (unsigned i = 0; i < in->n_used; i++)
                reset_header(in, i);
        in->n_used = 0;

        int n = recvmmsg(fd, in->headers, in->n, MSG_DONTWAIT, NULL);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED ? 0 : -errno;
        in->n_used = (unsigned)n;
        return n;
}

static void read_local(struct msghdr *m, struct udp_datagram *ret) {
        for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
                struct in_pktinfo info;

                if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
                        continue;
                memcpy(&info, CMSG_DATA(c), sizeof(info));
                /* ipi_spec_dst is an address of ours even when the packet was a broadcast. */
                ret->local = ip_from_v4(ntohl(info.ipi_spec_dst.s_addr));
                ret->ifindex = (unsigned)info.ipi_ifindex;
        }
}

void udp_in_at(const struct udp_in *in, unsigned i, struct udp_datagram *ret) {
        struct mmsghdr *m = &in->headers[i];

        *ret = (struct udp_datagram){
                .octets = in->octets + i * in->room,
                .len = m->msg_len < in->room ? m->msg_len : in->room,
                .peer = ip_from_v4(ntohl(in->peers[i].sin_addr.s_addr)),
                .peer_port = ntohs(in->peers[i].sin_port),
        };
        if (m->msg_hdr.msg_controllen)
                read_local(&m->msg_hdr, ret);
}
