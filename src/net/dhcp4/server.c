/* The DHCPv4 server's sockets; see server.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/crypto.h"
#include "io/link_udp.h"
#include "io/raw.h"
#include "net/dhcp4/intake.h"
#include "net/dhcp4/outbox.h"
#include "net/dhcp4/probe.h"
#include "net/dhcp4/server.h"

enum {
        CHUNK = 64,         /* messages answered before the sockets are looked at again */
        SLICE_MS = 5,       /* of work before the rest of the loop has its turn */
        DRAIN_BATCHES = 64, /* of one socket in one go: as many messages as the intake holds */
        FRAMES_MAX = 128,   /* of one flush */
        ARPS_MAX = 64,
        HEARD_MAX = 64 /* frames overheard in one go: they are never urgent */
};

struct port {
        struct link *link;
        uint16_t number;
        int fd;
        struct loop_io *io;
};

struct link {
        struct dhcp4_server *server;
        struct dhcp4_link about;
        struct port dhcp, pxe;  /* 67 and 4011 */
        struct port heard, arp; /* what other servers say; who uses an address */
};

struct dhcp4_server {
        struct loop *loop;
        const struct dhcp4_backend *backend;
        void *ctx;
        struct loop_timer *delay, *more;
        struct port *more_port; /* where more waits than one slice of work */
        int sender;
        struct link *links[DHCP4_LINKS_MAX];
        struct dhcp4_link about[DHCP4_LINKS_MAX]; /* the same, in one row for the decisions */
        size_t n_links;
        struct link_udp_in *in;
        struct dhcp4_intake *intake;
        struct dhcp4_outbox *outbox;
        uint64_t durable; /* tickets up to this one are on disk, as far as we were told */
        struct dhcp4_probes probes;
        struct dhcp4_packet packet;
        struct dhcp4_counters counters;

        /* One flush: frames, the answers they lie in, and the ARP frames between them. */
        struct raw_frame frames[FRAMES_MAX];
        struct dhcp4_outgoing *sent[FRAMES_MAX];
        size_t n_frames, n_sent;
        uint8_t arps[ARPS_MAX][DHCP4_ARP_SIZE];
        size_t n_arps;
};

static struct link *find_link(const struct dhcp4_server *s, unsigned ifindex) {
        for (size_t i = 0; i < s->n_links; i++)
                if (s->links[i]->about.ifindex == ifindex)
                        return s->links[i];
        return NULL;
}

/* ---- sending ---- */

static void flush_frames(struct dhcp4_server *s) {
        s->counters.send_failed += s->n_frames - raw_send(s->sender, s->frames, s->n_frames);
        for (size_t i = 0; i < s->n_sent; i++)
                dhcp4_outbox_done(s->outbox, s->sent[i]);
        s->n_frames = s->n_sent = s->n_arps = 0;
}

static void add_frame(struct dhcp4_server *s, unsigned ifindex, const void *octets, size_t len) {
        assert(s->n_frames < FRAMES_MAX);
        s->frames[s->n_frames++] = (struct raw_frame){ ifindex, octets, len };
}

/* A broadcast question for @addr; @sender 0 asks without teaching anybody (RFC 5227). */
static void add_arp(struct dhcp4_server *s, const struct link *l, uint32_t sender, uint32_t addr) {
        if (s->n_arps == ARPS_MAX || s->n_frames == FRAMES_MAX)
                flush_frames(s);
        uint8_t *frame = s->arps[s->n_arps++];
        dhcp4_arp_write(&(struct dhcp4_arp){ .op = DHCP4_ARP_REQUEST,
                                             .sender_mac = l->about.mac,
                                             .sender = sender,
                                             .target = addr },
                        frame);
        add_frame(s, l->about.ifindex, frame, DHCP4_ARP_SIZE);
}

static void send_udp(struct dhcp4_server *s, const struct link *l, const struct dhcp4_outgoing *o) {
        const struct port *port = o->port == DHCP4_PORT_PXE ? &l->pxe : &l->dhcp;
        int r = link_udp_send(port->fd, &(struct link_udp_out){ .src = o->src,
                                                                .dst = o->dst,
                                                                .dst_port = o->dst_port,
                                                                .octets = o->frame + DHCP4_FRAME_HEAD,
                                                                .len = o->len });
        if (r < 0)
                s->counters.send_failed++;
}

