/* Reading DHCPv4 messages; see packet.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/reader.h"
#include "net/dhcp4/packet.h"

enum { MAGIC = 0x63825363, HTYPE_ETHERNET = 1, HTYPE_IEEE802 = 6 };

/* Sizes that the RFCs fix for what clients send. A wrong one makes the option absent, or the whole message
 * bad. */
static const struct rule {
        uint8_t number;
        uint8_t min, max;
        bool is_vital;
} rules[] = {
        { DHCP4_OPTION_TYPE, 1, 1, true },
        { DHCP4_OPTION_SERVER, 4, 4, true },
        { DHCP4_OPTION_ADDRESS, 4, 4, true },
        { DHCP4_OPTION_LEASE_S, 4, 4, false },
        { DHCP4_OPTION_MAX_SIZE, 2, 2, false },
        { DHCP4_OPTION_CLIENT_ID, 2, 255, false },
        { DHCP4_OPTION_SUBNET_SELECTION, 4, 4, false },
        { DHCP4_OPTION_RELAY, 2, 255, false },
};

static bool is_in_joined(const struct dhcp4_packet *p, const struct dhcp4_option *o) {
        return o->octets == p->joined + p->n_joined - o->len && p->n_joined > 0;
}

/* RFC 3396 section 5: the pieces of an option belong together, in the order in which they are met. */
static bool add_piece(struct dhcp4_packet *p, uint8_t number, const uint8_t *octets, uint8_t len) {
        if (p->index[number] == 0) {
                p->options[p->n_options] = (struct dhcp4_option){ number, len, octets };
                p->index[number] = (uint8_t)++p->n_options;
                return true;
        }
        struct dhcp4_option *o = &p->options[p->index[number] - 1];
        /* What is joined last can grow in place; anything else moves behind it first. */
        bool moves = !is_in_joined(p, o);
        size_t moved = moves ? o->len : 0;
        if (sizeof(p->joined) - p->n_joined < moved + len)
                return false;
        uint8_t *at = p->joined + p->n_joined;
        if (moved)
                memcpy(at, o->octets, moved);
        if (moves)
                o->octets = at;
        if (len)
                memcpy(at + moved, octets, len);
        p->n_joined += moved + len;
        o->len = (uint16_t)(o->len + len);
        return true;
}

/* One of the three places; a missing end mark is forgiven, an option that runs over the end is not. */
static bool parse_options(struct dhcp4_packet *p, struct reader r) {
        while (reader_left(&r) > 0) {
                uint8_t number = read_u8(&r);
                if (number == DHCP4_OPTION_PAD)
                        continue;
                if (number == DHCP4_OPTION_END)
                        break;
                uint8_t len = read_u8(&r);
                const uint8_t *octets = read_octets(&r, len);
                if (r.bad || !add_piece(p, number, octets, len))
                        return false;
        }
        return true;
}

static bool apply_rules(struct dhcp4_packet *p) {
        for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
                const struct dhcp4_option *o = dhcp4_option_find(p, rules[i].number);
                if (!o || (o->len >= rules[i].min && o->len <= rules[i].max))
                        continue;
                if (rules[i].is_vital)
                        return false;
                p->index[rules[i].number] = 0;
        }
        return true;
}

static void copy_field(char *to, const uint8_t *from, size_t len) {
        memcpy(to, from, len);
        to[len] = '\0';
}

/* The fields hold options when option 52 says so (RFC 3396 section 5: file before sname), text otherwise. */
static bool parse_fields(struct dhcp4_packet *p, const uint8_t *sname, const uint8_t *file) {
        uint8_t overload = 0;
        (void)dhcp4_option_u8(p, DHCP4_OPTION_OVERLOAD, &overload);

        if (!(overload & 1))
                copy_field(p->file, file, 128);
        else if (!parse_options(p, reader_of(file, 128)))
                return false;
        if (!(overload & 2))
                copy_field(p->sname, sname, 64);
        else if (!parse_options(p, reader_of(sname, 64)))
                return false;
        return true;
}

static void start(struct dhcp4_packet *p) {
        /* Not the whole struct: what index does not name is never read. */
        memset(p->index, 0, sizeof(p->index));
        p->n_options = 0;
        p->n_joined = 0;
        p->sname[0] = p->file[0] = '\0';
        p->type = DHCP4_NONE;
}

