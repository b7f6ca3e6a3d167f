/* Reading LLDP; see lldp.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/reader.h"
#include "format/lldp.h"

enum {
        TLV_END = 0,
        TLV_CHASSIS = 1,
        TLV_PORT = 2,
        TLV_TTL = 3,
        TLV_PORT_DESCRIPTION = 4,
        TLV_SYSTEM_NAME = 5,
        TLV_SYSTEM_DESCRIPTION = 6,
        TLV_ORGANIZATION = 127,
        CHASSIS_BY_MAC = 4,
        PORT_BY_MAC = 3,
        VLAN_ETHERTYPE = 0x8100,
        MAC_LEN = 6
};

static void put_text(char buf[static LLDP_TEXT_SIZE], const uint8_t *data, size_t len) {
        size_t n = len < LLDP_TEXT_SIZE ? len : LLDP_TEXT_SIZE - 1;

        for (size_t i = 0; i < n; i++)
                buf[i] = data[i] >= ' ' && data[i] < 0x7f ? (char)data[i] : '?';
        buf[n] = '\0';
}

/* An id is a kind and octets, which are a MAC or else a text. */
static void put_id(char buf[static LLDP_TEXT_SIZE], const uint8_t *data, size_t len, uint8_t mac_kind) {
        if (len < 2)
                return;
        if (data[0] == mac_kind && len == 1 + MAC_LEN)
                (void)snprintf(buf, LLDP_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", data[1], data[2],
                               data[3], data[4], data[5], data[6]);
        else
                put_text(buf, data + 1, len - 1);
}

/* IEEE 802.1, subtype 1: the port's own VLAN (802.1Q-2014 D.2.1). */
static void read_organization(const uint8_t *data, size_t len, struct lldp_neighbour *n) {
        if (len == 6 && memcmp(data, "\x00\x80\xc2\x01", 4) == 0)
                n->vlan = (uint16_t)(data[4] << 8 | data[5]);
}

static void read_tlv(unsigned type, const uint8_t *data, size_t len, struct lldp_neighbour *n) {
        switch (type) {
        case TLV_CHASSIS:
                put_id(n->chassis, data, len, CHASSIS_BY_MAC);
                break;
        case TLV_PORT:
                put_id(n->port, data, len, PORT_BY_MAC);
                break;
        case TLV_PORT_DESCRIPTION:
                put_text(n->port_description, data, len);
                break;
        case TLV_SYSTEM_NAME:
                put_text(n->system, data, len);
                break;
        case TLV_SYSTEM_DESCRIPTION:
                put_text(n->system_description, data, len);
                break;
        case TLV_ORGANIZATION:
                read_organization(data, len, n);
                break;
        default:
                break;
        }
}

int lldp_parse(const void *frame, size_t len, struct lldp_neighbour *ret) {
        struct reader r = reader_of(frame, len);
        struct lldp_neighbour n = { 0 };
        bool has_ttl = false;

        (void)read_octets(&r, 2 * MAC_LEN);
        uint16_t type = read_u16(&r);
        if (type == VLAN_ETHERTYPE) {
                (void)read_u16(&r);
                type = read_u16(&r);
        }
        if (r.bad || type != LLDP_ETHERTYPE)
                return -EBADMSG;
        while (reader_left(&r) >= 2) {
                uint16_t head = read_u16(&r);
                size_t size = head & 0x1ff;
                const uint8_t *data = read_octets(&r, size);
                if (!data || head >> 9 == TLV_END)
                        break;
                if (head >> 9 == TLV_TTL && size >= 2) {
                        n.ttl_s = (uint16_t)(data[0] << 8 | data[1]);
                        has_ttl = true;
                } else
                        read_tlv(head >> 9, data, size, &n);
        }
        if (r.bad || !has_ttl || !*n.chassis || !*n.port)
                return -EBADMSG;
        *ret = n;
        return 0;
}
