/* Netconsole's datagrams; see packet.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/netconsole/packet.h"

#include <errno.h>
#include <string.h>

#include "base/reader.h"

enum {
        ETHERTYPE_IPV4 = 0x0800,
        PROTOCOL_UDP = 17,
        FRAGMENT = 0x3fff, /* more fragments, and the offset */
        LINK_LOCAL = 0xa9fe,
        PRIORITY_MASK = 7, /* the rest is the facility */
};

/* The IPv4 header up to its addresses; false: not a whole UDP datagram. */
static bool read_ipv4(struct reader *r, uint32_t *src, size_t *len) {
        uint8_t version = read_u8(r);
        size_t head = (version & 15u) * 4;

        (void)read_u8(r);
        *len = read_u16(r);
        (void)read_u16(r);
        uint16_t fragment = read_u16(r);
        (void)read_u8(r);
        uint8_t protocol = read_u8(r);
        (void)read_u16(r);
        *src = read_u32(r);
        (void)read_u32(r);
        if (r->bad || version >> 4 != 4 || head < 20 || protocol != PROTOCOL_UDP || (fragment & FRAGMENT) ||
            *len < head)
                return false;
        (void)read_octets(r, head - 20);
        *len -= head;
        return !r->bad;
}

int netconsole_frame_parse(const void *frame, size_t len, struct netconsole_datagram *ret) {
        struct reader r = reader_of(frame, len);
        struct netconsole_datagram d = {};
        size_t left;

        (void)read_octets(&r, sizeof(d.mac.octets));
        const uint8_t *mac = read_octets(&r, sizeof(d.mac.octets));
        uint16_t type = read_u16(&r);
        if (r.bad || type != ETHERTYPE_IPV4 || !read_ipv4(&r, &d.src, &left))
                return -EBADMSG;
        memcpy(d.mac.octets, mac, sizeof(d.mac.octets));
        d.src_port = read_u16(&r);
        d.dst_port = read_u16(&r);
        size_t size = read_u16(&r);
        (void)read_u16(&r); /* the checksum: frames that never left the machine have half of one */
        if (r.bad || size < 8 || size > left)
                return -EBADMSG;
        d.len = size - 8;
        d.text = (const char *)read_octets(&r, d.len);
        if (r.bad)
                return -EBADMSG;
        *ret = d;
        return 0;
}

/* A decimal number and the character behind it, both taken; false: it is none. */
static bool take_number(const char **at, const char *end, uint64_t max, uint64_t *ret) {
        uint64_t v = 0;
        const char *p = *at;

        for (; p < end && *p >= '0' && *p <= '9'; p++) {
                v = v * 10 + (uint64_t)(*p - '0');
                if (v > max)
                        return false;
        }
        if (p == *at || p == end)
                return false;
        *ret = v;
        *at = p;
        return true;
}

static bool take_char(const char **at, const char *end, char c) {
        if (*at == end || **at != c)
                return false;
        ++*at;
        return true;
}

/* ",ncfrag=OFFSET/SIZE" among the header's further fields, which end with a semicolon. */
static bool take_rest(const char **at, const char *end, struct netconsole_record *r) {
        static const char word[] = ",ncfrag=";
        const char *semicolon = memchr(*at, ';', (size_t)(end - *at));
        if (!semicolon)
                return false;
        const char *part = memmem(*at, (size_t)(semicolon - *at), word, sizeof(word) - 1);
        uint64_t offset, size;

        *at = semicolon + 1;
        if (!part)
                return true;
        part += sizeof(word) - 1;
        if (!take_number(&part, semicolon, UINT16_MAX, &offset) || !take_char(&part, semicolon, '/') ||
            !take_number(&part, semicolon + 1, UINT16_MAX, &size) || offset >= size)
                return false;
        r->offset = (uint32_t)offset;
        r->of_size = (uint32_t)size;
        return true;
}

/* The kernel's release may stand before the header ("r" in netconsole=): "6.1.0-13-arm64,6,416,...". */
static const char *skip_release(const char *text, const char *end) {
        const char *comma = memchr(text, ',', (size_t)(end - text));

        for (const char *p = text; comma && p < comma; p++)
                if (*p == '.')
                        return comma + 1;
        return text;
}

static bool read_extended(const char *text, const char *end, struct netconsole_record *r) {
        const char *at = skip_release(text, end);
        uint64_t priority, sequence, usec;

        if (!take_number(&at, end, 255, &priority) || !take_char(&at, end, ',') ||
            !take_number(&at, end, UINT64_MAX / 16, &sequence) || !take_char(&at, end, ',') ||
            !take_number(&at, end, UINT64_MAX / 16, &usec) || !take_char(&at, end, ',') ||
            !take_rest(&at, end, r))
                return false;
        r->is_extended = true;
        r->priority = (unsigned)priority & PRIORITY_MASK;
        r->sequence = sequence;
        r->text = at;
        const char *line_end = memchr(at, '\n', (size_t)(end - at)); /* keys for programs follow it */
        r->len = (size_t)((line_end ? line_end : end) - at);
        return true;
}

void netconsole_record_read(const char *text, size_t len, struct netconsole_record *ret) {
        struct netconsole_record r = {};

        if (!read_extended(text, text + len, &r))
                r = (struct netconsole_record){ .text = text, .len = len };
        *ret = r;
}

bool netconsole_is_firmware(const struct netconsole_datagram *d) {
        return d->src == 0 || d->src >> 16 == LINK_LOCAL;
}
