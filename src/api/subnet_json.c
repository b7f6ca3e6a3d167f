/* Subnets as JSON; see subnet_json.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "api/fields.h"
#include "api/subnet_json.h"
#include "base/text.h"

static int read_net(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_net(value, &s->net, reterr);
}

static int read_interface(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_text(value, s->interface, sizeof(s->interface), reterr);
}

static int read_dhcp(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        const char *text = json_string_value(value);

        if (!text || subnet_dhcp_parse(text, &s->dhcp) < 0)
                return error_set(reterr, -EINVAL, "\"%.64s\" is no DHCP mode; there are off, server, proxy",
                                 text ? text : "");
        return 0;
}

/* "discover", or "boot=IMAGE" as the command line has it. */
static int read_unknown(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        const char *text = json_string_value(value);

        s->unknown_image[0] = 0;
        if (text && text_starts_with(text, "boot=") && text[5] &&
            text_copy(s->unknown_image, sizeof(s->unknown_image), text + 5) == 0) {
                s->unknown = SUBNET_UNKNOWN_BOOT;
                return 0;
        }
        if (!text || subnet_unknown_parse(text, &s->unknown) < 0 || s->unknown == SUBNET_UNKNOWN_BOOT)
                return error_set(reterr, -EINVAL,
                                 "\"%.64s\" is nothing that unknown machines can get; there are discover, "
                                 "refuse, approve, enlist, boot=IMAGE",
                                 text ? text : "");
        return 0;
}

static int read_key(void *thing, size_t at, const json_t *item, struct error *reterr) {
        struct subnet *s = thing;
        const char *text = json_string_value(item);

        if (!text || subnet_key_parse(text, &s->allowed[at]) < 0)
                return error_set(reterr, -EINVAL,
                                 "\"%.64s\" is neither a MAC address nor a serial of 8 or 16 hex digits",
                                 text ? text : "");
        return 0;
}

static int read_allowed(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        size_t n = json_array_size(value);

        if (n == 0)
                return 0;
        free(s->allowed);
        s->n_allowed = 0;
        s->allowed = calloc(n, sizeof(s->allowed[0]));
        if (!s->allowed)
                return error_set(reterr, -ENOMEM, "out of memory");
        return api_read_list(value, SUBNET_ALLOWED_MAX, s, &s->n_allowed, read_key, reterr);
}

static int read_agent_https(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;

        if (!json_is_boolean(value))
                return error_set(reterr, -EINVAL, "true or false is wanted");
        s->agent_https = json_is_true(value);
        return 0;
}

static int read_first(void *thing, const json_t *value, struct error *reterr) {
        return api_read_ip(value, &((struct subnet_range *)thing)->first, reterr);
}

static int read_last(void *thing, const json_t *value, struct error *reterr) {
        return api_read_ip(value, &((struct subnet_range *)thing)->last, reterr);
}

static const struct api_field range_fields[] = { { "first", true, read_first }, { "last", true, read_last } };

/* An object inside a list. */
static int read_inner(const json_t *item, const struct api_field *inner, size_t n, void *thing,
                      struct error *reterr) {
        const char *field;
        if (!json_is_object(item))
                return error_set(reterr, -EINVAL, "an object with \"%s\" and \"%s\" is wanted", inner[0].name,
                                 inner[1].name);
        return api_fields_read(item, inner, n, thing, &field, reterr);
}

static int read_range(void *thing, size_t at, const json_t *item, struct error *reterr) {
        struct subnet *s = thing;
        return read_inner(item, range_fields, ARRAY_LEN(range_fields), &s->ranges[at], reterr);
}

static int read_ranges(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_list(value, SUBNET_RANGES_MAX, s, &s->n_ranges, read_range, reterr);
}

static int read_gateway(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_ip(value, &s->gateway, reterr);
}

static int read_dns_server(void *thing, size_t at, const json_t *item, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_ip(item, &s->dns[at], reterr);
}

static int read_dns(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_list(value, SUBNET_SERVERS_MAX, s, &s->n_dns, read_dns_server, reterr);
}

static int read_ntp_server(void *thing, size_t at, const json_t *item, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_ip(item, &s->ntp[at], reterr);
}

static int read_ntp(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_list(value, SUBNET_SERVERS_MAX, s, &s->n_ntp, read_ntp_server, reterr);
}

static int read_domain(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_text(value, s->domain, sizeof(s->domain), reterr);
}

static int read_search_domain(void *thing, size_t at, const json_t *item, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_text(item, s->search[at], sizeof(s->search[at]), reterr);
}

static int read_search(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_list(value, SUBNET_SERVERS_MAX, s, &s->n_search, read_search_domain, reterr);
}

static int read_mtu(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        int64_t mtu = 0;
        int r = api_read_number(value, SUBNET_MTU_MIN, UINT16_MAX, &mtu, reterr);
        s->mtu = (uint16_t)mtu;
        return r;
}

static int read_route_net(void *thing, const json_t *value, struct error *reterr) {
        return api_read_net(value, &((struct subnet_route *)thing)->net, reterr);
}

static int read_router(void *thing, const json_t *value, struct error *reterr) {
        return api_read_ip(value, &((struct subnet_route *)thing)->router, reterr);
}

static const struct api_field route_fields[] = { { "net", true, read_route_net },
                                                 { "router", true, read_router } };

