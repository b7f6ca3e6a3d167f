/* Conversations with a server whose world is a table: what comes, what the world says, what goes back and by
 * which way. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "net/dhcp4/answer.h"

#define US 0x0a4d0001           /* 10.77.0.1 */
#define US_TOO 0x0a4f0001       /* and on the same link, in a second subnet */
#define US_ELSEWHERE 0x0a4e0001 /* our address on another link */
#define THEM 0x0a4d00fe         /* another server */
#define ADDR 0x0a4d0005
#define FAR 0xc0a80005 /* not of this network */
#define RELAY 0x0a4d0501

/* ---- a world that does as it is told, and writes down what it was asked ---- */

struct world {
        enum dhcp4_mode mode;
        enum dhcp4_lease_answer says; /* to offer() and request() */
        struct dhcp4_boot boot;
        uint32_t lease_s;
        bool has_no_net, is_far;
        uint32_t server; /* our address in the client's subnet; 0: the link's */
        char calls[256];
};

static void note(void *ctx, const char *call) {
        struct world *w = ctx;
        size_t n = strlen(w->calls);
        (void)snprintf(w->calls + n, sizeof(w->calls) - n, "%s%s", n ? " " : "", call);
}

static const struct dhcp4_option net_options[] = {
        { 3, 4, (const uint8_t *)"\x0a\x4d\x00\x01" },
        { 6, 4, (const uint8_t *)"\x0a\x4d\x00\x02" },
        { 15, 3, (const uint8_t *)"lan" },
        { 60, 3, (const uint8_t *)"net" },
};

static bool give_net(void *ctx, const struct dhcp4_link *link, const struct dhcp4_packet *p, uint64_t now_ms,
                     struct dhcp4_net *ret) {
        (void)now_ms;
        struct world *w = ctx;
        (void)link;
        (void)p;
        *ret = (struct dhcp4_net){ .id = 1,
                                   .mode = w->mode,
                                   .addr = w->is_far ? FAR & 0xffff0000 : 0x0a4d0000,
                                   .mask = 0xffff0000,
                                   .server = w->server,
                                   .options = net_options,
                                   .n_options = ARRAY_LEN(net_options) };
        return !w->has_no_net;
}

static enum dhcp4_lease_answer offer(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                                     bool commit, uint64_t now_ms, struct dhcp4_lease *ret) {
        struct world *w = ctx;
        (void)net;
        (void)p;
        (void)now_ms;
        note(ctx, commit ? "commit" : "offer");
        *ret = (struct dhcp4_lease){ .addr = ADDR,
                                     .lease_s = w->lease_s ? w->lease_s : 600,
                                     .ticket = commit ? 7 : 0,
                                     .probe = ADDR + 1 };
        return w->says;
}

static enum dhcp4_lease_answer request(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                                       uint32_t addr, uint64_t now_ms, struct dhcp4_lease *ret) {
        struct world *w = ctx;
        (void)net;
        (void)p;
        (void)now_ms;
        note(ctx, "request");
        *ret = (struct dhcp4_lease){ .addr = addr, .lease_s = w->lease_s ? w->lease_s : 600, .ticket = 8 };
        return w->says;
}

static void release(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                    uint64_t now_ms) {
        (void)net;
        (void)p;
        (void)addr;
        (void)now_ms;
        note(ctx, "release");
}

static void decline(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                    uint64_t now_ms) {
        (void)net;
        (void)p;
        (void)addr;
        (void)now_ms;
        note(ctx, "decline");
}

static void elsewhere(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                      const struct dhcp4_packet *p, uint32_t server, uint32_t addr, uint64_t now_ms) {
        (void)link;
        (void)net;
        (void)p;
        (void)server;
        (void)addr;
        (void)now_ms;
        note(ctx, "elsewhere");
}

static void boot(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                 const struct dhcp4_packet *p, uint32_t addr, uint64_t now_ms, struct dhcp4_boot *ret) {
        struct world *w = ctx;
        (void)link;
        (void)net;
        (void)p;
        (void)addr;
        (void)now_ms;
        note(ctx, "boot");
        *ret = w->boot;
}

