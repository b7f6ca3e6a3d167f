/* What the kernel's command line tells an agent. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/boot_words.h"

#define CA "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const struct {
        const char *line, *address, *base;
        uint16_t port;
        bool is_https, has_boot_mac, wants_root;
} good[] = {
        { "console=ttyS0 rdinit=/bramble/agent bramble.url=http://10.77.0.1:5248/a/0123", "10.77.0.1",
          "/a/0123", 5248, false, false, false },
        { "bramble.url=http://10.77.0.1/a/0123/", "10.77.0.1", "/a/0123", 80, false, false, false },
        { "bramble.url=https://10.77.0.1/a/0123 bramble.ca=" CA, "10.77.0.1", "/a/0123", 443, true, false,
          false },
        { "bramble.url=http://[fd77::1]:5248/a/0123", "fd77::1", "/a/0123", 5248, false, false, false },
        { "BOOTIF=01-52-54-00-77-64-01 bramble.url=http://10.77.0.1:5248/a/0123", "10.77.0.1", "/a/0123",
          5248, false, true, false },
        { "bramble.url=http://10.1.1.1/a/1 bramble.url=http://10.2.2.2/a/2", "10.2.2.2", "/a/2", 80, false,
          false, false }, /* the last counts, as for the kernel */
        { "bramble.url=http://10.77.0.1:5248 BOOTIF=01-no", "10.77.0.1", "", 5248, false, false, false },
        { "bramble.run bramble.url=http://10.77.0.1/a/0 bramble.runs=1", "10.77.0.1", "/a/0", 80, false,
          false, true },
        { "bramble.running bramble.url=http://10.77.0.1/a/0", "10.77.0.1", "/a/0", 80, false, false, false },
};

static void reads_what_is_there(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(good); i++) {
                struct boot_words w;
                struct error error = { 0 };
                assert_int_equal(boot_words_parse(good[i].line, &w, &error), 0);
                assert_string_equal(w.server.address, good[i].address);
                assert_string_equal(w.server.base, good[i].base);
                assert_int_equal(w.server.port, good[i].port);
                assert_int_equal(w.server.is_https, good[i].is_https);
                assert_int_equal(w.has_boot_mac, good[i].has_boot_mac);
                assert_int_equal(w.wants_root, good[i].wants_root);
        }
}

static void reads_the_pin(void **state) {
        (void)state;
        struct server_at s;
        struct error error;

        assert_int_equal(server_at_parse("https://10.77.0.1/a/0", CA, &s, &error), 0);
        assert_int_equal(s.ca[0], 0x00);
        assert_int_equal(s.ca[1], 0x11);
        assert_int_equal(s.ca[31], 0xff);
}

static const struct {
        const char *line, *says;
} bad[] = {
        { "console=ttyS0", "no bramble.url=" },
        { "bramble.url=10.77.0.1", "no address of a server" },
        { "bramble.url=http://server.example/a/0", "no address of a server" }, /* there is no resolver */
        { "bramble.url=http://10.77.0.1:0/a/0", "no address of a server" },
        { "bramble.url=http://10.77.0.1:65536/a/0", "no address of a server" },
        { "bramble.url=http://10.77.0.1x/a/0", "no address of a server" },
        { "bramble.url=http://[10.77.0.1]/a/0", "no address of a server" },
        { "bramble.url=http://fd77::1/a/0", "no address of a server" },
        { "bramble.url=http://[fd77::1/a/0", "no address of a server" },
        { "bramble.url=http:///a/0", "no address of a server" },
        { "bramble.url=http://10.77.0.1/a/0?x=1", "no address of a server" },
        { "bramble.url=https://10.77.0.1/a/0", "cannot be checked" },
        { "bramble.url=http://10.77.0.1/a/0 bramble.ca=" CA, "cannot be checked" },
        { "bramble.url=https://10.77.0.1/a/0 bramble.ca=sha256:0011", "64 hex digits" },
};

static void refuses_in_a_sentence(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                struct boot_words w;
                struct error error = { 0 };
                assert_int_equal(boot_words_parse(bad[i].line, &w, &error), -EINVAL);
                if (!strstr(error.text, bad[i].says))
                        fail_msg("\"%s\": \"%s\" does not say \"%s\"", bad[i].line, error.text, bad[i].says);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_what_is_there),
                cmocka_unit_test(reads_the_pin),
                cmocka_unit_test(refuses_in_a_sentence),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