static int read_route(void *thing, size_t at, const json_t *item, struct error *reterr) {
        struct subnet *s = thing;
        return read_inner(item, route_fields, ARRAY_LEN(route_fields), &s->routes[at], reterr);
}

static int read_routes(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_list(value, SUBNET_ROUTES_MAX, s, &s->n_routes, read_route, reterr);
}

static int read_lease_s(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        int64_t lease_s = 0;
        int r = api_read_number(value, SUBNET_LEASE_S_MIN, UINT32_MAX, &lease_s, reterr);
        s->lease_s = (uint32_t)lease_s;
        return r;
}

static int read_option(void *thing, size_t at, const json_t *item, struct error *reterr) {
        struct subnet *s = thing;

        if (!json_is_string(item))
                return error_set(reterr, -EINVAL, "a text is wanted, as in \"150=ip:10.77.0.9\"");
        return subnet_option_parse(json_string_value(item), &s->options[at], reterr);
}

static int read_options(void *thing, const json_t *value, struct error *reterr) {
        struct subnet *s = thing;
        return api_read_list(value, SUBNET_OPTIONS_MAX, s, &s->n_options, read_option, reterr);
}

static const struct api_field fields[] = {
        { "net", true, read_net },          { "interface", false, read_interface },
        { "dhcp", false, read_dhcp },       { "unknown", false, read_unknown },
        { "ranges", false, read_ranges },   { "gateway", false, read_gateway },
        { "dns", false, read_dns },         { "ntp", false, read_ntp },
        { "domain", false, read_domain },   { "search", false, read_search },
        { "mtu", false, read_mtu },         { "routes", false, read_routes },
        { "lease_s", false, read_lease_s }, { "options", false, read_options },
        { "allow", false, read_allowed },   { "agent_https", false, read_agent_https },
};

int subnet_from_json(const json_t *in, struct subnet **ret, const char **ret_field, struct error *reterr) {
        CLEANUP(subnet_drop_at) struct subnet *s = subnet_new();
        if (!s)
                return error_set(reterr, -ENOMEM, "out of memory");
        s->dhcp = SUBNET_DHCP_OFF;
        s->unknown = SUBNET_UNKNOWN_DISCOVER;
        s->lease_s = SUBNET_LEASE_S_DEFAULT;
        int r = api_fields_read(in, fields, ARRAY_LEN(fields), s, ret_field, reterr);
        if (r == 0)
                r = subnet_check(s, reterr);
        if (r == 0)
                *ret = TAKE(s);
        return r;
}

static json_t *ips_json(const struct ip_addr *ips, size_t n) {
        json_t *out = json_array();
        for (size_t i = 0; i < n; i++)
                (void)json_array_append_new(out, api_ip(&ips[i]));
        return out;
}

static json_t *ranges_json(const struct subnet *s) {
        json_t *out = json_array();
        for (size_t i = 0; i < s->n_ranges; i++)
                (void)json_array_append_new(out, json_pack("{s:o, s:o}", "first", api_ip(&s->ranges[i].first),
                                                           "last", api_ip(&s->ranges[i].last)));
        return out;
}

static json_t *routes_json(const struct subnet *s) {
        json_t *out = json_array();
        for (size_t i = 0; i < s->n_routes; i++)
                (void)json_array_append_new(out, json_pack("{s:o, s:o}", "net", api_net(&s->routes[i].net),
                                                           "router", api_ip(&s->routes[i].router)));
        return out;
}

static json_t *search_json(const struct subnet *s) {
        json_t *out = json_array();
        for (size_t i = 0; i < s->n_search; i++)
                (void)json_array_append_new(out, json_string(s->search[i]));
        return out;
}

static json_t *options_json(const struct subnet *s) {
        json_t *out = json_array();
        for (size_t i = 0; i < s->n_options; i++)
                (void)json_array_append_new(out, json_string(s->options[i].spelled));
        return out;
}

static json_t *unknown_json(const struct subnet *s) {
        if (s->unknown == SUBNET_UNKNOWN_BOOT)
                return json_sprintf("boot=%s", s->unknown_image);
        return json_string(subnet_unknown_name(s->unknown));
}

static json_t *allowed_json(const struct subnet *s) {
        char key[SUBNET_KEY_TEXT_SIZE];
        json_t *out = json_array();
        for (size_t i = 0; i < s->n_allowed; i++)
                (void)json_array_append_new(out, json_string(subnet_key_text(&s->allowed[i], key)));
        return out;
}

json_t *subnet_to_json(const struct subnet *s) {
        return json_pack(
                "{s:I, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:b}", "id",
                (json_int_t)s->id, "net", api_net(&s->net), "interface", api_text_or_null(s->interface),
                "dhcp", subnet_dhcp_name(s->dhcp), "unknown", unknown_json(s), "ranges", ranges_json(s),
                "gateway", api_ip(&s->gateway), "dns", ips_json(s->dns, s->n_dns), "ntp",
                ips_json(s->ntp, s->n_ntp), "domain", api_text_or_null(s->domain), "search", search_json(s),
                "mtu", s->mtu ? json_integer(s->mtu) : json_null(), "routes", routes_json(s), "lease_s",
                (json_int_t)s->lease_s, "options", options_json(s), "allow", allowed_json(s), "agent_https",
                s->agent_https);
}
