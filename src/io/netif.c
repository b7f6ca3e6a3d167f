/* The network interfaces; see netif.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/netif.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/rtnetlink.h"

static void take_link(void *ctx, const struct nlmsghdr *m) {
        struct netif *ret = ctx;
        const struct ifinfomsg *info = NLMSG_DATA(m);
        const void *mac = rtnetlink_attribute_of(m, sizeof(*info), IFLA_ADDRESS, sizeof(ret->mac.octets));
        const void *mtu = rtnetlink_attribute_of(m, sizeof(*info), IFLA_MTU, sizeof(uint32_t));

        if (m->nlmsg_type != RTM_NEWLINK)
                return;
        ret->is_up = info->ifi_flags & IFF_UP;
        if (mac)
                memcpy(ret->mac.octets, mac, sizeof(ret->mac.octets));
        if (mtu)
                memcpy(&ret->mtu, mtu, sizeof(ret->mtu));
}

static void take_addr(void *ctx, const struct nlmsghdr *m) {
        struct netif *ret = ctx;
        const struct ifaddrmsg *info = NLMSG_DATA(m);
        const void *local = rtnetlink_attribute_of(m, sizeof(*info), IFA_LOCAL, sizeof(uint32_t));
        uint32_t addr;

        if (m->nlmsg_type != RTM_NEWADDR || info->ifa_index != ret->index || !local ||
            ret->n_addrs == NETIF_ADDRS_MAX)
                return;
        memcpy(&addr, local, sizeof(addr));
        ret->addrs[ret->n_addrs].addr = ntohl(addr);
        ret->addrs[ret->n_addrs++].mask = info->ifa_prefixlen ? UINT32_MAX << (32 - info->ifa_prefixlen) : 0;
}

static int ask_all(int fd, struct netif *n) {
        struct rtnetlink_request r;
        const struct ifinfomsg link = { .ifi_family = AF_UNSPEC, .ifi_index = (int)n->index };
        const struct ifaddrmsg addr = { .ifa_family = AF_INET };

        rtnetlink_begin(&r, RTM_GETLINK, 0, &link, sizeof(link));
        int error = rtnetlink_ask(fd, &r, take_link, n);
        if (error < 0)
                return error;
        rtnetlink_begin(&r, RTM_GETADDR, NLM_F_DUMP, &addr, sizeof(addr));
        return rtnetlink_ask(fd, &r, take_addr, n);
}

int netif_find(const char *name, struct netif *ret) {
        struct netif n = { .index = if_nametoindex(name) };

        if (n.index == 0 || strlen(name) >= sizeof(n.name))
                return -ENODEV;
        memcpy(n.name, name, strlen(name) + 1);

        int fd = rtnetlink_open(0);
        if (fd < 0)
                return fd;
        int error = ask_all(fd, &n);
        (void)close(fd);
        if (error < 0)
                return error;
        *ret = n;
        return 0;
}

int netif_watch_open(void) {
        return rtnetlink_open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR);
}

void netif_watch_drain(int fd) {
        uint8_t octets[4096];
        while (recv(fd, octets, sizeof(octets), MSG_DONTWAIT) > 0)
                ;
}
