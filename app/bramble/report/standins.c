/* Stand-ins; see standins.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/report/standins.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble/report/message.h"
#include "app/bramble/report/words.h"
#include "base/text.h"
#include "base/writer.h"

enum {
        MAKER = 3, /* octets of a MAC that name its maker */
        NAME_MIN = 3,
        ID_MIN = 4,
        HEX_RUN = 32,    /* digits that are more than an identity: a token, a sum */
        BASE64_RUN = 40, /* letters that are a key */
        PAIRS_RUN = 8,   /* of hex digits, with ':' or '-' between: a fingerprint */
        UUID_TEXT = 36,
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
        if (len == 0 || is_there(s, kind, from, len))
                return;
        if (s->n == STANDINS_MAX || len > STANDIN_SIZE) {
                s->is_full = true;
                return;
        }
        struct standin *row = &s->rows[s->n++];
        row->kind = kind;
        row->len = len;
        memcpy(row->from, from, len);
        memcpy(row->to, to, len);
}

static void add_text(struct standins *s, const char *from, const char *to) {
        add(s, STANDIN_TEXT, from, to, strlen(from));
}

/* ---- MACs ---- */

static void spell_mac(const uint8_t *m, const char *between, char buf[static 18]) {
        (void)snprintf(buf, 18, "%02x%s%02x%s%02x%s%02x%s%02x%s%02x", m[0], between, m[1], between, m[2],
                       between, m[3], between, m[4], between, m[5]);
}

/* The end of the IPv6 address that a system makes of its MAC (RFC 4291 appendix A), its last group of @width
 * digits. */
static void spell_eui64(const uint8_t *m, int width, char buf[static 20]) {
        const unsigned last = (unsigned)m[4] << 8 | m[5];

        (void)snprintf(buf, 20, "%x:%x:fe%02x:%0*x", (unsigned)(m[0] ^ 2) << 8 | m[1],
                       (unsigned)m[2] << 8 | 0xff, m[3], width, last & ((1u << 4 * width) - 1));
}

/* As names are made of it: pi4b-a7ed89. */
static void spell_tail(const uint8_t *m, char buf[static 8]) {
        (void)snprintf(buf, 8, "-%02x%02x%02x", m[3], m[4], m[5]);
}

static int digits_of(unsigned n) {
        return snprintf(NULL, 0, "%x", n);
}

void standins_add_mac(struct standins *s, const struct mac *mac) {
        static const char *const between[] = { ":", "-", "" };
        const uint8_t *m = mac->octets;
        struct mac to = *mac;
        char text[20], other[20];

        /* What is sent to many is nobody's. */
        if (mac_is_zero(mac) || m[0] & 1 || is_there(s, STANDIN_OCTETS, m, sizeof(mac->octets)))
                return;
        s->n_macs++;
        memcpy(to.octets + MAKER, (uint8_t[]){ 0, (uint8_t)(s->n_macs >> 8), (uint8_t)s->n_macs }, MAKER);
        for (size_t i = 0; i < ARRAY_LEN(between); i++) {
                spell_mac(m, between[i], text);
                spell_mac(to.octets, between[i], other);
                add_text(s, text, other);
        }
        const int width = digits_of((unsigned)m[4] << 8 | m[5]);
        spell_eui64(m, width, text);
        spell_eui64(to.octets, width, other);
        add_text(s, text, other);
        spell_tail(m, text);
        spell_tail(to.octets, other);
        add_text(s, text, other);
        add(s, STANDIN_OCTETS, m, to.octets, sizeof(to.octets));
        add(s, STANDIN_OCTETS, m + 2, to.octets + 2, 4); /* as option 97 has it */
}

/* ---- serials ---- */

void standins_add_serial(struct standins *s, uint32_t serial) {
        char text[9], other[9];
        uint8_t from[4], to[4];

        (void)snprintf(text, sizeof(text), "%08x", serial);
        if (serial == 0 || is_there(s, STANDIN_TEXT, text, 8))
                return;
        const uint32_t standin = FIRST_SERIAL + ++s->n_serials;
        (void)snprintf(other, sizeof(other), "%08x", standin);
        add_text(s, text, other);
        struct writer w = writer_of(from, sizeof(from)), v = writer_of(to, sizeof(to));
        write_u32le(&w, serial);
        write_u32le(&v, standin);
        add(s, STANDIN_OCTETS, from, to, sizeof(from));
}

