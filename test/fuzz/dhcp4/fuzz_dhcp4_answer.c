/* Any message to a server that says yes to all: the answer is a message, and no longer than the client takes.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "net/dhcp4/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t long_value[300] = "value";
static const struct dhcp4_option net_options[] = { { 3, 4, long_value },
                                                   { 6, 8, long_value },
                                                   { 121, 300, long_value } };

static bool give_net(void *ctx, const struct dhcp4_link *link, const struct dhcp4_packet *p, uint64_t now_ms,
                     struct dhcp4_net *ret) {
        (void)now_ms;
        (void)link;
        (void)p;
        *ret = (struct dhcp4_net){ .mode = *(enum dhcp4_mode *)ctx,
                                   .addr = 0x0a4d0000,
                                   .mask = 0xffff0000,
                                   .options = net_options,
                                   .n_options = 3 };
        return true;
}

static enum dhcp4_lease_answer offer(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                                     bool commit, uint64_t now_ms, struct dhcp4_lease *ret) {
        (void)ctx;
        (void)net;
        (void)p;
        (void)commit;
        (void)now_ms;
        *ret = (struct dhcp4_lease){ .addr = 0x0a4d0005, .lease_s = 600 };
        return DHCP4_LEASE_OK;
}

static enum dhcp4_lease_answer request(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                                       uint32_t addr, uint64_t now_ms, struct dhcp4_lease *ret) {
        (void)offer(ctx, net, p, false, now_ms, ret);
        return addr % 4 == 0 ? DHCP4_LEASE_OK : (enum dhcp4_lease_answer)(addr % 4);
}

static void forget(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                   uint64_t now_ms) {
        (void)ctx;
        (void)net;
        (void)p;
        (void)addr;
        (void)now_ms;
}

static void boot(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                 const struct dhcp4_packet *p, uint32_t addr, uint64_t now_ms, struct dhcp4_boot *ret) {
        (void)ctx;
        (void)link;
        (void)net;
        (void)addr;
        (void)now_ms;
        *ret = (struct dhcp4_boot){ .is_bootable = p->xid % 2 == 0,
                                    .file = (const char *)long_value,
                                    .options = { { 43, 260, long_value }, { 60, 9, long_value } },
                                    .n_options = 2,
                                    .commits_offer = p->xid % 3 == 0 };
}

static const struct dhcp4_backend backend = { .net = give_net,
                                              .offer = offer,
                                              .request = request,
                                              .release = forget,
                                              .decline = forget,
                                              .boot = boot };

static void answer(enum dhcp4_mode mode, uint16_t port, const struct dhcp4_packet *p) {
        const struct dhcp4_link link = { .ifindex = 1, .server = 0x0a4d0001 };
        const struct dhcp4_arrival from = {
                .link = &link, .links = &link, .n_links = 1, .src = 0x0a4d0005, .src_port = 68, .port = port
        };
        uint8_t octets[DHCP4_MESSAGE_MAX];
        struct dhcp4_answer a;
        struct dhcp4_packet reply;

        dhcp4_answer(&backend, &mode, &from, p, 1000, octets, &a);
        assert((a.type == DHCP4_NONE) == (a.len == 0));
        if (a.type == DHCP4_NONE)
                return;
        assert(a.len <= dhcp4_packet_size_max(p));
        int r = dhcp4_packet_parse(octets, a.len, &reply);
        assert(r == 0 && reply.op == 2 && reply.type == a.type && reply.xid == p->xid);
        assert(!a.is_proxy || (reply.yiaddr == 0 && !dhcp4_option_find(&reply, DHCP4_OPTION_LEASE_S)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct dhcp4_packet p;

        if (dhcp4_packet_parse(data, len, &p) < 0)
                return 0;
        for (int mode = DHCP4_OFF; mode <= DHCP4_PROXY; mode++) {
                answer((enum dhcp4_mode)mode, DHCP4_PORT_SERVER, &p);
                answer((enum dhcp4_mode)mode, DHCP4_PORT_PXE, &p);
        }
        return 0;
}
