/*
 * Whole Ethernet frames (AF_PACKET): sent in batches on any interface, heard on one through a filter in the
 * kernel.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/** raw_open_sender() - a socket that sends on every interface and hears nothing. Return: a descriptor, or
 * -errno. */
MUST_CHECK int raw_open_sender(void);

/** raw_open_udp() - hear the IPv4 UDP datagrams to @port that come in on one interface, and nothing that we
 * send. Non-blocking. */
MUST_CHECK int raw_open_udp(unsigned ifindex, uint16_t port);

/** raw_open_arp() - hear ARP on one interface, likewise. */
MUST_CHECK int raw_open_arp(unsigned ifindex);

/** raw_seen() - how many frames came to a listener since the last time, whether they were read or not. 0 for
 * @fd -1, or anything else that is no listener. */
uint64_t raw_seen(int fd);

struct raw_frame {
        unsigned ifindex;
        const void *octets;
        size_t len;
};

/** raw_send() - send frames in as few system calls as fit; one that fails is skipped. Return: how many were
 * sent. */
size_t raw_send(int fd, const struct raw_frame *frames, size_t n);

/** raw_receive() - the next frame. Return: its octets in @buf (a longer one is cut), 0 when none waits, or
 * -errno. */
MUST_CHECK int raw_receive(int fd, void *buf, size_t size);
