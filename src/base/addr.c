/* Addresses and their text forms; see addr.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "base/addr.h"
#include "base/text.h"

struct ip_addr ip_from_v4(uint32_t host_order) {
        return (struct ip_addr){
                .family = IP_V4,
                .octets = { (uint8_t)(host_order >> 24), (uint8_t)(host_order >> 16),
                            (uint8_t)(host_order >> 8), (uint8_t)host_order },
        };
}

uint32_t ip_to_v4(const struct ip_addr *a) {
        if (a->family != IP_V4)
                return 0;
        return (uint32_t)a->octets[0] << 24 | (uint32_t)a->octets[1] << 16 | (uint32_t)a->octets[2] << 8 |
               a->octets[3];
}

uint32_t ip_net_mask_v4(const struct ip_net *net) {
        /* A shift by 32 is undefined, so the empty prefix is a case of its own. */
        return net->prefix_len == 0 ? 0 : UINT32_MAX << (32 - net->prefix_len);
}

static unsigned family_bits(uint8_t family) {
        return family == IP_V4 ? 32 : 128;
}

/* Clears the bits of @a behind the prefix. */
static struct ip_addr network_part(const struct ip_addr *a, unsigned prefix_len) {
        struct ip_addr net = *a;
        for (unsigned bit = prefix_len; bit < family_bits(a->family); bit++)
                net.octets[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
        return net;
}

bool ip_net_contains(const struct ip_net *net, const struct ip_addr *a) {
        if (a->family != net->addr.family || !ip_is_set(a))
                return false;
        struct ip_addr part = network_part(a, net->prefix_len);
        return ip_equal(&part, &net->addr);
}

int mac_parse(const char *text, struct mac *ret) {
        struct mac m;
        char separator = strlen(text) == 17 ? text[2] : 0;

        if (separator ? separator != ':' && separator != '-' : strlen(text) != 12)
                return -EINVAL;
        for (size_t i = 0; i < sizeof(m.octets); i++) {
                int high = text_hex_digit(text[0]), low = high < 0 ? -1 : text_hex_digit(text[1]);
                if (low < 0)
                        return -EINVAL;
                m.octets[i] = (uint8_t)(high << 4 | low);
                text += 2;
                if (separator && i + 1 < sizeof(m.octets) && *text++ != separator)
                        return -EINVAL;
        }
        *ret = m;
        return 0;
}

int ip_parse(const char *text, struct ip_addr *ret) {
        struct ip_addr a = {};

        if (inet_pton(AF_INET, text, a.octets) == 1)
                a.family = IP_V4;
        else if (inet_pton(AF_INET6, text, a.octets) == 1)
                a.family = IP_V6;
        else
                return -EINVAL;
        *ret = a;
        return 0;
}

int ip_net_parse(const char *text, struct ip_net *ret) {
        char addr[IP_TEXT_SIZE];
        const char *slash = strchr(text, '/');

        if (!slash || (size_t)(slash - text) >= sizeof(addr))
                return -EINVAL;
        memcpy(addr, text, (size_t)(slash - text));
        addr[slash - text] = 0;

        struct ip_net net;
        if (ip_parse(addr, &net.addr) < 0)
                return -EINVAL;

        unsigned prefix_len = 0;
        size_t digits = strspn(slash + 1, "0123456789");
        if (digits == 0 || digits > 3 || slash[1 + digits] != 0)
                return -EINVAL;
        for (const char *c = slash + 1; *c; c++)
                prefix_len = prefix_len * 10 + (unsigned)(*c - '0');
        if (prefix_len > family_bits(net.addr.family))
                return -EINVAL;
        net.prefix_len = (uint8_t)prefix_len;

        struct ip_addr part = network_part(&net.addr, prefix_len);
        if (!ip_equal(&part, &net.addr))
                return -EINVAL;
        *ret = net;
        return 0;
}

const char *mac_text(const struct mac *m, char buf[static MAC_TEXT_SIZE]) {
        const uint8_t *o = m->octets;
        (void)snprintf(buf, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", o[0], o[1], o[2], o[3], o[4],
                       o[5]);
        return buf;
}

const char *ip_text(const struct ip_addr *a, char buf[static IP_TEXT_SIZE]) {
        if (!ip_is_set(a))
                buf[0] = 0;
        else
                (void)inet_ntop(a->family == IP_V4 ? AF_INET : AF_INET6, a->octets, buf, IP_TEXT_SIZE);
        return buf;
}

const char *ip4_text(uint32_t host_order, char buf[static IP_TEXT_SIZE]) {
        struct ip_addr a = ip_from_v4(host_order);
        return ip_text(&a, buf);
}

const char *ip_net_text(const struct ip_net *net, char buf[static IP_NET_TEXT_SIZE]) {
        char addr[IP_TEXT_SIZE];
        (void)snprintf(buf, IP_NET_TEXT_SIZE, "%s/%u", ip_text(&net->addr, addr), net->prefix_len);
        return buf;
}