/* The upper half of a long one goes, too: a Pi 5 has a number of its own there. */
static void add_upper_half(struct standins *s, const char digits[static 16], const char low[static 9]) {
        char from[17], to[17];

        for (size_t i = 0; i < s->n; i++) {
                const struct standin *row = &s->rows[i];
                if (row->kind != STANDIN_TEXT || row->len != 8 || memcmp(row->from, low, 8) != 0)
                        continue;
                (void)snprintf(from, sizeof(from), "%.8s%s", digits, low);
                (void)snprintf(to, sizeof(to), "%08x%.8s", FIRST_SERIAL, (const char *)row->to);
                add_text(s, from, to);
                return;
        }
}

void standins_add_serial_text(struct standins *s, const char *digits, size_t len) {
        char low[9], upper[17] = "";
        uint64_t serial = 0;

        if ((len != 8 && len != 16) || words_hex(digits) < len)
                return;
        for (size_t i = 0; i < len; i++) {
                serial = serial << 4 | (uint64_t)text_hex_digit(digits[i]);
                upper[i] = (char)tolower((unsigned char)digits[i]);
        }
        standins_add_serial(s, (uint32_t)serial);
        (void)snprintf(low, sizeof(low), "%08x", (uint32_t)serial);
        if (serial >> 32)
                add_upper_half(s, upper, low);
}

/* ---- identifiers ---- */

static bool is_one_octet(const uint8_t *octets, size_t len) {
        for (size_t i = 1; i < len; i++)
                if (octets[i] != octets[0])
                        return false;
        return true;
}

void standins_add_octets(struct standins *s, const uint8_t *octets, size_t len) {
        uint8_t to[STANDIN_SIZE] = { 0 };

        if (len > STANDIN_SIZE) {
                standins_add_octets(s, octets, STANDIN_SIZE);
                standins_add_octets(s, octets + STANDIN_SIZE, len - STANDIN_SIZE);
                return;
        }
        if (len < ID_MIN || is_one_octet(octets, len) || is_there(s, STANDIN_OCTETS, octets, len))
                return;
        s->n_ids++;
        to[len - 2] = (uint8_t)(s->n_ids >> 8);
        to[len - 1] = (uint8_t)s->n_ids;
        add(s, STANDIN_OCTETS, octets, to, len);
}

static void spell_uuid(const uint8_t u[static STANDIN_UUID], char buf[static UUID_TEXT + 1]) {
        char hex[2 * STANDIN_UUID + 1];

        (void)text_hex(u, STANDIN_UUID, hex);
        (void)snprintf(buf, UUID_TEXT + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                       hex + 20);
}

void standins_add_uuid(struct standins *s, const uint8_t u[static STANDIN_UUID]) {
        /* SMBIOS turns the first three numbers round, and its readers do as they like. */
        const uint8_t turned[STANDIN_UUID] = { u[3], u[2], u[1],  u[0],  u[5],  u[4],  u[7],  u[6],
                                               u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15] };
        uint8_t to[STANDIN_UUID] = { 0 };
        char text[UUID_TEXT + 1], other[UUID_TEXT + 1];

        if (is_one_octet(u, STANDIN_UUID) || is_there(s, STANDIN_OCTETS, u, STANDIN_UUID))
                return;
        s->n_ids++;
        to[STANDIN_UUID - 2] = (uint8_t)(s->n_ids >> 8);
        to[STANDIN_UUID - 1] = (uint8_t)s->n_ids;
        spell_uuid(to, other);
        spell_uuid(u, text);
        add_text(s, text, other);
        spell_uuid(turned, text);
        add_text(s, text, other);
        add(s, STANDIN_OCTETS, u, to, STANDIN_UUID);
        add(s, STANDIN_OCTETS, turned, to, STANDIN_UUID);
}

void standins_add_id(struct standins *s, const char *id, size_t len) {
        char from[STANDIN_SIZE + 1], to[STANDIN_SIZE + 1];

        if (len < ID_MIN || len > STANDIN_SIZE)
                return;
        (void)snprintf(from, sizeof(from), "%.*s", (int)len, id);
        if (is_there(s, STANDIN_TEXT, from, len) || is_there(s, STANDIN_WORD, from, len))
                return;
        (void)snprintf(to, sizeof(to), "%0*u", (int)len, ++s->n_ids);
        add(s, STANDIN_WORD, from, to, len);
}

/* ---- names ---- */

/* The first is "machine-xxx", others have their number at the end. */
static void spell_name(unsigned number, size_t len, char buf[static STANDIN_SIZE + 1]) {
        static const char standin[STANDIN_SIZE + 1] =
                "machine-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
        char digits[12];
        const int n = snprintf(digits, sizeof(digits), "%u", number);

        (void)snprintf(buf, STANDIN_SIZE + 1, "%.*s", (int)len, standin);
        if (number > 1 && (size_t)n < len)
                memcpy(buf + len - (size_t)n, digits, (size_t)n);
}

