/* Who hears netconsole; see server.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/netconsole/server.h"

#include <errno.h>
#include <unistd.h>

#include "io/raw.h"

enum { AT_ONCE = 64 }; /* datagrams, before the rest of the loop has its turn */

struct ear {
        struct netconsole_server *server;
        unsigned ifindex;
        int fd;
        struct loop_io *io;
};

struct netconsole_server {
        struct loop *loop;
        uint16_t port;
        void (*fn)(void *ctx, unsigned ifindex, const struct netconsole_datagram *d);
        void *ctx;
        struct ear *ears[NETCONSOLE_LINKS_MAX];
        size_t n_ears;
};

static void ear_free(struct ear *e) {
        if (!e)
                return;
        loop_unwatch(e->io);
        if (e->fd >= 0)
                (void)close(e->fd);
        free(e);
}
DEFINE_CLEANUP(struct ear, ear_free)

static void ready(void *ctx) {
        struct ear *e = ctx;
        uint8_t frame[NETCONSOLE_FRAME_MAX];

        for (int i = 0; i < AT_ONCE; i++) {
                struct netconsole_datagram d;
                int n = raw_receive(e->fd, frame, sizeof(frame));
                if (n <= 0)
                        return;
                if (netconsole_frame_parse(frame, (size_t)n, &d) == 0)
                        e->server->fn(e->server->ctx, e->ifindex, &d);
        }
}

static int open_ear(struct netconsole_server *s, unsigned ifindex, struct ear **ret) {
        CLEANUP(ear_free_at) struct ear *e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;
        e->server = s;
        e->ifindex = ifindex;
        e->fd = raw_open_udp(ifindex, s->port);
        if (e->fd < 0)
                return e->fd;
        e->io = loop_watch(s->loop, e->fd, ready, e);
        if (!e->io)
                return -errno;
        *ret = TAKE(e);
        return 0;
}

static struct ear *take_kept(struct ear **old, size_t n, unsigned ifindex) {
        for (size_t i = 0; i < n; i++)
                if (old[i] && old[i]->ifindex == ifindex)
                        return TAKE(old[i]);
        return NULL;
}

int netconsole_server_set_links(struct netconsole_server *s, const unsigned *ifindexes, size_t n) {
        struct ear *old[NETCONSOLE_LINKS_MAX];
        size_t n_old = s->n_ears;
        int result = 0;

        for (size_t i = 0; i < n_old; i++)
                old[i] = s->ears[i];
        s->n_ears = 0;
        for (size_t i = 0; i < n && s->n_ears < NETCONSOLE_LINKS_MAX; i++) {
                struct ear *e = take_kept(old, n_old, ifindexes[i]);
                int r = e ? 0 : open_ear(s, ifindexes[i], &e);
                if (r == 0)
                        s->ears[s->n_ears++] = e;
                else if (result == 0)
                        result = r;
        }
        for (size_t i = 0; i < n_old; i++)
                ear_free(old[i]);
        return result;
}

struct netconsole_server *netconsole_server_new(struct loop *loop, uint16_t port,
                                                void (*fn)(void *ctx, unsigned ifindex,
                                                           const struct netconsole_datagram *d),
                                                void *ctx) {
        struct netconsole_server *s = calloc(1, sizeof(*s));

        if (s)
                *s = (struct netconsole_server){ .loop = loop, .port = port, .fn = fn, .ctx = ctx };
        return s;
}

void netconsole_server_free(struct netconsole_server *s) {
        if (!s)
                return;
        for (size_t i = 0; i < s->n_ears; i++)
                ear_free(s->ears[i]);
        free(s);
}