static void foreign(void *ctx, const struct dhcp4_link *link, uint32_t server, const struct dhcp4_packet *p,
                    uint64_t now_ms) {
        (void)link;
        (void)server;
        (void)p;
        (void)now_ms;
        note(ctx, "foreign");
}

static const struct dhcp4_backend backend = {
        .net = give_net,
        .offer = offer,
        .request = request,
        .release = release,
        .decline = decline,
        .elsewhere = elsewhere,
        .boot = boot,
        .foreign = foreign,
};

/* ---- one exchange ---- */

static const struct mac client_mac = { { 0x52, 0x54, 0, 0x77, 0, 0x61 } };

struct said {
        uint8_t type;
        uint32_t ciaddr, giaddr;
        uint32_t src; /* 0: ciaddr */
        uint16_t flags;
        uint32_t wants;     /* option 50 */
        uint32_t server;    /* option 54 */
        const char *class;  /* option 60 */
        uint16_t port;      /* 0: 67 */
        const char *params; /* option 55 */
        const char *client_id;
        const char *relay; /* option 82 */
        bool is_far;       /* its subnet lies behind a router */
        bool has_no_uuid;  /* option 97, which each firmware with a class has */
};

static struct dhcp4_option number_option(uint8_t number, uint32_t v, uint8_t octets[static 4]) {
        for (int i = 0; i < 4; i++)
                octets[i] = (uint8_t)(v >> (24 - 8 * i));
        return (struct dhcp4_option){ number, 4, octets };
}

static struct dhcp4_option text_option(uint8_t number, const char *text) {
        return (struct dhcp4_option){ number, (uint16_t)strlen(text), (const uint8_t *)text };
}

static void build(const struct said *s, struct dhcp4_packet *ret) {
        static uint8_t octets[DHCP4_MESSAGE_MAX]; /* the packet points into it */
        struct dhcp4_option options[8], relay;
        uint8_t wants[4], server[4];
        size_t n = 0;

        if (s->type)
                options[n++] = (struct dhcp4_option){ DHCP4_OPTION_TYPE, 1, &s->type };
        if (s->wants)
                options[n++] = number_option(DHCP4_OPTION_ADDRESS, s->wants, wants);
        if (s->server)
                options[n++] = number_option(DHCP4_OPTION_SERVER, s->server, server);
        if (s->class)
                options[n++] = text_option(DHCP4_OPTION_VENDOR_CLASS, s->class);
        if (s->class && !s->has_no_uuid)
                options[n++] = text_option(DHCP4_OPTION_UUID, "0123456789abcdef");
        if (s->params)
                options[n++] = text_option(DHCP4_OPTION_PARAMETERS, s->params);
        if (s->client_id)
                options[n++] = text_option(DHCP4_OPTION_CLIENT_ID, s->client_id);
        if (s->relay)
                relay = text_option(DHCP4_OPTION_RELAY, s->relay);
        size_t len = dhcp4_message_write(&(struct dhcp4_message){ .op = 1,
                                                                  .xid = 0x1234,
                                                                  .flags = s->flags,
                                                                  .ciaddr = s->ciaddr,
                                                                  .giaddr = s->giaddr,
                                                                  .mac = client_mac,
                                                                  .options = options,
                                                                  .n_options = n,
                                                                  .relay = s->relay ? &relay : NULL,
                                                                  .size_max = 548 },
                                         octets);
        assert_int_equal(dhcp4_packet_parse(octets, len, ret), 0);
}

static const struct dhcp4_link links[] = {
        { .ifindex = 2,
          .interface = "eth1",
          .mac = { { 2, 0, 0, 0, 0, 1 } },
          .server = US,
          .others = { US_TOO } },
        { .ifindex = 3, .interface = "eth2", .mac = { { 2, 0, 0, 0, 0, 2 } }, .server = US_ELSEWHERE },
};

