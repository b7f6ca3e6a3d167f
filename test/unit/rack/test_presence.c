/* Presences: who is behind which address, and that a map which was taken stays as it was. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rack/presence.h"

static struct boot_ask ask_of(uint8_t last, uint32_t addr, uint64_t session) {
        return (struct boot_ask){ .mac = { { 2, 0, 0, 0, 0, last } },
                                  .client_ip = ip_from_v4(addr),
                                  .session = session };
}

static uint64_t session_at(struct presences *p, uint32_t addr) {
        struct ip_addr ip = ip_from_v4(addr);
        struct pmap *map = presences_take(p);
        const struct presence *found = presence_of(map, &ip);
        uint64_t session = found ? found->ask.session : 0;
        pmap_drop(map);
        return session;
}

static void the_newest_owner_counts(void **state) {
        CLEANUP(presences_free_at) struct presences *p = presences_new();
        struct boot_ask a = ask_of(1, 5, 11), b = ask_of(2, 5, 12), c = ask_of(3, 6, 13);
        (void)state;

        assert_int_equal(session_at(p, 5), 0);
        assert_int_equal(presences_set(p, &a), 0);
        assert_int_equal(presences_set(p, &c), 0);
        assert_int_equal(session_at(p, 5), 11);
        assert_int_equal(presences_set(p, &b), 0); /* the address went to another */
        assert_int_equal(session_at(p, 5), 12);
        presences_remove(p, &a.client_ip, 11); /* what its old owner leaves behind is not its own any more */
        assert_int_equal(session_at(p, 5), 12);
        presences_remove(p, &b.client_ip, 12);
        assert_int_equal(session_at(p, 5), 0);
        assert_int_equal(session_at(p, 6), 13);
        assert_int_equal(presences_len(p), 1);
}

static void a_map_that_was_taken_stays(void **state) {
        CLEANUP(presences_free_at) struct presences *p = presences_new();
        struct boot_ask a = ask_of(1, 5, 11), b = ask_of(2, 5, 12);
        (void)state;

        assert_int_equal(presences_set(p, &a), 0);
        struct pmap *batch = presences_take(p);
        assert_int_equal(presences_set(p, &b), 0);
        assert_int_equal(presence_of(batch, &a.client_ip)->ask.session, 11);
        presences_remove(p, &b.client_ip, 12);
        assert_int_equal(presence_of(batch, &a.client_ip)->ask.session, 11);
        pmap_drop(batch);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_newest_owner_counts),
                cmocka_unit_test(a_map_that_was_taken_stays),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
