/* Whole Ethernet frames; see raw.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "io/fd.h"
#include "io/raw.h"

enum {
        BATCH_MAX = 64,
        SEND_BUFFER = 4 << 20
}; /* octets: a few thousand frames on their way to a slow wire */

static int give(int *fd) {
        int r = *fd;
        *fd = -1;
        return r;
}

int raw_open_sender(void) {
        /* Protocol 0: nothing that arrives is copied to it. */
        CLEANUP(fd_close_at) int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        int size = SEND_BUFFER;
        /* Forced where we may; without the privilege the system's limit holds, which bursts may feel. */
        if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
                (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
        return give(&fd);
}

static int open_listener(unsigned ifindex, uint16_t protocol, const struct sock_filter *code, size_t n) {
        /* Bound to its protocol only after the filter stands, so that nothing slips in before. */
        CLEANUP(fd_close_at) int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        struct sock_fprog program = { .len = (unsigned short)n, .filter = (struct sock_filter *)code };
        if (n > 0 && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
                return -errno;
        int on = 1;
        if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0)
                return -errno;
        struct sockaddr_ll to = { .sll_family = AF_PACKET,
                                  .sll_protocol = htons(protocol),
                                  .sll_ifindex = (int)ifindex };
        if (bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
                return -errno;
        return give(&fd);
}

int raw_open_udp(unsigned ifindex, uint16_t port) {
        const struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14 + 9), /* IPv4 protocol */
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
                BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 14 + 6), /* a later fragment has no ports */
                BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 4, 0),
                BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),    /* octets of the IPv4 header */
                BPF_STMT(BPF_LD | BPF_H | BPF_IND, 14 + 2), /* destination port */
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, 0xffff),
                BPF_STMT(BPF_RET | BPF_K, 0),
        };
        return open_listener(ifindex, ETHERTYPE_IP, code, sizeof(code) / sizeof(*code));
}

int raw_open_arp(unsigned ifindex) {
        return open_listener(ifindex, ETHERTYPE_ARP, NULL, 0);
}

uint64_t raw_seen(int fd) {
        struct tpacket_stats stats = {};
        socklen_t len = sizeof(stats);

        /* The kernel counts what it dropped with the rest, and begins anew each time it is asked. */
        return getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0 ? stats.tp_packets : 0;
}

static size_t send_batch(int fd, const struct raw_frame *frames, size_t n) {
        struct mmsghdr messages[BATCH_MAX];
        struct iovec octets[BATCH_MAX];
        struct sockaddr_ll to[BATCH_MAX];
        size_t n_sent = 0;

        memset(messages, 0, n * sizeof(*messages));
        memset(to, 0, n * sizeof(*to));
        for (size_t i = 0; i < n; i++) {
                to[i].sll_family = AF_PACKET;
                to[i].sll_ifindex = (int)frames[i].ifindex;
                octets[i] = (struct iovec){ .iov_base = (void *)frames[i].octets, .iov_len = frames[i].len };
                messages[i].msg_hdr = (struct msghdr){ .msg_name = &to[i],
                                                       .msg_namelen = sizeof(to[i]),
                                                       .msg_iov = &octets[i],
                                                       .msg_iovlen = 1 };
        }
        for (size_t at = 0; at < n;) {
                int r = sendmmsg(fd, messages + at, (unsigned)(n - at), 0);
                if (r > 0)
                        n_sent += (size_t)r;
                at += r > 0 ? (size_t)r : 1; /* the first one failed: the others may still go */
        }
        return n_sent;
}

size_t raw_send(int fd, const struct raw_frame *frames, size_t n) {
        size_t n_sent = 0;
        for (size_t at = 0; at < n; at += BATCH_MAX)
                n_sent += send_batch(fd, frames + at, n - at < BATCH_MAX ? n - at : BATCH_MAX);
        return n_sent;
}

int raw_receive(int fd, void *buf, size_t size) {
        for (;;) {
                ssize_t n = recv(fd, buf, size, 0);
                if (n > 0)
                        return (int)n;
                if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
                        return 0;
                if (n < 0 && errno != EINTR)
                        return -errno;
        }
}