static void ask(struct world *w, const struct said *s, struct dhcp4_answer *ret, struct dhcp4_packet *reply) {
        static uint8_t octets[DHCP4_MESSAGE_MAX]; /* the reply points into it */
        const struct dhcp4_arrival from = { .link = &links[0],
                                            .links = links,
                                            .n_links = ARRAY_LEN(links),
                                            .src = s->src ? s->src : s->ciaddr,
                                            .src_port = s->port ? 4011 : 68,
                                            .port = s->port ? s->port : DHCP4_PORT_SERVER };
        struct dhcp4_packet p;

        build(s, &p);
        dhcp4_answer(&backend, w, &from, &p, 1000, octets, ret);
        if (ret->type != DHCP4_NONE) {
                assert_int_equal(dhcp4_packet_parse(octets, ret->len, reply), 0);
                assert_int_equal(reply->type, ret->type);
                assert_int_equal(reply->op, 2);
                assert_int_equal(reply->xid, 0x1234);
                assert_int_equal(reply->giaddr, s->giaddr);
                assert_true(mac_equal(&reply->mac, &client_mac));
        }
}

/* ---- who gets what ---- */

#define D DHCP4_DISCOVER
#define R DHCP4_REQUEST
#define B DHCP4_FLAG_BROADCAST
#define ALL UINT32_MAX
#define PXE "PXEClient:Arch:00007:UNDI:003000"

