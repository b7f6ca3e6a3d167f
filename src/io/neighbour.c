/* The kernel's table of neighbours; see neighbour.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/neighbour.h>

#include "io/neighbour.h"
#include "io/netlink.h"

enum {
        MARK = 98, /* "b": NDA_PROTOCOL of our entries; no routing daemon has this number */
        REMOVE_BATCH = 256
};

int neighbour_open(void) {
        return netlink_open(0);
}

static void begin(struct netlink_request *r, uint16_t type, uint16_t flags, unsigned ifindex,
                  uint16_t state) {
        const struct ndmsg head = { .ndm_family = AF_INET, .ndm_ifindex = (int)ifindex, .ndm_state = state };
        netlink_begin(r, type, flags, &head, sizeof(head));
}

static void add_addr(struct netlink_request *r, uint32_t addr) {
        uint32_t wire = htonl(addr);
        netlink_add(r, NDA_DST, &wire, sizeof(wire));
}

bool neighbour_read(const struct nlmsghdr *m, struct neighbour *ret, uint16_t *ret_state) {
        const struct ndmsg *head = NLMSG_DATA(m);
        const struct rtattr *a[NDA_PROTOCOL + 1];

        if (m->nlmsg_type != RTM_NEWNEIGH || m->nlmsg_len < NLMSG_SPACE(sizeof(*head)) ||
            head->ndm_family != AF_INET)
                return false;
        netlink_attributes(
                (const struct rtattr *)(const void *)((const uint8_t *)head + NLMSG_ALIGN(sizeof(*head))),
                m->nlmsg_len - NLMSG_SPACE(sizeof(*head)), a, NDA_PROTOCOL);
        if (!a[NDA_DST] || RTA_PAYLOAD(a[NDA_DST]) != 4 || !a[NDA_LLADDR] ||
            RTA_PAYLOAD(a[NDA_LLADDR]) != 6 || (head->ndm_state & (NUD_FAILED | NUD_INCOMPLETE | NUD_NOARP)))
                return false;
        uint32_t wire;
        memcpy(&wire, RTA_DATA(a[NDA_DST]), sizeof(wire));
        *ret = (struct neighbour){ .ifindex = (unsigned)head->ndm_ifindex,
                                   .addr = ntohl(wire),
                                   .is_ours = a[NDA_PROTOCOL] && RTA_PAYLOAD(a[NDA_PROTOCOL]) == 1 &&
                                              *(const uint8_t *)RTA_DATA(a[NDA_PROTOCOL]) == MARK };
        memcpy(ret->mac.octets, RTA_DATA(a[NDA_LLADDR]), sizeof(ret->mac.octets));
        *ret_state = head->ndm_state;
        return true;
}

struct search {
        struct neighbour found;
        bool is_found, is_permanent;
};

static int take_first(void *ctx, const struct nlmsghdr *m) {
        struct search *s = ctx;
        uint16_t state;
        s->is_found = neighbour_read(m, &s->found, &state);
        s->is_permanent = s->is_found && (state & NUD_PERMANENT);
        return 0;
}

static int find(int fd, unsigned ifindex, uint32_t addr, struct search *ret) {
        struct netlink_request r;
        begin(&r, RTM_GETNEIGH, 0, ifindex, 0);
        add_addr(&r, addr);
        *ret = (struct search){};
        int result = netlink_ask(fd, &r, take_first, ret);
        return result == 0 && !ret->is_found ? -ENOENT : result;
}

int neighbour_find(int fd, unsigned ifindex, uint32_t addr, struct mac *ret) {
        struct search s;
        int r = find(fd, ifindex, addr, &s);
        if (r < 0)
                return r;
        *ret = s.found.mac;
        return 0;
}

int neighbour_set(int fd, unsigned ifindex, uint32_t addr, const struct mac *mac) {
        struct netlink_request r;
        struct search s;
        const uint8_t mark = MARK;

        if (find(fd, ifindex, addr, &s) == 0 && s.is_permanent && !s.found.is_ours)
                return -EEXIST;
        begin(&r, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, ifindex, NUD_PERMANENT);
        add_addr(&r, addr);
        netlink_add(&r, NDA_LLADDR, mac->octets, sizeof(mac->octets));
        netlink_add(&r, NDA_PROTOCOL, &mark, sizeof(mark));
        return netlink_ask(fd, &r, NULL, NULL);
}

int neighbour_remove(int fd, unsigned ifindex, uint32_t addr) {
        struct netlink_request r;
        begin(&r, RTM_DELNEIGH, 0, ifindex, 0);
        add_addr(&r, addr);
        int result = netlink_ask(fd, &r, NULL, NULL);
        return result == -ENOENT ? 0 : result;
}

struct walk {
        int (*fn)(void *ctx, const struct neighbour *n);
        void *ctx;
};

static int visit(void *ctx, const struct nlmsghdr *m) {
        const struct walk *w = ctx;
        struct neighbour n;
        uint16_t state;
        return neighbour_read(m, &n, &state) ? w->fn(w->ctx, &n) : 0;
}

int neighbour_each(int fd, int (*fn)(void *ctx, const struct neighbour *n), void *ctx) {
        struct netlink_request r;
        struct walk w = { fn, ctx };
        begin(&r, RTM_GETNEIGH, NLM_F_DUMP, 0, 0);
        return netlink_ask(fd, &r, visit, &w);
}

struct batch {
        struct neighbour items[REMOVE_BATCH];
        size_t n;
};

static int collect_ours(void *ctx, const struct neighbour *n) {
        struct batch *b = ctx;
        if (n->is_ours && b->n < REMOVE_BATCH)
                b->items[b->n++] = *n;
        return 0;
}

int neighbour_remove_ours(int fd) {
        int n_removed = 0;
        for (;;) {
                struct batch b = {};
                int r = neighbour_each(fd, collect_ours, &b);
                for (size_t i = 0; r >= 0 && i < b.n; i++)
                        r = neighbour_remove(fd, b.items[i].ifindex, b.items[i].addr);
                if (r < 0)
                        return r;
                if (b.n == 0)
                        return n_removed;
                n_removed += (int)b.n;
        }
}
