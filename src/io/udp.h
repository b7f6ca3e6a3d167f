/*
 * UDP in batches: many datagrams a system call (recvmmsg, sendmmsg), many segments a datagram (UDP_SEGMENT),
 * and the address of ours that was asked (IP_PKTINFO). IPv4.
 *
 * Datagrams to send are put together from pieces that stay where they are until the flush.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/cleanup.h"

enum {
        UDP_SEGMENTS_MAX = 64,  /* of one send; the kernel's UDP_MAX_SEGMENTS, 128 since Linux 6.9 */
        UDP_OCTETS_MAX = 65507, /* of one send: 65,535 less the IPv4 and UDP headers */
        UDP_SEGMENT_MAX =
                1472, /* octets: Ethernet's 1,500 less 28; longer ones go by IP fragments, one by one */
        UDP_PIECES_MAX = 1024, /* of one send; the kernel's UIO_MAXIOV */
};

struct udp_config {
        uint16_t port;    /* 0: any */
        bool is_shared;   /* SO_REUSEPORT: several sockets of ours on one port, the kernel shares the clients
                             out */
        bool tells_local; /* received datagrams say which address of ours was asked */
        unsigned buffer_octets; /* of the kernel, each way; more than the system's limit only with
                                   CAP_NET_ADMIN */
};

/** udp_open() - a non-blocking socket on the wildcard address. Return: a descriptor, or -errno. */
MUST_CHECK int udp_open(const struct udp_config *config);

/** udp_port() - which port a socket has; 0 when the kernel does not say. */
uint16_t udp_port(int fd);

struct udp_datagram {
        const uint8_t *octets; /* until the next udp_in_receive(); cut at the batch's room */
        size_t len;
        struct ip_addr peer, local; /* @local is IP_NONE unless the socket tells it */
        unsigned ifindex;           /* likewise 0 */
        uint16_t peer_port;
};

struct udp_in;

/** udp_in_new() - room to receive @n datagrams of @room octets at once; NULL: out of memory. */
struct udp_in *udp_in_new(unsigned n, size_t room);
void udp_in_free(struct udp_in *in);
DEFINE_CLEANUP(struct udp_in, udp_in_free)

/** udp_in_receive() - take what waits on a socket. Return: how many datagrams, 0 when there are none, or
 * -errno. */
MUST_CHECK int udp_in_receive(struct udp_in *in, int fd);
void udp_in_at(const struct udp_in *in, unsigned i, struct udp_datagram *ret);

struct udp_to {
        struct ip_addr peer, local; /* @local: the source address; IP_NONE: the kernel chooses */
        uint16_t peer_port;
};

/* What became of a message that was not simply sent. */
enum udp_fate {
        UDP_NO_ROOM,    /* the kernel's buffers are full: it was not sent, nor what follows it */
        UDP_NOT_SENT,   /* the kernel refused it, as when there is no route */
        UDP_UNSEGMENTED /* sent, but segment by segment: this way out takes no UDP_SEGMENT */
};
typedef void udp_fate_fn(void *ctx, void *tag, enum udp_fate fate, int error);

struct udp_out;

/** udp_out_new() - a batch of up to @n messages of up to @n_pieces pieces and @room octets of their own, all
 * together. */
struct udp_out *udp_out_new(unsigned n, unsigned n_pieces, size_t room);
void udp_out_free(struct udp_out *out);
DEFINE_CLEANUP(struct udp_out, udp_out_free)

/**
 * udp_out_begin() - begin a message
 * @segment:    0: one datagram; else the message is cut into datagrams of so many octets, the last may be
 * shorter. Each then has to begin with a piece of its own.
 *
 * Return: false when the batch is full: flush, and begin again.
 */
bool udp_out_begin(struct udp_out *out, const struct udp_to *to, size_t segment);

/** udp_out_room() - append @len octets that the caller fills; NULL: the batch is full, flush and begin the
 * message again. */
uint8_t *udp_out_room(struct udp_out *out, size_t len);

/** udp_out_point() - append octets that stay where they are until the flush; false: the batch is full, as
 * above. */
bool udp_out_point(struct udp_out *out, const void *octets, size_t len);

/** udp_out_end() - the message is whole; @tag names it if its fate has to be told. What was not ended is
 * dropped. */
void udp_out_end(struct udp_out *out, void *tag);

/** udp_out_flush() - send all; @fate is called for what went wrong. Return: how many were handed to the
 * kernel. */
unsigned udp_out_flush(struct udp_out *out, int fd, udp_fate_fn *fate, void *ctx);