static const struct row {
        const char *remark;
        struct said said;
        enum dhcp4_mode mode;
        enum dhcp4_lease_answer says;
        const char *calls;
        uint8_t type;
        enum dhcp4_way way;
        uint32_t dst;
        uint16_t dst_port;
} rows[] = {
        { "DISCOVER, no address yet: a frame to its MAC",
          { .type = D },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "offer boot",
          DHCP4_OFFER,
          DHCP4_WAY_FRAME,
          ADDR,
          68 },
        { "DISCOVER with the broadcast flag",
          { .type = D, .flags = B },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "offer boot",
          DHCP4_OFFER,
          DHCP4_WAY_BROADCAST,
          ALL,
          68 },
        { "DISCOVER through a relay",
          { .type = D, .giaddr = RELAY, .flags = B },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "offer boot",
          DHCP4_OFFER,
          DHCP4_WAY_UDP,
          RELAY,
          67 },
        { "DISCOVER, pool empty",
          { .type = D },
          DHCP4_SERVER,
          DHCP4_LEASE_NONE,
          "offer",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "SELECTING",
          { .type = R, .wants = ADDR, .server = US },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "request boot",
          DHCP4_ACK,
          DHCP4_WAY_FRAME,
          ADDR,
          68 },
        { "SELECTING, offer given to another since",
          { .type = R, .wants = ADDR, .server = US },
          DHCP4_SERVER,
          DHCP4_LEASE_WRONG,
          "request",
          DHCP4_NAK,
          DHCP4_WAY_BROADCAST,
          ALL,
          68 },
        { "SELECTING, offer forgotten: it named us, so we tell",
          { .type = R, .wants = ADDR, .server = US },
          DHCP4_SERVER,
          DHCP4_LEASE_UNKNOWN,
          "request",
          DHCP4_NAK,
          DHCP4_WAY_BROADCAST,
          ALL,
          68 },
        { "SELECTING without an address",
          { .type = R, .server = US },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "SELECTING us by the name that we have in another subnet of the link",
          { .type = R, .wants = ADDR, .server = US_TOO },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "request boot",
          DHCP4_ACK,
          DHCP4_WAY_FRAME,
          ADDR,
          68 },
        { "SELECTING us on our other link: its copy is answered there",
          { .type = R, .wants = ADDR, .server = US_ELSEWHERE },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "SELECTING another server",
          { .type = R, .wants = ADDR, .server = THEM },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "elsewhere foreign",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "INIT-REBOOT",
          { .type = R, .wants = ADDR },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "request boot",
          DHCP4_ACK,
          DHCP4_WAY_FRAME,
          ADDR,
          68 },
        { "INIT-REBOOT, wrong network: NAK unasked",
          { .type = R, .wants = FAR },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NAK,
          DHCP4_WAY_BROADCAST,
          ALL,
          68 },
        { "INIT-REBOOT, unknown client: another server may know it",
          { .type = R, .wants = ADDR },
          DHCP4_SERVER,
          DHCP4_LEASE_UNKNOWN,
          "request",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "INIT-REBOOT through a relay, wrong",
          { .type = R, .wants = ADDR, .giaddr = RELAY },
          DHCP4_SERVER,
          DHCP4_LEASE_WRONG,
          "request",
          DHCP4_NAK,
          DHCP4_WAY_UDP,
          RELAY,
          67 },
        { "RENEWING on our link: a frame to its MAC, for the table of neighbours is small",
          { .type = R, .ciaddr = ADDR },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "request boot",
          DHCP4_ACK,
          DHCP4_WAY_FRAME,
          ADDR,
          68 },
        { "RENEWING from behind a router",
          { .type = R, .ciaddr = FAR, .is_far = true },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "request boot",
          DHCP4_ACK,
          DHCP4_WAY_UDP,
          FAR,
          68 },
        { "RENEWING in another's name: only who has the address hears it",
          { .type = R, .ciaddr = ADDR, .src = ADDR + 1 },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "request boot",
          DHCP4_ACK,
          DHCP4_WAY_UDP,
          ADDR,
          68 },
        { "REBINDING with the flag: it has an address all the same",
          { .type = R, .ciaddr = ADDR, .flags = B },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "request boot",
          DHCP4_ACK,
          DHCP4_WAY_FRAME,
          ADDR,
          68 },
        { "RENEWING what is another's now",
          { .type = R, .ciaddr = ADDR },
          DHCP4_SERVER,
          DHCP4_LEASE_WRONG,
          "request",
          DHCP4_NAK,
          DHCP4_WAY_BROADCAST,
          ALL,
          68 },
        { "DECLINE",
          { .type = DHCP4_DECLINE, .wants = ADDR, .server = US },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "decline",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "DECLINE of another's",
          { .type = DHCP4_DECLINE, .wants = ADDR, .server = THEM },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "RELEASE",
          { .type = DHCP4_RELEASE, .ciaddr = ADDR, .server = US },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "release",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "RELEASE to our other name",
          { .type = DHCP4_RELEASE, .ciaddr = ADDR, .server = US_TOO },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "release",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "RELEASE to another",
          { .type = DHCP4_RELEASE, .ciaddr = ADDR, .server = THEM },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "INFORM",
          { .type = DHCP4_INFORM, .ciaddr = ADDR },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "boot",
          DHCP4_ACK,
          DHCP4_WAY_FRAME,
          ADDR,
          68 },
        { "INFORM through a relay: straight to the client",
          { .type = DHCP4_INFORM, .ciaddr = ADDR, .giaddr = RELAY },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "boot",
          DHCP4_ACK,
          DHCP4_WAY_UDP,
          ADDR,
          68 },
        { "BOOTP", { .type = 0 }, DHCP4_SERVER, DHCP4_LEASE_OK, "", DHCP4_NONE, 0, 0, 0 },
        { "an OFFER as a question",
          { .type = DHCP4_OFFER },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "LEASEQUERY", { .type = 10 }, DHCP4_SERVER, DHCP4_LEASE_OK, "", DHCP4_NONE, 0, 0, 0 },
        { "DHCP is off", { .type = D }, DHCP4_OFF, DHCP4_LEASE_OK, "", DHCP4_NONE, 0, 0, 0 },

        { "port 4011 of a server: EDK2 asks its boot server",
          { .type = R, .ciaddr = ADDR, .class = PXE, .port = 4011 },
          DHCP4_SERVER,
          DHCP4_LEASE_OK,
          "boot",
          DHCP4_ACK,
          DHCP4_WAY_UDP,
          ADDR,
          4011 },

        { "proxy: DISCOVER of a PXE client, by broadcast",
          { .type = D, .class = PXE },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "boot",
          DHCP4_OFFER,
          DHCP4_WAY_BROADCAST,
          ALL,
          68 },
        { "proxy: UEFI HTTP",
          { .type = D, .class = "HTTPClient:Arch:00016" },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "boot",
          DHCP4_OFFER,
          DHCP4_WAY_BROADCAST,
          ALL,
          68 },
        { "proxy: U-Boot would take it for the real offer",
          { .type = D, .class = "U-Boot.armv8" },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "proxy: nor may its EFI boot, whose class is PXE's",
          { .type = D, .class = PXE, .has_no_uuid = true },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "proxy: no class at all", { .type = D }, DHCP4_PROXY, DHCP4_LEASE_OK, "", DHCP4_NONE, 0, 0, 0 },
        { "proxy: the real server's client teaches us its address",
          { .type = R, .wants = ADDR, .server = THEM, .class = PXE },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "elsewhere foreign",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "proxy: so does a renewal",
          { .type = R, .ciaddr = ADDR },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "elsewhere",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "proxy: and a reboot",
          { .type = R, .wants = FAR },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "elsewhere",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "proxy: the address is not ours to acknowledge",
          { .type = R, .wants = ADDR, .server = US },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "proxy 4011: iPXE, with the flag",
          { .type = R, .ciaddr = ADDR, .class = "PXEClient", .flags = B, .port = 4011 },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "boot",
          DHCP4_ACK,
          DHCP4_WAY_UDP,
          ADDR,
          4011 },
        { "proxy 4011: INFORM",
          { .type = DHCP4_INFORM, .ciaddr = ADDR, .class = PXE, .port = 4011 },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "boot",
          DHCP4_ACK,
          DHCP4_WAY_UDP,
          ADDR,
          4011 },
        { "proxy 4011: DISCOVER",
          { .type = D, .class = PXE, .port = 4011 },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "proxy 4011: nobody",
          { .type = R, .class = PXE, .port = 4011 },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "proxy 4011: no PXE client",
          { .type = R, .ciaddr = ADDR, .class = "MSFT 5.0", .port = 4011 },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "",
          DHCP4_NONE,
          0,
          0,
          0 },
        { "proxy: INFORM of a PXE client",
          { .type = DHCP4_INFORM, .ciaddr = ADDR, .class = PXE },
          DHCP4_PROXY,
          DHCP4_LEASE_OK,
          "boot",
          DHCP4_ACK,
          DHCP4_WAY_FRAME,
          ADDR,
          68 },
};

