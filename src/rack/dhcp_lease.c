/* Which address; see dhcp_lease.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/dhcp_lease.h"

#include "io/log.h"
#include "net/dhcp4/packet.h"
#include "rack/address.h"
#include "rack/meeting.h"
#include "rack/notice.h"
#include "rack/state.h"

enum {
        OFFER_HOLD_S = 60, /* an OFFER keeps its address for its client this long */
        DECLINE_S = 600    /* an address that somebody else uses rests this long */
};

/* No address for the message in work, and the sentence that its trail gets. */
static enum dhcp4_lease_answer none(struct meeting *m, const char *why) {
        m->why_no_address = why;
        return DHCP4_LEASE_NONE;
}

static const char no_journal[] = "the lease journal cannot be written, and no address is given until it can";
static const char no_memory[] = "out of memory";

/* The subnet's word about a sender that nobody registered. */
static enum subnet_unknown policy_for(const struct meeting *m) {
        return subnet_unknown_for(m->net->subnet, &m->ask.mac, m->ask.has_serial ? &m->ask.serial : NULL);
}

/* What stands against any address for the message in work; NULL: nothing. */
static const char *objection(struct rack *r, const struct meeting *m) {
        if (!m->machine && policy_for(m) == SUBNET_UNKNOWN_REFUSE)
                return "nobody registered it, and its subnet refuses such machines (unknown=refuse): not "
                       "even an "
                       "address";
        if (lease_journal_failure(r->journal) < 0) {
                rack_note_journal_failure(r);
                return no_journal;
        }
        return NULL;
}

static int64_t hour_s(const struct rack *r, uint64_t now_ms) {
        return lease_clock_s(&r->lease_clock, now_ms);
}

/* Hands a changed lease to the journal; false when it cannot be kept, and then nothing may be promised. */
static bool keep(struct rack *r, const struct lease *l, uint64_t *ticket) {
        *ticket = lease_journal_append(r->journal, l);
        if (*ticket == 0)
                rack_note_journal_failure(r);
        return *ticket != 0;
}

static enum dhcp4_lease_answer bind(struct rack *r, struct meeting *m, const struct lease_client *who,
                                    uint32_t addr, uint64_t now_ms, struct dhcp4_lease *ret) {
        struct lease_pool pool = rack_pool_of(r, m->net);
        struct lease lease;

        switch (lease_bind(r->leases, &pool, who, addr, rack_reservation(m->machine, m->net),
                           hour_s(r, now_ms), m->net->subnet->lease_s, &lease)) {
        case LEASE_OK:
                break;
        case LEASE_NOT_YOURS:
                return DHCP4_LEASE_WRONG;
        case LEASE_UNKNOWN:
                return DHCP4_LEASE_UNKNOWN;
        default:
                return none(m, no_memory);
        }
        *ret = (struct dhcp4_lease){ .addr = lease.addr, .lease_s = m->net->subnet->lease_s };
        if (!keep(r, &lease, &ret->ticket))
                return none(m, no_journal);
        rack_pass_address(r, lease.addr, &who->mac);
        return DHCP4_LEASE_OK;
}

enum dhcp4_lease_answer rack_offer(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                                   bool commit, uint64_t now_ms, struct dhcp4_lease *ret) {
        struct rack *r = ctx;
        struct meeting *m = rack_meet(r, p, now_ms);
        struct lease_pool pool = rack_pool_of(r, m->net);
        struct lease_client who;
        struct lease lease;
        uint32_t wanted = 0;
        (void)net;

        const char *why = objection(r, m);
        if (why)
                return none(m, why);
        rack_lease_client(r, p, m->machine, m->net, &who);
        (void)dhcp4_option_u32(p, DHCP4_OPTION_ADDRESS, &wanted);
        int answer = lease_offer(r->leases, &pool, &who, wanted, rack_reservation(m->machine, m->net),
                                 hour_s(r, now_ms), OFFER_HOLD_S, &lease);
        if (answer == LEASE_POOL_EMPTY) {
                rack_note_pool_empty(r, m->net);
                return none(m, "no free address is left in its subnet");
        }
        if (answer != LEASE_OK)
                return none(m, no_memory);
        if (commit)
                return bind(r, m, &who, lease.addr, now_ms, ret);

        *ret = (struct dhcp4_lease){
                .addr = lease.addr,
                .lease_s = m->net->subnet->lease_s,
                /* Asked about ahead, so that the next new client need not wait for the answer. */
                .probe = lease_next_likely(r->leases, &pool, hour_s(r, now_ms)),
        };
        return DHCP4_LEASE_OK;
}

enum dhcp4_lease_answer rack_request(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                                     uint32_t addr, uint64_t now_ms, struct dhcp4_lease *ret) {
        struct rack *r = ctx;
        struct meeting *m = rack_meet(r, p, now_ms);
        struct lease_client who;
        (void)net;

        const char *why = objection(r, m);
        if (why)
                return none(m, why);
        rack_lease_client(r, p, m->machine, m->net, &who);
        return bind(r, m, &who, addr, now_ms, ret);
}

void rack_release(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                  uint64_t now_ms) {
        struct rack *r = ctx;
        const struct meeting *m = rack_meet(r, p, now_ms);
        struct lease_client who;
        struct lease lease;
        uint64_t ticket;
        (void)net;

        rack_lease_client(r, p, m->machine, m->net, &who);
        if (!lease_release(r->leases, &who, addr, hour_s(r, now_ms), &lease))
                return;
        (void)keep(r, &lease, &ticket); /* a release that is lost only keeps the address longer */
        rack_give_up_address(r, addr, &p->mac);
}

void rack_decline(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                  uint64_t now_ms) {
        struct rack *r = ctx;
        const struct meeting *m = rack_meet(r, p, now_ms);
        struct lease_client who;
        struct lease lease;
        uint64_t ticket;
        (void)net;

        if (!declines_count(&r->declines, &p->mac, hour_s(r, now_ms), DECLINE_S)) {
                rack_note_declines(r, &p->mac);
                return;
        }
        rack_lease_client(r, p, m->machine, m->net, &who);
        if (!lease_decline(r->leases, &who, addr, hour_s(r, now_ms), DECLINE_S, &lease))
                return;
        (void)keep(r, &lease, &ticket);
        rack_give_up_address(r, addr, &p->mac);
}

void rack_conflict(void *ctx, const struct dhcp4_link *link, uint32_t addr, const struct mac *mac,
                   uint64_t now_ms) {
        struct rack *r = ctx;
        struct lease lease;
        uint64_t ticket;
        char ip[IP_TEXT_SIZE], who[MAC_TEXT_SIZE];

        const struct lease *held = lease_find_addr(r->leases, addr);
        if (held && mac_equal(&held->client.mac, mac))
                return; /* its own client answered: a board that restarted while its old system was still
                           there */
        struct mac holder = held ? held->client.mac : (struct mac){};
        if (!lease_conflict(r->leases, addr, hour_s(r, now_ms), DECLINE_S, &lease))
                return;
        (void)keep(r, &lease, &ticket);
        rack_give_up_address(r, addr, &holder);
        log_warn("dhcp: address is in use by a stranger, not giving it", "ip", ip4_text(addr, ip), "mac",
                 mac_text(mac, who), "interface", link->interface);
}

void rack_take_offer_back(struct rack *r, const struct net *net, const struct dhcp4_packet *p,
                          const struct machine *machine) {
        struct lease_client who;

        rack_lease_client(r, p, machine, net, &who);
        uint32_t addr = lease_withdraw(r->leases, &who);
        if (addr)
                rack_give_up_address(r, addr, &p->mac);
}
