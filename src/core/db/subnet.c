/* Subnets in the database; see subnet.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/db/subnet.h"
#include "core/db/texts.h"

static json_t *ranges_json(const struct subnet *s) {
        char first[IP_TEXT_SIZE], last[IP_TEXT_SIZE];
        json_t *texts = json_array();

        for (size_t i = 0; i < s->n_ranges; i++)
                (void)json_array_append_new(texts, json_sprintf("%s-%s", ip_text(&s->ranges[i].first, first),
                                                                ip_text(&s->ranges[i].last, last)));
        return texts;
}

static json_t *addresses_json(const struct ip_addr *addresses, size_t n) {
        char ip[IP_TEXT_SIZE];
        json_t *texts = json_array();

        for (size_t i = 0; i < n; i++)
                (void)json_array_append_new(texts, json_string(ip_text(&addresses[i], ip)));
        return texts;
}

static json_t *search_json(const struct subnet *s) {
        json_t *texts = json_array();

        for (size_t i = 0; i < s->n_search; i++)
                (void)json_array_append_new(texts, json_string(s->search[i]));
        return texts;
}

static json_t *routes_json(const struct subnet *s) {
        char net[IP_NET_TEXT_SIZE], router[IP_TEXT_SIZE];
        json_t *texts = json_array();

        for (size_t i = 0; i < s->n_routes; i++)
                (void)json_array_append_new(texts, json_sprintf("%s %s", ip_net_text(&s->routes[i].net, net),
                                                                ip_text(&s->routes[i].router, router)));
        return texts;
}

static json_t *options_json(const struct subnet *s) {
        json_t *texts = json_array();

        for (size_t i = 0; i < s->n_options; i++)
                (void)json_array_append_new(texts, json_string(s->options[i].spelled));
        return texts;
}

static json_t *allowed_json(const struct subnet *s) {
        char key[SUBNET_KEY_TEXT_SIZE];
        json_t *texts = json_array();

        for (size_t i = 0; i < s->n_allowed; i++)
                (void)json_array_append_new(texts, json_string(subnet_key_text(&s->allowed[i], key)));
        return texts;
}

int db_subnet_put(struct db *db, const struct subnet *s, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        char net[IP_NET_TEXT_SIZE], gateway[IP_TEXT_SIZE];
        int r = db_prepare(
                db,
                "INSERT INTO subnet (id, net, interface, dhcp, unknown, unknown_image, gateway, domain, mtu,"
                " lease_s, ranges, dns, ntp, search, routes, options, allow, agent_https)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
                " ON CONFLICT (id) DO UPDATE SET net = excluded.net, interface = excluded.interface,"
                " dhcp = excluded.dhcp, unknown = excluded.unknown, unknown_image = excluded.unknown_image,"
                " gateway = excluded.gateway, domain = excluded.domain, mtu = excluded.mtu,"
                " lease_s = excluded.lease_s, ranges = excluded.ranges, dns = excluded.dns, ntp = "
                "excluded.ntp,"
                " search = excluded.search, routes = excluded.routes, options = excluded.options,"
                " allow = excluded.allow, agent_https = excluded.agent_https",
                &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, s->id);
        db_bind_text(&q, 2, ip_net_text(&s->net, net));
        db_bind_text_or_null(&q, 3, s->interface);
        db_bind_text(&q, 4, subnet_dhcp_name(s->dhcp));
        db_bind_text(&q, 5, subnet_unknown_name(s->unknown));
        db_bind_text_or_null(&q, 6, s->unknown == SUBNET_UNKNOWN_BOOT ? s->unknown_image : NULL);
        db_bind_text(&q, 7, ip_is_set(&s->gateway) ? ip_text(&s->gateway, gateway) : NULL);
        db_bind_text_or_null(&q, 8, s->domain);
        if (s->mtu)
                db_bind_i64(&q, 9, s->mtu);
        db_bind_i64(&q, 10, s->lease_s);
        db_bind_texts(&q, 11, ranges_json(s));
        db_bind_texts(&q, 12, addresses_json(s->dns, s->n_dns));
        db_bind_texts(&q, 13, addresses_json(s->ntp, s->n_ntp));
        db_bind_texts(&q, 14, search_json(s));
        db_bind_texts(&q, 15, routes_json(s));
        db_bind_texts(&q, 16, options_json(s));
        db_bind_texts(&q, 17, allowed_json(s));
        db_bind_i64(&q, 18, s->agent_https);
        return db_do(&q, reterr);
}

int db_subnet_delete(struct db *db, uint64_t id, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db, "DELETE FROM subnet WHERE id = $1", &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, id);
        return db_do(&q, reterr);
}

/* One text of a list into its place in the subnet; false when it makes no sense there. */
typedef bool (*read_text_fn)(struct subnet *s, size_t place, const char *text);

/* "A<between>B" into two texts. */
static bool split(const char *text, char between, char *left, size_t left_size, const char **ret_right) {
        const char *at = strchr(text, between);
        size_t len = at ? (size_t)(at - text) : 0;

        if (!at || len >= left_size)
                return false;
        memcpy(left, text, len);
        left[len] = 0;
        *ret_right = at + 1;
        return true;
}

