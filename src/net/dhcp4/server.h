/*
 * The DHCPv4 server's sockets: 67 and 4011 on each interface, raw frames out, on the control thread's loop.
 *
 * Thin: packets are read in batches, decided by answer.c, and leave when what they promise is durable. It knows no
 * machines and no leases; it asks the backend.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"
#include "io/loop.h"

struct dhcp4_packet; /* packet.h */

enum dhcp4_mode { DHCP4_OFF, DHCP4_SERVER, DHCP4_PROXY };

/* Where a packet came in, and who may speak there. */
struct dhcp4_link {
        unsigned ifindex;
        char interface[16];
        struct mac mac;       /* the interface's own */
        uint32_t server;      /* our address there, host order */
};

/* What one client is told besides its address: options in wire order, borrowed until the answer is written. */
struct dhcp4_option {
        uint8_t number;
        uint16_t len; /* above 255: split, RFC 3396 */
        const uint8_t *octets;
};

struct dhcp4_boot {
        bool is_bootable;
        uint32_t next_server;       /* siaddr */
        const char *file;           /* the `file` field, or option 67 when it does not fit or the field is overloaded */
        struct dhcp4_option options[16]; /* 43, 60, 66, 97, 209 …: sent whether asked for or not */
        size_t n_options;
        uint16_t offer_delay_ms;
        bool wants_broadcast, wants_arp, commits_offer, one_at_a_time;
};

struct dhcp4_lease {
        uint32_t addr;
        uint32_t lease_s;
        uint64_t ticket;  /* journal position that must be durable before the answer leaves; 0: nothing to wait for */
};

/* The subnet's own answers, by number: sent when the client's parameter list asks for them (RFC 2132 section 9.8). */
struct dhcp4_net {
        uint64_t id;
        enum dhcp4_mode mode;
        uint32_t addr, mask;
        const struct dhcp4_option *options; /* router, DNS, … and the operator's own */
        size_t n_options;
};

enum dhcp4_lease_answer {
        DHCP4_LEASE_OK = 0,
        DHCP4_LEASE_NONE,   /* pool empty or the client is refused: stay silent */
        DHCP4_LEASE_WRONG,  /* the address asked for is not this client's: NAK */
        DHCP4_LEASE_UNKNOWN /* we know nothing of it: silence, another server may (RFC 2131 section 4.3.2, INIT-REBOOT) */
};

/*
 * What a DHCP server asks of the world. All are called on the loop's thread and answer from memory, at once.
 * `now_ms` is monotonic. @p is the parsed request and lives as long as the call.
 */
struct dhcp4_backend {
        /* The subnet a request belongs to: by link selection (RFC 3527, RFC 3011), giaddr, or the link. false: not ours. */
        bool (*net)(void *ctx, const struct dhcp4_link *link, const struct dhcp4_packet *p, struct dhcp4_net *ret);

        enum dhcp4_lease_answer (*offer)(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, bool commit,
                                         uint64_t now_ms, struct dhcp4_lease *ret);
        enum dhcp4_lease_answer (*request)(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                                           uint64_t now_ms, struct dhcp4_lease *ret);
        void (*release)(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr, uint64_t now_ms);
        void (*decline)(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr, uint64_t now_ms);

        /* What it may boot; @addr is its address as far as known (0 in proxy mode's first answer). */
        void (*boot)(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                     uint32_t addr, uint64_t now_ms, struct dhcp4_boot *ret);

        /* Tickets up to this one are on disk. The server is told of progress by dhcp4_server_durable(). */
        uint64_t (*durable)(void *ctx);

        /* For the trail: what came, and what was answered (NULL: nothing, and @why says why not). */
        void (*seen)(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net, const struct dhcp4_packet *request,
                     const struct dhcp4_packet *answer, const char *why, uint64_t now_ms);

        /* A server that is not us answered on a link: @server is its option 54. */
        void (*foreign)(void *ctx, const struct dhcp4_link *link, uint32_t server, const struct dhcp4_packet *p, uint64_t now_ms);
};
struct dhcp4_server;

struct dhcp4_counters {
        uint64_t received, malformed, ignored, offers, acks, naks, proxied, dropped_old, send_failed;
};

struct dhcp4_server *dhcp4_server_new(struct loop *loop, const struct dhcp4_backend *backend, void *ctx, struct error *reterr);
void dhcp4_server_free(struct dhcp4_server *s);
DEFINE_CLEANUP(struct dhcp4_server, dhcp4_server_free)

/** dhcp4_server_set_links() - serve exactly these links from now on; opens and closes sockets as needed. 0 or -errno with a sentence that names the port and the remedy. */
MUST_CHECK int dhcp4_server_set_links(struct dhcp4_server *s, const struct dhcp4_link *links, size_t n, struct error *reterr);

/** dhcp4_server_durable() - tickets up to @ticket are on disk: send what waited for them. Loop thread only. */
void dhcp4_server_durable(struct dhcp4_server *s, uint64_t ticket);

void dhcp4_server_counters(const struct dhcp4_server *s, struct dhcp4_counters *ret);
