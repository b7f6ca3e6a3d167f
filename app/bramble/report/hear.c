/* What is said of boards; see hear.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/report/hear.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "app/bramble/report/message.h"
#include "app/bramble/report/standins.h"
#include "app/bramble/report/words.h"
#include "base/addr.h"
#include "base/reader.h"
#include "base/text.h"

/* ---- DHCP ---- */

static void add_mac(struct standins *s, const uint8_t octets[static 6]) {
        struct mac mac;

        memcpy(mac.octets, octets, sizeof(mac.octets));
        standins_add_mac(s, &mac);
}

static void add_serial_at(struct standins *s, const uint8_t octets[static 4]) {
        struct reader r = reader_of(octets, 4);
        standins_add_serial(s, read_u32le(&r));
}

/* Four letters, revision, the low four octets of the MAC, serial. The letters can be set by the operator:
 * then the MAC tells. */
static bool hear_long(struct standins *s, const uint8_t *u, const uint8_t *sender) {
        static const uint8_t zero[4];
        const bool is_sender = memcmp(u + 8, sender + 2, 4) == 0, has_revision = u[6] & 0x80;

        if (memcmp(u, "RPi", 3) != 0 && !(is_sender && has_revision))
                return false;
        add_serial_at(s, u + 12);
        if (!is_sender && memcmp(u + 8, zero, sizeof(zero)) != 0)
                standins_add_octets(s, u + 8, 4);
        return true;
}

static void hear_uuid(struct standins *s, const uint8_t *u, const uint8_t *sender) {
        if (hear_long(s, u, sender))
                return;
        if (memcmp(u, u + 4, STANDIN_UUID - 4) != 0)
                standins_add_uuid(s, u);
        /* Four times the serial, or the one octet that all boot ROMs of the Pi 3 say. */
        else if (u[0] != u[1] || u[0] != u[2] || u[0] != u[3])
                add_serial_at(s, u);
}

/* RFC 8415 section 11. What tells its kind stays. */
static void hear_duid(struct standins *s, const uint8_t *d, size_t len) {
        enum { LLT = 1, EN = 2, LL = 3, UUID = 4, HEAD = 2 };
        const unsigned type = len >= HEAD ? (unsigned)d[0] << 8 | d[1] : 0;

        if (type == LLT && len == HEAD + 2 + 4 + 6) {
                standins_add_octets(s, d + HEAD + 2, 4);
                add_mac(s, d + HEAD + 2 + 4);
        } else if (type == EN && len > HEAD + 4)
                standins_add_octets(s, d + HEAD + 4, len - HEAD - 4);
        else if (type == LL && len == HEAD + 2 + 6)
                add_mac(s, d + HEAD + 2);
        else if (type == UUID && len == HEAD + STANDIN_UUID)
                standins_add_uuid(s, d + HEAD);
        else
                standins_add_octets(s, d, len);
}

static bool is_printable(const uint8_t *octets, size_t len) {
        for (size_t i = 0; i < len; i++)
                if (!isprint(octets[i]))
                        return false;
        return true;
}

/* RFC 2132 section 9.14 and RFC 4361: a MAC behind its type, a DUID behind an interface's number, or what
 * somebody wrote. */
static void hear_client_id(struct standins *s, const uint8_t *o, size_t len, const uint8_t *sender) {
        enum { ETHERNET = 1, DUID = 0xff, IAID_END = 5 };

        if (len == 1 + 6 && o[0] == ETHERNET)
                add_mac(s, o + 1);
        else if (len > IAID_END && o[0] == DUID) {
                standins_add_octets(s, o + 1, 4);
                hear_duid(s, o + IAID_END, len - IAID_END);
        } else if (len == 1 + STANDIN_UUID && o[0] == 0)
                hear_uuid(s, o + 1, sender);
        else if (len > 1) {
                standins_add_octets(s, o + 1, len - 1);
                if (is_printable(o + 1, len - 1))
                        standins_add_name(s, (const char *)o + 1, len - 1);
        }
}

/* RFC 4702: three octets, and a name, with dots or with the length before each label. */
static void hear_fqdn(struct standins *s, const uint8_t *o, size_t len) {
        enum { HEAD = 3, IN_WIRE_FORM = 4 };

        if (len <= HEAD)
                return;
        if (!(o[0] & IN_WIRE_FORM)) {
                standins_add_name(s, (const char *)o + HEAD, len - HEAD);
                return;
        }
        for (size_t at = HEAD; at < len && o[at] > 0 && o[at] < len - at; at += 1u + o[at]) {
                const size_t next = at + 1 + o[at];
                const bool is_last = at > HEAD && (next == len || o[next] == 0);
                if (!is_last)
                        standins_add_name(s, (const char *)o + at + 1, o[at]);
        }
}

/* RFC 3046: which port of which switch. */
static void hear_relay(struct standins *s, const uint8_t *o, size_t len) {
        for (size_t at = 0; at + 2 <= len && o[at + 1] <= len - at - 2; at += 2u + o[at + 1]) {
                const uint8_t *value = o + at + 2;
                const size_t n = o[at + 1];
                if (n == 6 && !is_printable(value, n))
                        add_mac(s, value);
                else
                        standins_add_octets(s, value, n);
        }
}

