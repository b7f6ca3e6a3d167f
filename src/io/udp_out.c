/* Sending UDP in batches; see udp.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "io/udp.h"

enum { CONTROL_SIZE = CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)) };

struct message {
        struct sockaddr_in peer;
        _Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
        void *tag;
        size_t segment, len;
};

struct udp_out {
        unsigned n, n_max;
        unsigned n_pieces, n_pieces_max; /* of whole messages */
        size_t room_used, room;
        bool is_open; /* the message at @n is being put together, of the next: */
        unsigned open_pieces;
        size_t open_room;
        struct mmsghdr *headers;
        struct message *messages;
        struct iovec *pieces;
        uint8_t *octets;
};

struct udp_out *udp_out_new(unsigned n, unsigned n_pieces, size_t room) {
        CLEANUP(udp_out_free_at) struct udp_out *out = calloc(1, sizeof(*out));
        if (!out)
                return NULL;
        out->n_max = n;
        out->n_pieces_max = n_pieces;
        out->room = room;
        out->headers = calloc(n, sizeof(*out->headers));
        out->messages = calloc(n, sizeof(*out->messages));
        out->pieces = calloc(n_pieces, sizeof(*out->pieces));
        out->octets = malloc(room);
        if (!out->headers || !out->messages || !out->pieces || !out->octets)
                return NULL;
        return TAKE(out);
}

void udp_out_free(struct udp_out *out) {
        if (!out)
                return;
        free(out->headers);
        free(out->messages);
        free(out->pieces);
        free(out->octets);
        free(out);
}

static struct cmsghdr *put_control(struct cmsghdr *at, int level, int type, const void *data, size_t len) {
        at->cmsg_level = level;
        at->cmsg_type = type;
        at->cmsg_len = CMSG_LEN(len);
        memcpy(CMSG_DATA(at), data, len);
        return (struct cmsghdr *)(void *)((uint8_t *)at + CMSG_SPACE(len));
}

/* Returns the length of the control data. */
static size_t put_controls(struct message *m, const struct udp_to *to) {
        struct cmsghdr *at = (struct cmsghdr *)(void *)m->control;

        if (ip_is_set(&to->local)) {
                struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(ip_to_v4(&to->local)) };
                at = put_control(at, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
        }
        if (m->segment) {
                uint16_t segment = (uint16_t)m->segment;
                at = put_control(at, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment));
        }
        return (size_t)((uint8_t *)at - m->control);
}

bool udp_out_begin(struct udp_out *out, const struct udp_to *to, size_t segment) {
        if (out->n == out->n_max)
                return false;
        assert(segment <= UDP_SEGMENT_MAX);

        struct message *m = &out->messages[out->n];
        m->peer = (struct sockaddr_in){
                .sin_family = AF_INET,
                .sin_port = htons(to->peer_port),
                .sin_addr.s_addr = htonl(ip_to_v4(&to->peer)),
        };
        m->segment = segment;
        m->len = 0;
        out->headers[out->n].msg_hdr = (struct msghdr){
                .msg_name = &m->peer,
                .msg_namelen = sizeof(m->peer),
                .msg_iov = &out->pieces[out->n_pieces],
        };
        size_t control_len = put_controls(m, to);
        if (control_len) {
                out->headers[out->n].msg_hdr.msg_control = m->control;
                out->headers[out->n].msg_hdr.msg_controllen = control_len;
        }
        out->is_open = true;
        out->open_pieces = 0;
        out->open_room = 0;
        return true;
}

bool udp_out_point(struct udp_out *out, const void *octets, size_t len) {
        assert(out->is_open);
        if (out->n_pieces + out->open_pieces == out->n_pieces_max || out->open_pieces == UDP_PIECES_MAX)
                return false;
        /* The kernel only reads from what it is given to send. */
        out->pieces[out->n_pieces + out->open_pieces++] = (struct iovec){ (void *)(uintptr_t)octets, len };
        out->messages[out->n].len += len;
        return true;
}

