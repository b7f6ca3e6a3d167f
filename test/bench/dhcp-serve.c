/*
 * The DHCPv4 server over a backend in memory: what its own code costs, without leases on disk or a site.
 *
 * dhcp-serve INTERFACE ADDRESS/PREFIX [late] [proxy]: gives the addresses of the network in order. `late`
 * makes every ACK wait for a ticket that becomes durable a millisecond later. Ends at SIGTERM or SIGINT with
 * its counters.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/map.h"
#include "base/text.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "net/dhcp4/server.h"

struct client {
        uint32_t addr;
        bool is_bound;
};

struct serve {
        struct loop *loop;
        struct dhcp4_server *server;
        struct dhcp4_link link;
        uint32_t net, mask, next;
        bool is_late, is_proxy;
        uint64_t slow_us;
        uint64_t ticket;
        struct map *clients;
        struct dhcp4_option router;
        uint8_t router_octets[4];
        uint64_t n_foreign, n_conflicts;
};

static bool give_net(void *ctx, const struct dhcp4_link *link, const struct dhcp4_packet *p, uint64_t now_ms,
                     struct dhcp4_net *ret) {
        (void)now_ms;
        struct serve *s = ctx;
        (void)link;
        (void)p;
        for (uint64_t begin_us = s->slow_us ? clock_now_us() : 0;
             s->slow_us && clock_now_us() < begin_us + s->slow_us;)
                ;
        *ret = (struct dhcp4_net){ .id = 1,
                                   .mode = s->is_proxy ? DHCP4_PROXY : DHCP4_SERVER,
                                   .addr = s->net,
                                   .mask = s->mask,
                                   .options = &s->router,
                                   .n_options = 1 };
        return true;
}

static struct client *find(struct serve *s, const struct dhcp4_packet *p) {
        return map_get(s->clients, p->mac.octets, sizeof(p->mac.octets));
}

static struct client *add(struct serve *s, const struct dhcp4_packet *p) {
        if (s->next >= (s->net | ~s->mask))
                return NULL;
        struct client *c = calloc(1, sizeof(*c));
        if (!c || map_put(s->clients, p->mac.octets, sizeof(p->mac.octets), c, NULL) < 0) {
                free(c);
                return NULL;
        }
        c->addr = s->next++;
        return c;
}

static enum dhcp4_lease_answer offer(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                                     bool commit, uint64_t now_ms, struct dhcp4_lease *ret) {
        struct serve *s = ctx;
        struct client *c = find(s, p);
        (void)net;
        (void)now_ms;
        if (!c)
                c = add(s, p);
        if (!c)
                return DHCP4_LEASE_NONE;
        *ret = (struct dhcp4_lease){ .addr = c->addr,
                                     .lease_s = 3600,
                                     .ticket = commit && s->is_late ? ++s->ticket : 0,
                                     .probe = s->next };
        return DHCP4_LEASE_OK;
}

static enum dhcp4_lease_answer request(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                                       uint32_t addr, uint64_t now_ms, struct dhcp4_lease *ret) {
        struct serve *s = ctx;
        struct client *c = find(s, p);
        (void)net;
        (void)now_ms;
        if (!c)
                return DHCP4_LEASE_UNKNOWN;
        if (c->addr != addr)
                return DHCP4_LEASE_WRONG;
        c->is_bound = true;
        *ret = (struct dhcp4_lease){ .addr = addr, .lease_s = 3600, .ticket = s->is_late ? ++s->ticket : 0 };
        return DHCP4_LEASE_OK;
}

static void give_back(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                      uint64_t now_ms) {
        struct serve *s = ctx;
        struct client *c = find(s, p);
        (void)net;
        (void)now_ms;
        if (c && c->addr == addr)
                c->is_bound = false;
}

static void boot(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                 const struct dhcp4_packet *p, uint32_t addr, uint64_t now_ms, struct dhcp4_boot *ret) {
        (void)ctx;
        (void)link;
        (void)net;
        (void)addr;
        (void)now_ms;
        ret->is_bootable = dhcp4_option_find(p, DHCP4_OPTION_VENDOR_CLASS) != NULL;
        ret->next_server = link->server;
        ret->file = "boot.efi";
}

static uint64_t durable(void *ctx) {
        struct serve *s = ctx;
        return s->is_late ? 0 : s->ticket;
}

static void foreign(void *ctx, const struct dhcp4_link *link, uint32_t server, const struct dhcp4_packet *p,
                    uint64_t now_ms) {
        struct serve *s = ctx;
        (void)link;
        (void)server;
        (void)p;
        (void)now_ms;
        s->n_foreign++;
}

static void conflict(void *ctx, const struct dhcp4_link *link, uint32_t addr, const struct mac *mac,
                     uint64_t now_ms) {
        struct serve *s = ctx;
        char ip[IP_TEXT_SIZE], who[MAC_TEXT_SIZE];
        (void)link;
        (void)now_ms;
        s->n_conflicts++;
        (void)printf("conflict: %s is used by %s\n", ip4_text(addr, ip), mac_text(mac, who));
}

static const struct dhcp4_backend backend = {
        .net = give_net,
        .offer = offer,
        .request = request,
        .release = give_back,
        .decline = give_back,
        .boot = boot,
        .durable = durable,
        .foreign = foreign,
        .conflict = conflict,
};

static void become_durable(void *ctx) {
        struct serve *s = ctx;
        dhcp4_server_durable(s->server, s->ticket);
}

static void stop(void *ctx, int signo) {
        struct serve *s = ctx;
        (void)signo;
        loop_stop(s->loop);
}

static int look_up_link(struct serve *s, const char *interface) {
        struct ifreq r = {};
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        (void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", interface);
        int result = fd < 0 ? -1 : ioctl(fd, SIOCGIFHWADDR, &r);
        if (fd >= 0)
                (void)close(fd);
        memcpy(s->link.mac.octets, r.ifr_hwaddr.sa_data, sizeof(s->link.mac.octets));
        memcpy(s->link.interface, r.ifr_name, sizeof(s->link.interface));
        s->link.ifindex = if_nametoindex(interface);
        return result < 0 || s->link.ifindex == 0 ? -1 : 0;
}

/* "10.77.0.1/16": our address, and by it the network. */
static int set_network(struct serve *s, const char *spelled) {
        char addr[64];
        struct in_addr in;
        unsigned prefix;
        if (sscanf(spelled, "%63[0-9.]/%u", addr, &prefix) != 2 || prefix == 0 || prefix > 30 ||
            inet_pton(AF_INET, addr, &in) != 1)
                return -1;
        memcpy(s->router_octets, &in, sizeof(s->router_octets));
        s->router = (struct dhcp4_option){ DHCP4_OPTION_ROUTER, 4, s->router_octets };
        s->link.server = ntohl(in.s_addr);
        s->mask = UINT32_MAX << (32 - prefix);
        s->net = s->link.server & s->mask;
        s->next = s->link.server + 1;
        return 0;
}

