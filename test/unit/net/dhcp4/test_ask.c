/* What counts as a server when we ask whether one is there. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/dhcp4/ask.h"

#define US 0x0a4d0001
#define THEM 0x0a4d00fe

static const struct mac mac = { { 2, 0, 0, 0, 0, 1 } };

static void asks_as_a_client(void **state) {
        const struct dhcp4_ask a = { .xid = 0x1234, .mac = mac, .addr = US };
        uint8_t buf[DHCP4_MESSAGE_MAX];
        struct dhcp4_packet p;
        (void)state;

        assert_int_equal(dhcp4_packet_parse(buf, dhcp4_ask_write(&a, DHCP4_DISCOVER, buf), &p), 0);
        assert_int_equal(p.type, DHCP4_DISCOVER);
        assert_int_equal(p.xid, 0x1234);
        assert_int_equal(p.ciaddr, 0);
        assert_int_equal(p.flags, DHCP4_FLAG_BROADCAST);               /* a switch may not know us yet */
        assert_null(dhcp4_option_find(&p, DHCP4_OPTION_VENDOR_CLASS)); /* no proxy feels asked */
        assert_int_equal(dhcp4_packet_parse(buf, dhcp4_ask_write(&a, DHCP4_INFORM, buf), &p), 0);
        assert_int_equal(p.type, DHCP4_INFORM);
        assert_int_equal(p.ciaddr, US);
}

static const struct answer {
        const char *remark;
        uint8_t op, type;
        uint32_t xid, server, yiaddr;
        uint8_t mac_last;
        bool counts;
} answers[] = {
        { "an offer", 2, DHCP4_OFFER, 1, THEM, US + 9, 1, true },
        { "an answer to the INFORM", 2, DHCP4_ACK, 1, THEM, 0, 1, true },
        { "a proxy", 2, DHCP4_OFFER, 1, THEM, 0, 1, true },
        { "to another client", 2, DHCP4_OFFER, 1, THEM, US + 9, 2, false },
        { "to another question", 2, DHCP4_OFFER, 2, THEM, US + 9, 1, false },
        { "a NAK", 2, DHCP4_NAK, 1, THEM, 0, 1, false },
        { "a request", 1, DHCP4_OFFER, 1, THEM, 0, 1, false },
        { "nameless", 2, DHCP4_OFFER, 1, 0, US + 9, 1, false },
        { "ourselves", 2, DHCP4_OFFER, 1, US, US + 9, 1, false },
};

static bool hear(struct dhcp4_ask *a, const struct answer *w) {
        uint8_t buf[DHCP4_MESSAGE_MAX];
        const uint8_t server[4] = { (uint8_t)(w->server >> 24), (uint8_t)(w->server >> 16),
                                    (uint8_t)(w->server >> 8), (uint8_t)w->server };
        const struct dhcp4_option options[] = { { DHCP4_OPTION_TYPE, 1, &w->type },
                                                { DHCP4_OPTION_SERVER, 4, server } };
        struct dhcp4_packet p;
        size_t len = dhcp4_message_write(&(struct dhcp4_message){ .op = w->op,
                                                                  .xid = w->xid,
                                                                  .yiaddr = w->yiaddr,
                                                                  .mac = { { 2, 0, 0, 0, 0, w->mac_last } },
                                                                  .options = options,
                                                                  .n_options = w->server ? 2 : 1,
                                                                  .size_max = 548 },
                                         buf);
        assert_int_equal(dhcp4_packet_parse(buf, len, &p), 0);
        return dhcp4_ask_hear(a, &p);
}

static void knows_a_server(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
                struct dhcp4_ask a = { .xid = 1, .mac = mac, .addr = US };
                if (hear(&a, &answers[i]) != answers[i].counts || a.n_heard != answers[i].counts)
                        fail_msg("%s: %zu servers", answers[i].remark, a.n_heard);
        }
}

static void counts_each_once(void **state) {
        struct dhcp4_ask a = { .xid = 1, .mac = mac, .addr = US };
        (void)state;

        assert_true(hear(&a, &answers[1]));
        assert_int_equal(a.heard[0].offered, 0);
        assert_true(hear(&a, &answers[0])); /* the same, with an address now */
        assert_int_equal(a.n_heard, 1);
        assert_int_equal(a.heard[0].server, THEM);
        assert_int_equal(a.heard[0].offered, US + 9);
        for (uint32_t i = 1; i < 20; i++) {
                struct answer other = answers[0];
                other.server += i;
                assert_true(hear(&a, &other));
        }
        assert_int_equal(a.n_heard, DHCP4_HEARD_MAX);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(asks_as_a_client),
                cmocka_unit_test(knows_a_server),
                cmocka_unit_test(counts_each_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
