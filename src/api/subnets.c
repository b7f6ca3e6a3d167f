/* Subnets: /api/v1/subnets. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/handlers.h"
#include "api/page.h"
#include "api/resource.h"
#include "api/subnet_json.h"
#include "base/text.h"

static const void *find(struct api_call *c) {
        char text[IP_NET_TEXT_SIZE + 8];
        struct ip_net net;

        (void)snprintf(text, sizeof(text), "%.46s/%.4s", c->params[0], c->params[1]);
        const struct subnet *s = ip_net_parse(text, &net) == 0 ? site_subnet_find(c->site, &net) : NULL;
        if (!s)
                api_problem(c, 404, "there is no subnet %s", text);
        return s;
}

static json_t *to_json(const void *thing) {
        return subnet_to_json(thing);
}

static int read_new(const json_t *in, void **ret, const char **ret_field, struct error *reterr) {
        struct subnet *s = NULL;
        int r = subnet_from_json(in, &s, ret_field, reterr);
        *ret = s;
        return r;
}

static int change(const struct site_keeper *keeper, const void *was, void *now, struct error *reterr) {
        return keeper->subnet(keeper->ctx, was, now, reterr);
}

static void drop(void *thing) {
        subnet_drop(thing);
}

static const char *path(const void *thing, char *buf, size_t size) {
        char net[IP_NET_TEXT_SIZE];
        (void)snprintf(buf, size, "subnets/%s", ip_net_text(&((const struct subnet *)thing)->net, net));
        return buf;
}

static const struct api_resource_kind kind = { .key = "net",
                                               .find = find,
                                               .to_json = to_json,
                                               .read = read_new,
                                               .change = change,
                                               .drop = drop,
                                               .path = path };

void subnet_show(struct api_call *c) {
        api_resource_show(c, &kind);
}

void subnet_add(struct api_call *c) {
        api_resource_add(c, &kind);
}

void subnet_set(struct api_call *c) {
        api_resource_set(c, &kind);
}

void subnet_delete(struct api_call *c) {
        api_resource_delete(c, &kind);
}

static json_t *item_json(const struct api_call *c, const void *thing) {
        (void)c;
        return subnet_to_json(thing);
}

void subnet_list(struct api_call *c) {
        CLEANUP(api_list_free) struct api_list found = {};

        for (size_t i = 0; i < site_n_subnets(c->site); i++) {
                const struct subnet *s = site_subnet(c->site, i);
                char octets[2 * sizeof(s->net.addr.octets) + 1];
                api_list_add(&found, s, "%s-%03u",
                             text_hex(s->net.addr.octets, sizeof(s->net.addr.octets), octets),
                             s->net.prefix_len);
        }
        api_page(c, &found, item_json);
}
