/* What is kept of what boards said: as they said it, of their last boot, and bounded. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client_says.h"
#include "rack/capture.h"

enum { BOARDS = 4 };

static const struct hash_key key = { 1, 2 };

/* The last message that was handed out, and how many were. */
struct seen {
        size_t n, len;
        int64_t at_ms;
        uint8_t octets[DHCP4_MESSAGE_MAX];
};

static bool see(void *ctx, int64_t at_ms, const uint8_t *octets, size_t len) {
        struct seen *seen = ctx;

        seen->n++;
        seen->len = len;
        seen->at_ms = at_ms;
        memcpy(seen->octets, octets, len);
        return true;
}

static void say(struct captures *c, uint64_t session, bool is_known, unsigned board, int64_t at_ms) {
        uint8_t octets[DHCP4_MESSAGE_MAX];
        struct dhcp4_packet p;
        char mac[18];

        (void)snprintf(mac, sizeof(mac), "dc:a6:32:00:00:%02x", board);
        const struct saying s = {
                .type = DHCP4_DISCOVER, .mac = mac, .xid = 7, .options = SAYS_PI4(UUID_PI4)
        };
        client_says(&s, octets, &p);
        captures_add(c, session, is_known, &p, at_ms);
}

static size_t n_kept(const struct captures *c, unsigned board, struct seen *ret, size_t *ret_left_out) {
        const struct mac mac = { { 0xdc, 0xa6, 0x32, 0, 0, (uint8_t)board } };

        *ret = (struct seen){};
        *ret_left_out = captures_each(c, &mac, see, ret);
        return ret->n;
}

static void as_it_was_said(void **state) {
        CLEANUP(captures_free_at) struct captures *c = captures_new(key, BOARDS);
        struct dhcp4_packet p;
        struct seen seen;
        size_t left_out;
        (void)state;

        say(c, 1, false, 1, 1000);
        assert_int_equal(n_kept(c, 1, &seen, &left_out), 1);
        assert_int_equal(seen.at_ms, 1000);
        assert_int_equal(dhcp4_packet_parse(seen.octets, seen.len, &p), 0);
        assert_int_equal(p.xid, 7);
        static const uint8_t order[] = { 53, 55, 60, 93, 94, 97 };
        for (size_t i = 0; i < sizeof(order); i++)
                assert_int_equal(p.options[i].number, order[i]);
        assert_memory_equal(dhcp4_option_find(&p, 97)->octets, UUID_PI4, 17);
}

static void of_the_last_boot(void **state) {
        CLEANUP(captures_free_at) struct captures *c = captures_new(key, BOARDS);
        struct seen seen;
        size_t left_out;
        (void)state;

        say(c, 1, false, 1, 1000);
        say(c, 1, false, 1, 2000);
        say(c, 2, false, 1, 3000);
        assert_int_equal(n_kept(c, 1, &seen, &left_out), 1);
        assert_int_equal(seen.at_ms, 3000);
        assert_int_equal(n_kept(c, 9, &seen, &left_out), 0);
}

static void no_more_than_a_bound(void **state) {
        CLEANUP(captures_free_at) struct captures *c = captures_new(key, BOARDS);
        struct seen seen;
        size_t left_out;
        (void)state;

        for (unsigned i = 0; i < 100; i++)
                say(c, 1, true, 1, 1000 + i);
        const size_t n = n_kept(c, 1, &seen, &left_out);
        assert_in_range(n, 10, 30);
        assert_int_equal(left_out, 100 - n);
        assert_int_equal(seen.at_ms, 1000 + n - 1); /* the first ones */

        /* A flood of strangers takes its own room. */
        for (unsigned i = 0; i < 50; i++)
                say(c, 10 + i, false, 10 + i, 5000);
        assert_int_equal(n_kept(c, 1, &seen, &left_out), n);
        assert_int_equal(n_kept(c, 59, &seen, &left_out), 1);
        assert_int_equal(n_kept(c, 10, &seen, &left_out), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(as_it_was_said),
                cmocka_unit_test(of_the_last_boot),
                cmocka_unit_test(no_more_than_a_bound),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
