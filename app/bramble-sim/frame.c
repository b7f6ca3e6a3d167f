/* Ethernet frames; see frame.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/frame.h"

#include <assert.h>

#include "base/reader.h"
#include "base/writer.h"

enum {
        ETHERTYPE_IPV4 = 0x0800,
        ETHERTYPE_ARP = 0x0806,
        PROTOCOL_TCP = 6,
        PROTOCOL_UDP = 17,
        IP_HEADER = 20,
        UDP_HEADER = 8,
        TCP_HEADER = 20,
        TCP_WINDOW = 29200,
        TCP_SEGMENT = 1460,         /* the option of a SYN */
        IP_MORE_FRAGMENTS = 0x3fff, /* the flag and the offset */
        FRAME_MIN = 60
};

const struct mac frame_broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

static struct mac read_mac(struct reader *r) {
        struct mac m = {};
        const uint8_t *octets = read_octets(r, sizeof(m.octets));
        if (octets)
                memcpy(m.octets, octets, sizeof(m.octets));
        return m;
}

static void parse_arp(struct reader *r, struct frame *ret) {
        uint16_t hardware = read_u16(r), protocol = read_u16(r), sizes = read_u16(r), op = read_u16(r);

        ret->arp.sender_mac = read_mac(r);
        ret->arp.sender = read_u32(r);
        (void)read_mac(r);
        ret->arp.target = read_u32(r);
        ret->arp.is_request = op == 1;
        if (!r->bad && hardware == 1 && protocol == ETHERTYPE_IPV4 && sizes == 0x0604 && (op == 1 || op == 2))
                ret->kind = FRAME_ARP;
}

static void parse_udp(struct reader *udp, uint32_t src, uint32_t dst, struct frame *ret) {
        ret->udp.src = src;
        ret->udp.dst = dst;
        ret->udp.src_port = read_u16(udp);
        ret->udp.dst_port = read_u16(udp);
        uint16_t len = read_u16(udp);
        (void)read_u16(udp); /* a checksum that the sender's kernel left to its hardware cannot be checked on
                                a veth */
        if (udp->bad || len < UDP_HEADER || len - UDP_HEADER > (int)reader_left(udp))
                return;
        ret->udp.payload = udp->at;
        ret->udp.len = (size_t)len - UDP_HEADER;
        ret->kind = FRAME_UDP;
}

static void parse_tcp(struct reader *tcp, uint32_t src, uint32_t dst, struct frame *ret) {
        ret->tcp.src = src;
        ret->tcp.dst = dst;
        ret->tcp.src_port = read_u16(tcp);
        ret->tcp.dst_port = read_u16(tcp);
        ret->tcp.seq = read_u32(tcp);
        ret->tcp.ack = read_u32(tcp);
        size_t header = (read_u8(tcp) >> 4) * 4u;
        ret->tcp.flags = read_u8(tcp);
        (void)read_octets(tcp, 6); /* window, checksum (as above), urgent */
        if (tcp->bad || header < TCP_HEADER || !read_octets(tcp, header - TCP_HEADER))
                return;
        ret->tcp.payload = tcp->at;
        ret->tcp.len = reader_left(tcp);
        ret->kind = FRAME_TCP;
}

static void parse_ip(struct reader *r, struct frame *ret) {
        const uint8_t *start = r->at;
        uint8_t version = read_u8(r);
        (void)read_u8(r);
        uint16_t total = read_u16(r);
        (void)read_u16(r);
        uint16_t fragment = read_u16(r);
        (void)read_u8(r);
        uint8_t protocol = read_u8(r);
        (void)read_u16(r);
        uint32_t src = read_u32(r), dst = read_u32(r);

        size_t header = (version & 15u) * 4u;
        if (r->bad || version >> 4 != 4 || header < IP_HEADER || fragment & IP_MORE_FRAGMENTS ||
            total < header || total > (size_t)(r->end - start))
                return;
        struct reader inner = reader_of(start + header, total - header);
        if (protocol == PROTOCOL_UDP)
                parse_udp(&inner, src, dst, ret);
        else if (protocol == PROTOCOL_TCP)
                parse_tcp(&inner, src, dst, ret);
}

void frame_parse(const void *octets, size_t len, struct frame *ret) {
        struct reader r = reader_of(octets, len);

        *ret = (struct frame){ .kind = FRAME_OTHER };
        ret->dst = read_mac(&r);
        ret->src = read_mac(&r);
        uint16_t type = read_u16(&r);
        if (type == ETHERTYPE_ARP)
                parse_arp(&r, ret);
        else if (type == ETHERTYPE_IPV4)
                parse_ip(&r, ret);
}

static uint32_t sum(const uint8_t *at, size_t len, uint32_t so_far) {
        for (size_t i = 0; i + 1 < len; i += 2)
                so_far += (uint32_t)(at[i] << 8 | at[i + 1]);
        if (len % 2)
                so_far += (uint32_t)at[len - 1] << 8;
        return so_far;
}