static void add_answer(struct dhcp4_server *s, const struct link *l, struct dhcp4_outgoing *o) {
        const struct dhcp4_ends ends = { .src_mac = l->about.mac,
                                         .dst_mac = o->dst_mac,
                                         .src = o->src,
                                         .dst = o->dst,
                                         .src_port = o->port,
                                         .dst_port = o->dst_port };
        if (s->n_frames == FRAMES_MAX)
                flush_frames(s);
        dhcp4_frame_write_head(o->frame, o->len, &ends);
        add_frame(s, l->about.ifindex, o->frame, DHCP4_FRAME_HEAD + o->len);
        s->sent[s->n_sent++] = o;
        if (o->arp)
                add_arp(s, l, o->src, o->arp);
}

/* Sends all that may leave. */
static void flush(struct dhcp4_server *s) {
        for (struct dhcp4_outgoing *o; (o = dhcp4_outbox_next(s->outbox));) {
                const struct link *l = find_link(s, o->ifindex);
                if (l && o->way != DHCP4_WAY_UDP) {
                        add_answer(s, l, o);
                        continue;
                }
                if (l)
                        send_udp(s, l, o);
                dhcp4_outbox_done(s->outbox, o);
        }
        flush_frames(s);
}

static void set_delay(struct dhcp4_server *s, uint64_t now_ms) {
        uint64_t wake_ms = dhcp4_outbox_wake_ms(s->outbox);
        if (wake_ms != UINT64_MAX)
                loop_timer_set(s->delay, wake_ms > now_ms ? wake_ms - now_ms : 0, 0);
}

/* Whoever learns of progress on disk lets go what waited for it: the backend may tell it only once. */
static void learn_durable(struct dhcp4_server *s, uint64_t ticket) {
        if (ticket <= s->durable)
                return;
        s->durable = ticket;
        dhcp4_outbox_durable(s->outbox, ticket);
}

static void delay_over(void *ctx) {
        struct dhcp4_server *s = ctx;
        uint64_t now_ms = clock_now_ms();
        learn_durable(s, s->backend->durable(s->ctx));
        dhcp4_outbox_tick(s->outbox, s->durable, now_ms);
        flush(s);
        set_delay(s, now_ms);
}

void dhcp4_server_durable(struct dhcp4_server *s, uint64_t ticket) {
        learn_durable(s, ticket);
        flush(s);
}

/* ---- answering ---- */

static void probe(struct dhcp4_server *s, const struct link *l, uint32_t addr, uint64_t now_ms) {
        if (!dhcp4_probes_start(&s->probes, l->about.ifindex, addr, now_ms))
                return;
        s->counters.probes++;
        add_arp(s, l, 0, addr);
}

void dhcp4_server_probe(struct dhcp4_server *s, unsigned ifindex, uint32_t addr) {
        const struct link *l = find_link(s, ifindex);
        if (!l)
                return;
        probe(s, l, addr, clock_now_ms());
        flush_frames(s);
}

static void count(struct dhcp4_server *s, const struct dhcp4_answer *a) {
        if (a->type == DHCP4_NONE)
                s->counters.ignored += a->why != NULL; /* a RELEASE is silent, too, but heeded */
        else if (a->is_proxy)
                s->counters.proxied++;
        else if (a->type == DHCP4_OFFER)
                s->counters.offers++;
        else if (a->type == DHCP4_ACK)
                s->counters.acks++;
        else
                s->counters.naks++;
}

static void fill(struct dhcp4_outgoing *o, const struct dhcp4_received *r, const struct dhcp4_packet *p,
                 const struct dhcp4_answer *a) {
        o->ticket = a->ticket;
        o->ifindex = r->ifindex;
        o->port = r->port;
        o->way = a->way;
        o->src = a->src;
        o->dst = a->dst;
        o->dst_port = a->dst_port;
        o->dst_mac = a->dst_mac;
        o->client = p->mac;
        o->one_at_a_time = a->one_at_a_time;
        o->arp = a->wants_arp ? a->addr : 0;
        o->len = a->len;
}