uint8_t *udp_out_room(struct udp_out *out, size_t len) {
        if (out->room - out->room_used - out->open_room < len)
                return NULL;
        uint8_t *at = out->octets + out->room_used + out->open_room;
        if (!udp_out_point(out, at, len))
                return NULL;
        out->open_room += len;
        return at;
}

/* One segment, or less: no need to say where to cut. */
static void drop_segment_control(struct udp_out *out) {
        struct msghdr *m = &out->headers[out->n].msg_hdr;

        out->messages[out->n].segment = 0;
        m->msg_controllen -= CMSG_SPACE(sizeof(uint16_t));
        if (m->msg_controllen == 0)
                m->msg_control = NULL;
}

void udp_out_end(struct udp_out *out, void *tag) {
        assert(out->is_open);
        struct message *m = &out->messages[out->n];

        assert(m->len <= UDP_OCTETS_MAX);
        if (m->segment && m->len <= m->segment)
                drop_segment_control(out);
        m->tag = tag;
        out->headers[out->n].msg_hdr.msg_iovlen = out->open_pieces;
        out->n_pieces += out->open_pieces;
        out->room_used += out->open_room;
        out->is_open = false;
        out->n++;
}

static bool is_no_room(int error) {
        return error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

/* The pieces of the first segment of what is left of @m. */
static size_t pieces_of_segment(const struct msghdr *m, size_t segment) {
        size_t n = 0, len = 0;

        while (n < m->msg_iovlen && len < segment)
                len += m->msg_iov[n++].iov_len;
        return n;
}

/* Sends a message segment by segment, as plain datagrams. */
static int send_unsegmented(struct udp_out *out, unsigned which, int fd) {
        struct msghdr left = out->headers[which].msg_hdr;

        left.msg_controllen -= CMSG_SPACE(sizeof(uint16_t));
        if (left.msg_controllen == 0)
                left.msg_control = NULL;
        while (left.msg_iovlen > 0) {
                struct msghdr one = left;

                one.msg_iovlen = pieces_of_segment(&left, out->messages[which].segment);
                if (sendmsg(fd, &one, MSG_DONTWAIT) < 0)
                        return -errno;
                left.msg_iov += one.msg_iovlen;
                left.msg_iovlen -= one.msg_iovlen;
        }
        return 0;
}

/* The message that the kernel refused with @error. Return: false when nothing more can be sent now. */
static bool settle(struct udp_out *out, unsigned which, int fd, int error, udp_fate_fn *fate, void *ctx) {
        struct message *m = &out->messages[which];

        /* EIO: no checksum offload on the way out. EINVAL: its MTU is smaller than the segment. */
        if (m->segment && (error == EIO || error == EINVAL || error == EMSGSIZE)) {
                error = -send_unsegmented(out, which, fd);
                if (!error) {
                        fate(ctx, m->tag, UDP_UNSEGMENTED, 0);
                        return true;
                }
        }
        fate(ctx, m->tag, is_no_room(error) ? UDP_NO_ROOM : UDP_NOT_SENT, error);
        return !is_no_room(error);
}

unsigned udp_out_flush(struct udp_out *out, int fd, udp_fate_fn *fate, void *ctx) {
        unsigned at = 0, n = out->n;

        while (at < n) {
                int sent = sendmmsg(fd, out->headers + at, n - at, MSG_DONTWAIT);
                if (sent > 0) {
                        at += (unsigned)sent;
                        continue;
                }
                if (sent < 0 && errno == EINTR)
                        continue;
                if (!settle(out, at++, fd, errno, fate, ctx))
                        break;
        }
        for (unsigned i = at; i < n; i++)
                fate(ctx, out->messages[i].tag, UDP_NO_ROOM, EAGAIN);
        out->n = out->n_pieces = 0;
        out->room_used = 0;
        out->is_open = false;
        return at;
}
