/* Writing DHCPv4 messages; see packet.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "base/writer.h"
#include "net/dhcp4/packet.h"

enum { MAGIC = 0x63825363, SNAME_AT = 44, SNAME_SIZE = 64, FILE_AT = 108, FILE_SIZE = 128 };

/* How far the options have spread, each beyond the last: the sname field is always free, the file field is a
 * file's first. */
enum spread { SPREAD_NONE = 0, SPREAD_SNAME = 2, SPREAD_FILE = 3 }; /* the values of option 52 */

/* Octets of an option in the message: a head of two for each piece of 255 (RFC 3396). An empty one has a head
 * too. */
static size_t option_size(const struct dhcp4_option *o) {
        size_t pieces = o->len ? (o->len + 254u) / 255 : 1;
        return o->len + 2 * pieces;
}

static void write_option(struct writer *w, const struct dhcp4_option *o) {
        size_t done = 0;
        do {
                size_t piece = o->len - done < 255 ? o->len - done : 255;
                write_u8(w, o->number);
                write_u8(w, (uint8_t)piece);
                write_octets(w, o->octets + done, piece);
                done += piece;
        } while (done < o->len);
}

/* The places for options, in the order in which a reader joins them. */
struct places {
        struct writer place[3];
        size_t n;
};

static struct places places_of(uint8_t *buf, size_t size_max, size_t reserved, enum spread spread) {
        /* Each place keeps one octet for its end mark; the first also what comes last in it. */
        struct places p = { .n = 1 };
        p.place[0] = writer_of(buf + DHCP4_HEADER_SIZE, size_max - DHCP4_HEADER_SIZE - reserved - 1);
        if (spread == SPREAD_FILE)
                p.place[p.n++] = writer_of(buf + FILE_AT, FILE_SIZE - 1);
        if (spread != SPREAD_NONE)
                p.place[p.n++] = writer_of(buf + SNAME_AT, SNAME_SIZE - 1);
        return p;
}

/* Puts an option whole into the first place that has room for it. */
static bool place_option(struct places *p, const struct dhcp4_option *o) {
        for (size_t i = 0; i < p->n; i++) {
                if (option_size(o) > writer_left(&p->place[i]))
                        continue;
                write_option(&p->place[i], o);
                return true;
        }
        return false;
}

static bool file_is_in_field(const struct dhcp4_message *m, enum spread spread) {
        return m->file && spread != SPREAD_FILE && strlen(m->file) < FILE_SIZE;
}

/* Lays the options out; returns false when some stayed out. The caller writes the header afterwards. */
static bool lay_out(const struct dhcp4_message *m, uint8_t *buf, enum spread spread, size_t *ret_len) {
        size_t relay = m->relay ? option_size(m->relay) : 0;
        struct places p = places_of(buf, m->size_max, relay, spread);
        bool is_whole = true;

        memset(buf + SNAME_AT, 0, SNAME_SIZE + FILE_SIZE);
        if (file_is_in_field(m, spread))
                memcpy(buf + FILE_AT, m->file, strlen(m->file));
        for (size_t i = 0; i < m->n_options; i++) {
                is_whole = place_option(&p, &m->options[i]) && is_whole;
                /* Right behind the message type: a reader must know of the other places early. */
                if (i == 0 && spread != SPREAD_NONE)
                        (void)place_option(&p,
                                           &(struct dhcp4_option){ DHCP4_OPTION_OVERLOAD, 1,
                                                                   (const uint8_t[]){ (uint8_t)spread } });
                if (i == 0 && m->file && !file_is_in_field(m, spread))
                        is_whole = place_option(&p, &(struct dhcp4_option){ DHCP4_OPTION_BOOT_FILE,
                                                                            (uint16_t)strlen(m->file),
                                                                            (const uint8_t *)m->file }) &&
                                   is_whole;
        }
        for (size_t i = 0; i < p.n; i++) {
                struct writer *w = &p.place[i];
                w->end += i == 0 ? relay + 1 : 1; /* what was kept back */
                if (i == 0 && m->relay)
                        write_option(w, m->relay);
                write_u8(w, DHCP4_OPTION_END);
        }
        *ret_len = DHCP4_HEADER_SIZE + writer_len(&p.place[0]);
        return is_whole;
}

static void write_header(const struct dhcp4_message *m, uint8_t *buf) {
        struct writer w = writer_of(buf, SNAME_AT);
        write_u8(&w, m->op);
        write_u8(&w, 1); /* Ethernet */
        write_u8(&w, sizeof(m->mac.octets));
        write_u8(&w, m->hops);
        write_u32(&w, m->xid);
        write_u16(&w, m->secs);
        write_u16(&w, m->flags);
        write_u32(&w, m->ciaddr);
        write_u32(&w, m->yiaddr);
        write_u32(&w, m->siaddr);
        write_u32(&w, m->giaddr);
        write_octets(&w, m->mac.octets, sizeof(m->mac.octets));
        write_zeros(&w, 10);
        assert(!w.full);
        w = writer_of(buf + FILE_AT + FILE_SIZE, 4);
        write_u32(&w, MAGIC);
}

size_t dhcp4_message_write(const struct dhcp4_message *m, uint8_t *buf) {
        static const enum spread spreads[] = { SPREAD_NONE, SPREAD_SNAME, SPREAD_FILE };
        size_t len = 0;

        assert(m->size_max >= DHCP4_MESSAGE_DEFAULT && m->size_max <= DHCP4_MESSAGE_MAX);
        if (m->relay && option_size(m->relay) + 16 > m->size_max - DHCP4_HEADER_SIZE)
                return 0;
        for (size_t i = 0; i < ARRAY_LEN(spreads); i++)
                if (lay_out(m, buf, spreads[i], &len))
                        break;
        write_header(m, buf);
        if (len < DHCP4_MESSAGE_MIN) {
                memset(buf + len, 0, DHCP4_MESSAGE_MIN - len);
                len = DHCP4_MESSAGE_MIN;
        }
        return len;
}
