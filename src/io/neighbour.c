/* The kernel's neighbour table; see neighbour.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/neighbour.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/rtnetlink.h"

enum {
        ENTRIES_MAX = 8192,    /* as many as boot at once; the kernel takes more, but each costs it memory */
        PROTOCOL_BRAMBLE = 66, /* NDA_PROTOCOL: entries that are ours */
        STALE_MAX = 8192,
};

struct neighbours {
        int fd;
        size_t n;
};

struct stale {
        struct {
                unsigned ifindex;
                struct ip_addr ip;
        } entries[STALE_MAX];
        size_t n;
};

static int set(int fd, uint16_t type, uint16_t flags, unsigned ifindex, const struct ip_addr *ip,
               const struct mac *mac) {
        const struct ndmsg fixed = { .ndm_family = AF_INET,
                                     .ndm_ifindex = (int)ifindex,
                                     .ndm_state = NUD_PERMANENT };
        struct rtnetlink_request r;

        if (ip->family != IP_V4)
                return -EAFNOSUPPORT;
        rtnetlink_begin(&r, type, (uint16_t)(NLM_F_ACK | flags), &fixed, sizeof(fixed));
        rtnetlink_attribute(&r, NDA_DST, ip->octets, 4);
        if (mac) {
                rtnetlink_attribute(&r, NDA_LLADDR, mac->octets, sizeof(mac->octets));
                rtnetlink_attribute(&r, NDA_PROTOCOL, &(uint8_t){ PROTOCOL_BRAMBLE }, 1);
        }
        return rtnetlink_ask(fd, &r, NULL, NULL);
}

static void note_stale(void *ctx, const struct nlmsghdr *m) {
        struct stale *stale = ctx;
        const struct ndmsg *info = NLMSG_DATA(m);
        const uint8_t *protocol = rtnetlink_attribute_of(m, sizeof(*info), NDA_PROTOCOL, 1);
        const uint8_t *dst = rtnetlink_attribute_of(m, sizeof(*info), NDA_DST, 4);

        if (m->nlmsg_type != RTM_NEWNEIGH || !protocol || *protocol != PROTOCOL_BRAMBLE || !dst ||
            stale->n == STALE_MAX)
                return;
        stale->entries[stale->n].ifindex = (unsigned)info->ndm_ifindex;
        stale->entries[stale->n].ip = (struct ip_addr){ .family = IP_V4 };
        memcpy(stale->entries[stale->n++].ip.octets, dst, 4);
}

static int remove_leftovers(int fd) {
        const struct ndmsg fixed = { .ndm_family = AF_INET };
        CLEANUP(free_at) struct stale *stale = calloc(1, sizeof(*stale));
        struct rtnetlink_request r;

        if (!stale)
                return -ENOMEM;
        rtnetlink_begin(&r, RTM_GETNEIGH, NLM_F_DUMP, &fixed, sizeof(fixed));
        int error = rtnetlink_ask(fd, &r, note_stale, stale);
        for (size_t i = 0; error == 0 && i < stale->n; i++)
                error = set(fd, RTM_DELNEIGH, 0, stale->entries[i].ifindex, &stale->entries[i].ip, NULL);
        return error == -ENOENT ? 0 : error; /* gone by itself in between */
}

int neighbours_open(struct neighbours **ret, struct error *reterr) {
        struct neighbours *n = calloc(1, sizeof(*n));
        if (!n)
                return error_set(reterr, -ENOMEM, "out of memory");

        n->fd = rtnetlink_open(0);
        int error = n->fd < 0 ? n->fd : remove_leftovers(n->fd);
        if (error < 0) {
                neighbours_close(n);
                return error_set(reterr, error, "the kernel's neighbour table cannot be changed: %s",
                                 strerror(-error));
        }
        *ret = n;
        return 0;
}

void neighbours_close(struct neighbours *n) {
        if (!n)
                return;
        if (n->fd >= 0)
                (void)close(n->fd);
        free(n);
}

int neighbours_add(struct neighbours *n, unsigned ifindex, const struct ip_addr *ip, const struct mac *mac) {
        if (n->n >= ENTRIES_MAX)
                return -ENOSPC;
        int error = set(n->fd, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, ifindex, ip, mac);
        if (error == 0)
                n->n++;
        return error;
}

void neighbours_remove(struct neighbours *n, unsigned ifindex, const struct ip_addr *ip) {
        (void)set(n->fd, RTM_DELNEIGH, 0, ifindex, ip,
                  NULL); /* an interface that is gone took its entries with it */
        if (n->n > 0)
                n->n--;
}

struct found {
        struct mac mac;
        int is_known;
};

static void take_neighbour(void *ctx, const struct nlmsghdr *m) {
        struct found *found = ctx;
        const struct ndmsg *info = NLMSG_DATA(m);
        const void *mac = rtnetlink_attribute_of(m, sizeof(*info), NDA_LLADDR, sizeof(found->mac.octets));

        if (m->nlmsg_type != RTM_NEWNEIGH || !mac ||
            info->ndm_state & (NUD_INCOMPLETE | NUD_FAILED | NUD_NOARP))
                return;
        memcpy(found->mac.octets, mac, sizeof(found->mac.octets));
        found->is_known = 1;
}

int neighbour_lookup(unsigned ifindex, const struct ip_addr *ip, struct mac *ret) {
        const struct ndmsg fixed = { .ndm_family = AF_INET, .ndm_ifindex = (int)ifindex };
        struct rtnetlink_request r;
        struct found found = {};

        if (ip->family != IP_V4 || ifindex == 0)
                return -ENOENT;
        int fd = rtnetlink_open(0);
        if (fd < 0)
                return fd;
        rtnetlink_begin(&r, RTM_GETNEIGH, 0, &fixed, sizeof(fixed));
        rtnetlink_attribute(&r, NDA_DST, ip->octets, 4);
        int error = rtnetlink_ask(fd, &r, take_neighbour, &found);
        (void)close(fd);
        if (error < 0 || !found.is_known)
                return -ENOENT;
        *ret = found.mac;
        return 0;
}
