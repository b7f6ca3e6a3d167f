/* What ties a system to its disk: fstabs as vendors write them, and which rows a root is found to have. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "format/ties.h"

#define NO "# not over the network: "

static void loosens_fstabs(void **state) {
        static const struct {
                const char *from, *to; /* NULL: as it is */
        } rows[] = {
                /* Raspberry Pi OS */
                { "proc /proc proc defaults 0 0\nPARTUUID=1-01  /boot/firmware  vfat  defaults  0  2\n"
                  "PARTUUID=1-02  /  ext4  defaults,noatime  0  1\n# a remark\n",
                  "proc /proc proc defaults 0 0\n" NO
                  "PARTUUID=1-01  /boot/firmware  vfat  defaults  0  2\n" NO
                  "PARTUUID=1-02  /  ext4  defaults,noatime  0  1\n# a remark\n" },
                /* Ubuntu; the last line has no end */
                { "LABEL=writable\t/\text4\tdiscard 0 1\n\n/swapfile none swap sw 0 0",
                  NO "LABEL=writable\t/\text4\tdiscard 0 1\n\n" NO "/swapfile none swap sw 0 0" },
                /* A root that is mounted already, whatever it is called. */
                { " overlay / overlay rw\n", NO " overlay / overlay rw\n" },
                { "/dev/mmcblk0p3 /data ext4\n", NO "/dev/mmcblk0p3 /data ext4\n" },
                /* What holds nobody up, or is on no disk, stays. */
                { "UUID=1 /data ext4 noatime,nofail 0 2\n", NULL },
                { "tmpfs /tmp tmpfs nosuid 0 0\n10.0.0.1:/srv /srv nfs vers=4 0 0\n", NULL },
                { "#UUID=1 / ext4\nUUID=2 /x\n", NULL },
                { NO "PARTUUID=1-02 / ext4 defaults 0 1\n", NULL },
                { "", NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(free_at) char *got = tie_fstab(rows[i].from);
                if (!got != !rows[i].to || (got && strcmp(got, rows[i].to) != 0))
                        fail_msg("row %zu: %s", i, got ? got : "as it was");
        }
}

/* Files with "=TEXT" behind their names, a space between. */
struct files {
        const char *list;
};

static const char *find(const char *list, const char *path) {
        size_t len = strlen(path);

        for (const char *at = list; *at; at += strcspn(at, " "), at += *at == ' ')
                if (strncmp(at, path, len) == 0 && strchr(" =", at[len]))
                        return at + len;
        return NULL;
}

static bool exists(void *ctx, const char *path) {
        return find(((struct files *)ctx)->list, path) != NULL;
}

static char *read_text(void *ctx, const char *path) {
        const char *at = find(((struct files *)ctx)->list, path);

        return at ? strndup(at + (*at == '='), strcspn(at, " ")) : NULL;
}

static void finds_what_a_root_has(void **state) {
        static const struct {
                const char *files, *names;
        } rows[] = {
                { "bin/sh", "" },
                { "etc/machine-id=", "" },
                { "etc/machine-id=0123\n var/lib/dbus/machine-id", "machine-id dbus-machine-id " },
                { "etc/ssh/ssh_host_ed25519_key=x", "ssh-keys " },
                { "etc/dphys-swapfile", "swapfile " },
                { "usr/sbin/ifdown etc/network/interfaces=auto", "ifupdown " },
                { "sbin/ifdown etc/network/interfaces.d/05-bramble-root", "" },
                { "etc/dphys-swapfile etc/systemd/system/dphys-swapfile.service", "" },
                { "etc/rpi/swap.conf usr/lib/systemd/system/ssh.service", "ssh-keys-anew rpi-swap " },
                { "sbin/rpi-resizerootfs etc/cloud/cloud.cfg", "resize-raspi growpart " },
                { "etc/init.d/resize2fs_once lib/systemd/system/sshswitch.service", "resize-once ssh-on " },
                { "usr/lib/userconf-pi/userconf-service boot/firmware/userconf.txt", "" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct files files = { rows[i].files };
                const struct tie_root root = { .exists = exists, .read = read_text, .ctx = &files };
                char names[256] = "";
                for (const struct tie *t = ties; t->name; t++)
                        if (tie_holds(t, &root))
                                (void)snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s ",
                                               t->name);
                if (strcmp(names, rows[i].names) != 0)
                        fail_msg("%s: %s", rows[i].files, names);
        }
}

/* Each row can be told, done, and found again by its name. */
static void the_rows_make_sense(void **state) {
        (void)state;
        for (const struct tie *t = ties; t->name; t++) {
                assert_ptr_equal(tie_find(t->name), t);
                assert_true(t->paths[0] && t->paths[0][0] != '/' && t->what && t->why);
                assert_true((t->act == TIE_CHANGE) == (t->change != NULL));
                assert_true((t->act == TIE_WRITE) == (t->text != NULL));
                assert_true((t->act == TIE_WRITE || t->act == TIE_MASK) == (t->signs[0] != NULL));
        }
        assert_null(tie_find("nothing"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(loosens_fstabs),
                cmocka_unit_test(finds_what_a_root_has),
                cmocka_unit_test(the_rows_make_sense),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
