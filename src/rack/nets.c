/* Subnets as DHCP needs them; see nets.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/nets.h"

#include "base/writer.h"
#include "net/dhcp4/packet.h"

enum {
        OPTION_DNS = 6,
        OPTION_DOMAIN = 15,
        OPTION_MTU = 26,
        OPTION_NTP = 42,
        OPTION_SEARCH = 119, /* RFC 3397 */
        OPTION_ROUTES = 121, /* RFC 3442 */

        OPTIONS_MAX = SUBNET_OPTIONS_MAX + 8,
        WIRE_MAX = SUBNET_SERVERS_MAX * SUBNET_NAME_WIRE_MAX, /* octets of the longest: the search list */
};

/* Options being collected; `failed` is checked once at the end. */
struct collection {
        struct arena *arena;
        struct dhcp4_option *items;
        size_t n;
        bool failed;
};

static void add(struct collection *c, uint8_t number, const void *octets, size_t len) {
        if (len == 0)
                return;
        uint8_t *copy = arena_alloc(c->arena, len);
        if (!copy || c->n >= OPTIONS_MAX) {
                c->failed = true;
                return;
        }
        memcpy(copy, octets, len);
        c->items[c->n++] = (struct dhcp4_option){ .number = number, .len = (uint16_t)len, .octets = copy };
}

static void add_addresses(struct collection *c, uint8_t number, const struct ip_addr *addrs, size_t n) {
        uint8_t wire[4 * SUBNET_SERVERS_MAX];
        struct writer w = writer_of(wire, sizeof(wire));

        for (size_t i = 0; i < n; i++)
                write_octets(&w, addrs[i].octets, 4);
        add(c, number, wire, writer_len(&w));
}

static void add_search(struct collection *c, const struct subnet *s) {
        uint8_t wire[WIRE_MAX];
        size_t len = 0;

        for (size_t i = 0; i < s->n_search; i++) {
                int n = subnet_name_encode(s->search[i], wire + len, sizeof(wire) - len);
                if (n > 0) /* subnet_check() has let no other pass */
                        len += (size_t)n;
        }
        add(c, OPTION_SEARCH, wire, len);
}

static void add_routes(struct collection *c, const struct subnet *s) {
        uint8_t wire[(SUBNET_ROUTES_MAX + 1) * SUBNET_ROUTE_WIRE_MAX];
        size_t len = 0;

        if (s->n_routes == 0)
                return;
        for (size_t i = 0; i < s->n_routes; i++) {
                int n = subnet_route_encode(&s->routes[i], wire + len, sizeof(wire) - len);
                if (n > 0)
                        len += (size_t)n;
        }
        /* A client that takes option 121 ignores option 3 (RFC 3442): the default route must stand here too.
         */
        if (ip_is_set(&s->gateway)) {
                struct subnet_route all = { .net.addr = ip_from_v4(0), .router = s->gateway };
                int n = subnet_route_encode(&all, wire + len, sizeof(wire) - len);
                if (n > 0)
                        len += (size_t)n;
        }
        add(c, OPTION_ROUTES, wire, len);
}

static bool collect_options(const struct subnet *s, struct arena *arena, struct dhcp4_net *ret) {
        struct collection c = { .arena = arena,
                                .items = arena_alloc(arena, OPTIONS_MAX * sizeof(struct dhcp4_option)) };
        if (!c.items)
                return false;

        if (ip_is_set(&s->gateway))
                add_addresses(&c, DHCP4_OPTION_ROUTER, &s->gateway, 1);
        add_addresses(&c, OPTION_DNS, s->dns, s->n_dns);
        add(&c, OPTION_DOMAIN, s->domain, strlen(s->domain));
        if (s->mtu)
                add(&c, OPTION_MTU, (uint8_t[]){ (uint8_t)(s->mtu >> 8), (uint8_t)s->mtu }, 2);
        add_addresses(&c, OPTION_NTP, s->ntp, s->n_ntp);
        add_search(&c, s);
        add_routes(&c, s);
        for (size_t i = 0; i < s->n_options;
             i++) /* none of ours: subnet_check() lets no number be said twice */
                add(&c, s->options[i].number, s->options[i].octets, s->options[i].len);

        ret->options = c.items;
        ret->n_options = c.n;
        return !c.failed;
}

static enum dhcp4_mode mode_of(const struct subnet *s) {
        static const enum dhcp4_mode modes[] = {
                [SUBNET_DHCP_OFF] = DHCP4_OFF,
                [SUBNET_DHCP_SERVER] = DHCP4_SERVER,
                [SUBNET_DHCP_PROXY] = DHCP4_PROXY,
        };
        return modes[s->dhcp];
}

/* The addresses to give: as the operator says, else all that hosts can have; who has one already is asked for
 * each. */
static void fill_pool(const struct subnet *s, const struct dhcp4_net *net, struct lease_pool *ret) {
        ret->n_ranges = s->n_ranges;
        for (size_t i = 0; i < s->n_ranges; i++) {
                ret->ranges[i].first = ip_to_v4(&s->ranges[i].first);
                ret->ranges[i].last = ip_to_v4(&s->ranges[i].last);
        }
        if (s->n_ranges == 0 && ~net->mask >= 3) { /* a /31 or /32 has no addresses to spare */
                ret->n_ranges = 1;
                ret->ranges[0].first = net->addr + 1;
                ret->ranges[0].last = (net->addr | ~net->mask) - 1;
        }
}

static bool net_of(const struct subnet *s, struct arena *arena, struct net *ret) {
        *ret = (struct net){
                .subnet = s,
                .dhcp4 = {
                        .id = s->id,
                        .mode = mode_of(s),
                        .addr = ip_to_v4(&s->net.addr),
                        .mask = ip_net_mask_v4(&s->net),
                },
                .pool = { .subnet = s->id },
        };
        fill_pool(s, &ret->dhcp4, &ret->pool);
        return collect_options(s, arena, &ret->dhcp4);
}

struct nets *nets_new(const struct site *site) {
        CLEANUP(nets_free_at) struct nets *n = calloc(1, sizeof(*n));
        if (!n)
                return NULL;
        n->site = site_take(site);
        n->n = site_n_subnets(site);
        n->arena = arena_new(SIZE_MAX); /* of what an operator configured: bounded by the snapshot itself */
        n->items = calloc(n->n + 1, sizeof(*n->items));
        if (!n->arena || !n->items)
                return NULL;
        for (size_t i = 0; i < n->n; i++)
                if (!net_of(site_subnet(site, i), n->arena, &n->items[i]))
                        return NULL;
        return TAKE(n);
}

void nets_free(struct nets *n) {
        if (!n)
                return;
        free(n->items);
        arena_free(n->arena);
        site_drop(n->site);
        free(n);
}

const struct net *nets_of(const struct nets *n, uint32_t addr) {
        const struct net *best = NULL;

        for (size_t i = 0; i < n->n; i++) {
                const struct net *net = &n->items[i];
                if ((addr & net->dhcp4.mask) == net->dhcp4.addr &&
                    (!best || net->dhcp4.mask > best->dhcp4.mask))
                        best = net;
        }
        return best;
}

const struct net *nets_next_on(const struct nets *n, const char *interface, const struct net *after) {
        for (size_t i = after ? (size_t)(after - n->items) + 1 : 0; i < n->n; i++)
                if (n->items[i].dhcp4.mode != DHCP4_OFF &&
                    strcmp(n->items[i].subnet->interface, interface) == 0)
                        return &n->items[i];
        return NULL;
}

const struct net *nets_on(const struct nets *n, const char *interface) {
        return nets_next_on(n, interface, NULL);
}
