/* Stand-ins; see standins.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/report/standins.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/reader.h"
#include "base/writer.h"

enum {
        MAKER = 3, /* octets of a MAC that name its maker */
        NAME_MIN = 3,
        HEX_RUN = 32,    /* digits that are more than an identity: a token, a sum */
        BASE64_RUN = 40, /* letters that are a key */
        DHCP_MAC_AT = 28,
        DHCP_OPTIONS_AT = 240,
        OPTION_HOSTNAME = 12,
        OPTION_UUID = 97,
        UUID = 16,
        FIRST_SERIAL = 0x10000000
};

/* ---- rows ---- */

static bool is_there(const struct standins *s, enum standin_kind kind, const void *from, size_t len) {
        for (size_t i = 0; i < s->n; i++)
                if (s->rows[i].kind == kind && s->rows[i].len == len &&
                    memcmp(s->rows[i].from, from, len) == 0)
                        return true;
        return false;
}

static void add(struct standins *s, enum standin_kind kind, const void *from, const void *to, size_t len) {
        if (s->n == STANDINS_MAX || len > STANDIN_SIZE || len == 0 || is_there(s, kind, from, len))
                return;
        struct standin *row = &s->rows[s->n++];
        row->kind = kind;
        row->len = len;
        memcpy(row->from, from, len);
        memcpy(row->to, to, len);
}

static void spell_mac(const uint8_t *m, const char *between, char buf[static 18]) {
        (void)snprintf(buf, 18, "%02x%s%02x%s%02x%s%02x%s%02x%s%02x", m[0], between, m[1], between, m[2],
                       between, m[3], between, m[4], between, m[5]);
}

void standins_add_mac(struct standins *s, const struct mac *mac) {
        static const char *const between[] = { ":", "-", "" };
        struct mac to = *mac;
        char text[18], other[18];

        if (is_there(s, STANDIN_OCTETS, mac->octets, sizeof(mac->octets)))
                return;
        s->n_macs++;
        memcpy(to.octets + MAKER, (uint8_t[]){ 0, (uint8_t)(s->n_macs >> 8), (uint8_t)s->n_macs }, MAKER);
        for (size_t i = 0; i < sizeof(between) / sizeof(*between); i++) {
                spell_mac(mac->octets, between[i], text);
                spell_mac(to.octets, between[i], other);
                add(s, STANDIN_TEXT, text, other, strlen(text));
        }
        add(s, STANDIN_OCTETS, mac->octets, to.octets, sizeof(to.octets));
        add(s, STANDIN_OCTETS, mac->octets + 2, to.octets + 2, 4); /* as option 97 has it */
}

void standins_add_serial(struct standins *s, uint32_t serial) {
        char text[9], other[9];
        uint8_t from[4], to[4];

        (void)snprintf(text, sizeof(text), "%08x", serial);
        if (serial == 0 || is_there(s, STANDIN_TEXT, text, 8))
                return;
        const uint32_t standin = FIRST_SERIAL + ++s->n_serials;
        (void)snprintf(other, sizeof(other), "%08x", standin);
        add(s, STANDIN_TEXT, text, other, 8);
        struct writer w = writer_of(from, sizeof(from)), v = writer_of(to, sizeof(to));
        write_u32le(&w, serial);
        write_u32le(&v, standin);
        add(s, STANDIN_OCTETS, from, to, sizeof(from));
}

void standins_add_uuid(struct standins *s, const uint8_t uuid[static UUID]) {
        uint8_t to[UUID] = { 0 };

        if (is_there(s, STANDIN_OCTETS, uuid, UUID))
                return;
        to[UUID - 1] = (uint8_t)++s->n_uuids;
        add(s, STANDIN_OCTETS, uuid, to, UUID);
}

void standins_add_name(struct standins *s, const char *name) {
        static const char standin[STANDIN_SIZE + 1] =
                "machine-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

        if (strlen(name) >= NAME_MIN)
                add(s, STANDIN_WORD, name, standin, strlen(name));
}

/* ---- what a board says of itself ---- */

