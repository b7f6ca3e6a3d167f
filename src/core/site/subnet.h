/*
 * A subnet: how Bramble behaves on one IP network, and what it tells clients there.
 *
 * Values only, reference counted and unchanging, as all that a site holds.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"
#include "base/ref.h"
#include "core/machine/machine.h"

enum subnet_dhcp {
        SUBNET_DHCP_OFF,
        SUBNET_DHCP_SERVER, /* hands out addresses and boots */
        SUBNET_DHCP_PROXY   /* another server hands out addresses; boots only */
};

/* What a machine gets that nobody registered. */
enum subnet_unknown {
        SUBNET_UNKNOWN_DISCOVER, /* listed, not booted */
        SUBNET_UNKNOWN_REFUSE,
        SUBNET_UNKNOWN_APPROVE,
        SUBNET_UNKNOWN_ENLIST,
        SUBNET_UNKNOWN_BOOT /* the image named in unknown_image */
};

enum {
        SUBNET_RANGES_MAX = 32,
        SUBNET_SERVERS_MAX = 8, /* DNS, NTP, search domains: of each kind */
        SUBNET_ROUTES_MAX = 16,
        SUBNET_OPTIONS_MAX = 64,
        SUBNET_ALLOWED_MAX = 4096,       /* a shelf of boards, entered by their labels */
        SUBNET_OPTION_OCTETS_MAX = 1024, /* of one option: more would not fit into any client's packet */
        SUBNET_NAME_WIRE_MAX = 255,      /* RFC 1035 section 3.1 */
        SUBNET_ROUTE_WIRE_MAX = 9,       /* RFC 3442: prefix length, network, router */
        SUBNET_MTU_MIN = 68,
        SUBNET_LEASE_S_MIN = 60,
        SUBNET_LEASE_S_DEFAULT = 3600
};

struct subnet_range {
        struct ip_addr first, last; /* both included */
};

struct subnet_route {
        struct ip_net net;
        struct ip_addr router;
};

/* An option by number, already in wire form. */
struct subnet_option {
        uint8_t number;
        uint16_t len; /* octets; above 255 the answer splits it, RFC 3396 */
        uint8_t *octets;
        char *spelled; /* as the operator wrote it, "NUMBER=TYPE:VALUE", to show again */
};

/* What a machine can be known by before anybody registered it. */
struct subnet_key {
        bool is_serial; /* else a MAC */
        struct mac mac;
        uint32_t serial;
};

struct subnet {
        struct ref ref;
        uint64_t id;
        struct ip_net net;
        char interface[16]; /* "" for a subnet that is only reached through relays */
        enum subnet_dhcp dhcp;
        enum subnet_unknown unknown;
        char unknown_image[MACHINE_IMAGE_MAX + 1]; /* NAME@VERSION */
        bool agent_https;           /* agents are told our HTTPS, and by which certificate they know it */
        struct subnet_key *allowed; /* enlisted, whatever others that are unknown get */
        size_t n_allowed;

        struct subnet_range ranges[SUBNET_RANGES_MAX];
        size_t n_ranges;
        struct ip_addr gateway; /* IP_NONE: none */
        struct ip_addr dns[SUBNET_SERVERS_MAX];
        size_t n_dns;
        struct ip_addr ntp[SUBNET_SERVERS_MAX];
        size_t n_ntp;
        char domain[254];
        char search[SUBNET_SERVERS_MAX][254];
        size_t n_search;
        uint16_t mtu; /* 0: not sent */
        struct subnet_route routes[SUBNET_ROUTES_MAX];
        size_t n_routes;
        uint32_t lease_s; /* length of a lease */
        struct subnet_option options[SUBNET_OPTIONS_MAX];
        size_t n_options;
};

struct subnet *subnet_new(void);
struct subnet *subnet_take(const struct subnet *s);
void subnet_drop(struct subnet *s);
DEFINE_CLEANUP(struct subnet, subnet_drop)

/** subnet_check() - whether the values make sense together (ranges inside the net and apart, gateway inside,
 * …); 0 or -EINVAL with a sentence. */
MUST_CHECK int subnet_check(const struct subnet *s, struct error *reterr);

/** subnet_unknown_for() - what a machine gets here that nobody registered; @serial NULL: it has none. */
enum subnet_unknown subnet_unknown_for(const struct subnet *s, const struct mac *mac, const uint32_t *serial);

enum { SUBNET_KEY_TEXT_SIZE = MAC_TEXT_SIZE };
MUST_CHECK int subnet_key_parse(const char *text,
                                struct subnet_key *ret); /* a MAC, or a serial as serial_parse() */
const char *subnet_key_text(const struct subnet_key *k, char buf[static SUBNET_KEY_TEXT_SIZE]);

/** subnet_is_host() - whether @addr can be a host's on this subnet: inside, and neither its network nor its
 * broadcast address. */
bool subnet_is_host(const struct subnet *s, const struct ip_addr *addr);

/**
 * subnet_option_parse() - "NUMBER=TYPE:VALUE" to wire form
 *
 * TYPE: ip (comma list), u8, u16, u32, i32, bool, text, hex, domain (RFC 1035 names, comma list), net-routes
 * (RFC 3442). Options that the server must say itself (53, 54, 51, 82, 61, …) are refused with a sentence.
 *
 * Return: 0 or -EINVAL; on success the caller owns ret->octets and ret->spelled.
 */
MUST_CHECK int subnet_option_parse(const char *spelled, struct subnet_option *ret, struct error *reterr);

void subnet_option_clear(struct subnet_option *o); /* frees what the option owns */

/** subnet_name_encode() - one domain name in wire form, uncompressed (RFC 1035 section 3.1, RFC 3397); its
 * length or -EINVAL. */
MUST_CHECK int subnet_name_encode(const char *name, uint8_t *wire, size_t size);

/** subnet_route_encode() - one classless static route (RFC 3442); its length or -EINVAL. */
MUST_CHECK int subnet_route_encode(const struct subnet_route *route, uint8_t *wire, size_t size);

const char *subnet_dhcp_name(enum subnet_dhcp mode);
MUST_CHECK int subnet_dhcp_parse(const char *name, enum subnet_dhcp *ret);
const char *subnet_unknown_name(enum subnet_unknown policy); /* "boot" without its image */
MUST_CHECK int subnet_unknown_parse(const char *name, enum subnet_unknown *ret); /* likewise */
