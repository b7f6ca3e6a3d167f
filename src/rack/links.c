/* Which interfaces are served; see links.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/links.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/log.h"
#include "io/netif.h"
#include "rack/https.h"
#include "rack/notice.h"
#include "rack/state.h"

static bool is_wanted(const struct rack *r, const char *interface) {
        for (size_t i = 0; i < r->config.n_interfaces; i++)
                if (strcmp(r->config.interfaces[i], interface) == 0)
                        return true;
        return r->config.n_interfaces == 0;
}

static struct dhcp4_link *link_of(struct rack *r, const char *interface) {
        for (size_t i = 0; i < r->n_links; i++)
                if (strcmp(r->links[i].interface, interface) == 0)
                        return &r->links[i];
        return NULL;
}

static void add_problem(struct rack *r, const char *format, ...) PRINTF(2, 3);
static void add_problem(struct rack *r, const char *format, ...) {
        va_list args;

        if (r->n_problems == RACK_PROBLEMS_MAX)
                return;
        va_start(args, format);
        (void)vsnprintf(r->problems[r->n_problems++], sizeof(r->problems[0]), format, args);
        va_end(args);
}

/* Our address on an interface: the one inside the subnet, by which its clients reach us. */
static uint32_t address_in(const struct netif *n, const struct net *net) {
        for (size_t i = 0; i < n->n_addrs; i++)
                if ((n->addrs[i].addr & net->dhcp4.mask) == net->dhcp4.addr)
                        return n->addrs[i].addr;
        return 0;
}

static const struct netif *netif_named(const struct netif *all, int n, const char *name) {
        for (int i = 0; i < n; i++)
                if (strcmp(all[i].name, name) == 0)
                        return &all[i];
        return NULL;
}

/* A second subnet of one interface: there we have a second name. */
static void add_server(struct rack *r, struct dhcp4_link *link, struct net *net) {
        char text[IP_NET_TEXT_SIZE];
        size_t n = 0;

        while (n < DHCP4_LINK_SERVERS_MAX && link->others[n])
                n++;
        if (n < DHCP4_LINK_SERVERS_MAX) {
                link->others[n] = net->dhcp4.server;
                return;
        }
        add_problem(
                r,
                "subnet %s is not served: %s has %d others already, and that is the most for one interface",
                ip_net_text(&net->subnet->net, text), link->interface, DHCP4_LINK_SERVERS_MAX + 1);
        net->dhcp4.server = 0;
}

/* Nobody but us knows it where the machine is registered: the address may come later than the reservation. */
static void check_own_address(struct rack *r, const struct net *net) {
        struct ip_addr ip = ip_from_v4(net->dhcp4.server);
        const struct machine *m = net->dhcp4.server ? site_machine_by_ip(r->nets->site, &ip) : NULL;
        char text[IP_TEXT_SIZE];

        if (m)
                add_problem(
                        r,
                        "machine %s has %s reserved, which is this server's own address: it gets another one",
                        m->name, ip_text(&ip, text));
}

static void add_link(struct rack *r, struct net *net, const struct netif *all, int n_all) {
        const char *interface = net->subnet->interface;
        const struct netif *n = netif_named(all, n_all, interface);
        char text[IP_NET_TEXT_SIZE];

        (void)ip_net_text(&net->subnet->net, text);
        net->dhcp4.server = 0;
        if (!interface[0])
                return; /* reached through relays alone */
        if (!is_wanted(r, interface)) {
                add_problem(r, "subnet %s is not served: brambled.yaml's `interfaces` does not name %s", text,
                            interface);
                return;
        }
        if (!n) {
                add_problem(r, "subnet %s is not served: there is no interface %s", text, interface);
                return;
        }
        net->dhcp4.server = address_in(n, net);
        if (!net->dhcp4.server) {
                add_problem(r, "subnet %s is not served: %s has no address in it; try `ip addr add` with one",
                            text, interface);
                return;
        }
        if (link_of(r, interface)) {
                add_server(r, link_of(r, interface), net);
                return;
        }
        if (r->n_links == RACK_LINKS_MAX) {
                add_problem(r, "subnet %s is not served: more than %d interfaces", text, RACK_LINKS_MAX);
                return;
        }
        if (n->is_up && !n->has_carrier)
                add_problem(r, "%s has no cable, or nobody is at its other end", interface);
        if (!n->is_up)
                add_problem(r, "%s is down: try `ip link set %s up`", interface, interface);
        struct dhcp4_link *link = &r->links[r->n_links++];
        *link = (struct dhcp4_link){ .ifindex = n->ifindex, .mac = n->mac, .server = net->dhcp4.server };
        (void)snprintf(link->interface, sizeof(link->interface), "%s", interface);
}

