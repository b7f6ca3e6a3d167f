/* The first start of a system without cloud-init; see first_boot.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/deploy/first_boot.h"
#include "app/bramble-agent/inventory/efi_vars.h"
#include "base/text.h"

const char first_boot_unit[] = "[Unit]\n"
                               "Description=First start of a system that Bramble has installed\n"
                               "Wants=network-online.target\n"
                               "After=network-online.target\n"
                               "ConditionPathExists=/" FIRST_BOOT_SCRIPT "\n"
                               "\n"
                               "[Service]\n"
                               "Type=oneshot\n"
                               "ExecStart=/bin/bash /" FIRST_BOOT_SCRIPT "\n"
                               "\n"
                               "[Install]\n"
                               "WantedBy=multi-user.target\n";

/* The keys are for root and for the user that the image brings. */
static const char take_keys[] =
        "#!/bin/bash\n"
        "# Written by bramble-agent; runs once, and is gone when it has done its work.\n"
        "keys=/" FIRST_BOOT_KEYS "\n"
        "for user in root $(getent passwd 1000 | cut -d: -f1); do\n"
        "        home=$(getent passwd \"$user\" | cut -d: -f6)\n"
        "        [ -s $keys ] && [ -d \"$home\" ] || continue\n"
        "        install -d -m 700 -o \"$user\" -g \"$(id -g \"$user\")\" \"$home/.ssh\"\n"
        "        cat $keys >>\"$home/.ssh/authorized_keys\"\n"
        "        chown \"$user:$(id -g \"$user\")\" \"$home/.ssh/authorized_keys\"\n"
        "        chmod 600 \"$home/.ssh/authorized_keys\"\n"
        "done\n"
        "systemctl enable --now ssh 2>/dev/null || systemctl enable --now sshd 2>/dev/null\n";

/* bash speaks TCP by itself: no image has to bring curl. */
static const char tell_server[] =
        "tell() {\n"
        "        exec 3<>\"/dev/tcp/$address/$port\" || return 1\n"
        "        body=\"{\\\"hostname\\\":\\\"$(hostname)\\\"}\"\n"
        "        printf 'POST %s HTTP/1.0\\r\\nHost: %s\\r\\nContent-Type: application/json\\r\\n"
        "Content-Length: %d\\r\\n\\r\\n%s' \"$path\" \"$address:$port\" ${#body} \"$body\" >&3\n"
        "        read -r _ status _ <&3\n"
        "        exec 3>&-\n"
        "        [ \"${status#2}\" != \"$status\" ]\n"
        "}\n"
        "until tell 2>/dev/null; do sleep 5; done\n";

/* Where an http:// URL leads, as variables of a script; false: it is none. */
static bool put_address(struct text *out, const char *url) {
        if (!text_starts_with(url, "http://"))
                return false;
        const char *host = url + strlen("http://"), *path = strchr(host, '/');
        size_t len = path ? (size_t)(path - host) : strlen(host);
        const char *colon = memchr(host, ':', len);
        size_t address_len = colon ? (size_t)(colon - host) : len;
        text_printf(out, "address='%.*s' port='%.*s' path='%s'\n", (int)address_len, host,
                    colon ? (int)(len - address_len - 1) : 2, colon ? colon + 1 : "80", path ? path : "/");
        return true;
}

char *first_boot_script(const char *phone_home) {
        struct text out = { 0 };

        text_append(&out, take_keys);
        if (put_address(&out, phone_home))
                text_append(&out, tell_server);
        text_append(&out, "rm -f /" FIRST_BOOT_SCRIPT " $keys\n");
        return text_take(&out);
}

const char wanted_unit[] = "[Unit]\n"
                           "Description=Asks Bramble whether this machine is wanted back\n"
                           "Wants=network-online.target\n"
                           "After=network-online.target\n"
                           "\n"
                           "[Service]\n"
                           "Type=oneshot\n"
                           "ExecStart=/bin/bash /" WANTED_SCRIPT "\n"
                           "\n"
                           "[Install]\n"
                           "WantedBy=multi-user.target\n";

/* Best effort: a server that is away keeps nobody from starting. */
static const char ask_server[] =
        "ask() { # ask ADDRESS PORT PATH\n"
        "        exec 3<>\"/dev/tcp/$1/$2\" && printf 'GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n' \"$3\" "
        "\"$1:$2\" >&3 && cat <&3\n"
        "}\n"
        "export -f ask\n"
        "for try in 1 2 3; do\n"
        "        answer=$(timeout 10 bash -c 'ask \"$@\"' ask \"$address\" \"$port\" \"$path\" 2>/dev/null)\n"
        "        [ -n \"$answer\" ] && break\n"
        "        sleep 5\n"
        "done\n"
        "[[ $answer == *'\"wanted\": true'* ]] || exit 0\n"
        "vars=/sys/firmware/efi/efivars\n"
        "mountpoint -q $vars || mount -t efivarfs efivarfs $vars\n"
        "# The next start, and only that, is by this entry; a variable's attributes come before its value.\n"
        "printf \"\\\\x07\\\\x00\\\\x00\\\\x00\\\\x${entry:2:2}\\\\x${entry:0:2}\" "
        ">\"$vars/BootNext-$global\" && systemctl reboot\n";

char *wanted_script(const char *url, uint16_t entry) {
        struct text out = { 0 };

        text_append(&out, "#!/bin/bash\n"
                          "# Written by bramble-agent, as was asked for when this system was installed.\n");
        if (!put_address(&out, url))
                text_append(&out, "exit 0\n");
        text_printf(&out, "entry='%04x' global='" EFI_GLOBAL "'\n", entry);
        text_append(&out, ask_server);
        return text_take(&out);
}

char *first_boot_keys(const char *const *keys, size_t n) {
        struct text out = { 0 };

        text_append(&out, "");
        for (size_t i = 0; i < n; i++)
                text_printf(&out, "%s\n", keys[i]);
        return text_take(&out);
}
