/* Boot sessions: which DISCOVER begins another boot, and the table's bound. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rack/session.h"

static const struct mac mac_a = { { 2, 0, 0, 0, 0, 0xa } }, mac_b = { { 2, 0, 0, 0, 0, 0xb } };

enum { MIB = 1 << 20 };

static void another_boot_is_told_from_the_next_stage(void **state) {
        static const struct {
                enum boot_client_id first, newest, asks;
                uint64_t silent_ms, delivered;
                bool is_finished, is_over;
        } rows[] = {
                { CLIENT_PI4, CLIENT_PI4, CLIENT_PI4, 4000, 0, false, false },  /* a retry */
                { CLIENT_PI4, CLIENT_PI4, CLIENT_PI4, 59999, 0, false, false }, /* a late one */
                { CLIENT_PI4, CLIENT_PI4, CLIENT_PI4, 60000, 0, false, true },  /* silence */
                { CLIENT_PI4, CLIENT_PI4, CLIENT_PI4, 10, 0, true, true }, /* the last boot reached its end */
                { CLIENT_PI4, CLIENT_PI4, CLIENT_PI4, 3000, MIB, false,
                  true }, /* it had a kernel: it rebooted */
                { CLIENT_PI4, CLIENT_PI4, CLIENT_PI4, 2999, MIB, false, false }, /* a stage follows at once */
                { CLIENT_PI4, CLIENT_PI4, CLIENT_PI4, 3000, MIB - 1, false, false },
                { CLIENT_PI_ROM, CLIENT_PI_ROM, CLIENT_PI3, 500, 52000, false, false }, /* bootcode.bin */
                { CLIENT_PI_ROM, CLIENT_PI3, CLIENT_PI_ROM, 500, 0, false, true },      /* the ROM again */
                { CLIENT_BIOS, CLIENT_IPXE, CLIENT_IPXE, 8000, 0, false, false },       /* iPXE's own retry */
                { CLIENT_BIOS, CLIENT_IPXE, CLIENT_BIOS, 8000, 0, false, true },
                { CLIENT_UEFI_AMD64, CLIENT_UEFI_AMD64, CLIENT_UEFI_HTTP_AMD64, 9000, 9 * MIB, false, false },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct session s = {
                        .ask.client = rows[i].newest,
                        .first_client = rows[i].first,
                        .last_ms = 1000,
                        .delivered = rows[i].delivered,
                        .is_finished = rows[i].is_finished,
                };
                if (session_is_over(&s, rows[i].asks, 1000 + rows[i].silent_ms) != rows[i].is_over)
                        fail_msg("row %zu", i);
        }
}

static void a_new_boot_takes_the_place_of_the_last(void **state) {
        CLEANUP(sessions_free_at) struct sessions *t = sessions_new((struct hash_key){ 1, 2 }, 8);
        (void)state;

        struct session *s = sessions_begin(t, &mac_a, CLIENT_PI4, 1000);
        assert_non_null(s);
        s->ask.session = 5;
        s->ask.token[0] = 'x';
        s->ask.client_ip = ip_from_v4(0x0a4d0005);
        s->neighbour_ifindex = 3;
        s->delivered = 9;
        s->is_finished = true;

        struct session *again = sessions_begin(t, &mac_a, CLIENT_PI_OTHER, 5000);
        assert_ptr_equal(again, sessions_find(t, &mac_a));
        assert_int_equal(again->ask.session, 0);
        assert_int_equal(again->ask.token[0], 0); /* a token ends with its session */
        assert_int_equal(again->delivered, 0);
        assert_false(again->is_finished);
        assert_int_equal(again->first_client, CLIENT_PI_OTHER);
        assert_int_equal(again->start_ms, 5000);
        assert_int_equal(again->neighbour_ifindex, 3); /* the kernel's table did not change */
        assert_int_equal(ip_to_v4(&again->ask.client_ip), 0x0a4d0005);
        assert_null(sessions_find(t, &mac_b));
}

static void the_silent_one_makes_room(void **state) {
        CLEANUP(sessions_free_at) struct sessions *t = sessions_new((struct hash_key){ 1, 2 }, 2);
        struct mac mac_c = { { 2, 0, 0, 0, 0, 0xc } };
        (void)state;

        assert_null(sessions_spare(t));
        struct session *a = sessions_begin(t, &mac_a, CLIENT_PI4, 1);
        struct session *b = sessions_begin(t, &mac_b, CLIENT_PI4, 2);
        assert_true(sessions_is_full(t));
        assert_null(sessions_begin(t, &mac_c, CLIENT_PI4, 3));
        assert_non_null(sessions_begin(t, &mac_b, CLIENT_PI4, 3)); /* that one has its room */
        assert_ptr_equal(sessions_spare(t), a);
        sessions_touch(t, a, 4);
        assert_ptr_equal(sessions_spare(t), b);
        assert_int_equal(a->last_ms, 4);
        sessions_remove(t, b);
        assert_null(sessions_find(t, &mac_b));
        assert_false(sessions_is_full(t));
        assert_non_null(sessions_begin(t, &mac_c, CLIENT_PI4, 5));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(another_boot_is_told_from_the_next_stage),
                cmocka_unit_test(a_new_boot_takes_the_place_of_the_last),
                cmocka_unit_test(the_silent_one_makes_room),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
