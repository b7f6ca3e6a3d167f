/* DHCP options as an operator writes them: "NUMBER=TYPE:VALUE" to wire form; see subnet.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/writer.h"
#include "core/site/subnet.h"

enum { ITEM_MAX = 256 }; /* octets of one item of a comma list: a domain name is at most 253 */

int subnet_name_encode(const char *name, uint8_t *wire, size_t size) {
        struct writer w = writer_of(wire, size < SUBNET_NAME_WIRE_MAX ? size : SUBNET_NAME_WIRE_MAX);
        const char *at = name;

        for (;;) {
                size_t len = strcspn(at, ".");
                if (len == 0 || len > 63)
                        return -EINVAL;
                for (size_t i = 0; i < len; i++) {
                        if ((unsigned char)at[i] <= 0x20 || (unsigned char)at[i] >= 0x7f)
                                return -EINVAL;
                }
                write_u8(&w, (uint8_t)len);
                write_octets(&w, at, len);
                at += len;
                if (at[0] == 0 || at[1] == 0) /* "example.org." says no more than "example.org" */
                        break;
                at++;
        }
        write_u8(&w, 0);
        return w.full ? -EINVAL : (int)writer_len(&w);
}

int subnet_route_encode(const struct subnet_route *route, uint8_t *wire, size_t size) {
        struct writer w = writer_of(wire, size);

        write_u8(&w, route->net.prefix_len);
        write_octets(&w, route->net.addr.octets, (route->net.prefix_len + 7u) / 8);
        write_octets(&w, route->router.octets, 4);
        return w.full ? -EINVAL : (int)writer_len(&w);
}

/* Each kind of value: writes @value to wire form; 0 or -EINVAL. */

static int put_number(const char *value, uint64_t max, struct writer *w) {
        uint64_t n;
        if (text_parse_u64(value, max, &n) < 0)
                return -EINVAL;
        for (uint64_t left = max; left; left >>= 8) {
                unsigned shift = 0;
                for (uint64_t rest = left >> 8; rest; rest >>= 8)
                        shift += 8;
                write_u8(w, (uint8_t)(n >> shift));
        }
        return 0;
}

static int put_u8(const char *value, struct writer *w) {
        return put_number(value, UINT8_MAX, w);
}

static int put_u16(const char *value, struct writer *w) {
        return put_number(value, UINT16_MAX, w);
}

static int put_u32(const char *value, struct writer *w) {
        return put_number(value, UINT32_MAX, w);
}

static int put_i32(const char *value, struct writer *w) {
        bool is_negative = value[0] == '-';
        uint64_t n;

        if (text_parse_u64(value + is_negative, is_negative ? (uint64_t)INT32_MAX + 1 : INT32_MAX, &n) < 0)
                return -EINVAL;
        write_u32(w, (uint32_t)(is_negative ? 0 - n : n));
        return 0;
}

static int put_bool(const char *value, struct writer *w) {
        bool is_true = strcmp(value, "true") == 0;
        if (!is_true && strcmp(value, "false") != 0)
                return -EINVAL;
        write_u8(w, is_true);
        return 0;
}

static int put_text(const char *value, struct writer *w) {
        write_octets(w, value, strlen(value));
        return *value ? 0 : -EINVAL;
}

static int put_hex(const char *value, struct writer *w) {
        size_t len = strlen(value);
        if (len == 0 || len % 2)
                return -EINVAL;
        for (size_t i = 0; i < len; i += 2) {
                uint8_t octet;
                if (text_parse_hex((char[]){ value[i], value[i + 1], 0 }, &octet, 1) < 0)
                        return -EINVAL;
                write_u8(w, octet);
        }
        return 0;
}

static int put_ip(const char *value, struct writer *w) {
        struct ip_addr a;
        if (ip_parse(value, &a) < 0 || a.family != IP_V4)
                return -EINVAL;
        write_octets(w, a.octets, 4);
        return 0;
}

static int put_domain(const char *value, struct writer *w) {
        uint8_t wire[SUBNET_NAME_WIRE_MAX];
        int n = subnet_name_encode(value, wire, sizeof(wire));
        if (n < 0)
                return n;
        write_octets(w, wire, (size_t)n);
        return 0;
}

static int put_route(const char *value, struct writer *w) {
        char net[ITEM_MAX];
        struct subnet_route route;
        uint8_t wire[SUBNET_ROUTE_WIRE_MAX];
        const char *router = strchr(value, '=');

        if (!router)
                return -EINVAL;
        memcpy(net, value, (size_t)(router - value));
        net[router - value] = 0;
        if (ip_net_parse(net, &route.net) < 0 || route.net.addr.family != IP_V4 ||
            ip_parse(router + 1, &route.router) < 0 || route.router.family != IP_V4)
                return -EINVAL;
        int n = subnet_route_encode(&route, wire, sizeof(wire));
        if (n < 0)
                return n;
        write_octets(w, wire, (size_t)n);
        return 0;
}

struct option_type {
        const char *name;
        int (*put)(const char *value, struct writer *w);
        bool is_list; /* values between commas */
        const char *wants;
};

