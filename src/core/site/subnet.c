/* Subnets as values, and whether they make sense; see subnet.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/machine/machine.h"
#include "core/site/subnet.h"

static const char *const dhcp_names[] = {
        [SUBNET_DHCP_OFF] = "off",
        [SUBNET_DHCP_SERVER] = "server",
        [SUBNET_DHCP_PROXY] = "proxy",
};

static const char *const unknown_names[] = {
        [SUBNET_UNKNOWN_DISCOVER] = "discover", [SUBNET_UNKNOWN_REFUSE] = "refuse",
        [SUBNET_UNKNOWN_APPROVE] = "approve",   [SUBNET_UNKNOWN_ENLIST] = "enlist",
        [SUBNET_UNKNOWN_BOOT] = "boot",
};

struct subnet *subnet_new(void) {
        struct subnet *s = calloc(1, sizeof(*s));
        if (!s)
                return NULL;
        ref_init(&s->ref);
        s->lease_s = SUBNET_LEASE_S_DEFAULT;
        return s;
}

struct subnet *subnet_take(const struct subnet *s) {
        struct subnet *taken = (struct subnet *)s;
        ref_take(&taken->ref);
        return taken;
}

void subnet_drop(struct subnet *s) {
        if (!s || !ref_drop(&s->ref))
                return;
        for (size_t i = 0; i < s->n_options; i++)
                subnet_option_clear(&s->options[i]);
        free(s->allowed);
        free(s);
}

const char *subnet_dhcp_name(enum subnet_dhcp mode) {
        return mode < ARRAY_LEN(dhcp_names) ? dhcp_names[mode] : "";
}

int subnet_dhcp_parse(const char *name, enum subnet_dhcp *ret) {
        for (size_t i = 0; i < ARRAY_LEN(dhcp_names); i++) {
                if (strcmp(dhcp_names[i], name) == 0) {
                        *ret = (enum subnet_dhcp)i;
                        return 0;
                }
        }
        return -EINVAL;
}

const char *subnet_unknown_name(enum subnet_unknown policy) {
        return policy < ARRAY_LEN(unknown_names) ? unknown_names[policy] : "";
}

int subnet_unknown_parse(const char *name, enum subnet_unknown *ret) {
        for (size_t i = 0; i < ARRAY_LEN(unknown_names); i++) {
                if (strcmp(unknown_names[i], name) == 0) {
                        *ret = (enum subnet_unknown)i;
                        return 0;
                }
        }
        return -EINVAL;
}

enum subnet_unknown subnet_unknown_for(const struct subnet *s, const struct mac *mac,
                                       const uint32_t *serial) {
        for (size_t i = 0; i < s->n_allowed; i++) {
                const struct subnet_key *k = &s->allowed[i];
                if (k->is_serial ? serial && k->serial == *serial : mac_equal(&k->mac, mac))
                        return SUBNET_UNKNOWN_ENLIST;
        }
        return s->unknown;
}

int subnet_key_parse(const char *text, struct subnet_key *ret) {
        *ret = (struct subnet_key){ .is_serial = !strchr(text, ':') };
        return ret->is_serial ? serial_parse(text, &ret->serial) : mac_parse(text, &ret->mac);
}

const char *subnet_key_text(const struct subnet_key *k, char buf[static SUBNET_KEY_TEXT_SIZE]) {
        if (!k->is_serial)
                return mac_text(&k->mac, buf);
        (void)snprintf(buf, SUBNET_KEY_TEXT_SIZE, "%08x", k->serial);
        return buf;
}

bool subnet_is_host(const struct subnet *s, const struct ip_addr *addr) {
        if (!ip_net_contains(&s->net, addr))
                return false;
        if (addr->family != IP_V4 ||
            s->net.prefix_len >= 31) /* RFC 3021: both addresses of a /31 are hosts */
                return true;
        uint32_t host_bits = ip_to_v4(addr) & ~ip_net_mask_v4(&s->net);
        return host_bits != 0 && host_bits != ~ip_net_mask_v4(&s->net);
}

static int check_range(const struct subnet *s, size_t i, struct error *reterr) {
        const struct subnet_range *range = &s->ranges[i];
        char first[IP_TEXT_SIZE], last[IP_TEXT_SIZE], net[IP_NET_TEXT_SIZE];

        ip_text(&range->first, first);
        ip_text(&range->last, last);
        if (!subnet_is_host(s, &range->first) || !subnet_is_host(s, &range->last))
                return error_set(reterr, -EINVAL, "range %s-%s does not lie among the hosts of %s", first,
                                 last, ip_net_text(&s->net, net));
        if (ip_to_v4(&range->first) > ip_to_v4(&range->last))
                return error_set(reterr, -EINVAL, "range %s-%s ends before it begins", first, last);
        for (size_t j = 0; j < i; j++) {
                const struct subnet_range *other = &s->ranges[j];
                if (ip_to_v4(&range->first) <= ip_to_v4(&other->last) &&
                    ip_to_v4(&other->first) <= ip_to_v4(&range->last)) {
                        char other_first[IP_TEXT_SIZE];
                        return error_set(reterr, -EINVAL, "range %s-%s overlaps the one that begins at %s",
                                         first, last, ip_text(&other->first, other_first));
                }
        }
        return 0;
}

static int check_servers(const struct ip_addr *servers, size_t n, const char *what, struct error *reterr) {
        if (n > SUBNET_SERVERS_MAX)
                return error_set(reterr, -EINVAL, "more than %d %s servers", SUBNET_SERVERS_MAX, what);
        for (size_t i = 0; i < n; i++) {
                if (servers[i].family != IP_V4)
                        return error_set(reterr, -EINVAL, "a %s server is given by its IPv4 address", what);
        }
        return 0;
}

