/* Network cards; see nic.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/bramble-agent/io/nic.h"
#include "base/text.h"

unsigned nic_list(const struct tree *t, struct nic ret[static NICS_MAX]) {
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, "sys/class/net");
        unsigned n = 0;

        for (size_t i = 0; i < names.n && n < NICS_MAX; i++) {
                const char *name = names.items[i];
                char mac[MAC_TEXT_SIZE];
                int64_t type, carrier;
                struct nic *nic = &ret[n];

                if (!tree_exists(t, "sys/class/net/%s/device", name) ||
                    tree_exists(t, "sys/class/net/%s/wireless", name) ||
                    !tree_number(t, &type, "sys/class/net/%s/type", name) || type != ARPHRD_ETHER ||
                    !tree_text(t, mac, sizeof(mac), "sys/class/net/%s/address", name) ||
                    mac_parse(mac, &nic->mac) < 0 || text_copy(nic->name, sizeof(nic->name), name) < 0)
                        continue;
                nic->has_carrier = tree_number(t, &carrier, "sys/class/net/%s/carrier", name) && carrier == 1;
                n++;
        }
        return n;
}

bool nic_first(const struct tree *t, struct nic *ret) {
        struct nic nics[NICS_MAX];
        unsigned n = nic_list(t, nics), i = 0;

        while (i < n && !nics[i].has_carrier)
                i++;
        if (n == 0)
                return false;
        *ret = nics[i < n ? i : 0];
        return true;
}

/* One ioctl on a socket made for it. */
static int ask(unsigned long request, void *arg) {
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        int r = ioctl(fd, request, arg) < 0 ? -errno : 0;
        (void)close(fd);
        return r;
}

static struct ifreq request_for(const char *name) {
        struct ifreq r = { 0 };
        (void)text_copy(r.ifr_name, sizeof(r.ifr_name), name);
        return r;
}

int nic_up(const char *name) {
        struct ifreq r = request_for(name);

        int error = ask(SIOCGIFFLAGS, &r);
        if (error < 0 || (r.ifr_flags & IFF_UP))
                return error;
        r.ifr_flags |= IFF_UP;
        return ask(SIOCSIFFLAGS, &r);
}

static struct sockaddr address_of(uint32_t host_order) {
        const struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(host_order) };
        struct sockaddr any;

        memcpy(&any, &in, sizeof(any));
        return any;
}

int nic_set_address(const char *name, uint32_t address, uint32_t mask) {
        struct ifreq r = request_for(name);

        r.ifr_addr = address_of(address);
        int error = ask(SIOCSIFADDR, &r);
        if (error < 0 || address == 0)
                return error;
        r.ifr_netmask = address_of(mask);
        return ask(SIOCSIFNETMASK, &r);
}

void nic_down(const char *name) {
        struct ifreq r = request_for(name);

        (void)!nic_set_address(name, 0, 0);
        if (ask(SIOCGIFFLAGS, &r) < 0)
                return;
        r.ifr_flags = (short)(r.ifr_flags & ~IFF_UP);
        (void)!ask(SIOCSIFFLAGS, &r);
}

int nic_address(const char *name, uint32_t *ret) {
        struct ifreq r = request_for(name);
        struct sockaddr_in in;

        int error = ask(SIOCGIFADDR, &r);
        if (error < 0)
                return error;
        memcpy(&in, &r.ifr_addr, sizeof(in));
        *ret = ntohl(in.sin_addr.s_addr);
        return 0;
}

int nic_set_route(const char *name, uint32_t router) {
        char device[NIC_NAME_SIZE];
        struct rtentry route = { .rt_dst = address_of(0),
                                 .rt_genmask = address_of(0),
                                 .rt_gateway = address_of(router),
                                 .rt_flags = RTF_UP | RTF_GATEWAY,
                                 .rt_dev = device };

        (void)text_copy(device, sizeof(device), name);
        int r = ask(SIOCADDRT, &route);
        return r == -EEXIST ? 0 : r;
}

int nic_blink(const char *name, unsigned seconds) {
        struct ethtool_value value = { .cmd = ETHTOOL_PHYS_ID, .data = seconds };
        struct ifreq r = request_for(name);

        r.ifr_data = (void *)&value;
        return ask(SIOCETHTOOL, &r);
}
