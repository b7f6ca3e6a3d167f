/* How a board comes to an address, and to who has its files; see board_inside.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/board_inside.h"

#include <string.h>

enum {
        ARP_MS = 1000,
        ARP_TRIES = 5,
        REQUEST_MS = 4000, /* DHCP_REQ_TIMEOUT */
        REQUEST_TRIES = 3,

        /* An OFFER for another board with the same constant xid within this time after its own confuses the
         * ROM: it takes the other's address (firmware issue 1067). Our reading of the reports, not a
         * measurement. */
        ROM_CONFUSION_MS = 1000
};

static void fill_uuid(struct board *b) {
        uint8_t *u = b->asker.uuid;
        const uint32_t words[4] = { b->family->fourcc, b->revision, 0, b->serial };

        u[0] = 0;
        if (b->family->uuid_octet) {
                memset(u + 1, b->family->uuid_octet, 16);
                return;
        }
        if (!b->family->fourcc) { /* the old form: the serial four times, octets as they lie in memory */
                for (size_t i = 0; i < 16; i++)
                        u[1 + i] = (uint8_t)(b->serial >> 8 * (i % 4));
                return;
        }
        for (size_t i = 0; i < 16; i++)
                u[1 + i] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
        memcpy(u + 9, b->mac.octets + 2, 4);
}

/* Where the files come from: option 66, else siaddr, else the one that answered (facts 1.3). */
static uint32_t tftp_server_of(const struct dhcp_reply *r) {
        if (r->tftp_server)
                return r->tftp_server;
        return r->next_server ? r->next_server : r->server;
}

static void resolve(struct board *b, uint64_t now_ms) {
        uint8_t frame[FRAME_MAX];
        if (b->is_web)
                b->tftp = b->http_addr;
        bool is_on_link = !b->mask || (b->tftp & b->mask) == (b->addr & b->mask);

        board_enter(b, BOARD_RESOLVING, now_ms);
        if (!is_on_link && !b->router) {
                board_fail(b, "the TFTP server is on another network and the OFFER named no router");
                return;
        }
        size_t n = frame_write_arp(&b->mac, &frame_broadcast, true, b->addr, is_on_link ? b->tftp : b->router,
                                   frame);
        b->world->send(b->world->ctx, frame, n);
}

void board_discover(struct board *b, uint64_t now_ms) {
        board_enter(b, BOARD_DISCOVERING, now_ms);
        b->asker = (struct dhcp_asker){
                .mac = b->mac,
                .xid = b->family->dhcp.constant_xid ? b->family->dhcp.constant_xid
                                                    : b->world->random(b->world->ctx),
        };
        b->addr = b->server = b->tftp = b->foreign = 0;
        b->has_boot_offer = false;
        if (b->client_ip) {
                b->addr = b->client_ip;
                b->server = b->tftp = b->tftp_ip;
                resolve(b, now_ms);
                return;
        }
        fill_uuid(b);
        board_send_dhcp(b, DHCP_DISCOVER, 0, 0);
}

/* An OFFER for a boot: the address may be another server's (proxyDHCP). */
static void take_offer(struct board *b, const struct dhcp_reply *r, uint64_t now_ms) {
        bool is_boot = r->names_menu || r->has_tftp_server || b->family->dhcp.system;

        if (b->family->dhcp.too_early_ms && now_ms - b->phase_ms < b->family->dhcp.too_early_ms) {
                board_stick(b, "the OFFER came too early: this boot ROM locks up (firmware issue 934)");
                return;
        }
        if (r->addr && !b->addr) {
                b->addr = r->addr;
                b->server = r->server;
                b->mask = r->mask;
                b->router = r->router;
        }
        if (is_boot && !b->has_boot_offer) {
                b->has_boot_offer = true;
                b->tftp = tftp_server_of(r);
        }
        if (!b->addr || !b->has_boot_offer)
                return; /* the other half may still come, within the time of this try */
        if (b->family->ends_dhcp_at_offer) {
                b->accepted_ms = now_ms;
                resolve(b, now_ms);
                return;
        }
        if (b->faults & FAULT_OTHER_SERVER)
                b->server = board_nobody(b);
        board_enter(b, BOARD_REQUESTING, now_ms);
        board_send_dhcp(b, DHCP_REQUEST, b->addr, b->server);
}

