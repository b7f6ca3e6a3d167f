/* TFTP packets to structs and back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tftp/packet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/reader.h"

/* The options we know: what a client may ask, and what becomes of a value that is larger than we grant. */
static const struct option_rule {
        const char *name;
        enum tftp_option bit;
        uint64_t min, max;
        uint64_t granted_max; /* a value up to @max is accepted, and answered with this at most */
} option_rules[] = {
        { "blksize", TFTP_OPTION_BLKSIZE, TFTP_BLKSIZE_MIN, UINT32_MAX, TFTP_BLKSIZE_MAX },
        { "windowsize", TFTP_OPTION_WINDOWSIZE, 1, UINT16_MAX, TFTP_WINDOWSIZE_MAX },
        { "tsize", TFTP_OPTION_TSIZE, 0, UINT64_MAX, UINT64_MAX },
        { "timeout", TFTP_OPTION_TIMEOUT, 1, TFTP_TIMEOUT_S_MAX, TFTP_TIMEOUT_S_MAX },
};

static const struct {
        const char *name;
        enum tftp_mode mode;
} modes[] = {
        { "octet", TFTP_MODE_OCTET },
        { "netascii", TFTP_MODE_NETASCII },
};

/* Decimal digits and nothing else: strtoul() would take signs, blanks and hexadecimal. */
static bool parse_number(const char *s, uint64_t *ret) {
        uint64_t n = 0;

        if (!*s)
                return false;
        for (; *s; s++) {
                if (*s < '0' || *s > '9')
                        return false;
                if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (unsigned)(*s - '0'), &n))
                        return false;
        }
        *ret = n;
        return true;
}

static void option_set(struct tftp_options *o, enum tftp_option bit, uint64_t value) {
        o->present |= bit;
        switch (bit) {
        case TFTP_OPTION_BLKSIZE:
                o->blksize = (uint32_t)value;
                break;
        case TFTP_OPTION_WINDOWSIZE:
                o->windowsize = (uint32_t)value;
                break;
        case TFTP_OPTION_TSIZE:
                o->tsize = value;
                break;
        case TFTP_OPTION_TIMEOUT:
                o->timeout_s = (uint32_t)value;
                break;
        }
}

static void parse_option(struct tftp_options *o, const char *name, const char *text) {
        for (size_t i = 0; i < ARRAY_LEN(option_rules); i++) {
                const struct option_rule *rule = &option_rules[i];
                uint64_t value;

                if (strcasecmp(name, rule->name) != 0)
                        continue;
                /* "An option may be specified once" (RFC 2347): the first one counts. */
                if (!(o->present & rule->bit) && parse_number(text, &value) && value >= rule->min &&
                    value <= rule->max)
                        option_set(o, rule->bit, value < rule->granted_max ? value : rule->granted_max);
                return;
        }
}

static void parse_options(struct reader *r, struct tftp_options *o) {
        while (reader_left(r) > 0) {
                const char *name = read_cstr(r);
                const char *value = read_cstr(r);

                if (r->bad)
                        return;
                parse_option(o, name, value);
        }
}

static enum tftp_mode parse_mode(const char *name) {
        for (size_t i = 0; i < ARRAY_LEN(modes); i++)
                if (strcasecmp(name, modes[i].name) == 0)
                        return modes[i].mode;
        return TFTP_MODE_OTHER;
}

static void parse_error_text(struct reader *r, struct tftp_packet *p) {
        size_t len = reader_left(r);
        const uint8_t *text = read_octets(r, len);
        const uint8_t *nul = len ? memchr(text, 0, len) : NULL;

        p->error.text = len ? (const char *)text : "";
        p->error.text_len = nul ? (size_t)(nul - text) : len;
}

int tftp_packet_parse(const void *data, size_t len, struct tftp_packet *ret) {
        struct reader r = reader_of(data, len);
        struct tftp_packet p = { .op = (enum tftp_op)read_u16(&r) };

        switch (p.op) {
        case TFTP_RRQ:
        case TFTP_WRQ:
                p.request.path = read_cstr(&r);
                p.request.mode = parse_mode(read_cstr(&r));
                break;
        case TFTP_ACK:
                p.ack.block = read_u16(&r);
                break;
        case TFTP_ERROR:
                p.error.code = read_u16(&r);
                break;
        default:
                return -EBADMSG;
        }
        if (r.bad)
                return -EBADMSG;

        if (p.op == TFTP_RRQ)
                parse_options(&r, &p.request.options);
        if (p.op == TFTP_ERROR)
                parse_error_text(&r, &p);
        *ret = p;
        return 0;
}

void tftp_data_header_put(uint8_t *buf, uint16_t block) {
        buf[0] = 0;
        buf[1] = TFTP_DATA;
        buf[2] = (uint8_t)(block >> 8);
        buf[3] = (uint8_t)block;
}

static uint64_t option_value(const struct tftp_options *o, enum tftp_option bit) {
        switch (bit) {
        case TFTP_OPTION_BLKSIZE:
                return o->blksize;
        case TFTP_OPTION_WINDOWSIZE:
                return o->windowsize;
        case TFTP_OPTION_TSIZE:
                return o->tsize;
        case TFTP_OPTION_TIMEOUT:
                return o->timeout_s;
        }
        return 0;
}

void tftp_oack_write(struct writer *w, const struct tftp_options *granted) {
        write_u16(w, TFTP_OACK);
        for (size_t i = 0; i < ARRAY_LEN(option_rules); i++) {
                char value[24];

                if (!(granted->present & option_rules[i].bit))
                        continue;
                (void)snprintf(value, sizeof(value), "%" PRIu64, option_value(granted, option_rules[i].bit));
                write_cstr(w, option_rules[i].name);
                write_cstr(w, value);
        }
}

void tftp_error_write(struct writer *w, enum tftp_error code, const char *text) {
        write_u16(w, TFTP_ERROR);
        write_u16(w, (uint16_t)code);
        write_octets(w, text, strnlen(text, TFTP_ERROR_TEXT_MAX));
        write_u8(w, 0);
}