static void on_answer(void *ctx, const struct dhcp4_heard_server *servers, size_t n) {
        struct question *q = ctx;

        for (size_t i = 0; i < n; i++)
                if (!dhcp4_link_has(&q->link, servers[i].server))
                        rack_note_foreign(q->rack, &q->link, servers[i].server);
        dhcp4_client_free(TAKE(q->client));
}

static struct question *question_of(struct rack *r, unsigned ifindex) {
        for (size_t i = 0; i < RACK_LINKS_MAX; i++)
                if (r->questions[i].link.ifindex == ifindex)
                        return &r->questions[i];
        return NULL;
}

/* Another server may be silent until somebody asks: a link that is new is asked once. Those that went may be
 * asked again. */
static void ask_new_links(struct rack *r) {
        struct error err;

        for (size_t i = 0; i < RACK_LINKS_MAX; i++) {
                struct question *q = &r->questions[i];
                if (!q->link.ifindex || link_of(r, q->link.interface))
                        continue;
                dhcp4_client_free(q->client);
                *q = (struct question){};
        }
        for (size_t i = 0; i < r->n_links; i++) {
                struct question *q = question_of(r, r->links[i].ifindex) ? NULL : question_of(r, 0);
                if (!q)
                        continue;
                *q = (struct question){ .rack = r, .link = r->links[i] };
                q->client = dhcp4_client_ask(r->loop, &q->link, DHCP4_ASK_MS, on_answer, q, &err);
                if (!q->client)
                        log_warn("dhcp: cannot ask whether another server is here", "interface",
                                 q->link.interface, "why", err.text);
        }
}

static void say_problems(const struct rack *r, char before[RACK_PROBLEMS_MAX][RACK_PROBLEM_SIZE],
                         size_t n_before) {
        for (size_t i = 0; i < r->n_problems; i++) {
                bool is_new = true;
                for (size_t k = 0; k < n_before; k++)
                        is_new = is_new && strcmp(before[k], r->problems[i]) != 0;
                if (is_new)
                        log_warn("site: a subnet has a problem", "what", r->problems[i]);
        }
}

static void hear_consoles(struct rack *r) {
        unsigned ifindexes[RACK_LINKS_MAX];

        for (size_t i = 0; i < r->n_links; i++)
                ifindexes[i] = r->links[i].ifindex;
        int error = r->netconsole ? netconsole_server_set_links(r->netconsole, ifindexes, r->n_links) : 0;
        if (error < 0)
                add_problem(r, "consoles cannot be heard: %s", strerror(-error));
}

void links_update(struct rack *r) {
        char before[RACK_PROBLEMS_MAX][RACK_PROBLEM_SIZE];
        CLEANUP(free_at) struct netif *all = NULL;
        size_t n_before = r->n_problems;
        struct error err;

        memcpy(before, r->problems, sizeof(before));
        int n_all = netif_list(&all);
        if (n_all < 0) {
                log_error("site: cannot list the network interfaces, serving those known before", "why",
                          strerror(-n_all));
                return;
        }
        https_follow(r, all, (size_t)n_all);
        r->n_links = r->n_problems = 0;
        for (size_t i = 0; i < r->nets->n; i++)
                if (r->nets->items[i].dhcp4.mode != DHCP4_OFF) {
                        add_link(r, &r->nets->items[i], all, n_all);
                        check_own_address(r, &r->nets->items[i]);
                }
        if (dhcp4_server_set_links(r->dhcp4, r->links, r->n_links, &err) < 0)
                add_problem(r, "%.190s", err.text);
        hear_consoles(r);
        checkup_set_links(r);
        ask_new_links(r);
        say_problems(r, before, n_before);
}

static void on_change(void *ctx) {
        links_update(ctx);
}

int links_watch(struct rack *r, struct error *reterr) {
        r->netifs = netif_watch(r->loop, on_change, r);
        return r->netifs ? 0
                         : error_set(reterr, -errno, "cannot follow the network interfaces: %s",
                                     strerror(errno));
}

void links_unwatch(struct rack *r) {
        for (size_t i = 0; i < RACK_LINKS_MAX; i++)
                dhcp4_client_free(r->questions[i].client);
        netif_unwatch(r->netifs);
}
