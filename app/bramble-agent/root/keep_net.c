/* The network of a root that comes by it; see keep_net.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/root/keep_net.h"
#include "base/text.h"

#define WHY "# Written by bramble-agent in each boot: files of this system come by this card.\n"

/* What comes from memory or a disk of the machine has no server. */
static bool is_far(const struct root_source *s) {
        return s->server;
}

bool keep_net_needed(const struct root_order *o) {
        bool is_needed = is_far(&o->root);

        for (unsigned i = 0; i < o->n_data; i++)
                is_needed = is_needed || is_far(&o->data[i].from);
        return is_needed;
}

static char *about(const struct mac *mac, const char *type, const char *what) {
        struct text out = {};
        char address[MAC_TEXT_SIZE];

        text_printf(&out, WHY "[Match]\n%sMACAddress=%s\n\n%s", type, mac_text(mac, address), what);
        return text_take(&out);
}

/*
 * networkd takes addresses away that it did not give, asks anew, and gives its own back when it ends; and
 * netplan has it end and begin again in the middle of the first boot (systemd.network(5)). Asked with the
 * card's address as the client's name, any server answers with the address that the card has.
 */
char *keep_net_file(const struct mac *mac) {
        return about(mac, "Type=ether\n",
                     "[Network]\nDHCP=ipv4\nKeepConfiguration=yes\n\n[DHCPv4]\nClientIdentifier=mac\n");
}

/*
 * No name but the kernel's: a card that is up takes no other before Linux 6.2, and networkd of systemd 252
 * then waits for ever for the one that udevd wanted to give (systemd.link(5)).
 */
char *keep_net_link(const struct mac *mac) {
        return about(mac, "", "[Link]\n");
}

/*
 * NetworkManager finds a card that is up, takes it for somebody else's, and leaves it alone, until netplan
 * has it disconnect all cards before it begins anew (NetworkManager.conf(5)). By its name, which the file for
 * udevd keeps: a MAC is compared with the one that was burnt in, and not every card has one.
 */
char *keep_net_manager(const char *nic) {
        struct text out = {};

        text_printf(&out, WHY "[device-bramble-root]\nmatch-device=interface-name:=%s\nmanaged=0\n", nic);
        return text_take(&out);
}
