/* Paths as clients spell them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "core/boot/method.h"

bool boot_path_normalise(const char *path, char buf[static BOOT_PATH_SIZE]) {
        size_t len = 0;

        for (const char *at = path; *at;) {
                size_t n = strcspn(at, "/\\");
                bool is_here = n == 1 && at[0] == '.';
                if (n == 2 && at[0] == '.' && at[1] == '.')
                        return false;
                if (n > 0 && !is_here) {
                        if (len + n + 2 > BOOT_PATH_SIZE)
                                return false;
                        if (len > 0)
                                buf[len++] = '/';
                        for (size_t i = 0; i < n; i++) {
                                if ((unsigned char)at[i] < ' ' || at[i] == 0x7f)
                                        return false;
                                buf[len++] = at[i];
                        }
                }
                at += n;
                at += *at != 0;
        }
        buf[len] = 0;
        return len > 0;
}

enum boot_path_prefix boot_path_prefix_parse(const char *component, size_t len, uint32_t *serial,
                                             struct mac *mac) {
        char text[MAC_TEXT_SIZE];
        uint8_t octets[4];

        if (len >= sizeof(text))
                return PREFIX_NONE;
        memcpy(text, component, len);
        text[len] = 0;
        if (len == 8 && text_parse_hex(text, octets, sizeof(octets)) == 0) {
                *serial = (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
                          octets[3];
                return PREFIX_SERIAL;
        }
        if (len == MAC_TEXT_SIZE - 1 && text[2] == '-' && mac_parse(text, mac) == 0)
                return PREFIX_MAC;
        return PREFIX_NONE;
}

const char *boot_path_below_prefix(const struct boot_plan *p, const char *path) {
        const size_t len = strcspn(path, "/");
        const struct machine *owner = NULL;
        struct mac mac;
        uint32_t serial;

        if (path[len] == 0)
                return path;
        switch (boot_path_prefix_parse(path, len, &serial, &mac)) {
        case PREFIX_NONE:
                return path;
        case PREFIX_SERIAL:
                owner = site_machine_by_serial(p->site, serial);
                break;
        case PREFIX_MAC:
                owner = site_machine_by_mac(p->site, &mac);
                break;
        }
        return owner && owner != p->machine ? NULL : path + len + 1;
}

/* "pxelinux.cfg/01-aa-bb-cc-dd-ee-ff": 01 is the hardware type, Ethernet. */
static bool pxelinux_identity(const char *path, struct boot_ask *ask) {
        struct mac mac;

        if (!text_starts_with(path, "pxelinux.cfg/"))
                return false;
        if (ask->client == CLIENT_OTHER)
                ask->client = CLIENT_UBOOT_ARM64;
        const char *name = strchr(path, '/') + 1;
        if (text_starts_with(name, "01-") && mac_is_zero(&ask->mac) && mac_parse(name + 3, &mac) == 0)
                ask->mac = mac;
        return true;
}

bool boot_path_identity(const char *path, struct boot_ask *ask) {
        char name[BOOT_PATH_SIZE];
        struct mac mac;
        uint32_t serial;

        if (!boot_path_normalise(path, name))
                return false;
        if (pxelinux_identity(name, ask))
                return true;
        size_t len = strcspn(name, "/");
        if (name[len] == 0)
                return false;
        switch (boot_path_prefix_parse(name, len, &serial, &mac)) {
        case PREFIX_NONE:
                return false;
        case PREFIX_SERIAL:
                if (!ask->has_serial) {
                        ask->has_serial = true;
                        ask->serial = serial;
                }
                break;
        case PREFIX_MAC:
                if (mac_is_zero(&ask->mac))
                        ask->mac = mac;
                break;
        }
        /* Only Raspberry Pis put themselves in front of a path. */
        if (ask->client == CLIENT_OTHER)
                ask->client = CLIENT_PI_OTHER;
        return true;
}