static void take_ack(struct board *b, const struct dhcp_reply *r, uint64_t now_ms) {
        if (r->server != b->server)
                return;
        if (r->type == DHCP_NAK) {
                board_fail(b, "the server said NAK");
                return;
        }
        b->addr = r->addr;
        if (b->faults & FAULT_WRONG_SERVER)
                b->tftp = board_nobody(b);
        resolve(b, now_ms);
}

void board_hear_dhcp(struct board *b, const struct frame *f, uint64_t now_ms) {
        struct dhcp_reply r;

        if (!dhcp_parse(f->udp.payload, f->udp.len, &r) || r.xid != b->asker.xid)
                return;
        bool is_mine = mac_equal(&r.mac, &b->mac);
        if (!is_mine && b->family->dhcp.constant_xid && b->accepted_ms && !b->octets &&
            r.type == DHCP_OFFER && now_ms - b->accepted_ms < ROM_CONFUSION_MS) {
                board_stick(b, "another board's OFFER with the same constant xid came within a second: the "
                               "ROM took it");
                return;
        }
        if (!is_mine || ((b->faults & FAULT_DEAF) && r.type == DHCP_OFFER))
                return;
        if (b->phase == BOARD_DISCOVERING && r.type == DHCP_OFFER)
                take_offer(b, &r, now_ms);
        else if (b->phase == BOARD_REQUESTING && r.type != DHCP_OFFER)
                take_ack(b, &r, now_ms);
}

void board_hear_arp(struct board *b, const struct frame *f, uint64_t now_ms) {
        uint8_t frame[FRAME_MAX];

        if (f->arp.is_request && b->addr && f->arp.target == b->addr && b->phase >= BOARD_RESOLVING) {
                size_t n = frame_write_arp(&b->mac, &f->arp.sender_mac, false, b->addr, f->arp.sender, frame);
                b->world->send(b->world->ctx, frame, n);
                return;
        }
        bool is_awaited = f->arp.sender == b->tftp || f->arp.sender == b->router;
        if (b->phase != BOARD_RESOLVING || f->arp.is_request || !is_awaited || !mac_equal(&f->dst, &b->mac))
                return;
        b->next_hop = f->arp.sender_mac;
        board_enter(b, BOARD_FETCHING, now_ms);
        board_next_stage(b, now_ms);
}

/* A try of DISCOVER, REQUEST or ARP has waited long enough: another one, or the end. */
static void retry(struct board *b, uint64_t now_ms, unsigned tries_max, const char *why) {
        unsigned tries = b->tries + 1;
        enum board_phase phase = b->phase;

        if (tries >= tries_max) {
                board_fail(b, why);
                return;
        }
        if (phase == BOARD_DISCOVERING)
                board_discover(b, now_ms);
        else if (phase == BOARD_REQUESTING)
                board_send_dhcp(b, DHCP_REQUEST, b->addr, b->server);
        else
                resolve(b, now_ms);
        b->tries = tries;
        b->phase_ms = now_ms;
}

/* DISCOVERs until the time for all of DHCP is over. */
static unsigned discover_tries(const struct board *b) {
        const struct dhcp_manner *dhcp = &b->family->dhcp;
        return b->dhcp_timeout_ms ? (b->dhcp_timeout_ms + dhcp->try_ms - 1) / dhcp->try_ms : dhcp->tries;
}

static const char *discover_failure(const struct board *b) {
        if (b->addr)
                return "an address was offered, but no boot: no OFFER had option 66, or 43 with \"Raspberry "
                       "Pi Boot\"";
        return b->has_boot_offer ? "a boot was offered, but no address" : "nobody offered an address";
}

void board_address_tick(struct board *b, uint64_t now_ms) {
        const struct dhcp_manner *dhcp = &b->family->dhcp;
        uint64_t waited = now_ms - b->phase_ms;

        if (b->phase == BOARD_DISCOVERING && waited >= dhcp->try_ms)
                retry(b, now_ms, discover_tries(b), discover_failure(b));
        else if (b->phase == BOARD_REQUESTING && waited >= REQUEST_MS)
                retry(b, now_ms, REQUEST_TRIES, "the server offered an address and never acknowledged it");
        else if (b->phase == BOARD_RESOLVING && waited >= ARP_MS)
                retry(b, now_ms, ARP_TRIES, "ARP: the TFTP server (or the router to it) does not answer");
}