int dhcp4_packet_parse(const void *data, size_t len, struct dhcp4_packet *ret) {
        struct reader r = reader_of(data, len);
        struct dhcp4_packet *p = ret;

        start(p);
        if (len > DHCP4_MESSAGE_MAX)
                return -EBADMSG;
        p->op = read_u8(&r);
        p->htype = read_u8(&r);
        p->hlen = read_u8(&r);
        p->hops = read_u8(&r);
        p->xid = read_u32(&r);
        p->secs = read_u16(&r);
        p->flags = read_u16(&r);
        p->ciaddr = read_u32(&r);
        p->yiaddr = read_u32(&r);
        p->siaddr = read_u32(&r);
        p->giaddr = read_u32(&r);
        const uint8_t *chaddr = read_octets(&r, 16);
        const uint8_t *sname = read_octets(&r, 64);
        const uint8_t *file = read_octets(&r, 128);
        uint32_t magic = read_u32(&r);
        if (r.bad || magic != MAGIC || (p->op != 1 && p->op != 2) || p->hlen > 16)
                return -EBADMSG;
        memcpy(p->mac.octets, chaddr, sizeof(p->mac.octets));

        if (!parse_options(p, r) || !parse_fields(p, sname, file) || !apply_rules(p))
                return -EBADMSG;
        (void)dhcp4_option_u8(p, DHCP4_OPTION_TYPE, &p->type);
        return 0;
}

bool dhcp4_packet_has_mac(const struct dhcp4_packet *p) {
        bool is_group = p->mac.octets[0] & 1;
        return (p->htype == HTYPE_ETHERNET || p->htype == HTYPE_IEEE802) && p->hlen == 6 && !is_group &&
               !mac_is_zero(&p->mac);
}

const struct dhcp4_option *dhcp4_option_find(const struct dhcp4_packet *p, uint8_t number) {
        return p->index[number] ? &p->options[p->index[number] - 1] : NULL;
}

/* A big-endian number of exactly @size octets. */
static bool option_number(const struct dhcp4_packet *p, uint8_t number, size_t size, uint32_t *ret) {
        const struct dhcp4_option *o = dhcp4_option_find(p, number);
        if (!o || o->len != size)
                return false;
        *ret = 0;
        for (size_t i = 0; i < size; i++)
                *ret = *ret << 8 | o->octets[i];
        return true;
}

bool dhcp4_option_u8(const struct dhcp4_packet *p, uint8_t number, uint8_t *ret) {
        uint32_t v;
        if (!option_number(p, number, 1, &v))
                return false;
        *ret = (uint8_t)v;
        return true;
}

bool dhcp4_option_u16(const struct dhcp4_packet *p, uint8_t number, uint16_t *ret) {
        uint32_t v;
        if (!option_number(p, number, 2, &v))
                return false;
        *ret = (uint16_t)v;
        return true;
}

bool dhcp4_option_u32(const struct dhcp4_packet *p, uint8_t number, uint32_t *ret) {
        return option_number(p, number, 4, ret);
}

const char *dhcp4_option_text(const struct dhcp4_packet *p, uint8_t number, char *buf, size_t size) {
        const struct dhcp4_option *o = dhcp4_option_find(p, number);
        size_t len = 0;
        while (o && len < o->len && len + 1 < size && o->octets[len] != '\0') {
                buf[len] = (char)o->octets[len];
                len++;
        }
        buf[len] = '\0';
        return buf;
}

const uint8_t *dhcp4_relay_suboption(const struct dhcp4_packet *p, uint8_t number, uint8_t *ret_len) {
        const struct dhcp4_option *o = dhcp4_option_find(p, DHCP4_OPTION_RELAY);
        struct reader r = o ? reader_of(o->octets, o->len) : reader_of("", 0);

        while (reader_left(&r) > 0) {
                uint8_t sub = read_u8(&r);
                uint8_t len = read_u8(&r);
                const uint8_t *octets = read_octets(&r, len);
                if (!r.bad && sub == number) {
                        *ret_len = len;
                        return octets;
                }
        }
        return NULL;
}

uint32_t dhcp4_packet_subnet_hint(const struct dhcp4_packet *p) {
        enum { LINK_SELECTION = 5 };
        uint8_t len = 0;
        const uint8_t *link = dhcp4_relay_suboption(p, LINK_SELECTION, &len);
        if (link && len == 4) {
                struct reader r = reader_of(link, len);
                return read_u32(&r);
        }
        uint32_t hint = p->giaddr;
        (void)dhcp4_option_u32(p, DHCP4_OPTION_SUBNET_SELECTION, &hint);
        return hint;
}

size_t dhcp4_packet_size_max(const struct dhcp4_packet *p) {
        enum { IP_AND_UDP = 28 };
        uint16_t datagram = 0;
        /* Option 57 counts the whole datagram. EDK2 says 65280 in its REQUEST, with the octets swapped: never
         * beyond a frame. */
        (void)dhcp4_option_u16(p, DHCP4_OPTION_MAX_SIZE, &datagram);
        if (datagram < DHCP4_MESSAGE_DEFAULT + IP_AND_UDP)
                return DHCP4_MESSAGE_DEFAULT;
        size_t message = (size_t)datagram - IP_AND_UDP;
        return message < DHCP4_MESSAGE_MAX ? message : DHCP4_MESSAGE_MAX;
}

const char *dhcp4_type_name(uint8_t type) {
        static const char *const names[] = { "BOOTP", "DISCOVER", "OFFER",   "REQUEST", "DECLINE",
                                             "ACK",   "NAK",      "RELEASE", "INFORM" };
        return type < ARRAY_LEN(names) ? names[type] : "?";
}