/* Options that a setting of the subnet already says: two answers to one question cannot both be meant. */
static int check_option_overlap(const struct subnet *s, const struct subnet_option *o, struct error *reterr) {
        const struct {
                uint8_t number;
                bool is_set;
                const char *setting;
        } settings[] = {
                { 3, ip_is_set(&s->gateway), "gateway" },
                { 6, s->n_dns > 0, "dns" },
                { 15, s->domain[0] != 0, "domain" },
                { 26, s->mtu != 0, "mtu" },
                { 42, s->n_ntp > 0, "ntp" },
                { 119, s->n_search > 0, "search" },
                { 121, s->n_routes > 0, "route" },
        };

        for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
                if (settings[i].number == o->number && settings[i].is_set)
                        return error_set(reterr, -EINVAL, "option %u is already said by the subnet's %s",
                                         o->number, settings[i].setting);
        }
        return 0;
}

static int check_options(const struct subnet *s, struct error *reterr) {
        for (size_t i = 0; i < s->n_options; i++) {
                const struct subnet_option *o = &s->options[i];
                for (size_t j = 0; j < i; j++) {
                        if (s->options[j].number == o->number)
                                return error_set(reterr, -EINVAL, "option %u is given twice", o->number);
                }
                int r = check_option_overlap(s, o, reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int check_routes(const struct subnet *s, struct error *reterr) {
        for (size_t i = 0; i < s->n_routes; i++) {
                if (s->routes[i].net.addr.family != IP_V4 || s->routes[i].router.family != IP_V4)
                        return error_set(reterr, -EINVAL,
                                         "a static route is an IPv4 network and a router's address");
        }
        return 0;
}

static int check_names(const struct subnet *s, struct error *reterr) {
        uint8_t wire[SUBNET_NAME_WIRE_MAX];

        if (s->domain[0] && subnet_name_encode(s->domain, wire, sizeof(wire)) < 0)
                return error_set(reterr, -EINVAL, "\"%s\" is no domain name", s->domain);
        for (size_t i = 0; i < s->n_search; i++) {
                if (subnet_name_encode(s->search[i], wire, sizeof(wire)) < 0)
                        return error_set(reterr, -EINVAL, "\"%s\" is no domain name", s->search[i]);
        }
        return 0;
}

static int check_sizes(const struct subnet *s, struct error *reterr) {
        if (s->n_ranges > SUBNET_RANGES_MAX)
                return error_set(reterr, -EINVAL, "more than %d ranges", SUBNET_RANGES_MAX);
        if (s->n_search > SUBNET_SERVERS_MAX)
                return error_set(reterr, -EINVAL, "more than %d search domains", SUBNET_SERVERS_MAX);
        if (s->n_routes > SUBNET_ROUTES_MAX)
                return error_set(reterr, -EINVAL, "more than %d static routes", SUBNET_ROUTES_MAX);
        if (s->n_options > SUBNET_OPTIONS_MAX)
                return error_set(reterr, -EINVAL, "more than %d options", SUBNET_OPTIONS_MAX);
        if (s->n_allowed > SUBNET_ALLOWED_MAX)
                return error_set(reterr, -EINVAL, "more than %d machines are allowed by MAC or serial",
                                 SUBNET_ALLOWED_MAX);
        if (s->lease_s < SUBNET_LEASE_S_MIN)
                return error_set(reterr, -EINVAL, "a lease is at least %d s long", SUBNET_LEASE_S_MIN);
        if (s->mtu != 0 && s->mtu < SUBNET_MTU_MIN)
                return error_set(reterr, -EINVAL, "an MTU is at least %d (RFC 791)", SUBNET_MTU_MIN);
        return 0;
}

/* What a proxy cannot mean: it hands out no addresses. */
static int check_mode(const struct subnet *s, struct error *reterr) {
        char net[IP_NET_TEXT_SIZE];

        if (s->dhcp == SUBNET_DHCP_PROXY && s->n_ranges > 0)
                return error_set(
                        reterr, -EINVAL,
                        "%s is a proxy subnet: another server hands out its addresses, so it has no ranges",
                        ip_net_text(&s->net, net));
        if (s->unknown == SUBNET_UNKNOWN_BOOT && !s->unknown_image[0])
                return error_set(reterr, -EINVAL, "%s: boot=IMAGE names no image", ip_net_text(&s->net, net));
        return 0;
}

int subnet_check(const struct subnet *s, struct error *reterr) {
        char net[IP_NET_TEXT_SIZE], gateway[IP_TEXT_SIZE];

        if (s->net.addr.family != IP_V4)
                return error_set(reterr, -EINVAL, "a subnet is an IPv4 network such as 10.77.0.0/24");
        if (s->net.prefix_len < 8 || s->net.prefix_len > 30)
                return error_set(reterr, -EINVAL, "%s: a subnet has a prefix between /8 and /30",
                                 ip_net_text(&s->net, net));
        int r = check_sizes(s, reterr);
        if (r < 0)
                return r;
        r = check_mode(s, reterr);
        for (size_t i = 0; r == 0 && i < s->n_ranges; i++)
                r = check_range(s, i, reterr);
        if (r == 0 && ip_is_set(&s->gateway) && !subnet_is_host(s, &s->gateway))
                r = error_set(reterr, -EINVAL, "gateway %s is no host of %s", ip_text(&s->gateway, gateway),
                              ip_net_text(&s->net, net));
        if (r == 0)
                r = check_servers(s->dns, s->n_dns, "DNS", reterr);
        if (r == 0)
                r = check_servers(s->ntp, s->n_ntp, "NTP", reterr);
        if (r == 0)
                r = check_names(s, reterr);
        if (r == 0)
                r = check_routes(s, reterr);
        return r == 0 ? check_options(s, reterr) : r;
}