static void answers_as_the_rfc_says(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct row *r = &rows[i];
                struct world w = { .mode = r->mode,
                                   .says = r->says,
                                   .boot = { .is_bootable = true, .file = "f" },
                                   .is_far = r->said.is_far };
                struct dhcp4_answer a;
                struct dhcp4_packet reply;

                ask(&w, &r->said, &a, &reply);
                if (a.type != r->type || a.way != r->way || a.dst != r->dst || a.dst_port != r->dst_port ||
                    strcmp(w.calls, r->calls) != 0 || (a.type == DHCP4_NONE) != (a.len == 0))
                        fail_msg("%s: %s by way %d to %08x:%u, asked '%s' (%s)", r->remark,
                                 dhcp4_type_name(a.type), a.way, a.dst, a.dst_port, w.calls,
                                 a.why ? a.why : "");
                if (a.type == DHCP4_NONE && !a.why && r->said.type != DHCP4_RELEASE &&
                    r->said.type != DHCP4_DECLINE)
                        fail_msg("%s: silent without a reason", r->remark);
                if (a.type != DHCP4_NONE && (r->mode == DHCP4_PROXY || r->said.port)) {
                        /* Never a lease, nor anything that could pass for one. */
                        assert_true(a.is_proxy);
                        assert_int_equal(reply.yiaddr, 0);
                        assert_null(dhcp4_option_find(&reply, DHCP4_OPTION_LEASE_S));
                        assert_null(dhcp4_option_find(&reply, DHCP4_OPTION_MASK));
                        assert_null(dhcp4_option_find(&reply, DHCP4_OPTION_ROUTER));
                }
        }
}

