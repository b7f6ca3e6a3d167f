/* DHCP as Raspberry Pi firmware speaks it; see dhcp.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/dhcp.h"

#include <assert.h>
#include <string.h>

#include "base/reader.h"
#include "base/writer.h"

static const char vendor_class[] = "PXEClient:Arch:00000:UNDI:002001";
static const char menu_entry[] = "Raspberry Pi Boot";
static const uint8_t magic[4] = { 99, 130, 83, 99 };

enum { MENU_SUBOPTION = 9, MENU_HEAD = 3 };

static void write_option(struct writer *w, uint8_t number, const void *octets, size_t len) {
        write_u8(w, number);
        write_u8(w, (uint8_t)len);
        write_octets(w, octets, len);
}

static void write_address(struct writer *w, uint8_t number, uint32_t addr) {
        write_u8(w, number);
        write_u8(w, 4);
        write_u32(w, addr);
}

static void write_identity(struct writer *w, const struct dhcp_manner *m, const struct dhcp_asker *who,
                           bool has_class) {
        if (m->system) {
                write_option(w, 60, m->system, strlen(m->system));
                return;
        }
        if (has_class && m->class_before_params)
                write_option(w, 60, vendor_class, sizeof(vendor_class) - 1);
        write_option(w, 93, "\0\0", 2);
        write_option(w, 94, "\1\2\1", 3);
        write_option(w, 97, who->uuid, sizeof(who->uuid));
        if (has_class && !m->class_before_params)
                write_option(w, 60, vendor_class, sizeof(vendor_class) - 1);
}

size_t dhcp_write(const struct dhcp_manner *m, const struct dhcp_asker *who, enum dhcp_type type,
                  uint32_t addr, uint32_t server, uint8_t *buf) {
        struct writer w = writer_of(buf, DHCP_MESSAGE_SIZE);

        write_octets(&w, "\1\1\6\0", 4);
        write_u32(&w, who->xid);
        write_u16(&w, who->secs);
        write_u16(&w, 0x8000); /* broadcast */
        write_zeros(&w, 16);
        write_octets(&w, who->mac.octets, sizeof(who->mac.octets));
        write_zeros(&w, 10 + 64 + 128);
        write_octets(&w, magic, sizeof(magic));
        write_option(&w, 53, &(uint8_t){ (uint8_t)type }, 1);
        write_option(&w, 55, m->params, m->n_params);
        write_identity(&w, m, who, type == DHCP_DISCOVER || m->request_has_class);
        if (type == DHCP_REQUEST) {
                write_address(&w, 50, addr);
                write_address(&w, 54, server);
        }
        write_u8(&w, 255);
        if (writer_len(&w) < m->message_size)
                write_zeros(&w, m->message_size - writer_len(&w));
        assert(!w.full);
        return writer_len(&w);
}

/* A dotted quad and nothing else: the firmware asks no DNS. */
static uint32_t dotted(const uint8_t *octets, size_t len) {
        char text[16] = {};
        struct ip_addr ip;

        if (len >= sizeof(text))
                return 0;
        memcpy(text, octets, len);
        return memchr(text, 0, len) == NULL && ip_parse(text, &ip) == 0 ? ip_to_v4(&ip) : 0;
}

/* Option 43: sub-options, of which 9 is a boot menu of {type, length, text}; or the bare text, which some
 * servers send. */
static bool has_menu_entry(const uint8_t *octets, size_t len) {
        const size_t entry_len = sizeof(menu_entry) - 1;

        if (len >= entry_len && memcmp(octets, menu_entry, entry_len) == 0)
                return true;
        struct reader r = reader_of(octets, len);
        while (reader_left(&r) >= 2) {
                uint8_t number = read_u8(&r);
                if (number == 255)
                        break;
                uint8_t size = read_u8(&r);
                const uint8_t *value = read_octets(&r, size);
                if (!value)
                        break;
                for (size_t at = 0; number == MENU_SUBOPTION && at + MENU_HEAD <= size;) {
                        size_t text_len = value[at + 2];
                        if (at + MENU_HEAD + text_len <= size && text_len >= entry_len &&
                            memcmp(value + at + MENU_HEAD, menu_entry, entry_len) == 0)
                                return true;
                        at += MENU_HEAD + text_len;
                }
        }
        return false;
}

static uint32_t address(const uint8_t *octets, size_t len) {
        return len >= 4 ? (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
                                  octets[3]
                        : 0;
}

static void take_option(struct dhcp_reply *ret, uint8_t number, const uint8_t *octets, size_t len) {
        switch (number) {
        case 1:
                ret->mask = address(octets, len);
                break;
        case 3:
                ret->router = address(octets, len);
                break;
        case 43:
                ret->names_menu = has_menu_entry(octets, len);
                break;
        case 53:
                ret->type = len == 1 ? (enum dhcp_type)octets[0] : 0;
                break;
        case 54:
                ret->server = address(octets, len);
                break;
        case 60:
                ret->is_pxe = len >= 9 && memcmp(octets, vendor_class, 9) == 0;
                break;
        case 66:
                ret->has_tftp_server = true;
                ret->tftp_server = dotted(octets, len);
                break;
        default:
                break;
        }
}

bool dhcp_parse(const void *octets, size_t len, struct dhcp_reply *ret) {
        struct reader r = reader_of(octets, len);

        *ret = (struct dhcp_reply){};
        uint8_t op = read_u8(&r), htype = read_u8(&r), hlen = read_u8(&r);
        (void)read_u8(&r);
        ret->xid = read_u32(&r);
        (void)read_octets(&r, 8); /* secs, flags, ciaddr */
        ret->addr = read_u32(&r);
        ret->next_server = read_u32(&r);
        (void)read_u32(&r);
        const uint8_t *chaddr = read_octets(&r, 16);
        (void)read_octets(&r, 64 + 128);
        const uint8_t *cookie = read_octets(&r, sizeof(magic));
        if (r.bad || op != 2 || htype != 1 || hlen != 6 || memcmp(cookie, magic, sizeof(magic)) != 0)
                return false;
        memcpy(ret->mac.octets, chaddr, sizeof(ret->mac.octets));

        while (reader_left(&r) > 0) {
                uint8_t number = read_u8(&r);
                if (number == 0)
                        continue;
                if (number == 255)
                        break;
                uint8_t size = read_u8(&r);
                const uint8_t *value = read_octets(&r, size);
                if (!value)
                        return false;
                take_option(ret, number, value, size);
        }
        return ret->type == DHCP_OFFER || ret->type == DHCP_ACK || ret->type == DHCP_NAK;
}
