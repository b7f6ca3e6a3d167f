/* Leases: /api/v1/leases. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/fields.h"
#include "api/handlers.h"
#include "api/page.h"
#include "base/text.h"

static const char *const state_names[] = { [LEASE_FREE] = "free",
                                           [LEASE_OFFERED] = "offered",
                                           [LEASE_BOUND] = "bound",
                                           [LEASE_DECLINED] = "declined" };

/* Copies of a page, and of one more to know whether there are more, made on the control thread. */
struct copies {
        struct lease *leases;
        size_t n, max;
        int state; /* -1: what holds now */
        const struct mac *mac;
        int64_t now_s;
};

static bool is_wanted(const struct copies *all, const struct lease *l) {
        if (all->mac && !mac_equal(&l->client.mac, all->mac))
                return false;
        if (all->state >= 0)
                return l->state == (enum lease_state)all->state;
        return (l->state == LEASE_BOUND || l->state == LEASE_DECLINED) && l->expires_s > all->now_s;
}

static bool copy(void *ctx, const struct lease *l) {
        struct copies *all = ctx;

        if (is_wanted(all, l))
                all->leases[all->n++] = *l;
        return all->n < all->max;
}

static const struct subnet *subnet_by_id(const struct site *s, uint64_t id) {
        for (size_t i = 0; i < site_n_subnets(s); i++) {
                if (site_subnet(s, i)->id == id)
                        return site_subnet(s, i);
        }
        return NULL;
}

static json_t *lease_json(const struct api_call *c, const void *thing) {
        const struct lease *l = thing;
        const struct subnet *subnet = subnet_by_id(c->site, l->client.subnet);
        const struct machine *m = site_machine_by_mac(c->site, &l->client.mac);
        bool has_client_id = l->client.key_len > 1 && l->client.key[0] == 1;
        struct ip_addr ip = ip_from_v4(l->addr);

        return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "ip", api_ip(&ip), "state",
                         state_names[l->state], "mac", api_mac(&l->client.mac), "client_id",
                         has_client_id ? api_hex(l->client.key + 1, l->client.key_len - 1U) : json_null(),
                         "hostname", api_text_or_null(l->client.hostname), "subnet",
                         subnet ? api_net(&subnet->net) : json_null(), "machine",
                         m ? json_string(m->name) : json_null(), "granted", api_time(l->granted_s), "expires",
                         api_time(l->expires_s));
}

/* The wanted state as a number, -1 for none said; false with a problem answered. */
static bool read_state(struct api_call *c, int *ret) {
        const char *text = api_query(c, "state");

        *ret = -1;
        for (size_t i = 0; text && i < ARRAY_LEN(state_names); i++) {
                if (strcmp(state_names[i], text) == 0)
                        *ret = (int)i;
        }
        if (!text || *ret >= 0)
                return true;
        api_problem_field(c, 400, "state",
                          "\"%.32s\" is no state of a lease; there are free, offered, bound, declined", text);
        return false;
}

/* The address behind which the page begins, 0 for the first page; false with a problem answered. */
static bool read_cursor(struct api_call *c, uint32_t *ret) {
        const char *text = api_query(c, "cursor");
        uint8_t octets[4] = {};

        if (text && text_parse_hex(text, octets, sizeof(octets)) < 0) {
                api_bad_cursor(c);
                return false;
        }
        *ret = (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3];
        return true;
}

void lease_list(struct api_call *c) {
        CLEANUP(api_list_free) struct api_list found = {};
        struct copies all = { .now_s = c->now_s };
        const char *text = api_query(c, "mac");
        uint32_t after;
        uint64_t limit;
        struct mac mac;

        if (!read_state(c, &all.state) || !read_cursor(c, &after) ||
            !api_limit(c, API_PAGE_LIMIT_DEFAULT, API_PAGE_LIMIT_MAX, &limit))
                return;
        if (text && mac_parse(text, &mac) < 0) {
                api_problem_field(c, 400, "mac", "\"%.64s\" is no MAC address such as dc:a6:32:01:02:03",
                                  text);
                return;
        }
        all.mac = text ? &mac : NULL;
        all.max = (size_t)limit + 1;
        all.leases = calloc(all.max, sizeof(*all.leases));
        if (all.leases)
                c->world->each_lease(c->world->ctx, after, copy, &all);
        for (size_t i = 0; i < all.n; i++)
                api_list_add(&found, &all.leases[i], "%08x", all.leases[i].addr);
        found.failed |= !all.leases;
        api_page(c, &found, lease_json);
        free(all.leases);
}
