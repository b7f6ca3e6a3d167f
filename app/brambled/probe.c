/* One question to a link; see probe.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/brambled/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/error.h"
#include "io/loop.h"
#include "io/netif.h"
#include "net/dhcp4/client.h"

struct probe {
        struct loop *loop;
        int status;
};

static void done(void *ctx, const struct dhcp4_heard_server *servers, size_t n) {
        struct probe *p = ctx;

        for (size_t i = 0; i < n; i++) {
                char server[IP_TEXT_SIZE], offered[IP_TEXT_SIZE];
                (void)printf("server %s offers %s\n", ip4_text(servers[i].server, server),
                             servers[i].offered ? ip4_text(servers[i].offered, offered) : "no address");
        }
        p->status = n ? PROBE_FOUND : PROBE_NONE;
        loop_stop(p->loop);
}

static int find_netif(const char *interface, struct netif *ret, struct error *reterr) {
        CLEANUP(free_at) struct netif *all = NULL;
        int n = netif_list(&all);

        for (int i = 0; i < n; i++) {
                if (strcmp(all[i].name, interface) == 0) {
                        *ret = all[i];
                        return 0;
                }
        }
        return n < 0 ? error_set(reterr, n, "cannot list the network interfaces: %s", strerror(-n))
                     : error_set(reterr, -ENODEV, "there is no interface %s", interface);
}

static struct dhcp4_link link_of(const struct netif *n) {
        struct dhcp4_link link = { .ifindex = n->ifindex, .mac = n->mac };

        if (n->n_addrs)
                link.server = n->addrs[0].addr;
        memcpy(link.interface, n->name, sizeof(link.interface));
        return link;
}

static int ask(struct probe *p, const char *interface, struct error *reterr) {
        struct netif n = {};

        int error = find_netif(interface, &n, reterr);
        if (error < 0)
                return error;
        if (!n.is_up)
                return error_set(reterr, -ENETDOWN, "%s is down: try `ip link set %s up`", interface,
                                 interface);
        if (!n.has_carrier) { /* a Pi on its own cable that is off: nobody there whom one could ask */
                (void)fprintf(stderr, "brambled: %s has no cable, or nobody is at its other end\n",
                              interface);
                p->status = PROBE_NONE;
                return 0;
        }
        const struct dhcp4_link link = link_of(&n);
        CLEANUP(dhcp4_client_free_at)
        struct dhcp4_client *client = dhcp4_client_ask(p->loop, &link, DHCP4_ASK_MS, done, p, reterr);
        if (!client)
                return reterr->code;
        error = loop_run(p->loop);
        return error < 0 ? error_set(reterr, error, "the event loop ended: %s", strerror(-error)) : 0;
}

int probe_run(const char *interface) {
        CLEANUP(loop_free_at) struct loop *loop = loop_new();
        struct probe p = { .loop = loop, .status = EXIT_FAILURE };
        struct error err = { .text = "out of memory" };

        if (!loop || ask(&p, interface, &err) < 0) {
                (void)fprintf(stderr, "brambled: %s\n", err.text);
                return EXIT_FAILURE;
        }
        return p.status;
}
