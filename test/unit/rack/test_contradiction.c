/* Paths that name somebody else than the board that asks for them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "boot_site.h"
#include "rack/contradiction.h"

#define PI4 "dc:a6:32:a7:ed:89" /* pi4-demo, registered with serial e5ef6e9d */
#define PI5 "2c:cf:67:00:00:05" /* pi5-demo, registered without one */
#define CARD "52:54:00:00:0c:01"
#define OTHER_CARD "52:54:00:00:0c:02"

static const struct {
        enum boot_client_id client;
        const char *mac;
        uint32_t serial; /* as DHCP said; 0: not */
        const char *path;
        const char *want; /* part of the sentence; NULL: all fits */
        const char *remark;
} rows[] = {
        { CLIENT_PI4, PI4, 0xe5ef6e9d, "e5ef6e9d/config.txt", NULL, "its own" },
        { CLIENT_PI4, PI4, 0xe5ef6e9d, "config.txt", NULL, "nobody's" },
        { CLIENT_PI4, PI4, 0xe5ef6e9d, "b22faaeb/config.txt",
          "that is machine pi3-demo, and this is pi4-demo", "another machine's" },
        { CLIENT_PI4, PI4, 0xe5ef6e9d, "11223344/config.txt", "DHCP said e5ef6e9d", "nobody knows it" },
        { CLIENT_PI3, PI4, 0, "11223344/config.txt", "pi4-demo is registered with e5ef6e9d",
          "said by its entry" },
        { CLIENT_PI5, PI5, 0, "11223344/config.txt", NULL, "nothing to compare with" },
        { CLIENT_PI5, PI5, 0, "e5ef6e9d/config.txt", "that is machine pi4-demo, and this is pi5-demo", "" },
        { CLIENT_PI5, "02:00:00:00:00:01", 0, "e5ef6e9d/config.txt", "and this is not", "an unknown board" },
        { CLIENT_PI4, PI4, 0, "dc-a6-32-a7-ed-89/config.txt", NULL, "by MAC" },
        { CLIENT_PI4, PI4, 0, "dc-a6-32-a7-ed-88/config.txt", "it is " PI4, "by another MAC" },
        { CLIENT_UBOOT_ARM64, "52:54:00:77:00:f0", 0, "pxelinux.cfg/01-52-54-00-77-00-f0", NULL, "" },
        { CLIENT_UBOOT_ARM64, "52:54:00:77:00:f0", 0, "pxelinux.cfg/01-52-54-00-77-00-f1",
          "files of MAC 52:54:00:77:00:f1", "" },
        { CLIENT_UBOOT_ARM64, "52:54:00:77:00:f0", 0, "pxelinux.cfg/default-arm", NULL, "" },
        { CLIENT_UEFI_AMD64, "52:54:00:77:00:6d", 0, "deadbeef/vmlinuz", NULL, "only Pis have such names" },
};

static void a_path_that_names_somebody_else(void **state) {
        struct boot_site *s = boot_site_new();
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct boot_ask ask = { .client = rows[i].client,
                                        .has_serial = rows[i].serial != 0,
                                        .serial = rows[i].serial };
                char sentence[200] = "";
                assert_int_equal(mac_parse(rows[i].mac, &ask.mac), 0);
                bool found = contradiction_in_path(s->site, &ask, rows[i].path, sentence, sizeof(sentence));
                if (found != (rows[i].want != NULL) || (found && !strstr(sentence, rows[i].want)))
                        fail_msg("row %zu (%s): %s", i, rows[i].remark, sentence);
        }
        boot_site_free(s);
}

static void a_serial_that_another_board_said(void **state) {
        static const struct {
                const char *mac, *said_by;
                bool want;
                const char *remark;
        } rows_of_serials[] = {
                { PI4, NULL, false, "nobody said it before" },
                { PI4, PI4, false, "it said it itself" },
                { PI4, PI5, true, "another machine" },
                { "02:00:00:00:00:01", "02:00:00:00:00:02", true, "two strangers" },
                { CARD, OTHER_CARD, false, "both are the machine's own" },
        };
        struct boot_site *s = boot_site_new();
        CLEANUP(machine_drop_at) struct machine *m = machine_new();
        (void)state;

        assert_int_equal(text_copy(m->name, sizeof(m->name), "two-cards"), 0);
        m->id = 1000;
        assert_int_equal(mac_parse(CARD, &m->macs[m->n_macs++]), 0);
        assert_int_equal(mac_parse(OTHER_CARD, &m->macs[m->n_macs++]), 0);
        CLEANUP(site_drop_at) struct site *site = site_put_machine(s->site, m, NULL);
        assert_non_null(site);
        for (size_t i = 0; i < ARRAY_LEN(rows_of_serials); i++) {
                struct sighting before = {};
                struct mac mac;
                assert_int_equal(mac_parse(rows_of_serials[i].mac, &mac), 0);
                if (rows_of_serials[i].said_by)
                        assert_int_equal(mac_parse(rows_of_serials[i].said_by, &before.known.mac), 0);
                if (contradiction_of_serial(site, &mac, rows_of_serials[i].said_by ? &before : NULL) !=
                    rows_of_serials[i].want)
                        fail_msg("%s", rows_of_serials[i].remark);
        }
        boot_site_free(s);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_path_that_names_somebody_else),
                cmocka_unit_test(a_serial_that_another_board_said),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