/* ---- what is in it ---- */

static void expect_options(const struct dhcp4_packet *p, const uint8_t *numbers, size_t n) {
        for (size_t i = 0; i < n && i < p->n_options; i++)
                if (p->options[i].number != numbers[i])
                        fail_msg("option %u stands where %u should", p->options[i].number, numbers[i]);
        assert_int_equal(p->n_options, n);
}

static void keeps_the_clients_order(void **state) {
        struct world w = { .mode = DHCP4_SERVER };
        const struct said s = { .type = D,
                                .params = "\x0f\x06\x1c\x0f\x63\x01\x3b\x3c\x03",
                                .client_id = "\1cid",
                                .relay = "\1\1p" };
        const uint8_t expected[] = { 53, 54, 51, 59, 1, 61, 15, 6, 28, 60, 3, 82 };
        struct dhcp4_answer a;
        struct dhcp4_packet reply;
        uint32_t v = 0;
        (void)state;

        ask(&w, &s, &a, &reply);
        expect_options(&reply, expected, sizeof(expected));
        assert_true(dhcp4_option_u32(&reply, DHCP4_OPTION_SERVER, &v) && v == US);
        assert_true(dhcp4_option_u32(&reply, DHCP4_OPTION_LEASE_S, &v) && v == 600);
        assert_true(dhcp4_option_u32(&reply, DHCP4_OPTION_REBIND_S, &v) && v == 525);
        assert_true(dhcp4_option_u32(&reply, DHCP4_OPTION_BROADCAST, &v) && v == 0x0a4dffff);
        assert_memory_equal(dhcp4_option_find(&reply, DHCP4_OPTION_CLIENT_ID)->octets, "\1cid",
                            4); /* RFC 6842 */
        assert_int_equal(reply.yiaddr, ADDR);
        assert_int_equal(reply.siaddr, 0);
        assert_int_equal(a.probe, ADDR + 1);
}

/* GRUB's DISCOVER has nothing but its type. */
static void tells_all_to_who_asks_for_nothing(void **state) {
        struct world w = { .mode = DHCP4_SERVER };
        const uint8_t expected[] = { 53, 54, 51, 1, 3, 6, 15, 60 };
        struct dhcp4_answer a;
        struct dhcp4_packet reply;
        (void)state;

        ask(&w, &(struct said){ .type = D }, &a, &reply);
        expect_options(&reply, expected, sizeof(expected));
}

static void boot_options_need_no_asking(void **state) {
        struct world w = { .mode = DHCP4_SERVER,
                           .boot = { .is_bootable = true,
                                     .next_server = US,
                                     .file = "shim.efi",
                                     .options = { { 60, 9, (const uint8_t *)"PXEClient" },
                                                  { 43, 1, (const uint8_t *)"\xff" } },
                                     .n_options = 2 } };
        const uint8_t expected[] = { 53, 54, 51, 1, 60, 43, 3 };
        struct dhcp4_answer a;
        struct dhcp4_packet reply;
        char class[16];
        (void)state;

        ask(&w, &(struct said){ .type = D, .params = "\x03\x3c" }, &a, &reply);
        expect_options(&reply, expected, sizeof(expected));
        assert_string_equal(dhcp4_option_text(&reply, 60, class, sizeof(class)),
                            "PXEClient"); /* before the subnet's own */
        assert_string_equal(reply.file, "shim.efi");
        assert_int_equal(reply.siaddr, US);

        w.boot.is_bootable = false; /* then none of it */
        ask(&w, &(struct said){ .type = D, .params = "\x03" }, &a, &reply);
        assert_null(dhcp4_option_find(&reply, 43));
        assert_string_equal(reply.file, "");
        assert_int_equal(reply.siaddr, 0);
}

