/*
 * UDP on one interface: what arrives there and nowhere else, with the time of its arrival; broadcasts
 * included.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum {
        LINK_UDP_BATCH = 64,
        LINK_UDP_ROOM = 1500
}; /* datagrams; octets of each, a longer one is marked by its length */

/** link_udp_open() - a non-blocking socket with large buffers. Return: a descriptor, or -errno (-EADDRINUSE:
 * somebody else has the port). */
MUST_CHECK int link_udp_open(const char *interface, uint16_t port);

struct link_datagram {
        uint32_t src; /* host byte order */
        uint16_t src_port;
        uint64_t arrived_ms; /* monotonic */
        size_t len;          /* of the whole datagram: above LINK_UDP_ROOM it was cut */
        const uint8_t *octets;
};

struct link_udp_in; /* room for one batch */

struct link_udp_in *link_udp_in_new(void);
void link_udp_in_free(struct link_udp_in *in);
DEFINE_CLEANUP(struct link_udp_in, link_udp_in_free)

/** link_udp_receive() - take what waits, up to a batch. Return: how many are in link_udp_at(), 0: none, or
 * -errno. */
MUST_CHECK int link_udp_receive(struct link_udp_in *in, int fd);
struct link_datagram link_udp_at(const struct link_udp_in *in, int i);

struct link_udp_out {
        uint32_t src; /* of ours */
        uint32_t dst;
        uint16_t dst_port;
        const void *octets;
        size_t len;
};

/** link_udp_send() - one datagram out of this interface. Return: 0 or -errno. */
MUST_CHECK int link_udp_send(int fd, const struct link_udp_out *out);