static uint16_t fold(uint32_t total) {
        while (total >> 16)
                total = (total & 0xffff) + (total >> 16);
        return (uint16_t)~total;
}

static void store_u16(uint8_t *at, uint16_t v) {
        at[0] = (uint8_t)(v >> 8);
        at[1] = (uint8_t)v;
}

static void write_ethernet(struct writer *w, const struct mac *dst, const struct mac *src, uint16_t type) {
        write_octets(w, dst->octets, sizeof(dst->octets));
        write_octets(w, src->octets, sizeof(src->octets));
        write_u16(w, type);
}

static size_t pad(struct writer *w) {
        if (writer_len(w) < FRAME_MIN)
                write_zeros(w, FRAME_MIN - writer_len(w));
        assert(!w->full);
        return writer_len(w);
}

/* The header of an IP packet with @len octets; returns where it begins. */
static uint8_t *write_ip(struct writer *w, uint8_t ttl, uint8_t protocol, uint32_t src, uint32_t dst,
                         size_t len) {
        uint8_t *ip = w->at;

        write_u16(w, 0x4500);
        write_u16(w, (uint16_t)(IP_HEADER + len));
        write_u32(w, 0); /* identification 0, no fragments */
        write_u8(w, ttl);
        write_u8(w, protocol);
        write_u16(w, 0);
        write_u32(w, src);
        write_u32(w, dst);
        store_u16(ip + 10, fold(sum(ip, IP_HEADER, 0)));
        return ip;
}

size_t frame_write_udp(const struct frame_udp *u, const struct frame_style *style, uint8_t *buf) {
        struct writer w = writer_of(buf, FRAME_MAX);
        uint16_t udp_len = (uint16_t)(UDP_HEADER + u->len);

        assert(u->len <= FRAME_PAYLOAD_MAX);
        write_ethernet(&w, &u->dst, &u->src, ETHERTYPE_IPV4);
        uint8_t *ip = write_ip(&w, style->ttl, PROTOCOL_UDP, u->src_ip, u->dst_ip, udp_len);

        uint8_t *udp = w.at;
        write_u16(&w, u->src_port);
        write_u16(&w, u->dst_port);
        write_u16(&w, udp_len);
        write_u16(&w, 0);
        write_octets(&w, u->payload, u->len);
        if (style->has_udp_checksum) {
                uint16_t check = fold(sum(udp, udp_len, sum(ip + 12, 8, PROTOCOL_UDP + udp_len)));
                store_u16(udp + 6, check ? check : 0xffff);
        }
        return pad(&w);
}

size_t frame_write_tcp(const struct frame_tcp *t, const struct frame_style *style, uint8_t *buf) {
        struct writer w = writer_of(buf, FRAME_MAX);
        bool is_syn = t->flags & FRAME_TCP_SYN;
        uint16_t header = (uint16_t)(TCP_HEADER + (is_syn ? 4 : 0)), len = (uint16_t)(header + t->len);

        write_ethernet(&w, &t->dst, &t->src, ETHERTYPE_IPV4);
        uint8_t *ip = write_ip(&w, style->ttl, PROTOCOL_TCP, t->src_ip, t->dst_ip, len), *tcp = w.at;
        write_u16(&w, t->src_port);
        write_u16(&w, t->dst_port);
        write_u32(&w, t->seq);
        write_u32(&w, t->ack);
        write_u8(&w, (uint8_t)(header / 4 << 4));
        write_u8(&w, t->flags);
        write_u16(&w, TCP_WINDOW);
        write_u32(&w, 0); /* checksum, urgent */
        if (is_syn) {
                write_u16(&w, 0x0204);
                write_u16(&w, TCP_SEGMENT);
        }
        write_octets(&w, t->payload, t->len);
        store_u16(tcp + 16, fold(sum(tcp, len, sum(ip + 12, 8, (uint32_t)(PROTOCOL_TCP + len)))));
        return pad(&w);
}

size_t frame_write_arp(const struct mac *src, const struct mac *to, bool is_request, uint32_t sender,
                       uint32_t target, uint8_t *buf) {
        static const struct mac nobody;
        struct writer w = writer_of(buf, FRAME_MAX);
        const struct mac *asked = is_request ? &nobody : to;

        write_ethernet(&w, to, src, ETHERTYPE_ARP);
        write_u16(&w, 1);
        write_u16(&w, ETHERTYPE_IPV4);
        write_u16(&w, 0x0604);
        write_u16(&w, is_request ? 1 : 2);
        write_octets(&w, src->octets, sizeof(src->octets));
        write_u32(&w, sender);
        write_octets(&w, asked->octets, sizeof(asked->octets));
        write_u32(&w, target);
        return pad(&w);
}