static void send_later(struct dhcp4_server *s, const struct link *l, const struct dhcp4_answer *a,
                       struct dhcp4_outgoing *o, uint64_t now_ms) {
        if (a->probe)
                probe(s, l, a->probe, now_ms);
        if (a->lease_s)
                dhcp4_probes_expect(&s->probes, l->about.ifindex, a->addr, &o->client);
        if (!dhcp4_outbox_put(s->outbox, o, a->delay_ms, s->durable, now_ms))
                s->counters.dropped_full++;
}

static void answer(struct dhcp4_server *s, const struct dhcp4_received *r, uint64_t now_ms) {
        const struct link *l = find_link(s, r->ifindex);
        if (!l)
                return;
        if (dhcp4_packet_parse(r->octets, r->len, &s->packet) < 0) {
                s->counters.malformed++;
                return;
        }
        /* Room first: a lease that nobody hears of would be made for nothing. */
        struct dhcp4_outgoing *o = dhcp4_outbox_room(s->outbox);
        if (!o) {
                s->counters.dropped_full++;
                return;
        }
        const struct dhcp4_arrival from = { .link = &l->about,
                                            .links = s->about,
                                            .n_links = s->n_links,
                                            .src = r->src,
                                            .src_port = r->src_port,
                                            .port = r->port };
        struct dhcp4_answer a;
        dhcp4_answer(s->backend, s->ctx, &from, &s->packet, now_ms, o->frame + DHCP4_FRAME_HEAD, &a);
        count(s, &a);
        if (a.type == DHCP4_NONE) {
                dhcp4_outbox_done(s->outbox, o);
                return;
        }
        fill(o, r, &s->packet, &a);
        send_later(s, l, &a, o, now_ms);
}

/* Everything that waits in a socket goes to the intake, which knows what to keep. */
static void drain(struct dhcp4_server *s, const struct port *port) {
        for (int batch = 0; batch < DRAIN_BATCHES; batch++) {
                int n = link_udp_receive(s->in, port->fd);
                for (int i = 0; i < n; i++) {
                        struct link_datagram d = link_udp_at(s->in, i);
                        s->counters.received++;
                        if (!dhcp4_intake_put(s->intake,
                                              &(struct dhcp4_received){ .ifindex = port->link->about.ifindex,
                                                                        .port = port->number,
                                                                        .src = d.src,
                                                                        .src_port = d.src_port,
                                                                        .arrived_ms = d.arrived_ms,
                                                                        .octets = d.octets,
                                                                        .len = d.len }))
                                s->counters.malformed++;
                }
                if (n < LINK_UDP_BATCH)
                        return;
        }
}

static void serve(struct dhcp4_server *s, struct port *port) {
        uint64_t start_ms = clock_now_ms(), now_ms = start_ms;
        struct dhcp4_received r;

        do {
                if (port)
                        drain(s, port);
                for (int i = 0; i < CHUNK && dhcp4_intake_take(s->intake, now_ms, &r); i++)
                        answer(s, &r, now_ms);
                learn_durable(s, s->backend->durable(s->ctx));
                flush(s);
                now_ms = clock_now_ms();
        } while (dhcp4_intake_len(s->intake) > 0 && now_ms < start_ms + SLICE_MS);

        set_delay(s, now_ms);
        if (dhcp4_intake_len(s->intake) > 0) {
                s->more_port = port;
                loop_timer_set(s->more, 0, 0);
        }
}

static void more_waits(void *ctx) {
        struct dhcp4_server *s = ctx;
        struct port *port = s->more_port;
        s->more_port = NULL;
        serve(s, port);
}

static void port_ready(void *ctx) {
        struct port *port = ctx;
        serve(port->link->server, port);
}

/* ---- listening to others ---- */

static void heard_ready(void *ctx) {
        struct port *port = ctx;
        struct dhcp4_server *s = port->link->server;
        const struct dhcp4_arrival from = {
                .link = &port->link->about, .links = s->about, .n_links = s->n_links, .port = port->number
        };
        uint8_t frame[DHCP4_FRAME_MAX];

        for (int i = 0; i < HEARD_MAX; i++) {
                struct dhcp4_ends ends;
                const uint8_t *message;
                size_t len;
                int n = raw_receive(port->fd, frame, sizeof(frame));
                if (n <= 0)
                        return;
                if (dhcp4_frame_parse(frame, (size_t)n, &ends, &message, &len) == 0 &&
                    ends.src_port == DHCP4_PORT_SERVER && dhcp4_packet_parse(message, len, &s->packet) == 0)
                        dhcp4_overhear(s->backend, s->ctx, &from, &s->packet, clock_now_ms());
        }
}

