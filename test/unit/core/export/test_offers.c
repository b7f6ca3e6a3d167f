/* What an exporter offers: kept, changed, written down and read again. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/export/offers.h"

static const struct volume tree = { VOLUME_NFS, VOLUME_ROOT, 7 }, data = { VOLUME_NFS, VOLUME_DATA, 7 };

static struct ip_addr host(uint8_t last) {
        return ip_from_v4(0x0a4d0000U | last);
}

static void put(struct offers *o, const struct volume *v, uint8_t last, int expected) {
        const struct ip_addr client = host(last);
        assert_int_equal(offers_put(o, v, &client), expected);
}

static void an_offer_is_for_one_client(void **state) {
        CLEANUP(offers_free) struct offers o = {};
        (void)state;

        put(&o, &tree, 20, OFFERS_NEW);
        put(&o, &tree, 20, OFFERS_SAME);
        put(&o, &tree, 21, OFFERS_OTHER_CLIENT);
        put(&o, &data, 20, OFFERS_NEW);
        assert_int_equal(o.n, 2);
        assert_true(ip_equal(&offers_find(&o, &tree)->client, &(struct ip_addr[]){ host(21) }[0]));
        assert_true(offers_remove(&o, &tree));
        assert_false(offers_remove(&o, &tree));
        assert_null(offers_find(&o, &tree));
        assert_non_null(offers_find(&o, &data));
}

/* A client's handle of the old tree must not be one of the new. */
static void a_number_is_not_given_again_at_once(void **state) {
        CLEANUP(offers_free) struct offers o = {};
        (void)state;

        put(&o, &tree, 20, OFFERS_NEW);
        put(&o, &data, 20, OFFERS_NEW);
        const uint32_t first = offers_find(&o, &tree)->number;
        assert_true(first >= 2);
        assert_true(offers_remove(&o, &tree));
        put(&o, &tree, 20, OFFERS_NEW);
        assert_int_not_equal(offers_find(&o, &tree)->number, first);
        o.last_number = 65535;
        assert_true(offers_remove(&o, &tree));
        put(&o, &tree, 20, OFFERS_NEW);
        assert_int_equal(offers_find(&o, &tree)->number, 2); /* all round, past what is taken */
}

static void they_are_read_as_they_were_written(void **state) {
        CLEANUP(offers_free) struct offers o = {}, back = {};
        CLEANUP(text_free) struct text out = {}, again = {};
        (void)state;

        put(&o, &tree, 20, OFFERS_NEW);
        put(&o, &data, 21, OFFERS_NEW);
        offers_write(&o, &out);
        assert_string_equal(out.octets, "last 3\nnfs root 7 10.77.0.20 2\nnfs data 7 10.77.0.21 3\n");
        assert_int_equal(offers_parse(out.octets, out.len, &back), 0);
        offers_write(&back, &again);
        assert_string_equal(again.octets, out.octets);
}

static void what_is_none_is_refused(void **state) {
        static const char *const rows[] = {
                "nfs root 7 10.77.0.20 2",                            /* cut short */
                "nfs root 0 10.77.0.20 2\n",                          /* no machine */
                "rbd root 7 10.77.0.20 2\n",                          /* no kind */
                "nfs root 7 10.77.0 2\n",                             /* no address */
                "nfs root 7 10.77.0.20 1\n",                          /* ganesha's own number */
                "nfs root 7 10.77.0.20 2 x\n",                        /* more */
                "nfs root 7 10.77.0.20 2\nnfs root 8 10.77.0.20 2\n", /* a number twice */
                "nfs root 7 10.77.0.20 2\nnfs root 7 10.77.0.20 3\n", /* a volume twice */
                "last 65536\n",                                       /* beyond what there is */
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(offers_free) struct offers back = {};
                assert_int_equal(offers_parse(rows[i], strlen(rows[i]), &back), -EBADMSG);
        }
}

static void ganesha_lets_in_nobody_else(void **state) {
        CLEANUP(offers_free) struct offers o = {};
        CLEANUP(text_free) struct text out = {};
        const struct ip_addr at = host(1);
        (void)state;

        put(&o, &tree, 20, OFFERS_NEW);
        offers_ganesha(&o, &at, "/var/lib/bramble/roots/nfs",
                       "/var/lib/bramble/roots/nfs/at-10.77.0.1/clients", &out);
        assert_non_null(strstr(out.octets, "Bind_addr = 10.77.0.1;"));
        assert_non_null(strstr(out.octets, "Path = \"/var/lib/bramble/roots/nfs/m-7/root\";"));
        assert_non_null(strstr(out.octets, "Pseudo = \"/m-7/root\";"));
        assert_non_null(strstr(out.octets, "  Access_Type = None;"));
        assert_non_null(strstr(out.octets,
                               "CLIENT { Clients = 10.77.0.20; Access_Type = RW; Squash = No_Root_Squash;"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_offer_is_for_one_client),
                cmocka_unit_test(a_number_is_not_given_again_at_once),
                cmocka_unit_test(they_are_read_as_they_were_written),
                cmocka_unit_test(what_is_none_is_refused),
                cmocka_unit_test(ganesha_lets_in_nobody_else),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
