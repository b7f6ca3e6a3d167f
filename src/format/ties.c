/* Ties to a disk; see ties.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/ties.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define UNITS "etc/systemd/system/"
#define MARK "# not over the network: "

enum { FIELDS = 4 }; /* of an fstab that are looked at: device, mount point, type, options */

/* ---- fstab ---- */

struct field {
        const char *text;
        size_t len;
};

static bool is_field(const struct field *f, const char *text) {
        return f->len == strlen(text) && memcmp(f->text, text, f->len) == 0;
}

static bool begins(const struct field *f, const char *prefix) {
        return f->len >= strlen(prefix) && memcmp(f->text, prefix, strlen(prefix)) == 0;
}

static bool has_option(const struct field *options, const char *name) {
        for (size_t at = 0; at < options->len;) {
                const char *comma = memchr(options->text + at, ',', options->len - at);
                size_t len = comma ? (size_t)(comma - options->text) - at : options->len - at;
                if (len == strlen(name) && memcmp(options->text + at, name, len) == 0)
                        return true;
                at += len + 1;
        }
        return false;
}

/* How many fields there are, FIELDS at most; 0 for comments and blank lines. */
static size_t split(const char *line, size_t len, struct field fields[static FIELDS]) {
        size_t n = 0, at = 0;

        while (n < FIELDS) {
                while (at < len && (line[at] == ' ' || line[at] == '\t'))
                        at++;
                size_t begin = at;
                while (at < len && line[at] != ' ' && line[at] != '\t' && line[at] != '\r')
                        at++;
                if (at == begin || (n == 0 && line[begin] == '#'))
                        break;
                fields[n++] = (struct field){ line + begin, at - begin };
        }
        return n;
}

/* What names a disk of the machine, which another machine does not have. */
static bool is_on_a_disk(const struct field *device) {
        static const char *const begins_of[] = { "PARTUUID=", "UUID=",       "LABEL=",  "PARTLABEL=",
                                                 "ID=",       "/dev/mmcblk", "/dev/sd", "/dev/nvme",
                                                 "/dev/vd",   "/dev/disk/" };

        for (size_t i = 0; i < ARRAY_LEN(begins_of); i++)
                if (begins(device, begins_of[i]))
                        return true;
        return false;
}

static bool is_tied(const char *line, size_t len) {
        struct field f[FIELDS] = {};

        if (split(line, len, f) < 3)
                return false;
        if (is_field(&f[1], "/") || is_field(&f[2], "swap"))
                return true;
        return is_on_a_disk(&f[0]) && !has_option(&f[3], "nofail");
}

char *tie_fstab(const char *fstab) {
        CLEANUP(text_free) struct text out = {};
        bool is_changed = false;

        for (const char *line = fstab; *line;) {
                size_t len = strcspn(line, "\n"), whole = len + (line[len] == '\n');
                if (is_tied(line, len)) {
                        text_append(&out, MARK);
                        is_changed = true;
                }
                text_append_octets(&out, line, whole);
                line += whole;
        }
        return is_changed ? text_take(&out) : NULL;
}

/* ---- the rows ---- */

