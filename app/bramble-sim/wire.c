/* Whole frames on one interface; see wire.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/bramble-sim/frame.h"

enum { BATCH = 128, ROUNDS = 16, KERNEL_BUFFER = 64 << 20, ROOM = 2048 };

struct wire {
        int fd;
        unsigned n_out;
        struct mmsghdr in[BATCH], out[BATCH];
        struct iovec in_pieces[BATCH], out_pieces[BATCH];
        uint8_t in_room[BATCH][ROOM], out_room[BATCH][FRAME_MAX];
};

static int open_socket(const char *interface) {
        unsigned index = if_nametoindex(interface);
        if (index == 0)
                return -errno;
        int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;

        const struct sockaddr_ll to = { .sll_family = AF_PACKET,
                                        .sll_protocol = htons(ETH_P_ALL),
                                        .sll_ifindex = (int)index };
        const struct packet_mreq all = { .mr_ifindex = (int)index, .mr_type = PACKET_MR_PROMISC };
        const int size = KERNEL_BUFFER, one = 1;
        /* Larger buffers only make bursts safer: without the right to have them the simulation is the slower
         * network that it is. */
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
        if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) < 0 ||
            setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) < 0 ||
            bind(fd, (const struct sockaddr *)&to, sizeof(to)) < 0) {
                int error = errno;
                (void)close(fd);
                return -error;
        }
        return fd;
}

struct wire *wire_open(const char *interface) {
        struct wire *w = calloc(1, sizeof(*w));
        if (!w)
                return NULL;
        w->fd = open_socket(interface);
        if (w->fd < 0) {
                (void)fprintf(stderr, "bramble-sim: interface %s: %s%s\n", interface, strerror(-w->fd),
                              w->fd == -EPERM ? "; raw frames need root or CAP_NET_RAW" : "");
                free(w);
                return NULL;
        }
        for (size_t i = 0; i < BATCH; i++) {
                w->in_pieces[i] = (struct iovec){ w->in_room[i], ROOM };
                w->in[i].msg_hdr = (struct msghdr){ .msg_iov = &w->in_pieces[i], .msg_iovlen = 1 };
                w->out_pieces[i] = (struct iovec){ w->out_room[i], 0 };
                w->out[i].msg_hdr = (struct msghdr){ .msg_iov = &w->out_pieces[i], .msg_iovlen = 1 };
        }
        return w;
}

void wire_close(struct wire *w) {
        if (!w)
                return;
        (void)close(w->fd);
        free(w);
}

void wire_flush(struct wire *w) {
        unsigned done = 0;
        while (done < w->n_out) {
                int n = sendmmsg(w->fd, w->out + done, w->n_out - done, 0);
                done += n > 0 ? (unsigned)n : 1; /* a frame that does not go out is lost, as on a wire */
        }
        w->n_out = 0;
}

void wire_send(struct wire *w, const void *frame, size_t len) {
        if (w->n_out == BATCH)
                wire_flush(w);
        memcpy(w->out_room[w->n_out], frame, len);
        w->out_pieces[w->n_out++].iov_len = len;
}

void wire_receive(struct wire *w, int wait_ms, void (*fn)(void *ctx, const void *frame, size_t len),
                  void *ctx) {
        struct pollfd p = { .fd = w->fd, .events = POLLIN };

        wire_flush(w);
        if (poll(&p, 1, wait_ms) <= 0)
                return;
        for (int round = 0; round < ROUNDS; round++) {
                int n = recvmmsg(w->fd, w->in, BATCH, MSG_DONTWAIT, NULL);
                for (int i = 0; i < n; i++)
                        fn(ctx, w->in_room[i], w->in[i].msg_len);
                wire_flush(w);
                if (n < BATCH)
                        return;
        }
}
