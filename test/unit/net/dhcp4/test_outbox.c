/* When an answer may leave: after its lease is on disk, and when its firmware can bear it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/dhcp4/outbox.h"

/* An answer to client @client, known again by its length. */
static bool put(struct dhcp4_outbox *o, uint8_t client, uint64_t ticket, uint32_t delay_ms,
                bool one_at_a_time, uint64_t durable, uint64_t now_ms) {
        struct dhcp4_outgoing *item = dhcp4_outbox_room(o);
        assert_non_null(item);
        item->ticket = ticket;
        item->ifindex = 2;
        item->client = (struct mac){ { 2, 0, 0, 0, 0, client } };
        item->one_at_a_time = one_at_a_time;
        item->len = client;
        return dhcp4_outbox_put(o, item, delay_ms, durable, now_ms);
}

/* Who leaves next; 0: nobody may. */
static size_t leave(struct dhcp4_outbox *o) {
        struct dhcp4_outgoing *item = dhcp4_outbox_next(o);
        size_t client = item ? item->len : 0;
        if (item)
                dhcp4_outbox_done(o, item);
        return client;
}

static void waits_for_the_disk_in_order(void **state) {
        CLEANUP(dhcp4_outbox_free_at) struct dhcp4_outbox *o = dhcp4_outbox_new();
        (void)state;
        assert_true(put(o, 1, 11, 0, false, 10, 0));
        assert_true(put(o, 2, 12, 0, false, 10, 0));
        assert_true(put(o, 3, 0, 0, false, 10, 0));  /* promises nothing */
        assert_true(put(o, 4, 10, 0, false, 10, 0)); /* is on disk */
        assert_true(put(o, 5, 13, 0, false, 10, 0));
        assert_int_equal(leave(o), 3);
        assert_int_equal(leave(o), 4);
        assert_int_equal(leave(o), 0);
        dhcp4_outbox_durable(o, 12);
        assert_int_equal(leave(o), 1);
        assert_int_equal(leave(o), 2);
        assert_int_equal(leave(o), 0);
        dhcp4_outbox_durable(o, 13);
        assert_int_equal(leave(o), 5);
        assert_int_equal(dhcp4_outbox_wake_ms(o), UINT64_MAX);
}

static void waits_for_the_firmware(void **state) {
        CLEANUP(dhcp4_outbox_free_at) struct dhcp4_outbox *o = dhcp4_outbox_new();
        (void)state;
        assert_true(put(o, 1, 5, 2000, false, 0, 100));
        assert_true(put(o, 2, 0, 1000, false, 0, 100));
        assert_int_equal(dhcp4_outbox_wake_ms(o), 1100);
        dhcp4_outbox_tick(o, 0, 1099);
        assert_int_equal(leave(o), 0);
        dhcp4_outbox_tick(o, 0, 1100);
        assert_int_equal(leave(o), 2);
        assert_int_equal(dhcp4_outbox_wake_ms(o), 2100);
        dhcp4_outbox_tick(o, 4, 2100); /* its time has come, its ticket has not */
        assert_int_equal(leave(o), 0);
        dhcp4_outbox_durable(o, 5);
        assert_int_equal(leave(o), 1);
}

/* Pi 3s share one xid: each takes the other's broadcast OFFER for its own if they come together. */
static void one_at_a_time(void **state) {
        CLEANUP(dhcp4_outbox_free_at) struct dhcp4_outbox *o = dhcp4_outbox_new();
        (void)state;
        assert_true(put(o, 1, 0, 1500, true, 0, 0));
        assert_true(put(o, 2, 0, 1500, true, 0, 10));
        assert_true(put(o, 3, 0, 1500, true, 0, 20));
        assert_true(put(o, 2, 0, 1500, true, 0, 1400)); /* asks again: keeps its turn */
        dhcp4_outbox_tick(o, 0, 1500);
        assert_int_equal(leave(o), 1);
        assert_int_equal(leave(o), 0);
        assert_int_equal(dhcp4_outbox_wake_ms(o), 2500);
        dhcp4_outbox_tick(o, 0, 2500);
        assert_int_equal(leave(o), 2);
        assert_int_equal(leave(o), 0);
        assert_int_equal(dhcp4_outbox_wake_ms(o), 3500);
        dhcp4_outbox_tick(o, 0, 3500);
        assert_int_equal(leave(o), 3);

        assert_true(put(o, 4, 0, 0, true, 0, 3600)); /* even without a delay of its own */
        assert_int_equal(leave(o), 0);
        assert_int_equal(dhcp4_outbox_wake_ms(o), 4500);
        dhcp4_outbox_tick(o, 0, 4500);
        assert_int_equal(leave(o), 4);
}

static void a_turn_that_comes_too_late_is_none(void **state) {
        CLEANUP(dhcp4_outbox_free_at) struct dhcp4_outbox *o = dhcp4_outbox_new();
        unsigned n = 0;
        (void)state;
        for (uint8_t client = 1; client < 60; client++)
                n += put(o, client, 0, 1000, true, 0, 0);
        assert_int_equal(n, 20);                         /* one a second, for as long as the ROM asks */
        assert_true(put(o, 70, 0, 1000, true, 0, 5000)); /* later there is room again */
}

static void is_bounded(void **state) {
        CLEANUP(dhcp4_outbox_free_at) struct dhcp4_outbox *o = dhcp4_outbox_new();
        unsigned n = 0;
        (void)state;
        for (unsigned i = 0; i < 100; i++) {
                struct dhcp4_outgoing *item = dhcp4_outbox_room(o);
                *item = (struct dhcp4_outgoing){ .ifindex = 2, .client = { { 2, 0, 0, 0, 0, (uint8_t)i } } };
                list_init(&item->link);
                n += dhcp4_outbox_put(o, item, 1000, 0, 0);
        }
        assert_int_equal(n, DHCP4_DELAYED_MAX);
        for (n = 0; dhcp4_outbox_room(o); n++)
                ;
        assert_int_equal(n, DHCP4_OUTBOX_MAX - DHCP4_DELAYED_MAX);
}

/* Its journal does not come back: newer ones, and those that wait for no disk, still find room. */
static void a_dead_disk_blocks_nobody_else(void **state) {
        CLEANUP(dhcp4_outbox_free_at) struct dhcp4_outbox *o = dhcp4_outbox_new();
        (void)state;
        for (unsigned i = 0; i < DHCP4_OUTBOX_MAX + 3; i++)
                assert_true(put(o, i < 4 ? (uint8_t)(i + 1) : 9, i + 1, 0, false, 0, 0));
        assert_int_equal(dhcp4_outbox_given_up(o), 3);
        assert_true(put(o, 7, 0, 0, false, 0, 0));
        assert_int_equal(leave(o), 7);
        dhcp4_outbox_durable(o, UINT64_MAX);
        assert_int_equal(leave(o), 9); /* the four oldest are gone */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(waits_for_the_disk_in_order),
                cmocka_unit_test(waits_for_the_firmware),
                cmocka_unit_test(one_at_a_time),
                cmocka_unit_test(a_turn_that_comes_too_late_is_none),
                cmocka_unit_test(is_bounded),
                cmocka_unit_test(a_dead_disk_blocks_nobody_else),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