/* A question that gives no address of the sender's away asks only whether its own is free (RFC 5227). */
static void pass_question(struct dhcp4_server *s, const struct dhcp4_link *link, const struct dhcp4_arp *arp,
                          uint64_t now_ms) {
        if (s->backend->looks_for && arp->op == DHCP4_ARP_REQUEST && arp->sender &&
            arp->sender != arp->target && !dhcp4_link_has(link, arp->target))
                s->backend->looks_for(s->ctx, link, &arp->sender_mac, arp->target, now_ms);
}

static void arp_ready(void *ctx) {
        struct port *port = ctx;
        struct dhcp4_server *s = port->link->server;
        uint8_t frame[DHCP4_FRAME_MAX];

        for (int i = 0; i < HEARD_MAX; i++) {
                struct dhcp4_arp arp;
                uint64_t now_ms = clock_now_ms();
                int n = raw_receive(port->fd, frame, sizeof(frame));
                if (n <= 0)
                        return;
                if (dhcp4_arp_parse(frame, (size_t)n, &arp) < 0)
                        continue;
                pass_question(s, &port->link->about, &arp, now_ms);
                if (!dhcp4_probes_judge(&s->probes, port->link->about.ifindex, &arp, now_ms))
                        continue;
                s->counters.conflicts++;
                if (s->backend->conflict)
                        s->backend->conflict(s->ctx, &port->link->about, arp.sender, &arp.sender_mac, now_ms);
        }
}

/* ---- links ---- */

static void close_port(struct port *p) {
        loop_unwatch(p->io);
        if (p->fd >= 0)
                (void)close(p->fd);
}

static void link_free(struct link *l) {
        if (!l)
                return;
        close_port(&l->dhcp);
        close_port(&l->pxe);
        close_port(&l->heard);
        close_port(&l->arp);
        free(l);
}
DEFINE_CLEANUP(struct link, link_free)

static int watch_port(struct port *p, int fd, void (*ready)(void *ctx)) {
        p->fd = fd;
        if (fd < 0)
                return fd;
        p->io = loop_watch(p->link->server->loop, fd, ready, p);
        return p->io ? 0 : -errno;
}

static int explain(struct error *reterr, int code, const struct link *l, unsigned port) {
        if (code == -EADDRINUSE)
                return error_set(reterr, code,
                                 "dhcp: UDP port %u on %s is taken: another DHCP server runs on this machine "
                                 "(dnsmasq, isc-dhcp-server, kea?); stop it, or set the subnet to --dhcp off",
                                 port, l->about.interface);
        if (code == -EPERM || code == -EACCES)
                return error_set(
                        reterr, code,
                        "dhcp: UDP port %u on %s may not be opened: CAP_NET_BIND_SERVICE and CAP_NET_RAW are "
                        "needed (start as root or by the systemd unit)",
                        port, l->about.interface);
        return error_set(reterr, code, "dhcp: UDP port %u on %s cannot be opened: %s", port,
                         l->about.interface, strerror(-code));
}

static int open_link(struct dhcp4_server *s, const struct dhcp4_link *about, struct link **ret,
                     struct error *reterr) {
        CLEANUP(link_free_at) struct link *l = calloc(1, sizeof(*l));
        if (!l)
                return error_set(reterr, -ENOMEM, "dhcp: out of memory");
        *l = (struct link){ .server = s,
                            .about = *about,
                            .dhcp = { .link = l, .number = DHCP4_PORT_SERVER, .fd = -1 },
                            .pxe = { .link = l, .number = DHCP4_PORT_PXE, .fd = -1 },
                            .heard = { .link = l, .number = DHCP4_PORT_CLIENT, .fd = -1 },
                            .arp = { .link = l, .fd = -1 } };

        int r = watch_port(&l->dhcp, link_udp_open(about->interface, DHCP4_PORT_SERVER), port_ready);
        if (r < 0)
                return explain(reterr, r, l, DHCP4_PORT_SERVER);
        r = watch_port(&l->pxe, link_udp_open(about->interface, DHCP4_PORT_PXE), port_ready);
        if (r < 0)
                return explain(reterr, r, l, DHCP4_PORT_PXE);
        r = watch_port(&l->heard, raw_open_udp(about->ifindex, DHCP4_PORT_CLIENT), heard_ready);
        if (r == 0)
                r = watch_port(&l->arp, raw_open_arp(about->ifindex), arp_ready);
        if (r < 0)
                return error_set(reterr, r, "dhcp: frames on %s cannot be heard: %s", about->interface,
                                 strerror(-r));
        *ret = TAKE(l);
        return 0;
}