const struct tie ties[] = {
        { .name = "fstab",
          .act = TIE_CHANGE,
          .paths = { "etc/fstab" },
          .change = tie_fstab,
          .what = "lines of /etc/fstab for the root, for swap and for partitions are made comments",
          .why = "the start would wait for a disk that is not there" },
        { .name = "machine-id",
          .act = TIE_EMPTY,
          .paths = { "etc/machine-id" },
          .what = "/etc/machine-id is emptied",
          .why = "each machine makes its own: those that share one get each other's addresses" },
        { .name = "dbus-machine-id",
          .act = TIE_REMOVE,
          .paths = { "var/lib/dbus/machine-id" },
          .what = "/var/lib/dbus/machine-id is removed",
          .why = "it repeats /etc/machine-id" },
        { .name = "ssh-keys",
          .act = TIE_REMOVE,
          .paths = { "etc/ssh/ssh_host_rsa_key", "etc/ssh/ssh_host_rsa_key.pub", "etc/ssh/ssh_host_ecdsa_key",
                     "etc/ssh/ssh_host_ecdsa_key.pub", "etc/ssh/ssh_host_ed25519_key",
                     "etc/ssh/ssh_host_ed25519_key.pub" },
          .what = "SSH host keys in /etc/ssh are removed",
          .why = "whoever has the image could speak for each machine that runs it" },
        { .name = "ssh-keys-anew",
          .act = TIE_WRITE,
          .paths = { UNITS "ssh.service.d/50-bramble.conf" },
          .signs = { "usr/lib/systemd/system/ssh.service", "lib/systemd/system/ssh.service" },
          .text = "[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen "
                  "-A\nExecStartPre=/usr/sbin/sshd -t\n",
          .what = "the SSH server makes the host keys that are missing before it starts",
          .why = "what would do it in the first boot from a card is left out, or looks for that card" },
        { .name = "ifupdown",
          .act = TIE_WRITE,
          .paths = { "etc/network/interfaces.d/05-bramble-root" },
          .signs = { "usr/sbin/ifdown", "sbin/ifdown" },
          .text = "# Written by bramble-agent: files of this system come by this card.\n"
                  "no-auto-down eth0\n",
          .what = "ifupdown is told to leave eth0 up when the system goes down",
          .why = "it would take the network away from a root that is still to be unmounted" },
        { .name = "swapfile",
          .act = TIE_MASK,
          .paths = { UNITS "dphys-swapfile.service" },
          .signs = { "etc/dphys-swapfile" },
          .what = "dphys-swapfile is masked",
          .why = "swap in a file over the network, or in memory, is worse than none" },
        { .name = "rpi-swap",
          .act = TIE_WRITE,
          .paths = { "etc/rpi/swap.conf.d/50-bramble.conf" },
          .signs = { "etc/rpi/swap.conf" },
          .text = "[Main]\nMechanism=zram\n",
          .what = "rpi-swap is told to use zram alone",
          .why = "swap in a file over the network, or in memory, is worse than none" },
        { .name = "resize-once",
          .act = TIE_MASK,
          .paths = { UNITS "resize2fs_once.service" },
          .signs = { "etc/init.d/resize2fs_once", "usr/lib/systemd/system/resize2fs_once.service" },
          .what = "resize2fs_once is masked",
          .why = "there is no card whose root could grow" },
        { .name = "resize-raspi",
          .act = TIE_MASK,
          .paths = { UNITS "rpi-resizerootfs.service" },
          .signs = { "usr/sbin/rpi-resizerootfs", "sbin/rpi-resizerootfs" },
          .what = "rpi-resizerootfs is masked",
          .why = "there is no card whose root could grow" },
        { .name = "growpart",
          .act = TIE_WRITE,
          .paths = { "etc/cloud/cloud.cfg.d/95-bramble-root.cfg" },
          .signs = { "etc/cloud/cloud.cfg" },
          .text = "# Written by bramble-agent: this root comes over the network.\ngrowpart: { mode: \"off\" "
                  "}\n"
                  "resize_rootfs: false\n",
          .what = "cloud-init is told to grow neither partition nor root",
          .why = "there is no card whose root could grow" },
        { .name = "ssh-on",
          .act = TIE_WRITE,
          .paths = { "boot/firmware/ssh" },
          .signs = { "usr/lib/systemd/system/sshswitch.service", "lib/systemd/system/sshswitch.service" },
          .text = "",
          .what = "/boot/firmware/ssh is written",
          .why = "Raspberry Pi OS switches SSH on by this file of the card, which is not mounted" },
        { .name = "user",
          .act = TIE_WRITE,
          .paths = { "boot/firmware/userconf.txt" },
          .signs = { "usr/lib/userconf-pi/userconf-service" },
          .text = "pi:*\n",
          .what = "/boot/firmware/userconf.txt is written, for the user pi without a password",
          .why = "Raspberry Pi OS asks on its screen for a user unless the card names one" },
        {},
};

const struct tie *tie_find(const char *name) {
        for (const struct tie *t = ties; t->name; t++)
                if (strcmp(t->name, name) == 0)
                        return t;
        return NULL;
}

static bool any_exists(const char *const *paths, const struct tie_root *root) {
        for (; *paths; paths++)
                if (root->exists(root->ctx, *paths))
                        return true;
        return false;
}

static bool any_has_text(const struct tie *t, const struct tie_root *root) {
        for (const char *const *path = t->paths; *path; path++) {
                CLEANUP(free_at) char *text = root->read(root->ctx, *path);
                CLEANUP(free_at) char *changed = text && t->change ? t->change(text) : NULL;
                if (t->change ? changed != NULL : text && *text)
                        return true;
        }
        return false;
}

bool tie_holds(const struct tie *t, const struct tie_root *root) {
        switch (t->act) {
        case TIE_CHANGE:
        case TIE_EMPTY:
                return any_has_text(t, root);
        case TIE_REMOVE:
                return any_exists(t->paths, root);
        case TIE_MASK:
        case TIE_WRITE:
                return any_exists(t->signs, root) && !root->exists(root->ctx, t->paths[0]);
        }
        return false;
}
