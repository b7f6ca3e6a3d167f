/* What a client's message asks; see question.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dhcp4/question.h"

bool dhcp4_is_our_server(const struct dhcp4_arrival *from, uint32_t server) {
        for (size_t i = 0; i < from->n_links; i++)
                if (dhcp4_link_has(&from->links[i], server))
                        return true;
        return false;
}

static struct dhcp4_question nothing(const char *why) {
        return (struct dhcp4_question){ .kind = DHCP4_ASKS_NOTHING, .why = why };
}

/* What every question about one server begins with: the message, read once. */
static struct dhcp4_question named(enum dhcp4_question_kind kind, const struct dhcp4_packet *p) {
        struct dhcp4_question q = { .kind = kind };
        (void)dhcp4_option_u32(p, DHCP4_OPTION_SERVER, &q.server);
        if (!dhcp4_option_u32(p, DHCP4_OPTION_ADDRESS, &q.addr))
                q.addr = p->ciaddr;
        return q;
}

static struct dhcp4_question request(const struct dhcp4_arrival *from, const struct dhcp4_packet *p) {
        struct dhcp4_question q = named(DHCP4_ASKS_ELSEWHERE, p);

        if (q.server != 0 && !dhcp4_is_our_server(from, q.server))
                return q;
        if (q.addr == 0)
                return nothing("REQUEST names no address");
        if (q.server != 0 && !dhcp4_link_has(from->link, q.server))
                return nothing("REQUEST is for us on another link");
        if (q.server != 0) {
                q.kind = DHCP4_ASKS_SELECTED;
        } else if (p->ciaddr != 0) {
                q.kind = DHCP4_ASKS_RENEWAL;
                q.addr = p->ciaddr;
        } else {
                q.kind = DHCP4_ASKS_REBOOT;
        }
        return q;
}

static struct dhcp4_question discover(const struct dhcp4_arrival *from, const struct dhcp4_packet *p) {
        (void)from;
        return named(DHCP4_ASKS_OFFER, p);
}

static struct dhcp4_question decline(const struct dhcp4_arrival *from, const struct dhcp4_packet *p) {
        struct dhcp4_question q = named(DHCP4_ASKS_DECLINE, p);
        if (q.server != 0 && !dhcp4_link_has(from->link, q.server))
                return nothing("DECLINE is for another server");
        return q.addr ? q : nothing("DECLINE names no address");
}

static struct dhcp4_question release(const struct dhcp4_arrival *from, const struct dhcp4_packet *p) {
        struct dhcp4_question q = named(DHCP4_ASKS_RELEASE, p);
        q.addr = p->ciaddr;
        if (q.server != 0 && !dhcp4_link_has(from->link, q.server))
                return nothing("RELEASE is for another server");
        return q.addr ? q : nothing("RELEASE names no address");
}

static struct dhcp4_question inform(const struct dhcp4_arrival *from, const struct dhcp4_packet *p) {
        struct dhcp4_question q = named(DHCP4_ASKS_INFORM, p);
        (void)from;
        q.addr = p->ciaddr;
        return q.addr ? q : nothing("INFORM names no address");
}

static struct dhcp4_question pxe(const struct dhcp4_arrival *from, const struct dhcp4_packet *p) {
        struct dhcp4_question q = named(DHCP4_ASKS_PXE, p);
        if (p->type != DHCP4_REQUEST && p->type != DHCP4_INFORM)
                return nothing("port 4011 is for REQUEST and INFORM");
        if (q.server != 0 && !dhcp4_link_has(from->link, q.server))
                return nothing("REQUEST on port 4011 is for another server");
        if (from->src == 0)
                return nothing("REQUEST on port 4011 comes from no address");
        q.addr = from->src; /* whatever it says in ciaddr: from there it will fetch */
        return q;
}

typedef struct dhcp4_question (*question_fn)(const struct dhcp4_arrival *from, const struct dhcp4_packet *p);

struct dhcp4_question dhcp4_question_of(const struct dhcp4_arrival *from, const struct dhcp4_packet *p) {
        static const question_fn by_type[] = {
                [DHCP4_DISCOVER] = discover, [DHCP4_REQUEST] = request, [DHCP4_DECLINE] = decline,
                [DHCP4_RELEASE] = release,   [DHCP4_INFORM] = inform,
        };

        if (p->op != 1)
                return nothing("a reply is no question");
        if (!dhcp4_packet_has_mac(p))
                return nothing("hardware address is not Ethernet");
        if (from->port == DHCP4_PORT_PXE)
                return pxe(from, p);
        if (p->type == DHCP4_NONE)
                return nothing("BOOTP is not served");
        if (p->type >= ARRAY_LEN(by_type) || !by_type[p->type])
                return nothing("message type is not a client's");
        return by_type[p->type](from, p);
}
