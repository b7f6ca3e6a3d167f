/* Ethernet frames around DHCPv4 messages, and ARP; see frame.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>

#include "base/reader.h"
#include "base/writer.h"
#include "net/dhcp4/frame.h"

enum {
        ETHERTYPE_IPV4 = 0x0800,
        ETHERTYPE_ARP_ = 0x0806,
        ETHERNET_SIZE = 14,
        IP_SIZE = 20,
        UDP_SIZE = 8,
        PROTOCOL_UDP = 17,
        TTL = 64
};

const struct mac dhcp4_mac_broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

/* The Internet checksum's sum (RFC 1071), to be folded at the end. An odd last octet counts as its high half.
 */
static uint64_t sum_add(uint64_t sum, const uint8_t *data, size_t len) {
        size_t i = 0;
        for (; i + 1 < len; i += 2)
                sum += (uint64_t)data[i] << 8 | data[i + 1];
        if (i < len)
                sum += (uint64_t)data[i] << 8;
        return sum;
}

static uint16_t sum_fold(uint64_t sum) {
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t)~sum;
}

static void put_u16(uint8_t *at, uint16_t v) {
        at[0] = (uint8_t)(v >> 8);
        at[1] = (uint8_t)v;
}

static void write_ethernet(struct writer *w, const struct mac *dst, const struct mac *src, uint16_t type) {
        write_octets(w, dst->octets, sizeof(dst->octets));
        write_octets(w, src->octets, sizeof(src->octets));
        write_u16(w, type);
}

void dhcp4_frame_write_head(uint8_t *frame, size_t len, const struct dhcp4_ends *ends) {
        struct writer w = writer_of(frame, DHCP4_FRAME_HEAD);
        uint8_t *ip = frame + ETHERNET_SIZE, *udp = ip + IP_SIZE;
        uint16_t udp_len = (uint16_t)(UDP_SIZE + len);

        assert(len <= DHCP4_FRAME_MAX - DHCP4_FRAME_HEAD);
        write_ethernet(&w, &ends->dst_mac, &ends->src_mac, ETHERTYPE_IPV4);
        write_u16(&w, 0x4500); /* version 4, five words of header */
        write_u16(&w, (uint16_t)(IP_SIZE + udp_len));
        write_u32(&w, 0x00004000); /* no identification: never a fragment */
        write_u8(&w, TTL);
        write_u8(&w, PROTOCOL_UDP);
        write_u16(&w, 0);
        write_u32(&w, ends->src);
        write_u32(&w, ends->dst);
        write_u16(&w, ends->src_port);
        write_u16(&w, ends->dst_port);
        write_u16(&w, udp_len);
        write_u16(&w, 0);
        assert(!w.full);

        put_u16(ip + 10, sum_fold(sum_add(0, ip, IP_SIZE)));
        uint64_t pseudo = sum_add((uint64_t)PROTOCOL_UDP + udp_len, ip + 12, 8);
        uint16_t sum = sum_fold(sum_add(pseudo, udp, udp_len));
        put_u16(udp + 6, sum ? sum : 0xffff); /* zero would say that there is none */
}

int dhcp4_frame_parse(const void *frame, size_t len, struct dhcp4_ends *ret_ends, const uint8_t **ret_message,
                      size_t *ret_len) {
        struct reader r = reader_of(frame, len);
        struct dhcp4_ends ends = {};

        const uint8_t *dst_mac = read_octets(&r, 6), *src_mac = read_octets(&r, 6);
        uint16_t type = read_u16(&r);
        const uint8_t *ip = r.at;
        uint8_t version = read_u8(&r);
        (void)read_u8(&r);
        uint16_t total = read_u16(&r);
        (void)read_u16(&r);
        uint16_t fragment = read_u16(&r);
        (void)read_u8(&r);
        uint8_t protocol = read_u8(&r);
        (void)read_u16(&r);
        ends.src = read_u32(&r);
        ends.dst = read_u32(&r);
        size_t head = (size_t)(version & 0x0f) * 4;
        if (r.bad || type != ETHERTYPE_IPV4 || version >> 4 != 4 || head < IP_SIZE || total < head ||
            protocol != PROTOCOL_UDP || (fragment & 0x3fff) != 0 || total > len - ETHERNET_SIZE ||
            sum_fold(sum_add(0, ip, head)) != 0)
                return -EBADMSG;

        r = reader_of(ip + head, total - head); /* without what Ethernet padded */
        ends.src_port = read_u16(&r);
        ends.dst_port = read_u16(&r);
        uint16_t udp_len = read_u16(&r);
        (void)read_u16(&r);
        if (r.bad || udp_len < UDP_SIZE || (size_t)udp_len - UDP_SIZE > reader_left(&r))
                return -EBADMSG;

        memcpy(ends.dst_mac.octets, dst_mac, 6);
        memcpy(ends.src_mac.octets, src_mac, 6);
        *ret_ends = ends;
        *ret_message = r.at;
        *ret_len = (size_t)udp_len - UDP_SIZE;
        return 0;
}

void dhcp4_arp_write(const struct dhcp4_arp *a, uint8_t *frame) {
        struct writer w = writer_of(frame, DHCP4_ARP_SIZE);
        write_ethernet(&w, &dhcp4_mac_broadcast, &a->sender_mac, ETHERTYPE_ARP_);
        write_u16(&w, 1); /* Ethernet */
        write_u16(&w, ETHERTYPE_IPV4);
        write_u8(&w, 6);
        write_u8(&w, 4);
        write_u16(&w, a->op);
        write_octets(&w, a->sender_mac.octets, 6);
        write_u32(&w, a->sender);
        write_octets(&w, a->target_mac.octets, 6);
        write_u32(&w, a->target);
        write_zeros(&w, writer_left(&w));
        assert(!w.full);
}

int dhcp4_arp_parse(const void *frame, size_t len, struct dhcp4_arp *ret) {
        struct reader r = reader_of(frame, len);
        struct dhcp4_arp a;

        (void)read_octets(&r, 12);
        uint16_t type = read_u16(&r), hardware = read_u16(&r), protocol = read_u16(&r), sizes = read_u16(&r);
        a.op = read_u16(&r);
        const uint8_t *sender_mac = read_octets(&r, 6);
        a.sender = read_u32(&r);
        const uint8_t *target_mac = read_octets(&r, 6);
        a.target = read_u32(&r);
        if (r.bad || type != ETHERTYPE_ARP_ || hardware != 1 || protocol != ETHERTYPE_IPV4 ||
            sizes != 0x0604 || (a.op != DHCP4_ARP_REQUEST && a.op != DHCP4_ARP_REPLY))
                return -EBADMSG;
        memcpy(a.sender_mac.octets, sender_mac, 6);
        memcpy(a.target_mac.octets, target_mac, 6);
        *ret = a;
        return 0;
}
