/*
 * Ethernet frames around DHCPv4 messages, and ARP (RFC 894, RFC 791, RFC 768, RFC 826).
 *
 * Pure codec: a client without an address hears no ARP question, so its answer is a whole frame made here.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

enum {
        DHCP4_FRAME_HEAD = 42, /* octets of Ethernet, IPv4 and UDP headers before the message */
        DHCP4_FRAME_MAX = 1514,
        DHCP4_ARP_SIZE = 60 /* padded to the smallest frame */
};

extern const struct mac dhcp4_mac_broadcast;

/* Who speaks to whom; addresses in host byte order. */
struct dhcp4_ends {
        struct mac src_mac, dst_mac;
        uint32_t src, dst;
        uint16_t src_port, dst_port;
};

/**
 * dhcp4_frame_write_head() - put the three headers before a message, with both checksums
 * @frame:      DHCP4_FRAME_HEAD octets to fill, followed by the message
 * @len:        octets of the message
 */
void dhcp4_frame_write_head(uint8_t *frame, size_t len, const struct dhcp4_ends *ends);

/**
 * dhcp4_frame_parse() - the message inside a frame
 *
 * The UDP checksum is not looked at: frames that never left the machine carry half of one (checksum offload).
 * Return: 0 with the message borrowed from @frame, or -EBADMSG for what is no whole UDP datagram.
 */
MUST_CHECK int dhcp4_frame_parse(const void *frame, size_t len, struct dhcp4_ends *ret_ends,
                                 const uint8_t **ret_message, size_t *ret_len);

enum dhcp4_arp_op { DHCP4_ARP_REQUEST = 1, DHCP4_ARP_REPLY = 2 };

struct dhcp4_arp {
        uint16_t op;
        struct mac sender_mac, target_mac;
        uint32_t sender, target; /* a sender of 0 only asks, and teaches nobody (RFC 5227) */
};

/** dhcp4_arp_write() - a broadcast ARP frame of DHCP4_ARP_SIZE octets. */
void dhcp4_arp_write(const struct dhcp4_arp *a, uint8_t *frame);

/** dhcp4_arp_parse() - 0, or -EBADMSG when @frame is not ARP for IPv4 on Ethernet. */
MUST_CHECK int dhcp4_arp_parse(const void *frame, size_t len, struct dhcp4_arp *ret);