static void hear_uuid(struct standins *s, const uint8_t *u) {
        struct reader r = reader_of(u + UUID - 4, 4);

        if (memcmp(u, "RPi", 3) == 0) {
                standins_add_serial(s, read_u32le(&r));
                return;
        }
        for (size_t i = 4; i < UUID; i++)
                if (u[i] != u[i - 4]) {
                        standins_add_uuid(s, u);
                        return;
                }
        /* Four times the serial, or the one octet that all boot ROMs of the Pi 3 say. */
        if (u[0] != u[1] || u[0] != u[2] || u[0] != u[3])
                standins_add_serial(s, read_u32le(&r));
}

void standins_hear(struct standins *s, const uint8_t *message, size_t len) {
        struct reader r = reader_of(message, len);
        char name[STANDIN_SIZE + 1] = "";
        struct mac mac;

        (void)read_octets(&r, DHCP_MAC_AT);
        const uint8_t *octets = read_octets(&r, sizeof(mac.octets));
        if (r.bad)
                return;
        memcpy(mac.octets, octets, sizeof(mac.octets));
        standins_add_mac(s, &mac);
        (void)read_octets(&r, DHCP_OPTIONS_AT - DHCP_MAC_AT - sizeof(mac.octets));
        while (!r.bad && reader_left(&r) > 0) {
                const uint8_t number = read_u8(&r);
                if (number == 0)
                        continue;
                if (number == 0xff)
                        break;
                const uint8_t n = read_u8(&r);
                octets = read_octets(&r, n);
                if (r.bad)
                        break;
                if (number == OPTION_UUID && n == UUID + 1)
                        hear_uuid(s, octets + 1);
                if (number == OPTION_HOSTNAME && n < sizeof(name)) {
                        memcpy(name, octets, n);
                        name[n] = 0;
                        standins_add_name(s, name);
                }
        }
}

/* ---- in place ---- */

static bool is_of_a_name(uint8_t c) {
        return isalnum(c) || c == '-' || c == '_';
}

static bool is_same(const struct standin *row, const uint8_t *at) {
        if (row->kind == STANDIN_OCTETS)
                return memcmp(row->from, at, row->len) == 0;
        for (size_t i = 0; i < row->len; i++)
                if (tolower(at[i]) != tolower(row->from[i]))
                        return false;
        return true;
}

static bool stands_alone(const uint8_t *octets, size_t len, size_t at, size_t n) {
        return (at == 0 || !is_of_a_name(octets[at - 1])) && (at + n == len || !is_of_a_name(octets[at + n]));
}

/* Among octets nothing says where a word begins: numbers stand beside it. */
static void replace(const struct standin *row, bool is_text, uint8_t *octets, size_t len) {
        for (size_t at = 0; at + row->len <= len;) {
                const bool is_it = is_same(row, octets + at) && (!is_text || row->kind != STANDIN_WORD ||
                                                                 stands_alone(octets, len, at, row->len));
                if (is_it)
                        memcpy(octets + at, row->to, row->len);
                at += is_it ? row->len : 1;
        }
}

static bool is_hex(char c) {
        return isxdigit((unsigned char)c);
}

static bool is_base64(char c) {
        return isalnum((unsigned char)c) || c == '+' || c == '=';
}

static void blank_runs(char *text, bool (*belongs)(char c), size_t min) {
        for (char *run = text; *run;) {
                size_t n = 0;
                while (run[n] && belongs(run[n]))
                        n++;
                if (n >= min)
                        memset(run, '0', n);
                run += n ? n : 1;
        }
}

void standins_apply_text(const struct standins *s, char *text) {
        for (size_t i = 0; i < s->n; i++)
                if (s->rows[i].kind != STANDIN_OCTETS)
                        replace(&s->rows[i], true, (uint8_t *)text, strlen(text));
        blank_runs(text, is_hex, HEX_RUN);
        blank_runs(text, is_base64, BASE64_RUN);
}

void standins_apply_octets(const struct standins *s, uint8_t *octets, size_t len) {
        for (size_t i = 0; i < s->n; i++)
                replace(&s->rows[i], false, octets, len);
}
