/* Interfaces and neighbours, in a network namespace of the test's own: it needs no root, or skips saying why.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/link_udp.h"
#include "io/neighbour.h"
#include "io/netif.h"
#include "io/netlink.h"
#include "io/raw.h"

enum { SKIPPED = 77 };

static const struct mac first = { { 2, 0, 0, 0, 0, 1 } }, second = { { 2, 0, 0, 0, 0, 2 } };

/* ---- a pair of interfaces, a0 (10.9.0.1/24) and b0 (10.9.0.2/24), joined by a cable ---- */

static void do_ask(int fd, struct netlink_request *r) {
        int result = netlink_ask(fd, r, NULL, NULL);
        if (result < 0)
                fail_msg("netlink: %s", strerror(-result));
}

static void set_up(int fd, const char *name, const struct mac *mac, uint32_t addr) {
        struct netlink_request r;
        unsigned ifindex = if_nametoindex(name);
        uint32_t wire = htonl(addr);

        netlink_begin(
                &r, RTM_NEWLINK, 0,
                &(struct ifinfomsg){ .ifi_index = (int)ifindex, .ifi_flags = IFF_UP, .ifi_change = IFF_UP },
                sizeof(struct ifinfomsg));
        netlink_add(&r, IFLA_ADDRESS, mac->octets, sizeof(mac->octets));
        do_ask(fd, &r);
        netlink_begin(&r, RTM_NEWADDR, NLM_F_CREATE,
                      &(struct ifaddrmsg){ .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = ifindex },
                      sizeof(struct ifaddrmsg));
        netlink_add(&r, IFA_LOCAL, &wire, sizeof(wire));
        do_ask(fd, &r);
}

static bool has_carrier(const char *name) {
        CLEANUP(free_at) struct netif *all = NULL;
        int n = netif_list(&all);

        for (int i = 0; i < n; i++)
                if (strcmp(all[i].name, name) == 0)
                        return all[i].has_carrier;
        return false;
}

static void told(void *ctx) {
        loop_stop(ctx);
}

/* Each end of the cable is told in its own time that there is a link. */
static void wait_for_link(void) {
        CLEANUP(loop_free_at) struct loop *l = loop_new();
        struct netif_watch *w = netif_watch(l, told, l);

        assert_non_null(w);
        while (!has_carrier("a0") || !has_carrier("b0"))
                assert_int_equal(loop_run(l), 0);
        netif_unwatch(w);
}

static int make_pair(void **state) {
        /* IFLA_LINKINFO { kind "veth", data { peer { ifinfomsg, name "b0" } } } */
        static const uint8_t veth[] = { 8,
                                        0,
                                        IFLA_INFO_KIND,
                                        0,
                                        'v',
                                        'e',
                                        't',
                                        'h',
                                        32,
                                        0,
                                        IFLA_INFO_DATA,
                                        0,
                                        28,
                                        0,
                                        1,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        7,
                                        0,
                                        IFLA_IFNAME,
                                        0,
                                        'b',
                                        '0',
                                        0,
                                        0 };
        struct netlink_request r;
        int fd = netlink_open(0);
        (void)state;

        assert_true(fd >= 0);
        netlink_begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &(struct ifinfomsg){},
                      sizeof(struct ifinfomsg));
        netlink_add(&r, IFLA_IFNAME, "a0", 3);
        netlink_add(&r, IFLA_LINKINFO, veth, sizeof(veth));
        do_ask(fd, &r);
        set_up(fd, "a0", &first, 0x0a090001);
        set_up(fd, "b0", &second, 0x0a090002);
        (void)close(fd);
        wait_for_link();
        return 0;
}

/* ---- tests ---- */

static void lists_interfaces(void **state) {
        CLEANUP(free_at) struct netif *all = NULL;
        int n = netif_list(&all);
        const struct netif *a0 = NULL;
        (void)state;

        for (int i = 0; i < n; i++)
                if (strcmp(all[i].name, "a0") == 0)
                        a0 = &all[i];
        assert_true(n >= 3); /* lo, a0, b0, and what the kernel adds to each namespace */
        assert_non_null(a0);
        assert_int_equal(a0->ifindex, if_nametoindex("a0"));
        assert_true(mac_equal(&a0->mac, &first));
        assert_int_equal(a0->mtu, 1500);
        assert_true(a0->is_up && a0->has_carrier);
        assert_false(a0->is_loopback);
        assert_int_equal(a0->n_addrs, 1);
        assert_int_equal(a0->addrs[0].addr, 0x0a090001);
        assert_int_equal(a0->addrs[0].mask, 0xffffff00);
}

