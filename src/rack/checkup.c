/* What the rack knows of the site; see checkup.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/checkup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/raw.h"
#include "rack/state.h"

enum { MTU_FULL = 1500, CAP_BIND = 10, CAP_ADMIN = 12, CAP_RAW = 13 /* capabilities(7) */ };

/* ---- what reaches the interfaces ---- */

static void close_link(struct checkup_link *l) {
        if (l->ifindex && l->dhcp >= 0)
                (void)close(l->dhcp);
        if (l->ifindex && l->tftp >= 0)
                (void)close(l->tftp);
        *l = (struct checkup_link){ .dhcp = -1, .tftp = -1 };
}

static bool is_served(const struct rack *r, unsigned ifindex) {
        for (size_t i = 0; i < r->n_links; i++)
                if (r->links[i].ifindex == ifindex)
                        return true;
        return false;
}

static struct checkup_link *place_of(struct checkup *c, unsigned ifindex) {
        for (size_t i = 0; i < CHECKUP_LINKS_MAX; i++)
                if (c->links[i].ifindex == ifindex)
                        return &c->links[i];
        return NULL;
}

static void look(struct checkup *c) {
        for (size_t i = 0; i < CHECKUP_LINKS_MAX; i++)
                if (c->links[i].ifindex) {
                        c->dhcp_seen += raw_seen(c->links[i].dhcp);
                        c->tftp_seen += raw_seen(c->links[i].tftp);
                }
}

void checkup_set_links(struct rack *r) {
        struct checkup *c = &r->checkup;

        look(c);
        for (size_t i = 0; i < CHECKUP_LINKS_MAX; i++)
                if (c->links[i].ifindex && !is_served(r, c->links[i].ifindex))
                        close_link(&c->links[i]);
        for (size_t i = 0; i < r->n_links; i++) {
                unsigned ifindex = r->links[i].ifindex;
                struct checkup_link *free_place = place_of(c, ifindex) ? NULL : place_of(c, 0);
                if (free_place)
                        *free_place = (struct checkup_link){ .ifindex = ifindex,
                                                             .dhcp = raw_open_udp(ifindex, 67),
                                                             .tftp = raw_open_udp(ifindex, 69) };
        }
}

void checkup_end(struct rack *r) {
        for (size_t i = 0; i < CHECKUP_LINKS_MAX; i++)
                if (r->checkup.links[i].ifindex)
                        close_link(&r->checkup.links[i]);
}

/* ---- facts ---- */

static void find_foreign(const struct rack *r, struct site_names *ret) {
        char ip[IP_TEXT_SIZE];

        for (size_t i = 0; i < r->n_foreign; i++) {
                const struct foreign_server *f = &r->foreign[i];
                const struct net *net = nets_on(r->nets, f->interface);
                if (net && net->dhcp4.mode == DHCP4_SERVER &&
                    clock_unix_s() - f->last_s <= RACK_FOREIGN_NEWS_S)
                        site_names_add(ret, "%s answers on %s", ip4_text(f->server, ip), f->interface);
        }
}

static void find_mtus(const struct rack *r, struct site_names *ret) {
        CLEANUP(free_at) struct netif *all = NULL;
        int n = netif_list(&all);

        for (int i = 0; i < n; i++)
                if (is_served(r, all[i].ifindex) && all[i].mtu < MTU_FULL)
                        site_names_add(ret, "%s has an MTU of %u", all[i].name, all[i].mtu);
}

/* Whatever interface they are on: a router may lead to it. */
static void find_ours(struct site_facts *ret) {
        CLEANUP(free_at) struct netif *all = NULL;
        int n = netif_list(&all);

        for (int i = 0; i < n; i++)
                for (size_t a = 0; a < all[i].n_addrs && ret->n_ours < SITE_OURS_MAX; a++)
                        ret->ours[ret->n_ours++] = all[i].addrs[a].addr;
}

/* The hexadecimal mask behind "CapEff:"; none can be told where it is not there. */
static uint64_t capabilities(void) {
        char line[128];
        unsigned long long mask = UINT64_MAX;
        FILE *in = fopen("/proc/self/status", "re");

        while (in && fgets(line, sizeof(line), in))
                if (sscanf(line, "CapEff: %llx", &mask) == 1)
                        break;
        if (in)
                (void)fclose(in);
        return mask;
}

static void find_rights(struct site_names *ret) {
        static const struct {
                unsigned bit;
                const char *name, *need;
        } rows[] = { { CAP_BIND, "CAP_NET_BIND_SERVICE", "its ports are below 1024" },
                     { CAP_RAW, "CAP_NET_RAW", "clients without an address are answered by frames" },
                     { CAP_ADMIN, "CAP_NET_ADMIN", "clients' addresses are made known to the kernel" } };
        uint64_t mask = capabilities();

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (!(mask >> rows[i].bit & 1))
                        site_names_add(ret, "%s is missing: %s", rows[i].name, rows[i].need);
}

static bool is_clock_kept(void) {
        struct timex t = {};
        return adjtimex(&t) != TIME_ERROR;
}

/* A port that another program has is told by the kernel when it is opened, and by dhcp4's sentence. */
static void sort_problems(const struct rack *r, struct site_facts *ret) {
        for (size_t i = 0; i < r->n_problems; i++)
                site_names_add(strstr(r->problems[i], " is taken") ? &ret->ports : &ret->links, "%s",
                               r->problems[i]);
}

void rack_site_facts(struct rack *r, struct site_facts *ret) {
        struct dhcp4_counters dhcp;
        const struct trail_session *newest = trail_before(r->trail, UINT64_MAX);

        look(&r->checkup);
        dhcp4_server_counters(r->dhcp4, &dhcp);
        *ret = (struct site_facts){ .dhcp_seen = r->checkup.dhcp_seen,
                                    .dhcp_received = dhcp.received,
                                    .tftp_seen = r->checkup.tftp_seen,
                                    .tftp_received = r->checkup.tftp_received,
                                    .now_s = clock_unix_s(),
                                    .newest_s = newest ? newest->last_ms / 1000 : 0,
                                    .is_clock_kept = is_clock_kept() };
        find_foreign(r, &ret->foreign);
        sort_problems(r, ret);
        find_mtus(r, &ret->mtus);
        find_ours(ret);
        find_rights(&ret->rights);
}
