/* Asks a link once whether a DHCP server is there; see client.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "io/crypto.h"
#include "io/raw.h"
#include "net/dhcp4/client.h"
#include "net/dhcp4/frame.h"

enum {
        AGAIN_MS = 1000,
        MORE_MS = 250
}; /* between questions; after the first answer, for others to come in */

struct dhcp4_client {
        struct dhcp4_link link;
        struct dhcp4_ask ask;
        int sender, listener;
        struct loop_io *io;
        struct loop_timer *again, *end;
        void (*done)(void *ctx, const struct dhcp4_heard_server *servers, size_t n);
        void *ctx;
};

static void send_question(struct dhcp4_client *c, enum dhcp4_type type) {
        uint8_t frame[DHCP4_FRAME_MAX];
        const struct dhcp4_ends ends = { .src_mac = c->link.mac,
                                         .dst_mac = dhcp4_mac_broadcast,
                                         .src = type == DHCP4_INFORM ? c->ask.addr : 0,
                                         .dst = UINT32_MAX,
                                         .src_port = DHCP4_PORT_CLIENT,
                                         .dst_port = DHCP4_PORT_SERVER };
        size_t len = dhcp4_ask_write(&c->ask, type, frame + DHCP4_FRAME_HEAD);
        dhcp4_frame_write_head(frame, len, &ends);
        /* A frame that is lost is asked again in a second. */
        (void)raw_send(c->sender, &(struct raw_frame){ c->link.ifindex, frame, DHCP4_FRAME_HEAD + len }, 1);
}

static void ask(void *ctx) {
        struct dhcp4_client *c = ctx;
        /* The INFORM first: dnsmasq does nothing else for three seconds after a DISCOVER. */
        if (c->ask.addr != 0)
                send_question(c, DHCP4_INFORM);
        send_question(c, DHCP4_DISCOVER);
}

static void end(void *ctx) {
        struct dhcp4_client *c = ctx;
        loop_timer_stop(c->again);
        loop_unwatch(TAKE(c->io));
        c->done(c->ctx, c->ask.heard, c->ask.n_heard);
}

static void hear(void *ctx) {
        struct dhcp4_client *c = ctx;
        uint8_t frame[DHCP4_FRAME_MAX];

        for (int n; (n = raw_receive(c->listener, frame, sizeof(frame))) > 0;) {
                struct dhcp4_packet p;
                struct dhcp4_ends ends;
                const uint8_t *message;
                size_t len;
                bool is_first = c->ask.n_heard == 0;

                if (dhcp4_frame_parse(frame, (size_t)n, &ends, &message, &len) == 0 &&
                    dhcp4_packet_parse(message, len, &p) == 0 && dhcp4_ask_hear(&c->ask, &p) && is_first)
                        loop_timer_set(c->end, MORE_MS, 0);
        }
}

static int start(struct dhcp4_client *c, struct loop *loop, uint32_t for_ms) {
        c->sender = raw_open_sender();
        if (c->sender < 0)
                return c->sender;
        c->listener = raw_open_udp(c->link.ifindex, DHCP4_PORT_CLIENT);
        if (c->listener < 0)
                return c->listener;
        c->io = loop_watch(loop, c->listener, hear, c);
        if (!c->io)
                return -errno;
        c->again = loop_timer_new(loop, ask, c);
        c->end = loop_timer_new(loop, end, c);
        if (!c->again || !c->end)
                return -ENOMEM;
        loop_timer_set(c->again, 0, AGAIN_MS);
        loop_timer_set(c->end, for_ms, 0);
        return 0;
}

struct dhcp4_client *dhcp4_client_ask(struct loop *loop, const struct dhcp4_link *link, uint32_t for_ms,
                                      void (*done)(void *ctx, const struct dhcp4_heard_server *servers,
                                                   size_t n),
                                      void *ctx, struct error *reterr) {
        CLEANUP(dhcp4_client_free_at) struct dhcp4_client *c = calloc(1, sizeof(*c));
        if (!c) {
                (void)error_set(reterr, -ENOMEM, "dhcp: out of memory");
                return NULL;
        }
        *c = (struct dhcp4_client){ .link = *link,
                                    .ask = { .mac = link->mac, .addr = link->server },
                                    .sender = -1,
                                    .listener = -1,
                                    .done = done,
                                    .ctx = ctx };
        random_octets(&c->ask.xid, sizeof(c->ask.xid));
        int r = start(c, loop, for_ms);
        if (r < 0) {
                (void)error_set(reterr, r, "dhcp: cannot ask on %s whether a server is there: %s",
                                link->interface, strerror(-r));
                return NULL;
        }
        return TAKE(c);
}

void dhcp4_client_free(struct dhcp4_client *c) {
        if (!c)
                return;
        loop_unwatch(c->io);
        loop_timer_free(c->again);
        loop_timer_free(c->end);
        if (c->listener >= 0)
                (void)close(c->listener);
        if (c->sender >= 0)
                (void)close(c->sender);
        free(c);
}