static void print_counters(const struct serve *s) {
        struct dhcp4_counters c;
        dhcp4_server_counters(s->server, &c);
        (void)printf("received %" PRIu64 " offers %" PRIu64 " acks %" PRIu64 " naks %" PRIu64
                     " proxied %" PRIu64 " malformed %" PRIu64 " ignored %" PRIu64 " old %" PRIu64
                     " superseded %" PRIu64 " full %" PRIu64 " failed %" PRIu64 " probes %" PRIu64
                     " conflicts %" PRIu64 " foreign %" PRIu64 " clients %zu\n",
                     c.received, c.offers, c.acks, c.naks, c.proxied, c.malformed, c.ignored, c.dropped_old,
                     c.superseded, c.dropped_full, c.send_failed, c.probes, c.conflicts, s->n_foreign,
                     map_len(s->clients));
}

static int run(struct serve *s) {
        struct error err;
        CLEANUP(loop_free_at) struct loop *loop = loop_new();
        CLEANUP(dhcp4_server_free_at) struct dhcp4_server *server = NULL;

        s->loop = loop;
        server = loop ? dhcp4_server_new(loop, &backend, s, &err) : NULL;
        s->server = server;
        if (!server || dhcp4_server_set_links(server, &s->link, 1, &err) < 0) {
                (void)fprintf(stderr, "%s\n", err.text);
                return 1;
        }
        struct loop_timer *sync = loop_timer_new(loop, become_durable, s);
        if (s->is_late)
                loop_timer_set(sync, 1, 1);
        if (loop_on_signal(loop, SIGTERM, stop, s) < 0 || loop_on_signal(loop, SIGINT, stop, s) < 0)
                return 1;
        int r = loop_run(loop);
        print_counters(s);
        loop_timer_free(sync);
        return r < 0;
}

int main(int argc, char **argv) {
        struct serve s = { .clients = map_new(random_hash_key()) };

        if (argc < 3 || !s.clients || look_up_link(&s, argv[1]) < 0 || set_network(&s, argv[2]) < 0) {
                (void)fprintf(stderr,
                              "usage: dhcp-serve INTERFACE ADDRESS/PREFIX [late] [proxy] [slow=US]\n");
                return 2;
        }
        for (int i = 3; i < argc; i++) {
                s.is_late = s.is_late || strcmp(argv[i], "late") == 0;
                s.is_proxy = s.is_proxy || strcmp(argv[i], "proxy") == 0;
                if (text_starts_with(argv[i], "slow="))
                        s.slow_us = strtoul(argv[i] + 5, NULL, 10);
        }
        int r = run(&s);
        size_t cursor = 0;
        for (struct client *c; (c = map_next(s.clients, &cursor));)
                free(c);
        map_free(s.clients);
        return r;
}