static const struct option_type types[] = {
        { "ip", put_ip, true, "IPv4 addresses with commas between them" },
        { "u8", put_u8, true, "numbers from 0 to 255 with commas between them" },
        { "u16", put_u16, true, "numbers from 0 to 65535 with commas between them" },
        { "u32", put_u32, true, "numbers from 0 to 4294967295 with commas between them" },
        { "i32", put_i32, true, "numbers from -2147483648 to 2147483647 with commas between them" },
        { "bool", put_bool, false, "true or false" },
        { "text", put_text, false, "text, at least one character" },
        { "hex", put_hex, false, "pairs of hex digits" },
        { "domain", put_domain, true, "domain names with commas between them" },
        { "net-routes", put_route, true, "routes as NETWORK/PREFIX=ROUTER with commas between them" },
};

/* What only the server can say, and where an operator says it instead. */
static const struct {
        uint8_t number;
        const char *why;
} refused[] = {
        { 0, "it is padding" },
        { 1, "the netmask follows from the subnet" },
        { 50, "only clients send it" },
        { 51, "the length of leases is the subnet's setting lease" },
        { 52, "it says how the packet is laid out" },
        { 53, "it is the kind of the message" },
        { 54, "it is the server's own address" },
        { 55, "only clients send it" },
        { 57, "only clients send it" },
        { 58, "it follows from the length of the lease" },
        { 59, "it follows from the length of the lease" },
        { 61, "the server echoes what the client sent (RFC 6842)" },
        { 82, "the server echoes what the relay sent (RFC 3046)" },
        { 97, "the server echoes what the client sent (RFC 4578)" },
        { 118, "only relays send it" },
        { 255, "it ends the packet" },
};

static const struct option_type *type_find(const char *name, size_t len) {
        for (size_t i = 0; i < ARRAY_LEN(types); i++) {
                if (strlen(types[i].name) == len && memcmp(types[i].name, name, len) == 0)
                        return &types[i];
        }
        return NULL;
}

static int put_list(const struct option_type *type, const char *values, struct writer *w) {
        for (const char *at = values;;) {
                char item[ITEM_MAX];
                size_t len = strcspn(at, ",");
                if (len == 0 || len >= sizeof(item))
                        return -EINVAL;
                memcpy(item, at, len);
                item[len] = 0;
                int r = type->put(item, w);
                if (r < 0)
                        return r;
                if (at[len] == 0)
                        return 0;
                at += len + 1;
        }
}

static int parse_number(const char *spelled, const char *equals, uint8_t *ret, struct error *reterr) {
        char digits[4] = "";
        uint64_t n = 0;

        if (equals && equals - spelled < (ptrdiff_t)sizeof(digits))
                memcpy(digits, spelled, (size_t)(equals - spelled));
        if (text_parse_u64(digits, UINT8_MAX, &n) < 0)
                return error_set(reterr, -EINVAL,
                                 "option \"%s\": write it as NUMBER=TYPE:VALUE, such as 42=ip:10.0.0.1",
                                 spelled);
        for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
                if (refused[i].number == n)
                        return error_set(reterr, -EINVAL, "option %u is not for an operator to set: %s",
                                         (unsigned)n, refused[i].why);
        }
        *ret = (uint8_t)n;
        return 0;
}

void subnet_option_clear(struct subnet_option *o) {
        free(o->octets);
        free(o->spelled);
        *o = (struct subnet_option){};
}

int subnet_option_parse(const char *spelled, struct subnet_option *ret, struct error *reterr) {
        uint8_t wire[SUBNET_OPTION_OCTETS_MAX];
        struct writer w = writer_of(wire, sizeof(wire));
        const char *equals = strchr(spelled, '=');
        struct subnet_option o = {};

        int r = parse_number(spelled, equals, &o.number, reterr);
        if (r < 0)
                return r;
        const char *colon = strchr(equals, ':');
        const struct option_type *type = colon ? type_find(equals + 1, (size_t)(colon - equals - 1)) : NULL;
        if (!type)
                return error_set(
                        reterr, -EINVAL,
                        "option %u: its type is one of ip, u8, u16, u32, i32, bool, text, hex, domain, "
                        "net-routes, before a colon",
                        o.number);
        r = type->is_list ? put_list(type, colon + 1, &w) : type->put(colon + 1, &w);
        if (r < 0)
                return error_set(reterr, -EINVAL, "option %u: type %s takes %s", o.number, type->name,
                                 type->wants);
        if (w.full)
                return error_set(reterr, -EINVAL, "option %u is longer than %d octets", o.number,
                                 SUBNET_OPTION_OCTETS_MAX);

        o.len = (uint16_t)writer_len(&w);
        o.octets = malloc(o.len);
        o.spelled = strdup(spelled);
        if (!o.octets || !o.spelled) {
                subnet_option_clear(&o);
                return error_set(reterr, -ENOMEM, "out of memory");
        }
        memcpy(o.octets, wire, o.len);
        *ret = o;
        return 0;
}