static void is_told_of_changes(void **state) {
        CLEANUP(loop_free_at) struct loop *l = loop_new();
        struct netif_watch *w = netif_watch(l, told, l);
        struct netlink_request r;
        uint32_t wire = htonl(0x0a090003);
        int fd = netlink_open(0);
        (void)state;

        netlink_begin(&r, RTM_NEWADDR, NLM_F_CREATE,
                      &(struct ifaddrmsg){
                              .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = if_nametoindex("a0") },
                      sizeof(struct ifaddrmsg));
        netlink_add(&r, IFA_LOCAL, &wire, sizeof(wire));
        do_ask(fd, &r);
        assert_int_equal(loop_run(l), 0); /* ends because it was told */
        netif_unwatch(w);
        (void)close(fd);
}

static int count_ours(void *ctx, const struct neighbour *n) {
        *(int *)ctx += n->is_ours;
        return 0;
}

static void keeps_neighbours(void **state) {
        unsigned a0 = if_nametoindex("a0");
        int fd = neighbour_open(), n_ours = 0;
        struct mac found;
        struct netlink_request r;
        uint32_t wire = htonl(0x0a090099);
        (void)state;

        assert_int_equal(neighbour_find(fd, a0, 0x0a090063, &found), -ENOENT);
        assert_int_equal(neighbour_set(fd, a0, 0x0a090063, &second), 0);
        assert_int_equal(neighbour_find(fd, a0, 0x0a090063, &found), 0);
        assert_true(mac_equal(&found, &second));
        assert_int_equal(neighbour_set(fd, a0, 0x0a090063, &first), 0); /* ours may change */
        assert_int_equal(neighbour_find(fd, a0, 0x0a090063, &found), 0);
        assert_true(mac_equal(&found, &first));
        assert_int_equal(neighbour_remove(fd, a0, 0x0a090063), 0);
        assert_int_equal(neighbour_remove(fd, a0, 0x0a090063), 0); /* gone already */
        assert_int_equal(neighbour_find(fd, a0, 0x0a090063, &found), -ENOENT);

        /* An operator's entry is none of ours: neither replaced nor cleared away. */
        netlink_begin(
                &r, RTM_NEWNEIGH, NLM_F_CREATE,
                &(struct ndmsg){ .ndm_family = AF_INET, .ndm_ifindex = (int)a0, .ndm_state = NUD_PERMANENT },
                sizeof(struct ndmsg));
        netlink_add(&r, NDA_DST, &wire, sizeof(wire));
        netlink_add(&r, NDA_LLADDR, second.octets, sizeof(second.octets));
        do_ask(fd, &r);
        assert_int_equal(neighbour_set(fd, a0, 0x0a090099, &first), -EEXIST);

        for (uint32_t i = 0; i < 300; i++) /* more than one batch of removal */
                assert_int_equal(neighbour_set(fd, a0, 0x0a0a0000 + i, &second), 0);
        assert_int_equal(neighbour_each(fd, count_ours, &n_ours), 0);
        assert_int_equal(n_ours, 300);
        assert_int_equal(neighbour_remove_ours(fd), 300);
        assert_int_equal(neighbour_remove_ours(fd), 0);
        assert_int_equal(neighbour_find(fd, a0, 0x0a090099, &found), 0);
        (void)close(fd);
}

static void wait_for(int fd) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        assert_int_equal(poll(&p, 1, 10000), 1);
}

static void hears_one_port_only(void **state) {
        /* From b0 to all, UDP: to port 68, then a fragment of it, then to port 69. */
        uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,   0,   0, 0,  0,  2, 8,
                              0,    0x45, 0,    0,    46,   0,    0,   0,   0, 64, 17, 0, 0,
                              0,    0,    0,    0,    255,  255,  255, 255, 0, 67, 0,  69 };
        const struct raw_frame out = { if_nametoindex("b0"), frame, sizeof(frame) };
        uint8_t in[1514];
        int sender = raw_open_sender(), listener = raw_open_udp(if_nametoindex("a0"), 68);
        (void)state;

        assert_true(sender >= 0);
        assert_true(listener >= 0);
        assert_int_equal(raw_send(sender, &out, 1), 1);
        frame[37] = 68;
        frame[21] = 1; /* fragment */
        assert_int_equal(raw_send(sender, &out, 1), 1);
        frame[21] = 0;
        assert_int_equal(raw_send(sender, &out, 1), 1);
        wait_for(listener); /* a kernel with much to do delivers later; in order all the same */
        assert_int_equal(raw_receive(listener, in, sizeof(in)), sizeof(frame));
        assert_memory_equal(in, frame, sizeof(frame));
        assert_int_equal(raw_receive(listener, in, sizeof(in)), 0);
        (void)close(sender);
        (void)close(listener);
}