void hear_message(struct standins *s, const uint8_t *message, size_t len) {
        const uint8_t *sender = message + MESSAGE_MAC_AT;
        struct message_option o = {};

        if (len < MESSAGE_MAC_AT + 6)
                return;
        add_mac(s, sender);
        while (message_next(message, len, &o)) {
                const uint8_t *value = message + o.at;
                if (o.number == MESSAGE_HOSTNAME)
                        standins_add_name(s, (const char *)value, o.len);
                else if (o.number == MESSAGE_CLIENT_ID)
                        hear_client_id(s, value, o.len, sender);
                else if (o.number == MESSAGE_FQDN)
                        hear_fqdn(s, value, o.len);
                else if (o.number == MESSAGE_RELAY)
                        hear_relay(s, value, o.len);
                else if (o.number == MESSAGE_UUID && o.len == 1 + STANDIN_UUID)
                        hear_uuid(s, value + 1, sender);
        }
}

/* ---- texts: by their form ---- */

static void add_mac_text(struct standins *s, const char *at) {
        char text[MAC_TEXT_SIZE];
        struct mac mac;

        memcpy(text, at, sizeof(text) - 1);
        text[sizeof(text) - 1] = 0;
        if (mac_parse(text, &mac) == 0)
                standins_add_mac(s, &mac);
}

/* Six pairs; or seven, the first of which says that an Ethernet address follows, as pxelinux asks. */
static size_t hear_mac(struct standins *s, const char *at) {
        const size_t n = words_pairs(at);

        if (n == 6 || n == 7)
                add_mac_text(s, at + 3 * (n - 6));
        return n ? 3 * n - 1 : 0;
}

static size_t hear_uuid_text(struct standins *s, const char *at) {
        static const size_t groups[] = { 8, 4, 4, 4, 12 };
        char digits[2 * STANDIN_UUID + 1] = "";
        uint8_t uuid[STANDIN_UUID];
        size_t len = 0, n = 0;

        for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
                if (words_hex(at + len) != groups[i] ||
                    (i + 1 < ARRAY_LEN(groups) && at[len + groups[i]] != '-'))
                        return 0;
                memcpy(digits + n, at + len, groups[i]);
                n += groups[i];
                len += groups[i] + 1;
        }
        if (text_parse_hex(digits, uuid, sizeof(uuid)) == 0)
                standins_add_uuid(s, uuid);
        return len - 1;
}

/* The folder that a Pi asks for its files in, or sixteen digits. Numbers that begin with zeros are of a
 * kernel that counts, and with ffff its addresses. */
static size_t hear_serial(struct standins *s, const char *text, const char *at) {
        const size_t n = words_hex(at);
        const bool is_alone = (at == text || !words_is_of_a_name(at[-1])) && !words_is_of_a_name(at[n]);

        if (!is_alone)
                return 0;
        if ((n == 8 && at[n] == '/') ||
            (n == 16 && strncmp(at, "00000000", 8) != 0 && strncasecmp(at, "ffff", 4) != 0))
                standins_add_serial_text(s, at, n);
        return n;
}

/* ---- texts: by the words before ---- */

enum heard { HEARD_SERIAL, HEARD_DEVICE, HEARD_NAME, HEARD_MAC };

static const struct lead {
        const char *before, *behind; /* behind: NULL: anything */
        enum heard heard;
} leads[] = {
        { "serial ", NULL, HEARD_SERIAL },
        { "serial: ", NULL, HEARD_SERIAL },
        { "serial=", NULL, HEARD_SERIAL },
        { "serial=0x", NULL, HEARD_SERIAL },
        { "DHCP said ", NULL, HEARD_SERIAL },
        { "registered with ", NULL, HEARD_SERIAL },
        { ", and ", " is registered", HEARD_SERIAL },
        { "SerialNumber: ", NULL, HEARD_DEVICE }, /* of USB, as the kernel says it */
        { "that is machine ", NULL, HEARD_NAME },
        { "registered for machine ", NULL, HEARD_NAME },
        { "host name ", NULL, HEARD_NAME },
        { "hostname to <", NULL, HEARD_NAME }, /* systemd's words */
        { "hostname set to <", NULL, HEARD_NAME },
        { "enx", NULL, HEARD_MAC }, /* how udev names a network device by its MAC */
};

static void hear_word(struct standins *s, enum heard heard, const char *word, size_t len) {
        struct mac mac;
        char digits[13];

        switch (heard) {
        case HEARD_SERIAL:
                standins_add_serial_text(s, word, len);
                break;
        case HEARD_DEVICE:
                /* One with dots or colons is a host controller's place, the same on all boards. */
                if (word[len] == ':' || memchr(word, '.', len))
                        break;
                standins_add_serial_text(s, word, len);
                standins_add_id(s, word, len);
                break;
        case HEARD_NAME:
                standins_add_name(s, word, len);
                break;
        case HEARD_MAC:
                if (len != sizeof(digits) - 1)
                        break;
                memcpy(digits, word, len);
                digits[len] = 0;
                if (mac_parse(digits, &mac) == 0)
                        standins_add_mac(s, &mac);
                break;
        }
}

static void hear_leads(struct standins *s, const char *at) {
        for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
                const struct lead *l = &leads[i];
                const char *word = at + strlen(l->before);
                if (strncasecmp(at, l->before, strlen(l->before)) != 0)
                        continue;
                const size_t len = words_name(word);
                if (!l->behind || text_starts_with(word + len, l->behind))
                        hear_word(s, l->heard, word, len);
        }
}

void hear_text(struct standins *s, const char *text) {
        for (const char *at = text; *at;) {
                const bool begins = words_begins(text, at);
                size_t n = 0;
                if (begins || !words_is_of_a_name(*at))
                        hear_leads(s, at);
                if (begins) {
                        n = hear_uuid_text(s, at);
                        n = n ? n : hear_mac(s, at);
                        n = n ? n : hear_serial(s, text, at);
                }
                at += n ? n : 1;
        }
}