static bool read_range(struct subnet *s, size_t place, const char *text) {
        char first[IP_TEXT_SIZE];
        const char *last;
        return split(text, '-', first, sizeof(first), &last) &&
               ip_parse(first, &s->ranges[place].first) == 0 && ip_parse(last, &s->ranges[place].last) == 0;
}

static bool read_dns(struct subnet *s, size_t place, const char *text) {
        return ip_parse(text, &s->dns[place]) == 0;
}

static bool read_ntp(struct subnet *s, size_t place, const char *text) {
        return ip_parse(text, &s->ntp[place]) == 0;
}

static bool read_search(struct subnet *s, size_t place, const char *text) {
        return text_copy(s->search[place], sizeof(s->search[place]), text) == 0;
}

static bool read_route(struct subnet *s, size_t place, const char *text) {
        char net[IP_NET_TEXT_SIZE];
        const char *router;
        return split(text, ' ', net, sizeof(net), &router) && ip_net_parse(net, &s->routes[place].net) == 0 &&
               ip_parse(router, &s->routes[place].router) == 0;
}

static bool read_option(struct subnet *s, size_t place, const char *text) {
        return subnet_option_parse(text, &s->options[place], NULL) == 0;
}

static bool read_allowed(struct subnet *s, size_t place, const char *text) {
        struct subnet_key *more = reallocarray(s->allowed, place + 1, sizeof(*more));
        if (more)
                s->allowed = more;
        return more && subnet_key_parse(text, &more[place]) == 0;
}

static const struct {
        int column;
        size_t max;
        read_text_fn read;
        size_t count; /* where in the subnet their number stands */
} lists[] = {
        { 10, SUBNET_RANGES_MAX, read_range, offsetof(struct subnet, n_ranges) },
        { 11, SUBNET_SERVERS_MAX, read_dns, offsetof(struct subnet, n_dns) },
        { 12, SUBNET_SERVERS_MAX, read_ntp, offsetof(struct subnet, n_ntp) },
        { 13, SUBNET_SERVERS_MAX, read_search, offsetof(struct subnet, n_search) },
        { 14, SUBNET_ROUTES_MAX, read_route, offsetof(struct subnet, n_routes) },
        { 15, SUBNET_OPTIONS_MAX, read_option, offsetof(struct subnet, n_options) },
        { 16, SUBNET_ALLOWED_MAX, read_allowed, offsetof(struct subnet, n_allowed) },
};

static bool read_lists(struct db_query *q, struct subnet *s) {
        bool is_right = true;

        for (size_t i = 0; i < ARRAY_LEN(lists) && is_right; i++) {
                size_t *count = (size_t *)(void *)((char *)s + lists[i].count);
                json_t *texts = db_texts(q, lists[i].column);
                size_t n = json_array_size(texts);

                is_right = texts && n <= lists[i].max;
                for (size_t at = 0; at < n && is_right; at++) {
                        is_right = lists[i].read(s, at, json_string_value(json_array_get(texts, at)));
                        *count += is_right;
                }
                json_decref(texts);
        }
        return is_right;
}

static bool read_row(struct db_query *q, struct subnet *s) {
        const char *net = db_text(q, 1), *interface = db_text(q, 2), *dhcp = db_text(q, 3),
                   *unknown = db_text(q, 4);
        const char *image = db_text(q, 5), *gateway = db_text(q, 6), *domain = db_text(q, 7);
        int64_t mtu = db_i64(q, 8), lease_s = db_i64(q, 9);

        s->id = (uint64_t)db_i64(q, 0);
        s->mtu = (uint16_t)mtu;
        s->lease_s = (uint32_t)lease_s;
        s->agent_https = db_i64(q, 17) != 0;
        return net && ip_net_parse(net, &s->net) == 0 &&
               (!interface || text_copy(s->interface, sizeof(s->interface), interface) == 0) && dhcp &&
               subnet_dhcp_parse(dhcp, &s->dhcp) == 0 && unknown &&
               subnet_unknown_parse(unknown, &s->unknown) == 0 &&
               (!image || text_copy(s->unknown_image, sizeof(s->unknown_image), image) == 0) &&
               (!gateway || ip_parse(gateway, &s->gateway) == 0) &&
               (!domain || text_copy(s->domain, sizeof(s->domain), domain) == 0) && mtu >= 0 &&
               mtu <= UINT16_MAX && lease_s >= 0 && lease_s <= UINT32_MAX && read_lists(q, s);
}

int db_subnet_each(struct db *db, int (*fn)(void *ctx, struct subnet *s, struct error *reterr), void *ctx,
                   struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db,
                           "SELECT id, net, interface, dhcp, unknown, unknown_image, gateway, domain, mtu, "
                           "lease_s, ranges,"
                           " dns, ntp, search, routes, options, allow, agent_https FROM subnet ORDER BY id",
                           &q, reterr);

        while (r >= 0 && (r = db_step(&q, reterr)) > 0) {
                CLEANUP(subnet_drop_at) struct subnet *s = subnet_new();
                if (!s)
                        return error_set(reterr, -ENOMEM, "database: out of memory");
                if (!read_row(&q, s))
                        return error_set(reterr, -EBADMSG, "database: subnet %ju: its row makes no sense",
                                         (uintmax_t)s->id);
                r = fn(ctx, s, reterr);
        }
        return r;
}