/* ---- an interface that goes down and comes back ---- */

struct listening {
        struct loop *loop;
        int fd, n_heard;
};

static void heard(void *ctx) {
        struct listening *l = ctx;
        uint8_t in[1514];
        while (raw_receive(l->fd, in, sizeof(in)) > 0)
                l->n_heard++;
        if (l->n_heard > 0)
                loop_stop(l->loop);
}

static void set_flag(const char *name, bool is_up) {
        struct netlink_request r;
        int fd = netlink_open(0);
        netlink_begin(&r, RTM_NEWLINK, 0,
                      &(struct ifinfomsg){ .ifi_index = (int)if_nametoindex(name),
                                           .ifi_flags = is_up ? IFF_UP : 0,
                                           .ifi_change = IFF_UP },
                      sizeof(struct ifinfomsg));
        do_ask(fd, &r);
        (void)close(fd);
}

/* Again and again: the other end of the cable takes its time to see that there is a link. */
static void come_back(void *ctx) {
        static const uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 2, 8, 6 };
        int sender = raw_open_sender();
        (void)ctx;
        set_flag("a0", true);
        (void)raw_send(sender, &(struct raw_frame){ if_nametoindex("b0"), frame, sizeof(frame) }, 1);
        (void)close(sender);
}

static void hears_again_after_it_was_down(void **state) {
        struct listening l = { .loop = loop_new(), .fd = raw_open_arp(if_nametoindex("a0")) };
        struct loop_io *io = loop_watch(l.loop, l.fd, heard, &l);
        struct loop_timer *later = loop_timer_new(l.loop, come_back, NULL);
        (void)state;

        set_flag("a0", false);
        loop_timer_set(later, 1, 20);          /* after the loop has met the error */
        assert_int_equal(loop_run(l.loop), 0); /* ends because it heard */
        assert_true(l.n_heard > 0);
        loop_timer_free(later);
        loop_unwatch(io);
        loop_free(l.loop);
        (void)close(l.fd);
}

static void hears_one_interface_only(void **state) {
        /* As a DHCP client speaks: from 0.0.0.0 port 68 to all, "hello" to port 4011. */
        static const uint8_t frame[60] = {
                0xff,      0xff,        0xff, 0xff, 0xff, 0xff, 2,   0,   0,   0,   0,   2,
                8,         0,           0x45, 0,    0,    33,   0,   0,   0,   0,   64,  17,
                0x7a,      0xcd,        0,    0,    0,    0,    255, 255, 255, 255, 0,   68,
                4011 >> 8, 4011 & 0xff, 0,    13,   0,    0,    'h', 'e', 'l', 'l', 'o',
        };
        const struct raw_frame out = { if_nametoindex("b0"), frame, sizeof(frame) };
        CLEANUP(link_udp_in_free_at) struct link_udp_in *in = link_udp_in_new();
        int a0 = link_udp_open("a0", 4011), b0 = link_udp_open("b0", 4011), sender = raw_open_sender();
        (void)state;

        assert_true(a0 >= 0);
        assert_true(b0 >= 0);
        assert_int_equal(link_udp_open("a0", 4011), -EADDRINUSE);
        assert_int_equal(raw_send(sender, &out, 1), 1);
        wait_for(a0);
        assert_int_equal(link_udp_receive(in, a0), 1);
        struct link_datagram d = link_udp_at(in, 0);
        assert_int_equal(d.src, 0);
        assert_int_equal(d.src_port, 68);
        assert_int_equal(d.len, 5);
        assert_memory_equal(d.octets, "hello", 5);
        assert_int_equal(link_udp_receive(in, a0), 0);
        assert_int_equal(link_udp_receive(in, b0), 0);
        (void)close(a0);
        (void)close(b0);
        (void)close(sender);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lists_interfaces),         cmocka_unit_test(is_told_of_changes),
                cmocka_unit_test(keeps_neighbours),         cmocka_unit_test(hears_one_port_only),
                cmocka_unit_test(hears_one_interface_only), cmocka_unit_test(hears_again_after_it_was_down),
        };
        if (unshare(geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) < 0) {
                (void)printf("skipped: no network namespace of its own: %s\n", strerror(errno));
                return SKIPPED;
        }
        return cmocka_run_group_tests(tests, make_pair, NULL);
}