/* The sockets hang on the interface: its number and its name must be the same; addresses may change under
 * them. */
static struct link *take_kept(struct link **old, size_t n_old, const struct dhcp4_link *about) {
        for (size_t i = 0; i < n_old; i++)
                if (old[i] && old[i]->about.ifindex == about->ifindex &&
                    strcmp(old[i]->about.interface, about->interface) == 0)
                        return TAKE(old[i]);
        return NULL;
}

int dhcp4_server_set_links(struct dhcp4_server *s, const struct dhcp4_link *links, size_t n,
                           struct error *reterr) {
        struct link *old[DHCP4_LINKS_MAX];
        size_t n_old = s->n_links;
        int result = 0;

        if (n > DHCP4_LINKS_MAX)
                return error_set(reterr, -E2BIG, "dhcp: more than %d interfaces", DHCP4_LINKS_MAX);
        memcpy(old, s->links, n_old * sizeof(*old));
        s->n_links = 0;
        s->more_port = NULL;
        for (size_t i = 0; i < n; i++) {
                struct link *l = take_kept(old, n_old, &links[i]);
                int r = l ? 0 : open_link(s, &links[i], &l, result == 0 ? reterr : NULL);
                if (r < 0) {
                        result = result ? result : r;
                        continue;
                }
                l->about = links[i];
                s->about[s->n_links] = links[i];
                s->links[s->n_links++] = l;
        }
        for (size_t i = 0; i < n_old; i++)
                link_free(old[i]);
        return result;
}

/* ---- the server ---- */

struct dhcp4_server *dhcp4_server_new(struct loop *loop, const struct dhcp4_backend *backend, void *ctx,
                                      struct error *reterr) {
        CLEANUP(dhcp4_server_free_at) struct dhcp4_server *s = calloc(1, sizeof(*s));
        if (!s) {
                (void)error_set(reterr, -ENOMEM, "dhcp: out of memory");
                return NULL;
        }
        s->loop = loop;
        s->backend = backend;
        s->ctx = ctx;
        s->sender = raw_open_sender();
        if (s->sender < 0) {
                (void)error_set(reterr, s->sender, "dhcp: frames cannot be sent: %s (CAP_NET_RAW is needed)",
                                strerror(-s->sender));
                return NULL;
        }
        s->in = link_udp_in_new();
        s->intake = dhcp4_intake_new(random_hash_key());
        s->outbox = dhcp4_outbox_new();
        s->delay = loop_timer_new(loop, delay_over, s);
        s->more = loop_timer_new(loop, more_waits, s);
        if (!s->in || !s->intake || !s->outbox || !s->delay || !s->more) {
                (void)error_set(reterr, -ENOMEM, "dhcp: out of memory");
                return NULL;
        }
        return TAKE(s);
}

void dhcp4_server_free(struct dhcp4_server *s) {
        if (!s)
                return;
        for (size_t i = 0; i < s->n_links; i++)
                link_free(s->links[i]);
        loop_timer_free(s->delay);
        loop_timer_free(s->more);
        if (s->sender >= 0)
                (void)close(s->sender);
        dhcp4_outbox_free(s->outbox);
        dhcp4_intake_free(s->intake);
        link_udp_in_free(s->in);
        free(s);
}

void dhcp4_server_counters(const struct dhcp4_server *s, struct dhcp4_counters *ret) {
        struct dhcp4_intake_counters intake;
        dhcp4_intake_counters(s->intake, &intake);
        *ret = s->counters;
        ret->dropped_old = intake.dropped_old;
        ret->superseded = intake.superseded;
        ret->dropped_full += dhcp4_outbox_given_up(s->outbox);
}
