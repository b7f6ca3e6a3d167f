/* Requests to the kernel's routing tables; see rtnetlink.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/rtnetlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ANSWER_SIZE = 32768, WAIT_S = 2 };

int rtnetlink_open(uint32_t groups) {
        /* The kernel answers at once; the time-out only keeps a bug from hanging us. */
        const struct timeval wait = { .tv_sec = WAIT_S };
        const struct sockaddr_nl own = { .nl_family = AF_NETLINK, .nl_groups = groups };
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

        if (fd < 0)
                return -errno;
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
            bind(fd, (const struct sockaddr *)&own, sizeof(own)) < 0) {
                int error = errno;
                (void)close(fd);
                return -error;
        }
        return fd;
}

void rtnetlink_begin(struct rtnetlink_request *r, uint16_t type, uint16_t flags, const void *fixed,
                     size_t len) {
        *r = (struct rtnetlink_request){};
        struct nlmsghdr *h = (struct nlmsghdr *)r->octets;
        *h = (struct nlmsghdr){ .nlmsg_type = type, .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) };
        memcpy(NLMSG_DATA(h), fixed, len);
        r->len = NLMSG_SPACE(len);
}

void rtnetlink_attribute(struct rtnetlink_request *r, uint16_t type, const void *data, size_t len) {
        if (r->len + RTA_SPACE(len) > sizeof(r->octets)) {
                r->failed = -EMSGSIZE;
                return;
        }
        struct rtattr *a = (struct rtattr *)(void *)(r->octets + r->len);
        a->rta_type = type;
        a->rta_len = (unsigned short)RTA_LENGTH(len);
        memcpy(RTA_DATA(a), data, len);
        r->len += RTA_SPACE(len);
}

/* One datagram of an answer. Return: 1 when more follow, 0 at the end, or -errno. */
static int take_answer(const uint8_t *octets, size_t len, void (*fn)(void *ctx, const struct nlmsghdr *m),
                       void *ctx) {
        const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)octets;

        for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
                if (h->nlmsg_type == NLMSG_DONE)
                        return 0;
                if (h->nlmsg_type == NLMSG_ERROR)
                        return ((const struct nlmsgerr *)NLMSG_DATA(h))->error;
                if (fn)
                        fn(ctx, h);
                if (!(h->nlmsg_flags & NLM_F_MULTI) && h->nlmsg_type != NLMSG_NOOP)
                        return 0; /* a single answer has no end mark */
        }
        return 1;
}

int rtnetlink_ask(int fd, struct rtnetlink_request *r, void (*fn)(void *ctx, const struct nlmsghdr *m),
                  void *ctx) {
        _Alignas(struct nlmsghdr) uint8_t answer[ANSWER_SIZE];
        struct nlmsghdr *h = (struct nlmsghdr *)r->octets;

        if (r->failed)
                return r->failed;
        h->nlmsg_len = (uint32_t)r->len;
        if (send(fd, r->octets, r->len, 0) < 0)
                return -errno;
        for (;;) {
                ssize_t n = recv(fd, answer, sizeof(answer), 0);
                if (n < 0)
                        return -errno;
                int more = take_answer(answer, (size_t)n, fn, ctx);
                if (more <= 0)
                        return more;
        }
}

const void *rtnetlink_attribute_of(const struct nlmsghdr *m, size_t fixed_len, uint16_t type,
                                   size_t min_len) {
        if (m->nlmsg_len < NLMSG_SPACE(fixed_len))
                return NULL;
        size_t len = m->nlmsg_len - NLMSG_SPACE(fixed_len);
        const struct rtattr *a =
                (const struct rtattr *)(const void *)((const uint8_t *)m + NLMSG_SPACE(fixed_len));

        for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
                if (a->rta_type == type)
                        return RTA_PAYLOAD(a) >= min_len ? RTA_DATA(a) : NULL;
        return NULL;
}
