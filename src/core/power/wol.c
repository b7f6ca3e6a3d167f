/*
 * Wake-on-LAN: the "magic packet" (AMD publication 20213), as a UDP broadcast. It can turn on, and nobody
 * answers.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/writer.h"
#include "core/power/drivers.h"
#include "core/power/keys.h"
#include "core/power/params.h"

enum {
        PORT = 9,     /* discard: nobody listens but the network card */
        REPEATS = 16, /* of the MAC in the packet */
        COPIES = 3,   /* packets: one may get lost, and nobody would tell */
        PACKET_MAX = 6 + REPEATS * 6 + 6
};

static const struct power_key keys[] = {
        { .name = "mac", .type = POWER_MAC, .help = "Card to wake. Default: the machine's first." },
        { .name = "address",
          .type = POWER_HOST,
          .fallback = "255.255.255.255",
          .help = "Where the packet goes: a broadcast address, and a port if it is not 9." },
        { .name = "interface",
          .type = POWER_TEXT,
          .help = "Interface it leaves by. Default: the one of the machine's subnet." },
        { .name = "password",
          .type = POWER_MAC,
          .is_secret = true,
          .help = "SecureOn password of the card, six hex pairs." },
        {},
};

static size_t write_packet(const struct mac *mac, const char *password, uint8_t packet[static PACKET_MAX]) {
        static const uint8_t sync[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
        struct writer w = writer_of(packet, PACKET_MAX);
        struct mac secret;

        write_octets(&w, sync, sizeof(sync));
        for (int i = 0; i < REPEATS; i++)
                write_octets(&w, mac->octets, sizeof(mac->octets));
        if (password && mac_parse(password, &secret) == 0)
                write_octets(&w, secret.octets, sizeof(secret.octets));
        return writer_len(&w);
}

static int choose_mac(const struct power_target *t, struct mac *ret, struct error *reterr) {
        const char *given = power_param(t->params, "mac");

        if (given)
                return mac_parse(given, ret);
        if (t->n_macs == 0)
                return error_set(reterr, -EINVAL, "%s has no MAC: give the parameter mac", t->machine);
        *ret = t->macs[0];
        return 0;
}

static int choose_address(const struct power_target *t, struct sockaddr_in *ret, struct error *reterr) {
        const char *text = power_param(t->params, "address");
        struct power_address address;
        struct ip_addr ip;

        if (power_address_parse(text, &address) < 0 || ip_parse(address.host, &ip) < 0 || ip.family != IP_V4)
                return error_set(reterr, -EINVAL, "%s is no IPv4 address", text);
        *ret = (struct sockaddr_in){ .sin_family = AF_INET,
                                     .sin_port = htons(address.port ? address.port : PORT) };
        memcpy(&ret->sin_addr, ip.octets, sizeof(ret->sin_addr));
        return 0;
}

static int send_all(int fd, const char *interface, const struct sockaddr_in *to, const uint8_t *packet,
                    size_t len) {
        const int yes = 1;

        if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof(yes)) < 0)
                return -errno;
        if (*interface &&
            setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) < 0)
                return -errno;
        for (int i = 0; i < COPIES; i++) {
                if (sendto(fd, packet, len, 0, (const struct sockaddr *)to, sizeof(*to)) < 0)
                        return -errno;
        }
        return 0;
}

static int check(const struct power_params *p, struct error *reterr) {
        const char *interface = power_param(p, "interface");
        struct sockaddr_in at;

        if (interface && strlen(interface) >= IFNAMSIZ)
                return error_set(reterr, -EINVAL, "interface %s is longer than %d characters", interface,
                                 IFNAMSIZ - 1);
        return choose_address(&(struct power_target){ .params = p }, &at, reterr);
}

static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        const char *given = power_param(t->params, "interface"), *interface = given ? given : t->interface;
        uint8_t packet[PACKET_MAX];
        struct sockaddr_in to;
        struct mac mac;

        (void)action, (void)ret;
        int r = choose_mac(t, &mac, reterr);
        if (r == 0)
                r = choose_address(t, &to, reterr);
        if (r < 0)
                return r;
        const size_t len = write_packet(&mac, power_param(t->params, "password"), packet);
        const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        r = fd < 0 ? -errno : send_all(fd, interface ? interface : "", &to, packet, len);
        if (fd >= 0)
                (void)close(fd);
        if (r < 0)
                return error_set(reterr, r, "cannot send to %s%s%s: %s", power_param(t->params, "address"),
                                 interface && *interface ? " by interface " : "", interface ? interface : "",
                                 strerror(-r));
        return POWER_DONE;
}

const struct power_driver power_wol = {
        .name = "wol",
        .title = "Wake-on-LAN",
        .keys = keys,
        .can = 1u << POWER_TURN_ON,
        .at_once = 16,
        .check = check,
        .act = act,
};
