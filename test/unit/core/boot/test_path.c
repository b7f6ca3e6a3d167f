/* Paths as clients spell them, and who they say is asking. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/boot/method.h"

static const struct {
        const char *asked, *name; /* NULL: refused */
} spellings[] = {
        { "config.txt", "config.txt" },
        { "/config.txt", "config.txt" },
        { "//grubx64.efi", "grubx64.efi" },
        { "a1b2c3d4//config.txt", "a1b2c3d4/config.txt" },
        { "\\boot\\x64\\wdsnbp.com", "boot/x64/wdsnbp.com" },
        { "./a/./b", "a/b" },
        { "dtb/", "dtb" },
        { "overlays/name with space.dtbo", "overlays/name with space.dtbo" },
        { "a...b/..c", "a...b/..c" },
        { "..", NULL },
        { "../etc/passwd", NULL },
        { "a/../b", NULL },
        { "a\\..\\b", NULL },
        { "", NULL },
        { "/", NULL },
        { ".", NULL },
        { "a\nb", NULL },
        { "a\x7f", NULL },
};

static void makes_one_spelling(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
                char name[BOOT_PATH_SIZE];
                bool is_name = boot_path_normalise(spellings[i].asked, name);
                if (is_name != (spellings[i].name != NULL) ||
                    (is_name && strcmp(name, spellings[i].name) != 0))
                        fail_msg("\"%s\" became \"%s\"", spellings[i].asked, is_name ? name : "(refused)");
        }
}

static void refuses_what_is_longer_than_any_name(void **state) {
        (void)state;
        char asked[BOOT_PATH_SIZE + 8], name[BOOT_PATH_SIZE];

        memset(asked, 'a', sizeof(asked));
        asked[BOOT_PATH_SIZE - 2] = 0;
        assert_true(boot_path_normalise(asked, name));
        asked[BOOT_PATH_SIZE - 2] = 'a';
        asked[BOOT_PATH_SIZE - 1] = 0;
        assert_false(boot_path_normalise(asked, name));
}

struct identity {
        const char *path;
        bool is_found;
        uint32_t serial;
        const char *mac; /* NULL: none */
        enum boot_client_id client;
};

static const struct identity identities[] = {
        { "a1b2c3d4/config.txt", true, 0xa1b2c3d4, NULL, CLIENT_PI_OTHER },
        { "/A1B2C3D4//config.txt", true, 0xa1b2c3d4, NULL, CLIENT_PI_OTHER },
        { "dc-a6-32-01-36-c2/start4.elf", true, 0, "dc:a6:32:01:36:c2", CLIENT_PI_OTHER },
        { "pxelinux.cfg/01-52-54-00-77-32-32", true, 0, "52:54:00:77:32:32", CLIENT_UBOOT_ARM64 },
        { "pxelinux.cfg/0A4D008C", true, 0, NULL, CLIENT_UBOOT_ARM64 },
        { "a1b2c3d4", false, 0, NULL, CLIENT_OTHER },           /* a file of that name */
        { "a1b2c3d/config.txt", false, 0, NULL, CLIENT_OTHER }, /* seven digits */
        { "overlays/a.dtbo", false, 0, NULL, CLIENT_OTHER },
        { "config.txt", false, 0, NULL, CLIENT_OTHER },
        { "../a1b2c3d4/x", false, 0, NULL, CLIENT_OTHER },
};

static void reads_who_asks(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(identities); i++) {
                struct boot_ask ask = {};
                struct mac mac = {};
                bool is_found = boot_path_identity(identities[i].path, &ask);

                if (identities[i].mac)
                        assert_int_equal(mac_parse(identities[i].mac, &mac), 0);
                if (is_found != identities[i].is_found || ask.serial != identities[i].serial ||
                    ask.client != identities[i].client || !mac_equal(&ask.mac, &mac))
                        fail_msg("%s", identities[i].path);
        }
}

static void keeps_what_is_known_already(void **state) {
        (void)state;
        struct boot_ask ask = {
                .has_serial = true, .serial = 5, .client = CLIENT_PI5, .mac = { { 2, 0, 0, 0, 0, 1 } }
        };
        struct boot_ask before = ask;

        assert_true(boot_path_identity("a1b2c3d4/config.txt", &ask));
        assert_true(boot_path_identity("dc-a6-32-01-36-c2/config.txt", &ask));
        assert_memory_equal(&ask, &before, sizeof(ask));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(makes_one_spelling),
                cmocka_unit_test(refuses_what_is_longer_than_any_name),
                cmocka_unit_test(reads_who_asks),
                cmocka_unit_test(keeps_what_is_known_already),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