static void a_nak_says_little(void **state) {
        struct world w = { .mode = DHCP4_SERVER, .says = DHCP4_LEASE_WRONG };
        const uint8_t expected[] = { 53, 54, 61, 56, 82 };
        struct dhcp4_answer a;
        struct dhcp4_packet reply;
        (void)state;

        ask(&w,
            &(struct said){ .type = R, .wants = ADDR, .giaddr = RELAY, .client_id = "\1c", .relay = "\1\1p" },
            &a, &reply);
        expect_options(&reply, expected, sizeof(expected));
        assert_int_equal(reply.flags, DHCP4_FLAG_BROADCAST); /* so that the relay broadcasts it */
        assert_int_equal(reply.yiaddr, 0);
        assert_int_equal(reply.ciaddr, 0);
        assert_int_equal(a.addr, ADDR); /* what it was about */
}

static void an_inform_gets_no_lease(void **state) {
        struct world w = { .mode = DHCP4_SERVER };
        const uint8_t expected[] = { 53, 54, 1, 3 };
        struct dhcp4_answer a;
        struct dhcp4_packet reply;
        (void)state;

        ask(&w, &(struct said){ .type = DHCP4_INFORM, .ciaddr = ADDR, .params = "\x03\x3a\x33" }, &a, &reply);
        expect_options(&reply, expected, sizeof(expected));
        assert_int_equal(reply.yiaddr, 0);
        assert_int_equal(reply.ciaddr, ADDR);
}

static void for_ever_has_no_renewal(void **state) {
        struct world w = { .mode = DHCP4_SERVER, .lease_s = UINT32_MAX };
        struct dhcp4_answer a;
        struct dhcp4_packet reply;
        (void)state;

        ask(&w, &(struct said){ .type = D, .params = "\x3a\x3b" }, &a, &reply);
        assert_null(dhcp4_option_find(&reply, DHCP4_OPTION_RENEW_S));
        assert_null(dhcp4_option_find(&reply, DHCP4_OPTION_REBIND_S));
}

/* The Pi 3's boot ROM: it hears broadcasts only, needs time and an ARP question, and never says REQUEST. */
static void the_pi_rom_is_spoken_to_as_it_needs(void **state) {
        struct world w = { .mode = DHCP4_SERVER,
                           .boot = { .is_bootable = true,
                                     .offer_delay_ms = 1500,
                                     .wants_broadcast = true,
                                     .wants_arp = true,
                                     .commits_offer = true,
                                     .one_at_a_time = true } };
        struct dhcp4_answer a;
        struct dhcp4_packet reply;
        (void)state;

        ask(&w, &(struct said){ .type = D, .class = "PXEClient:Arch:00000:UNDI:002001" }, &a, &reply);
        assert_string_equal(w.calls, "offer boot commit");
        assert_int_equal(a.way, DHCP4_WAY_BROADCAST);
        assert_int_equal(a.ticket, 7); /* the OFFER waits as an ACK does */
        assert_int_equal(a.delay_ms, 1500);
        assert_true(a.one_at_a_time);
        assert_true(a.wants_arp);
        assert_int_equal(reply.flags, 0); /* as it was asked */
}

static void hears_other_servers(void **state) {
        static const struct {
                const char *remark;
                uint8_t type;
                uint32_t server;
                const char *calls;
        } heard[] = {
                { "an offer of theirs", DHCP4_OFFER, THEM, "foreign" },
                { "their ACK tells who has the address", DHCP4_ACK, THEM, "foreign elsewhere" },
                { "our own, by another way", DHCP4_ACK, US, "" },
                { "our own of another link", DHCP4_OFFER, US_ELSEWHERE, "" },
                { "our own of another subnet", DHCP4_OFFER, US_TOO, "" },
                { "nameless", DHCP4_OFFER, 0, "" },
                { "no reply", DHCP4_DISCOVER, THEM, "" },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(heard); i++) {
                const struct dhcp4_arrival from = { .link = &links[0], .links = links, .n_links = 2 };
                struct world w = { .mode = DHCP4_PROXY };
                struct dhcp4_packet p;

                build(&(struct said){ .type = heard[i].type, .server = heard[i].server }, &p);
                p.op = 2;
                p.yiaddr = ADDR;
                dhcp4_overhear(&backend, &w, &from, &p, 1000);
                if (strcmp(w.calls, heard[i].calls) != 0)
                        fail_msg("%s: '%s'", heard[i].remark, w.calls);
        }
}

