/* A root over the network is freed of what ties it to a card: once, and what grows in it afterwards stays. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/bramble-agent/io/volume.h"
#include "app/bramble-agent/root/loosen.h"

static char dir[] = "/tmp/bramble-test-loosen-XXXXXX";

static const struct {
        const char *path, *text;
} files[] = {
        { "etc/fstab", "PARTUUID=1-02 / ext4 defaults 0 1\ntmpfs /tmp tmpfs\n" },
        { "etc/machine-id", "0123456789abcdef0123456789abcdef\n" },
        { "etc/ssh/ssh_host_rsa_key", "a key" },
        { "etc/ssh/ssh_host_rsa_key.pub", "its other half" },
        { "etc/dphys-swapfile", "" },
        { "usr/lib/systemd/system/ssh.service", "[Service]\n" },
        { "etc/hostname", "raspberrypi\n" },
};

static void put(const struct volume *v, const char *path, const char *text) {
        struct error error = {};

        if (volume_write(v, path, text, 0644, &error) < 0)
                fail_msg("%s", error.text);
}

static void expect(const struct volume *v, const char *path, const char *text) {
        CLEANUP(free_at) char *is = volume_read(v, path);

        if (!is || strcmp(is, text) != 0)
                fail_msg("%s: %s", path, is ? is : "is not there");
}

static void expect_link(const char *path, const char *target) {
        char whole[256], is[256] = "";

        (void)snprintf(whole, sizeof(whole), "%s/%s", dir, path);
        assert_true(readlink(whole, is, sizeof(is) - 1) > 0);
        assert_string_equal(is, target);
}

static void loosens_once(void **state) {
        const struct volume *v = *state;
        struct error error = {};

        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
                put(v, files[i].path, files[i].text);
        if (root_loosen(v, &error) < 0)
                fail_msg("%s", error.text);
        expect(v, "etc/fstab",
               "# not over the network: PARTUUID=1-02 / ext4 defaults 0 1\ntmpfs /tmp tmpfs\n");
        expect(v, "etc/machine-id", "");
        assert_false(volume_exists(v, "etc/ssh/ssh_host_rsa_key"));
        assert_false(volume_exists(v, "etc/ssh/ssh_host_rsa_key.pub"));
        expect(v, "etc/systemd/system/ssh.service.d/50-bramble.conf",
               "[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd "
               "-t\n");
        expect_link("etc/systemd/system/dphys-swapfile.service", "/dev/null");
        expect(v, "etc/hostname", "raspberrypi\n");
        expect(v, LOOSEN_STAMP, "fstab\nmachine-id\nssh-keys\nssh-keys-anew\nswapfile\n");

        /* The next boot of a root that is kept. */
        put(v, "etc/machine-id", "its own\n");
        put(v, "etc/ssh/ssh_host_rsa_key", "its own");
        if (root_loosen(v, &error) < 0)
                fail_msg("%s", error.text);
        expect(v, "etc/machine-id", "its own\n");
        expect(v, "etc/ssh/ssh_host_rsa_key", "its own");
}

static int set_up(void **state) {
        struct volume *v = NULL;

        if (!mkdtemp(dir) || volume_open(dir, &v) < 0)
                return -1;
        *state = v;
        return 0;
}

static int tear_down(void **state) {
        char command[300];

        volume_free(*state);
        (void)snprintf(command, sizeof(command), "rm -rf -- %s", dir);
        return system(command);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(loosens_once) };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
