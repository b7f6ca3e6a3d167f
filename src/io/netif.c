/* Network interfaces as the kernel has them; see netif.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/netif.h"
#include "io/netlink.h"

static const struct rtattr *attributes_of(const struct nlmsghdr *m, size_t head, size_t *ret_len) {
        *ret_len = m->nlmsg_len - NLMSG_SPACE(head);
        return (const struct rtattr *)(const void *)((const uint8_t *)m + NLMSG_SPACE(head));
}

static void add_link(struct netif_table *t, const struct nlmsghdr *m) {
        const struct ifinfomsg *head = NLMSG_DATA(m);
        const struct rtattr *a[IFLA_CARRIER + 1];
        size_t len;

        if (m->nlmsg_len < NLMSG_SPACE(sizeof(*head)) || t->n == NETIF_MAX)
                return;
        const struct rtattr *at = attributes_of(m, sizeof(*head), &len);
        netlink_attributes(at, len, a, IFLA_CARRIER);
        if (!a[IFLA_IFNAME] || RTA_PAYLOAD(a[IFLA_IFNAME]) > sizeof(t->items->name))
                return;

        struct netif *n = &t->items[t->n++];
        n->ifindex = (unsigned)head->ifi_index;
        n->is_up = head->ifi_flags & IFF_UP;
        /* IFF_RUNNING follows the carrier by up to a second; this is the carrier itself. */
        n->has_carrier = n->is_up && a[IFLA_CARRIER] && RTA_PAYLOAD(a[IFLA_CARRIER]) == 1 &&
                         *(const uint8_t *)RTA_DATA(a[IFLA_CARRIER]);
        n->is_loopback = head->ifi_flags & IFF_LOOPBACK;
        (void)snprintf(n->name, sizeof(n->name), "%.*s", (int)RTA_PAYLOAD(a[IFLA_IFNAME]),
                       (const char *)RTA_DATA(a[IFLA_IFNAME]));
        if (head->ifi_type == ARPHRD_ETHER && a[IFLA_ADDRESS] &&
            RTA_PAYLOAD(a[IFLA_ADDRESS]) == sizeof(n->mac.octets))
                memcpy(n->mac.octets, RTA_DATA(a[IFLA_ADDRESS]), sizeof(n->mac.octets));
        if (a[IFLA_MTU] && RTA_PAYLOAD(a[IFLA_MTU]) == sizeof(n->mtu))
                memcpy(&n->mtu, RTA_DATA(a[IFLA_MTU]), sizeof(n->mtu));
}

static void add_addr(struct netif_table *t, const struct nlmsghdr *m) {
        const struct ifaddrmsg *head = NLMSG_DATA(m);
        const struct rtattr *a[IFA_LOCAL + 1];
        size_t len;

        if (m->nlmsg_len < NLMSG_SPACE(sizeof(*head)) || head->ifa_family != AF_INET)
                return;
        const struct rtattr *at = attributes_of(m, sizeof(*head), &len);
        netlink_attributes(at, len, a, IFA_LOCAL);
        if (!a[IFA_LOCAL] || RTA_PAYLOAD(a[IFA_LOCAL]) != 4 || head->ifa_prefixlen > 32)
                return;
        for (size_t i = 0; i < t->n; i++) {
                struct netif *n = &t->items[i];
                if (n->ifindex != head->ifa_index || n->n_addrs == NETIF_ADDRS_MAX)
                        continue;
                uint32_t wire;
                memcpy(&wire, RTA_DATA(a[IFA_LOCAL]), sizeof(wire));
                n->addrs[n->n_addrs].addr = ntohl(wire);
                n->addrs[n->n_addrs++].mask =
                        head->ifa_prefixlen ? UINT32_MAX << (32 - head->ifa_prefixlen) : 0;
        }
}

int netif_take(void *ctx, const struct nlmsghdr *m) {
        if (m->nlmsg_type == RTM_NEWLINK)
                add_link(ctx, m);
        else if (m->nlmsg_type == RTM_NEWADDR)
                add_addr(ctx, m);
        return 0;
}

static int read_table(int fd, struct netif_table *t) {
        struct netlink_request r;
        netlink_begin(&r, RTM_GETLINK, NLM_F_DUMP, &(struct ifinfomsg){ .ifi_family = AF_UNSPEC },
                      sizeof(struct ifinfomsg));
        int result = netlink_ask(fd, &r, netif_take, t);
        if (result < 0)
                return result;
        netlink_begin(&r, RTM_GETADDR, NLM_F_DUMP, &(struct ifaddrmsg){ .ifa_family = AF_INET },
                      sizeof(struct ifaddrmsg));
        return netlink_ask(fd, &r, netif_take, t);
}

int netif_list(struct netif **ret) {
        CLEANUP(free_at) struct netif *items = calloc(NETIF_MAX, sizeof(*items));
        if (!items)
                return -ENOMEM;
        int fd = netlink_open(0);
        if (fd < 0)
                return fd;
        struct netif_table t = { .items = items };
        int r = read_table(fd, &t);
        (void)close(fd);
        if (r < 0)
                return r;
        *ret = TAKE(items);
        return (int)t.n;
}

struct netif_watch {
        int fd;
        struct loop_io *io;
        void (*fn)(void *ctx);
        void *ctx;
};

/* What changed does not matter: whoever cares lists anew. An overrun (ENOBUFS) is a change, too. */
static void changed(void *ctx) {
        struct netif_watch *w = ctx;
        uint8_t octets[8192];
        bool is_changed = false;

        for (;;) {
                ssize_t n = recv(w->fd, octets, sizeof(octets), MSG_DONTWAIT);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0 && errno != ENOBUFS)
                        break;
                is_changed = true;
        }
        if (is_changed)
                w->fn(w->ctx);
}

struct netif_watch *netif_watch(struct loop *l, void (*fn)(void *ctx), void *ctx) {
        struct netif_watch *w = calloc(1, sizeof(*w));
        if (!w)
                return NULL;
        w->fn = fn;
        w->ctx = ctx;
        w->fd = netlink_open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR);
        w->io = w->fd < 0 ? NULL : loop_watch(l, w->fd, changed, w);
        if (!w->io) {
                int error = w->fd < 0 ? -w->fd : errno;
                if (w->fd >= 0)
                        (void)close(w->fd);
                free(w);
                errno = error;
                return NULL;
        }
        return w;
}

void netif_unwatch(struct netif_watch *w) {
        if (!w)
                return;
        loop_unwatch(w->io);
        (void)close(w->fd);
        free(w);
}
