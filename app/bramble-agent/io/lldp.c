/* Raw sockets that hear LLDP; see lldp.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/bramble-agent/io/clock.h"
#include "app/bramble-agent/io/lldp.h"
#include "base/text.h"

enum { GLANCE_MS = 200, FRAME_MAX = 2048 };

/* Switches speak to this address, which no bridge passes on (IEEE 802.1AB-2016 7.1). */
static const uint8_t nearest_bridge[] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e };

static int open_socket(const char *nic) {
        int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        int index = (int)if_nametoindex(nic);
        const struct sockaddr_ll at = { .sll_family = AF_PACKET,
                                        .sll_protocol = htons(LLDP_ETHERTYPE),
                                        .sll_ifindex = index };
        struct packet_mreq join = { .mr_ifindex = index, .mr_type = PACKET_MR_MULTICAST, .mr_alen = 6 };

        memcpy(join.mr_address, nearest_bridge, sizeof(nearest_bridge));
        if (fd >= 0 && (index == 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
                        setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &join, sizeof(join)) < 0)) {
                (void)close(fd);
                fd = -1;
        }
        return fd;
}

static bool hear(int fd, struct lldp_neighbour *ret) {
        uint8_t frame[FRAME_MAX];
        ssize_t n;

        while ((n = recv(fd, frame, sizeof(frame), 0)) > 0)
                if (lldp_parse(frame, (size_t)n, ret) == 0 && ret->ttl_s > 0)
                        return true;
        return false;
}

unsigned lldp_listen(const struct nic *nics, unsigned n, unsigned wait_ms, bool (*may_go_on)(void *ctx),
                     void *ctx, struct lldp_heard ret[static NICS_MAX]) {
        struct pollfd sockets[NICS_MAX];
        unsigned n_heard = 0, n_silent = 0;
        uint64_t end_ms = clock_now_ms() + wait_ms;

        for (unsigned i = 0; i < n; i++) {
                sockets[i] = (struct pollfd){ .fd = nics[i].has_carrier ? open_socket(nics[i].name) : -1,
                                              .events = POLLIN };
                n_silent += sockets[i].fd >= 0;
        }
        while (n_silent > 0 && clock_now_ms() < end_ms && may_go_on(ctx)) {
                (void)poll(sockets, n, GLANCE_MS);
                for (unsigned i = 0; i < n; i++) {
                        if (sockets[i].fd < 0 || !hear(sockets[i].fd, &ret[n_heard].neighbour))
                                continue;
                        (void)text_copy(ret[n_heard++].nic, NIC_NAME_SIZE, nics[i].name);
                        (void)close(sockets[i].fd);
                        sockets[i].fd = -1;
                        n_silent--;
                }
        }
        for (unsigned i = 0; i < n; i++)
                if (sockets[i].fd >= 0)
                        (void)close(sockets[i].fd);
        return n_heard;
}
