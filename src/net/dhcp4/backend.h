/*
 * What the DHCPv4 server asks of the world: a table of functions, and the plain structs that pass through it.
 *
 * All functions are called on the loop's thread and answer from memory, at once. `now_ms` is monotonic. A
 * parsed packet lives as long as the call. Addresses are in host byte order.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "net/dhcp4/packet.h"

struct dhcp4_answer; /* answer.h */

enum dhcp4_mode { DHCP4_OFF, DHCP4_SERVER, DHCP4_PROXY };

enum { DHCP4_LINK_SERVERS_MAX = 16 };

/* Where a packet came in, and who may speak there. */
struct dhcp4_link {
        unsigned ifindex;
        char interface[16];
        struct mac mac;                          /* the interface's own */
        uint32_t server;                         /* our address there */
        uint32_t others[DHCP4_LINK_SERVERS_MAX]; /* and those in further subnets of it; up to the first 0 */
};

/** dhcp4_link_has() - whether @addr is one of ours on @l. */
static inline bool dhcp4_link_has(const struct dhcp4_link *l, uint32_t addr) {
        bool has = l->server == addr;
        for (size_t i = 0; i < DHCP4_LINK_SERVERS_MAX && l->others[i]; i++)
                has |= l->others[i] == addr;
        return has;
}

enum { DHCP4_BOOT_OPTIONS_MAX = 16 };

/* What one client is told besides its address: options in wire order, borrowed until the answer is written.
 */
struct dhcp4_boot {
        bool is_bootable;     /* false: no boot option, no file, no next server */
        uint32_t next_server; /* siaddr */
        const char *file; /* the `file` field, or option 67 when it does not fit or the field is overloaded;
                             NULL: none */
        struct dhcp4_option
                options[DHCP4_BOOT_OPTIONS_MAX]; /* 43, 60, 66, 97, 209 …: sent whether asked for or not */
        size_t n_options;

        /* How its firmware wants to be spoken to; these hold for machines that are not booted, too. */
        uint16_t offer_delay_ms; /* wait before the OFFER */
        bool wants_broadcast;    /* whatever the flag says */
        bool wants_arp;          /* a broadcast ARP question for its address goes out right after the OFFER */
        bool commits_offer;      /* never sends REQUEST: the OFFER is the lease */
        bool one_at_a_time;      /* constant xid: OFFERs on one link keep a second between them */
};

struct dhcp4_lease {
        uint32_t addr;
        uint32_t lease_s;
        uint64_t ticket; /* journal position that must be durable before the answer leaves; 0: nothing to wait
                            for */
        uint32_t probe; /* an address to ask the link about by ARP now (this one, or the next to be given); 0:
                           none */
};

/* The subnet's own answers, by number: sent when the client's parameter list asks for them (RFC 2132
 * section 9.8), all when it has none. */
struct dhcp4_net {
        uint64_t id;
        enum dhcp4_mode mode;
        uint32_t addr, mask;
        uint32_t server; /* our address in it, which its clients know us by; 0: the link's */
        const struct dhcp4_option *options; /* router, DNS, … and the operator's own */
        size_t n_options;
};

enum dhcp4_lease_answer {
        DHCP4_LEASE_OK = 0,
        DHCP4_LEASE_NONE,   /* pool empty, the client is refused, the journal is broken: stay silent */
        DHCP4_LEASE_WRONG,  /* the address asked for is not this client's: NAK */
        DHCP4_LEASE_UNKNOWN /* we know nothing of it: silence, another server may (RFC 2131 section 4.3.2,
                               INIT-REBOOT) */
};

struct dhcp4_backend {
        /*
         * The subnet a request belongs to: by dhcp4_packet_subnet_hint() (relays), else by ciaddr where that
         * lies in a subnet of ours (a renewal comes straight from behind a relay), else by the link. false:
         * none of ours.
         */
        bool (*net)(void *ctx, const struct dhcp4_link *link, const struct dhcp4_packet *p, uint64_t now_ms,
                    struct dhcp4_net *ret);

        /*
         * An address for a DISCOVER. Asked a second time with @commit for firmware that keeps the address
         * from the OFFER: then the same address, bound, with a ticket.
         */
        enum dhcp4_lease_answer (*offer)(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                                         bool commit, uint64_t now_ms, struct dhcp4_lease *ret);
        /* A REQUEST for @addr, in any of its states; @addr lies in @net. */
        enum dhcp4_lease_answer (*request)(void *ctx, const struct dhcp4_net *net,
                                           const struct dhcp4_packet *p, uint32_t addr, uint64_t now_ms,
                                           struct dhcp4_lease *ret);
        void (*release)(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                        uint64_t now_ms);
        void (*decline)(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                        uint64_t now_ms);

        /*
         * Its client has, or takes, @addr from another server (@server; 0: not said): an offer of ours is
         * free again, and in proxy mode this is how clients' addresses are learnt. @p is the client's
         * REQUEST, or the other server's ACK (op 2). May be NULL.
         */
        void (*elsewhere)(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                          const struct dhcp4_packet *p, uint32_t server, uint32_t addr, uint64_t now_ms);

        /* What it may boot; @addr is its address as far as known (0 in proxy mode's first answer). */
        void (*boot)(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                     const struct dhcp4_packet *p, uint32_t addr, uint64_t now_ms, struct dhcp4_boot *ret);

        /* Tickets up to this one are on disk: asked once for each few packets; the server is also told by
         * dhcp4_server_durable(). */
        uint64_t (*durable)(void *ctx);

        /* For the trail: what came (@net NULL: no subnet of ours), and what was answered, or why not
         * (answer.h). May be NULL. */
        void (*seen)(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                     const struct dhcp4_packet *request, const struct dhcp4_answer *answer, uint64_t now_ms);

        /*
         * A server that is not us was heard on a link, or named by a client there: @server is its option 54.
         * Called for each such packet, in all modes: the backend decides what is news. May be NULL.
         */
        void (*foreign)(void *ctx, const struct dhcp4_link *link, uint32_t server,
                        const struct dhcp4_packet *p, uint64_t now_ms);

        /* @mac asks the link by ARP who has @addr, which is none of ours. Called for each such question: the
         * backend decides whose matter. May be NULL. */
        void (*looks_for)(void *ctx, const struct dhcp4_link *link, const struct mac *mac, uint32_t addr,
                          uint64_t now_ms);

        /* Somebody else (@mac) uses @addr on the link: a probe was answered. May be NULL. */
        void (*conflict)(void *ctx, const struct dhcp4_link *link, uint32_t addr, const struct mac *mac,
                         uint64_t now_ms);
};
