/*
 * Ethernet frames as a small firmware builds and reads them: ARP (RFC 826), UDP and TCP over IPv4. Pure.
 *
 * Written apart from the server's code on purpose: a simulator that shared it would share its mistakes.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

enum { FRAME_MAX = 1514, FRAME_PAYLOAD_MAX = 1472 };

extern const struct mac frame_broadcast;

enum frame_kind { FRAME_OTHER, FRAME_ARP, FRAME_UDP, FRAME_TCP };

enum { FRAME_TCP_FIN = 1, FRAME_TCP_SYN = 2, FRAME_TCP_RST = 4, FRAME_TCP_PSH = 8, FRAME_TCP_ACK = 16 };

struct frame {
        enum frame_kind kind;
        struct mac dst, src;
        union {
                struct {
                        bool is_request;
                        struct mac sender_mac;
                        uint32_t sender, target; /* IPv4, host order, as all addresses here */
                } arp;
                struct {
                        uint32_t src, dst;
                        uint16_t src_port, dst_port;
                        const uint8_t *payload; /* lives as long as the frame's octets */
                        size_t len;
                } udp;
                struct {
                        uint32_t src, dst;
                        uint16_t src_port, dst_port;
                        uint32_t seq, ack;
                        uint8_t flags;
                        const uint8_t *payload; /* likewise */
                        size_t len;
                } tcp;
        };
};

/** frame_parse() - read one frame; what is neither ARP nor whole UDP or TCP over IPv4 is FRAME_OTHER. */
void frame_parse(const void *octets, size_t len, struct frame *ret);

/* What firmware sets in the IP header; the boot ROM is peculiar there (raspberry-pi.md section 1.2). */
struct frame_style {
        uint8_t ttl;
        bool has_udp_checksum;
};

struct frame_udp {
        struct mac dst, src;
        uint32_t src_ip, dst_ip;
        uint16_t src_port, dst_port;
        const void *payload;
        size_t len; /* at most FRAME_PAYLOAD_MAX */
};

/** frame_write_udp() - into @buf of FRAME_MAX octets; returns the frame's length. */
size_t frame_write_udp(const struct frame_udp *u, const struct frame_style *style, uint8_t *buf);

struct frame_tcp {
        struct mac dst, src;
        uint32_t src_ip, dst_ip;
        uint16_t src_port, dst_port;
        uint32_t seq, ack;
        uint8_t flags;
        const void *payload;
        size_t len; /* at most FRAME_PAYLOAD_MAX - 16 */
};

/** frame_write_tcp() - likewise. A SYN says how long segments may be, so that each fits into one frame. */
size_t frame_write_tcp(const struct frame_tcp *t, const struct frame_style *style, uint8_t *buf);

/** frame_write_arp() - a question (@to broadcast) or an answer; likewise. */
size_t frame_write_arp(const struct mac *src, const struct mac *to, bool is_request, uint32_t sender,
                       uint32_t target, uint8_t *buf);
