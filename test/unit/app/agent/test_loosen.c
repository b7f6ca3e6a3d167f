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
#include "root_volume.h"

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

static void expect_link(const char *path, const char *target) {
        char whole[256], is[256] = "";

        (void)snprintf(whole, sizeof(whole), "%s/%s", root_volume_dir(), path);
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
        root_volume_expect(v, "etc/fstab",
                           "# not over the network: PARTUUID=1-02 / ext4 defaults 0 1\ntmpfs /tmp tmpfs\n");
        root_volume_expect(v, "etc/machine-id", "");
        assert_false(volume_exists(v, "etc/ssh/ssh_host_rsa_key"));
        assert_false(volume_exists(v, "etc/ssh/ssh_host_rsa_key.pub"));
        root_volume_expect(
                v, "etc/systemd/system/ssh.service.d/50-bramble.conf",
                "[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd "
                "-t\n");
        expect_link("etc/systemd/system/dphys-swapfile.service", "/dev/null");
        root_volume_expect(v, "etc/hostname", "raspberrypi\n");
        root_volume_expect(v, LOOSEN_STAMP, "fstab\nmachine-id\nssh-keys\nssh-keys-anew\nswapfile\n");

        /* The next boot of a root that is kept. */
        put(v, "etc/machine-id", "its own\n");
        put(v, "etc/ssh/ssh_host_rsa_key", "its own");
        if (root_loosen(v, &error) < 0)
                fail_msg("%s", error.text);
        root_volume_expect(v, "etc/machine-id", "its own\n");
        root_volume_expect(v, "etc/ssh/ssh_host_rsa_key", "its own");
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(loosens_once) };
        return cmocka_run_group_tests(tests, root_volume_set_up, root_volume_tear_down);
}
