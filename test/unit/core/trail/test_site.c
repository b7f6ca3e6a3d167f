/* What is wrong with a site, row by row; and one with which nothing is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/trail/doctor/site.h"

#define NOW_S INT64_C(1795356230)
#define WELL .now_s = NOW_S, .newest_s = NOW_S, .is_clock_kept = true
#define ONE(text) \
        { .items = { text }, .n = 1 }

static const struct {
        struct site_facts facts;
        const char *id, *words; /* NULL: nothing is wrong */
} rows[] = {
        { { WELL }, NULL, NULL },
        { { WELL, .foreign = ONE("10.77.0.9 answers on br0") }, "foreign-dhcp", "10.77.0.9 answers on br0" },
        { { WELL, .ports = ONE("another program") }, "port-clash", "another program" },
        { { WELL, .links = ONE("br9 is down") }, "links", "br9 is down" },
        { { WELL, .mtus = ONE("br0 has an MTU of 1400") }, "mtu", "br0 has an MTU of 1400" },
        { { WELL, .rights = ONE("CAP_NET_RAW is missing") }, "rights", "CAP_NET_RAW is missing" },
        { { WELL, .unbootable = ONE("pi4: no image") }, "boot-plans", "pi4: no image" },
        { { WELL, .strayed = ONE("pi4 has TFTP_IP=192.0.2.1") },
          "eeprom-server",
          "pi4 has TFTP_IP=192.0.2.1" },
        { { WELL, .left = ONE("nbd m-7 is of no machine that is known") },
          "left-volumes",
          "nbd m-7 is of no machine that is known" },
        { { WELL, .lost = ONE("kernel8.img") }, "boot-files", "kernel8.img" },
        { { WELL, .dhcp_seen = 3 },
          "firewall",
          "3 packets of DHCP (UDP port 67) reached the interface, and none this server" },
        { { WELL, .dhcp_seen = 9, .dhcp_received = 9, .tftp_seen = 4 },
          "firewall",
          "4 packets of TFTP (UDP port 69) reached the interface, and none this server" },
        { { WELL, .dhcp_seen = 2 }, NULL, NULL },
        { { WELL, .dhcp_seen = 900, .dhcp_received = 1 }, NULL, NULL },
        { { .now_s = 1000, .is_clock_kept = true }, "clock", "the clock is years behind" },
        { { .now_s = NOW_S, .newest_s = NOW_S + 3600, .is_clock_kept = true },
          "clock",
          "the clock is behind what was written down already, by 60 minutes" },
        { { .now_s = NOW_S, .newest_s = NOW_S + 60, .is_clock_kept = true }, NULL, NULL },
        { { .now_s = NOW_S }, "clock", "nothing keeps the clock of this server right" },
};

static void each_site_is_judged(void **state) {
        char words[1024];
        (void)state;

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                bool is_found = rows[i].id == NULL;
                for (size_t c = 0; c < site_n_checks; c++) {
                        if (!site_checks[c].is_wrong(&rows[i].facts, words, sizeof(words)))
                                continue;
                        if (!rows[i].id || strcmp(site_checks[c].id, rows[i].id) != 0)
                                fail_msg("row %zu: %s: %s", i, site_checks[c].id, words);
                        assert_string_equal(words, rows[i].words);
                        is_found = true;
                }
                if (!is_found)
                        fail_msg("row %zu: %s was not found", i, rows[i].id);
        }
}

static void every_check_has_a_site(void **state) {
        (void)state;
        for (size_t c = 0; c < site_n_checks; c++) {
                bool is_shown = false;
                for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
                        is_shown |= rows[i].id && strcmp(rows[i].id, site_checks[c].id) == 0;
                if (!is_shown)
                        fail_msg("no site shows %s", site_checks[c].id);
        }
}

/* What has no room is counted. */
static void many_are_summed_up(void **state) {
        struct site_facts facts = { WELL };
        char words[1024], little[20];
        (void)state;

        for (int i = 0; i < SITE_NAMES_MAX + 3; i++)
                site_names_add(&facts.unbootable, "pi%d", i);
        for (size_t c = 0; c < site_n_checks; c++) {
                if (strcmp(site_checks[c].id, "boot-plans") != 0)
                        continue;
                assert_true(site_checks[c].is_wrong(&facts, words, sizeof(words)));
                assert_string_equal(words, "pi0; pi1; pi2; pi3; pi4; pi5; and 3 more");
                assert_true(site_checks[c].is_wrong(&facts, little, sizeof(little)));
                assert_string_equal(little, "pi0; pi1; pi2; pi3;");
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_site_is_judged),
                cmocka_unit_test(every_check_has_a_site),
                cmocka_unit_test(many_are_summed_up),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