static void add_label(struct standins *s, const char *label, size_t len) {
        char to[STANDIN_SIZE + 1], from[STANDIN_SIZE];
        size_t n_digits = 0;

        while (n_digits < len && isdigit((unsigned char)label[n_digits]))
                n_digits++;
        if (len < NAME_MIN || n_digits == len)
                return;
        if (len > STANDIN_SIZE) { /* no name, and nothing that a text has room for */
                standins_add_octets(s, (const uint8_t *)label, len);
                return;
        }
        for (size_t i = 0; i < len; i++)
                from[i] = (char)tolower((unsigned char)label[i]);
        if (is_there(s, STANDIN_WORD, from, len))
                return;
        spell_name(++s->n_names, len, to);
        add(s, STANDIN_WORD, from, to, len);
}

void standins_add_name(struct standins *s, const char *name, size_t len) {
        for (size_t at = 0, n = 0; at < len; at += n + 1) {
                for (n = 0; at + n < len && words_is_of_a_name(name[at + n]);)
                        n++;
                const bool is_top = at > 0 && name[at - 1] == '.' && at + n == len;
                if (!is_top)
                        add_label(s, name + at, n);
        }
}

/* ---- in place ---- */

#define KIND(kind) (1u << STANDIN_##kind)

static bool is_same(const struct standin *row, const uint8_t *at) {
        if (row->kind == STANDIN_OCTETS)
                return memcmp(row->from, at, row->len) == 0;
        for (size_t i = 0; i < row->len; i++)
                if (tolower(at[i]) != tolower(row->from[i]))
                        return false;
        return true;
}

static bool stands_alone(const uint8_t *octets, size_t len, size_t at, size_t n) {
        return (at == 0 || !words_is_of_a_name((char)octets[at - 1])) &&
               (at + n == len || !words_is_of_a_name((char)octets[at + n]));
}

/* The longest: a short one may be a part of it. */
static const struct standin *longest_at(const struct standins *s, unsigned kinds, const uint8_t *octets,
                                        size_t len, size_t at) {
        const struct standin *longest = NULL;

        for (size_t i = 0; i < s->n; i++) {
                const struct standin *row = &s->rows[i];
                if ((kinds & 1u << row->kind) && row->len <= len - at &&
                    (!longest || row->len > longest->len) && is_same(row, octets + at) &&
                    (row->kind != STANDIN_WORD || stands_alone(octets, len, at, row->len)))
                        longest = row;
        }
        return longest;
}

/* In one go: what was put in is no more looked at. */
static void replace(const struct standins *s, unsigned kinds, uint8_t *octets, size_t len) {
        for (size_t at = 0; at < len;) {
                const struct standin *row = longest_at(s, kinds, octets, len, at);
                if (row)
                        memcpy(octets + at, row->to, row->len);
                at += row ? row->len : 1;
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

static void blank_digits(char *text, size_t len) {
        for (size_t i = 0; i < len; i++)
                if (is_hex(text[i]))
                        text[i] = '0';
}

/* Fingerprints; and a MAC that the text ends in before it does, of which the maker stays. */
static void blank_pairs(char *text) {
        for (char *at = text; *at;) {
                const size_t n = words_begins(text, at) ? words_pairs(at) : 0;
                const size_t len = n ? 3 * n - 1 : 1;
                const char *rest = at + len;
                if (n >= PAIRS_RUN)
                        blank_digits(at, len);
                else if (n > MAKER && n < 6 && strlen(rest) <= 2 && (!*rest || *rest == at[2]))
                        blank_digits(at + 3 * MAKER, strlen(at) - 3 * MAKER);
                at += len;
        }
}

void standins_apply_text(const struct standins *s, char *text) {
        replace(s, KIND(TEXT) | KIND(WORD), (uint8_t *)text, strlen(text));
        blank_runs(text, is_hex, HEX_RUN);
        blank_runs(text, is_base64, BASE64_RUN);
        blank_pairs(text);
}

void standins_apply_message(const struct standins *s, uint8_t *message, size_t len) {
        const unsigned anywhere = KIND(TEXT) | KIND(OCTETS);
        struct message_option o = {};
        size_t done = 0;

        while (message_next(message, len, &o)) {
                replace(s, anywhere, message + done, o.at - done);
                replace(s, message_is_text(o.number) ? anywhere | KIND(WORD) : anywhere, message + o.at,
                        o.len);
                done = o.next;
        }
        replace(s, anywhere, message + done, len - done);
}
