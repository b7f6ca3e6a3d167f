/* What is said of an EEPROM that is too old for its boot: by the day of its bootloader, its configuration,
 * and what it is to boot. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot_site.h"
#include "core/boot/method.h"
#include "core/machine/eeprom_found.h"

enum { ARENA_SIZE = 1 << 18, SAID_MAX = 1024 };

#define PI4 "dc:a6:32:00:01:08"
#define PI5 "2c:cf:67:00:00:05"
#define PI5_TRUSTED "2c:cf:67:00:02:01"
#define PI3 "b8:27:eb:2f:aa:eb"

#define HTTP_TOO "[all]\nBOOT_ORDER=0xf27\n"
#define HTTPS_TOO "[all]\nBOOT_ORDER=0xf27\nHTTP_CACERT_HASH=00\n"
#define TFTP "[all]\nBOOT_ORDER=0xf12\n"
#define OF(day, why, since) "its EEPROM of " day " " why ": that wants one of " since " or later\n"
#define NO_HTTP "does not boot by HTTP, which its BOOT_ORDER has"
#define NO_AUTHORITY "does not know HTTP_CACERT_HASH, and so no server of your own by HTTPS"
#define SLOW "is slow by HTTP"
#define BREAKS "breaks a signed boot.img off by TFTP, and not by HTTP"
#define WALL "stops at 91 MiB of a file by TFTP, and kernel8.img has 100"

enum { D20200903 = 1599091200, D20240115 = 1705276800, D20250508 = 1746662400, D20260912 = 1789171200 };

static const struct {
        enum boot_client_id client;
        const char *mac;
        uint64_t build_s;   /* 0: not known */
        const char *config; /* NULL: it could not be read */
        bool is_large;
        const char *said;
} rows[] = {
        { CLIENT_PI4, PI4, D20200903, HTTP_TOO, false, OF("2020-09-03", NO_HTTP, "2022-03-10") },
        { CLIENT_PI4, PI4, D20200903, TFTP, false, "" },
        { CLIENT_PI4, PI4, D20200903, NULL, false, "" },
        { CLIENT_PI4, PI4, D20240115, HTTP_TOO, false, OF("2024-01-15", SLOW, "2025-05-08") },
        { CLIENT_PI4, PI4, D20250508, HTTPS_TOO, false, "" }, /* nobody knows since when a Pi 4 has it */
        { CLIENT_PI4, PI4, 0, HTTP_TOO, false, "" },
        { CLIENT_PI5, PI5, D20240115, HTTPS_TOO, false,
          OF("2024-01-15", NO_AUTHORITY, "2024-04-05") OF("2024-01-15", SLOW, "2025-05-08") },
        { CLIENT_PI5, PI5, D20250508, HTTPS_TOO, false, "" },
        { CLIENT_PI5, PI5, D20250508, TFTP, false, "" }, /* nothing is signed */
        { CLIENT_PI5, PI5_TRUSTED, D20250508, TFTP, false, OF("2025-05-08", BREAKS, "2026-09-12") },
        { CLIENT_PI5, PI5_TRUSTED, D20260912, TFTP, false, "" },
        { CLIENT_PI5, PI5_TRUSTED, D20250508, "[all]\nBOOT_ORDER=0xf7\n", false, "" },

        /* What the image is in the way of is said without a day, too. */
        { CLIENT_PI4, PI4, 0, NULL, true, "an EEPROM older than 2025-09-22 " WALL "\n" },
        { CLIENT_PI4, PI4, D20250508, TFTP, true, OF("2025-05-08", WALL, "2025-09-22") },
        { CLIENT_PI4, PI4, D20260912, TFTP, true, "" },
        { CLIENT_PI_ROM, PI3, 0, NULL, true, "" },
};

static void says_what_its_eeprom_is_too_old_for(void **state) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct boot_site *s = boot_site_new();
                struct boot_ask ask = boot_site_ask(rows[i].client, rows[i].mac, 77);
                struct machine *m = (struct machine *)(uintptr_t)site_machine_by_mac(s->site, &ask.mac);
                const struct image *image = site_image(s->site, "raspios");
                const struct eeprom_found found = { .build_s = rows[i].build_s, .config = rows[i].config };
                char said[SAID_MAX] = "";
                (void)state;

                if (rows[i].build_s || rows[i].config)
                        m->eeprom_found = eeprom_found_print(&found);
                if (rows[i].is_large)
                        ((struct image_file *)image_find(image, "kernel8.img"))->size = (uint64_t)100 << 20;
                const struct boot_plan *p = boot_plan(s->site, &ask, arena);
                for (size_t k = 0; k < p->n_reasons; k++)
                        if (strstr(p->reasons[k], "its EEPROM of ") ||
                            strstr(p->reasons[k], "an EEPROM older"))
                                (void)strcat(strcat(said, p->reasons[k]), "\n");
                if (strcmp(said, rows[i].said) != 0 || !p->offer.is_bootable)
                        fail_msg("row %zu: %s", i, said);
                boot_site_free(s);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(says_what_its_eeprom_is_too_old_for),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
