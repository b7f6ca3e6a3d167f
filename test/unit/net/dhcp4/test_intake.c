/* Whose turn it is: by class, by age, and when more waits than can be answered. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "net/dhcp4/intake.h"

static const struct hash_key key = { 1, 2 };

/* A message of @type from client @client; @serial tells copies apart. */
static void put(struct dhcp4_intake *in, unsigned client, uint8_t type, uint32_t serial, uint64_t at_ms) {
        uint8_t octets[300] = { 1, 1, 6 };
        octets[4] = (uint8_t)(serial >> 8);
        octets[5] = (uint8_t)serial;
        octets[28] = 2;
        octets[32] = (uint8_t)(client >> 8);
        octets[33] = (uint8_t)client;
        memcpy(octets + 240, (const uint8_t[]){ 53, 1, type, 255 }, 4);
        assert_true(dhcp4_intake_put(in, &(struct dhcp4_received){ .ifindex = 2,
                                                                   .port = 67,
                                                                   .arrived_ms = at_ms,
                                                                   .octets = octets,
                                                                   .len = sizeof(octets) }));
}

/* The serial of the next one; -1: nobody waits. */
static int take(struct dhcp4_intake *in, uint64_t now_ms) {
        struct dhcp4_received r;
        if (!dhcp4_intake_take(in, now_ms, &r))
                return -1;
        assert_int_equal(r.len, 300);
        return r.octets[4] << 8 | r.octets[5];
}

static void first_come_first_served(void **state) {
        CLEANUP(dhcp4_intake_free_at) struct dhcp4_intake *in = dhcp4_intake_new(key);
        (void)state;
        for (unsigned i = 0; i < DHCP4_INTAKE_BACKLOG; i++)
                put(in, i, DHCP4_DISCOVER, i, 0);
        for (int i = 0; i < DHCP4_INTAKE_BACKLOG; i++)
                assert_int_equal(take(in, 1), i);
        assert_int_equal(take(in, 1), -1);
        assert_int_equal(dhcp4_intake_len(in), 0);
}

static void newest_first_when_behind(void **state) {
        CLEANUP(dhcp4_intake_free_at) struct dhcp4_intake *in = dhcp4_intake_new(key);
        (void)state;
        for (unsigned i = 0; i < DHCP4_INTAKE_BACKLOG + 2; i++)
                put(in, i, DHCP4_DISCOVER, i, 0);
        assert_int_equal(take(in, 1), DHCP4_INTAKE_BACKLOG + 1);
        assert_int_equal(take(in, 1), DHCP4_INTAKE_BACKLOG);
        assert_int_equal(take(in, 1), 0); /* no backlog any more */
}

static void what_ends_an_exchange_goes_first(void **state) {
        CLEANUP(dhcp4_intake_free_at) struct dhcp4_intake *in = dhcp4_intake_new(key);
        (void)state;
        put(in, 1, DHCP4_DISCOVER, 1, 0);
        put(in, 2, DHCP4_REQUEST, 2, 0);
        put(in, 3, DHCP4_DISCOVER, 3, 0);
        put(in, 4, DHCP4_RELEASE, 4, 0);
        assert_int_equal(take(in, 1), 2);
        assert_int_equal(take(in, 1), 4);
        assert_int_equal(take(in, 1), 1);
        assert_int_equal(take(in, 1), 3);
}

static void a_newer_question_replaces_the_older(void **state) {
        CLEANUP(dhcp4_intake_free_at) struct dhcp4_intake *in = dhcp4_intake_new(key);
        struct dhcp4_intake_counters c;
        (void)state;
        put(in, 1, DHCP4_DISCOVER, 1, 0);
        put(in, 2, DHCP4_DISCOVER, 2, 0);
        put(in, 1, DHCP4_DISCOVER, 3, 5); /* U-Boot asks again after 250 ms with a new xid */
        put(in, 1, DHCP4_REQUEST, 4, 6);  /* another question */
        assert_int_equal(dhcp4_intake_len(in), 3);
        assert_int_equal(take(in, 7), 4);
        assert_int_equal(take(in, 7), 2);
        assert_int_equal(take(in, 7), 3);
        dhcp4_intake_counters(in, &c);
        assert_int_equal(c.superseded, 1);
        assert_int_equal(c.dropped_old, 0);
}

static void nobody_waits_for_ever(void **state) {
        CLEANUP(dhcp4_intake_free_at) struct dhcp4_intake *in = dhcp4_intake_new(key);
        struct dhcp4_intake_counters c;
        (void)state;
        put(in, 1, DHCP4_DISCOVER, 1, 0);
        put(in, 2, DHCP4_REQUEST, 2, 0);
        put(in, 3, DHCP4_DISCOVER, 3, 1);
        assert_int_equal(take(in, DHCP4_INTAKE_AGE_MS), 3);
        assert_int_equal(take(in, DHCP4_INTAKE_AGE_MS), -1);
        dhcp4_intake_counters(in, &c);
        assert_int_equal(c.dropped_old, 2);
}

static void a_full_house_drops_who_only_begins(void **state) {
        CLEANUP(dhcp4_intake_free_at) struct dhcp4_intake *in = dhcp4_intake_new(key);
        struct dhcp4_intake_counters c;
        (void)state;
        put(in, 0, DHCP4_REQUEST, 0, 0);
        for (unsigned i = 1; i < DHCP4_INTAKE_MAX + 10; i++)
                put(in, i, DHCP4_DISCOVER, i, 0);
        assert_int_equal(dhcp4_intake_len(in), DHCP4_INTAKE_MAX);
        dhcp4_intake_counters(in, &c);
        assert_int_equal(c.dropped_old, 10);
        assert_int_equal(take(in, 1), 0);
        assert_int_equal(take(in, 1), DHCP4_INTAKE_MAX + 9);

        for (unsigned i = 0; i < 2 * DHCP4_INTAKE_MAX; i++) /* full of what would finish: then its oldest */
                put(in, i, DHCP4_REQUEST, i, 1);
        assert_int_equal(dhcp4_intake_len(in), DHCP4_INTAKE_MAX);
        assert_int_equal(take(in, 2), 2 * DHCP4_INTAKE_MAX - 1);
}

static void takes_no_rubbish(void **state) {
        CLEANUP(dhcp4_intake_free_at) struct dhcp4_intake *in = dhcp4_intake_new(key);
        static const uint8_t octets[2048];
        (void)state;
        assert_false(dhcp4_intake_put(in, &(struct dhcp4_received){ .octets = octets, .len = 239 }));
        assert_false(dhcp4_intake_put(
                in, &(struct dhcp4_received){ .octets = octets, .len = DHCP4_MESSAGE_MAX + 1 }));
        assert_true(dhcp4_intake_put(in, &(struct dhcp4_received){ .octets = octets, .len = 240 }));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(first_come_first_served),
                cmocka_unit_test(newest_first_when_behind),
                cmocka_unit_test(what_ends_an_exchange_goes_first),
                cmocka_unit_test(a_newer_question_replaces_the_older),
                cmocka_unit_test(nobody_waits_for_ever),
                cmocka_unit_test(a_full_house_drops_who_only_begins),
                cmocka_unit_test(takes_no_rubbish),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
