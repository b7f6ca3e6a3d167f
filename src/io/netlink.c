/* Questions to the kernel's network configuration; see netlink.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "io/netlink.h"

enum { ANSWER_MAX = 32768 }; /* octets: what the kernel puts into one read of a dump */

int netlink_open(uint32_t groups) {
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | (groups ? SOCK_NONBLOCK : 0), NETLINK_ROUTE);
        if (fd < 0)
                return -errno;
        struct sockaddr_nl us = { .nl_family = AF_NETLINK, .nl_groups = groups };
        /* The answer is there when the question has been sent; should it ever not be, nobody hangs. */
        struct timeval second = { .tv_sec = 1 };
        if (bind(fd, (struct sockaddr *)&us, sizeof(us)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second)) < 0) {
                int r = -errno;
                (void)close(fd);
                return r;
        }
        return fd;
}

void netlink_begin(struct netlink_request *r, uint16_t type, uint16_t flags, const void *head, size_t len) {
        assert(len <= sizeof(r->body));
        *r = (struct netlink_request){ .head = { .nlmsg_len = (uint32_t)NLMSG_LENGTH(len),
                                                 .nlmsg_type = type,
                                                 .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
                                                 .nlmsg_seq = 1 } };
        memcpy(r->body, head, len);
}

void netlink_add(struct netlink_request *r, uint16_t type, const void *value, size_t len) {
        size_t at = NLMSG_ALIGN(r->head.nlmsg_len) - sizeof(r->head);
        struct rtattr attribute = { .rta_len = (uint16_t)RTA_LENGTH(len), .rta_type = type };

        assert(at + RTA_SPACE(len) <= sizeof(r->body));
        memcpy(r->body + at, &attribute, sizeof(attribute));
        memcpy(r->body + at + RTA_LENGTH(0), value, len);
        r->head.nlmsg_len = (uint32_t)(sizeof(r->head) + at + RTA_LENGTH(len));
}

static int read_error(const struct nlmsghdr *m) {
        const struct nlmsgerr *e = NLMSG_DATA(m);

        if (m->nlmsg_len < NLMSG_LENGTH(sizeof(e->error)))
                return -EBADMSG;
        return e->error < 0 ? e->error : 1;
}

int netlink_read(const void *octets, size_t len, int (*each)(void *ctx, const struct nlmsghdr *m),
                 void *ctx) {
        const struct nlmsghdr *m = octets;

        /* NLMSG_NEXT() would count below zero where the last one is not padded to its end. */
        for (size_t size; NLMSG_OK(m, len); m = (const void *)((const uint8_t *)m + size), len -= size) {
                size = NLMSG_ALIGN(m->nlmsg_len) < len ? NLMSG_ALIGN(m->nlmsg_len) : len;
                if (m->nlmsg_type == NLMSG_DONE)
                        return 1;
                if (m->nlmsg_type == NLMSG_ERROR)
                        return read_error(m);
                int r = each ? each(ctx, m) : 0;
                if (r != 0)
                        return r;
                if (!(m->nlmsg_flags & NLM_F_MULTI))
                        return 1;
        }
        return 0;
}

/* Whatever an earlier question left unread is not an answer to this one. */
static void discard_leftovers(int fd) {
        uint8_t octets[4096];
        while (recv(fd, octets, sizeof(octets), MSG_DONTWAIT | MSG_TRUNC) > 0)
                ;
}

int netlink_ask(int fd, struct netlink_request *r, int (*each)(void *ctx, const struct nlmsghdr *m),
                void *ctx) {
        _Alignas(struct nlmsghdr) uint8_t octets[ANSWER_MAX];

        discard_leftovers(fd);
        if (!each)
                r->head.nlmsg_flags |= NLM_F_ACK;
        if (send(fd, r, r->head.nlmsg_len, 0) < 0)
                return -errno;
        for (;;) {
                ssize_t n = recv(fd, octets, sizeof(octets), 0);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                int result = netlink_read(octets, (size_t)n, each, ctx);
                if (result != 0)
                        return result == 1 ? 0 : result;
        }
}

void netlink_attributes(const struct rtattr *at, size_t len, const struct rtattr **ret, unsigned short max) {
        memset(ret, 0, (max + 1u) * sizeof(*ret));
        for (size_t size; RTA_OK(at, len); at = (const void *)((const uint8_t *)at + size), len -= size) {
                size = RTA_ALIGN(at->rta_len) < len ? RTA_ALIGN(at->rta_len) : len;
                if ((at->rta_type & NLA_TYPE_MASK) <= max)
                        ret[at->rta_type & NLA_TYPE_MASK] = at;
        }
}