/* Whose address a message calls its own is nobody's word but its own. */
static void on_4011_the_address_counts_that_it_comes_from(void **state) {
        const struct said said = { .type = R, .ciaddr = ADDR + 9, .src = ADDR, .class = PXE, .port = 4011 };
        struct world w = { .mode = DHCP4_PROXY, .boot = { .is_bootable = true } };
        struct dhcp4_answer a;
        struct dhcp4_packet reply;
        (void)state;

        ask(&w, &said, &a, &reply);
        assert_int_equal(a.addr, ADDR);
        assert_int_equal(a.dst, ADDR);
}

/* A link with two subnets: each client knows us by our address in its own. */
static void a_client_knows_us_by_our_name_in_its_subnet(void **state) {
        static const struct {
                struct said said;
                enum dhcp4_lease_answer says;
                uint32_t ours, server; /* our address in its subnet, and the one that it is told */
        } told[] = {
                { { .type = D }, DHCP4_LEASE_OK, 0, US },
                { { .type = D }, DHCP4_LEASE_OK, US_TOO, US_TOO },
                { { .type = R, .wants = ADDR, .server = US_TOO }, DHCP4_LEASE_OK, US_TOO, US_TOO },
                { { .type = R, .wants = ADDR, .server = US },
                  DHCP4_LEASE_WRONG,
                  US_TOO,
                  US }, /* a NAK that counts */
                { { .type = R, .wants = ADDR }, DHCP4_LEASE_WRONG, US_TOO, US_TOO },
                { { .type = R, .ciaddr = ADDR, .class = PXE, .port = 4011 }, DHCP4_LEASE_OK, US_TOO, US_TOO },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(told); i++) {
                struct world w = { .mode = DHCP4_SERVER,
                                   .says = told[i].says,
                                   .boot = { .is_bootable = true },
                                   .server = told[i].ours };
                struct dhcp4_answer a;
                struct dhcp4_packet reply;
                uint32_t server = 0;

                ask(&w, &told[i].said, &a, &reply);
                assert_true(dhcp4_option_u32(&reply, DHCP4_OPTION_SERVER, &server));
                if (server != told[i].server || a.src != told[i].server)
                        fail_msg("row %zu: option 54 is %08x, from %08x", i, server, a.src);
        }
}

static void is_silent_where_it_has_no_subnet(void **state) {
        struct world w = { .mode = DHCP4_SERVER, .has_no_net = true };
        struct dhcp4_answer a;
        struct dhcp4_packet reply;
        (void)state;

        ask(&w, &(struct said){ .type = D }, &a, &reply);
        assert_int_equal(a.type, DHCP4_NONE);
        assert_string_equal(w.calls, "");
        assert_string_equal(a.why, "no subnet for this client");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(answers_as_the_rfc_says),
                cmocka_unit_test(keeps_the_clients_order),
                cmocka_unit_test(tells_all_to_who_asks_for_nothing),
                cmocka_unit_test(boot_options_need_no_asking),
                cmocka_unit_test(a_nak_says_little),
                cmocka_unit_test(an_inform_gets_no_lease),
                cmocka_unit_test(for_ever_has_no_renewal),
                cmocka_unit_test(the_pi_rom_is_spoken_to_as_it_needs),
                cmocka_unit_test(hears_other_servers),
                cmocka_unit_test(on_4011_the_address_counts_that_it_comes_from),
                cmocka_unit_test(a_client_knows_us_by_our_name_in_its_subnet),
                cmocka_unit_test(is_silent_where_it_has_no_subnet),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
