/* The kernel's NBD driver; see nbd_netlink.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/nbd-netlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/bramble-agent/io/nbd_netlink.h"
#include "app/bramble-agent/root/nbd_packet.h"

enum { ATTR_HEAD = sizeof(struct nlattr), MESSAGE_SIZE = 1024, BLOCK_MIN = 512, BLOCK_MAX = 4096 };

/* A message as it is put together; attributes are aligned, and a list of them is one itself. */
struct message {
        union {
                struct nlmsghdr head;
                uint8_t octets[MESSAGE_SIZE];
        } u;
};

/* The headers' own macros for this are signed. */
static size_t aligned(size_t len) {
        return (len + 3) & ~(size_t)3;
}

static void *tail(struct message *m) {
        return m->u.octets + aligned(m->u.head.nlmsg_len);
}

static void begin(struct message *m, uint16_t family, uint8_t command) {
        const struct genlmsghdr generic = { .cmd = command, .version = 1 };

        memset(m, 0, sizeof(*m));
        m->u.head = (struct nlmsghdr){ .nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN),
                                       .nlmsg_type = family,
                                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK };
        memcpy(NLMSG_DATA(&m->u.head), &generic, sizeof(generic));
}

static struct nlattr *put(struct message *m, unsigned type, const void *data, size_t len) {
        struct nlattr *a = tail(m);

        a->nla_type = (uint16_t)type;
        a->nla_len = (uint16_t)(ATTR_HEAD + len);
        if (len)
                memcpy((uint8_t *)a + ATTR_HEAD, data, len);
        m->u.head.nlmsg_len = (uint32_t)(aligned(m->u.head.nlmsg_len) + aligned(a->nla_len));
        return a;
}

static void put_u32(struct message *m, unsigned type, uint32_t value) {
        (void)put(m, type, &value, sizeof(value));
}

static void put_u64(struct message *m, unsigned type, uint64_t value) {
        (void)put(m, type, &value, sizeof(value));
}

/* What was put since @a belongs into it. */
static void close_list(struct message *m, struct nlattr *a) {
        a->nla_len = (uint16_t)((uint8_t *)tail(m) - (uint8_t *)a);
}

static void put_socket(struct message *m, int fd) {
        struct nlattr *sockets = put(m, NBD_ATTR_SOCKETS | NLA_F_NESTED, NULL, 0);
        struct nlattr *item = put(m, NBD_SOCK_ITEM | NLA_F_NESTED, NULL, 0);

        put_u32(m, NBD_SOCK_FD, (uint32_t)fd);
        close_list(m, item);
        close_list(m, sockets);
}

/* Sends it, and reads into it what comes back first: 0 or -errno as the kernel says. */
static int ask(struct message *m) {
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
        ssize_t n = -1;

        if (fd >= 0 && send(fd, m->u.octets, m->u.head.nlmsg_len, 0) >= 0)
                n = recv(fd, m->u.octets, sizeof(m->u.octets), 0);
        int r = n < 0 ? -errno : 0;
        if (fd >= 0)
                (void)close(fd);
        if (r < 0)
                return r;
        if ((size_t)n < NLMSG_HDRLEN || m->u.head.nlmsg_len > (size_t)n)
                return -EPROTO;
        if (m->u.head.nlmsg_type != NLMSG_ERROR)
                return 0;
        struct nlmsgerr said;
        memcpy(&said, NLMSG_DATA(&m->u.head), sizeof(said));
        return said.error;
}

/* The number under which the driver listens; -ENOENT: it is not loaded, or has no netlink. */
static int find_family(void) {
        static const char name[] = NBD_GENL_FAMILY_NAME;
        struct message m;

        begin(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
        (void)put(&m, CTRL_ATTR_FAMILY_NAME, name, sizeof(name));
        int r = ask(&m);
        if (r < 0)
                return r;
        const uint8_t *at = (const uint8_t *)NLMSG_DATA(&m.u.head) + GENL_HDRLEN;
        const uint8_t *end = m.u.octets + m.u.head.nlmsg_len;
        for (struct nlattr a; end - at >= (ptrdiff_t)sizeof(a); at += aligned(a.nla_len)) {
                memcpy(&a, at, sizeof(a));
                uint16_t family;
                if (a.nla_len < ATTR_HEAD || a.nla_len > end - at)
                        break;
                if (a.nla_type != CTRL_ATTR_FAMILY_ID || a.nla_len < ATTR_HEAD + sizeof(family))
                        continue;
                memcpy(&family, at + ATTR_HEAD, sizeof(family));
                return family;
        }
        return -EPROTO;
}

/* One order to the driver, about @index; @fill puts in what else it needs. */
static int order(uint8_t command, unsigned index, void (*fill)(struct message *m, const void *ctx),
                 const void *ctx) {
        struct message m;
        int family = find_family();

        if (family < 0)
                return family;
        begin(&m, (uint16_t)family, command);
        put_u32(&m, NBD_ATTR_INDEX, index);
        if (fill)
                fill(&m, ctx);
        return ask(&m);
}

struct connection {
        const struct nbd_device *device;
        const struct nbd_export *export;
        int fd;
};

/* The smallest that the server bears: a file system whose blocks are smaller than its disk's cannot be
 * mounted. */
static uint32_t block_of(const struct nbd_export *e) {
        uint32_t block = BLOCK_MIN;

        while (block < e->block_min && block < BLOCK_MAX)
                block *= 2;
        return block;
}

static void fill_times(struct message *m, const struct nbd_device *d) {
        put_u64(m, NBD_ATTR_TIMEOUT, d->request_s);
        put_u64(m, NBD_ATTR_DEAD_CONN_TIMEOUT, d->dead_s);
}

static void fill_connect(struct message *m, const void *ctx) {
        const struct connection *c = ctx;

        put_u64(m, NBD_ATTR_SIZE_BYTES, c->export->size);
        put_u64(m, NBD_ATTR_BLOCK_SIZE_BYTES, block_of(c->export));
        put_u64(m, NBD_ATTR_SERVER_FLAGS, c->export->flags);
        fill_times(m, c->device);
        put_socket(m, c->fd);
}

static void fill_reconnect(struct message *m, const void *ctx) {
        const struct connection *c = ctx;

        fill_times(m, c->device);
        put_socket(m, c->fd);
}

int nbd_netlink_connect(const struct nbd_device *d, const struct nbd_export *e, int fd) {
        const struct connection c = { .device = d, .export = e, .fd = fd };
        return order(NBD_CMD_CONNECT, d->index, fill_connect, &c);
}

int nbd_netlink_reconnect(const struct nbd_device *d, int fd) {
        const struct connection c = { .device = d, .fd = fd };
        return order(NBD_CMD_RECONFIGURE, d->index, fill_reconnect, &c);
}

int nbd_netlink_disconnect(unsigned index) {
        return order(NBD_CMD_DISCONNECT, index, NULL, NULL);
}
