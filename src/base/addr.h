/*
 * Link and network addresses as values, and their text forms.
 *
 * DHCPv4 and its leases count in plain uint32_t, host byte order (arithmetic on ranges);
 * everything that outlives IPv4 holds a struct ip_addr.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"

struct mac {
        uint8_t octets[6];
};

enum ip_family { IP_NONE = 0, IP_V4 = 4, IP_V6 = 6 };

struct ip_addr {
        uint8_t family;     /* enum ip_family; IP_NONE: not set */
        uint8_t octets[16]; /* network byte order; IPv4 uses the first four, the rest are zero */
};

struct ip_net {
        struct ip_addr addr; /* host bits are zero */
        uint8_t prefix_len;  /* bits */
};

enum { MAC_TEXT_SIZE = 18, IP_TEXT_SIZE = 46, IP_NET_TEXT_SIZE = 50 }; /* with the NUL */

static inline bool mac_equal(const struct mac *a, const struct mac *b) {
        return memcmp(a, b, sizeof(*a)) == 0;
}

static inline bool mac_is_zero(const struct mac *m) {
        static const struct mac zero;
        return mac_equal(m, &zero);
}

static inline bool ip_is_set(const struct ip_addr *a) {
        return a->family != IP_NONE;
}

static inline bool ip_equal(const struct ip_addr *a, const struct ip_addr *b) {
        return memcmp(a, b, sizeof(*a)) == 0;
}

/** ip_from_v4() - an IPv4 address from host byte order. */
struct ip_addr ip_from_v4(uint32_t host_order);

/** ip_to_v4() - host byte order; 0 when @a is not IPv4. */
uint32_t ip_to_v4(const struct ip_addr *a);

/** ip_net_mask_v4() - the netmask of an IPv4 net in host byte order. */
uint32_t ip_net_mask_v4(const struct ip_net *net);

bool ip_net_contains(const struct ip_net *net, const struct ip_addr *a);

/** mac_parse() - six hex pairs with ':' or '-' between them, or twelve digits; 0 or -EINVAL. */
MUST_CHECK int mac_parse(const char *text, struct mac *ret);

/** ip_parse() - an IPv4 or IPv6 literal; 0 or -EINVAL. */
MUST_CHECK int ip_parse(const char *text, struct ip_addr *ret);

/** ip_net_parse() - "10.77.0.0/24"; -EINVAL when malformed or when host bits are set. */
MUST_CHECK int ip_net_parse(const char *text, struct ip_net *ret);

/* The text forms write into the caller's buffer and return it, for use in one expression. */
const char *mac_text(const struct mac *m, char buf[static MAC_TEXT_SIZE]);
const char *ip_text(const struct ip_addr *a, char buf[static IP_TEXT_SIZE]);
const char *ip4_text(uint32_t host_order, char buf[static IP_TEXT_SIZE]);
const char *ip_net_text(const struct ip_net *net, char buf[static IP_NET_TEXT_SIZE]);
