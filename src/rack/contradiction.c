/* Who says that it is somebody else; see contradiction.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/contradiction.h"

#include <stdio.h>

#include "rack/who.h"

static bool serial_differs(const struct site *site, const struct boot_ask *ask, uint32_t said, char *buf,
                           size_t size) {
        const struct machine *asks = who_machine(site, ask), *named = site_machine_by_serial(site, said);

        if (!boot_client_is_pi(ask->client) || (ask->has_serial && ask->serial == said))
                return false;
        if (named && named != asks)
                (void)snprintf(buf, size,
                               "it asks for files of serial %08x: that is machine %s, and this is %s", said,
                               named->name, asks ? asks->name : "not");
        else if (ask->has_serial)
                (void)snprintf(buf, size, "it asks for files of serial %08x: DHCP said %08x", said,
                               ask->serial);
        else if (asks && asks->has_serial && asks->serial != said)
                (void)snprintf(buf, size,
                               "it asks for files of serial %08x: machine %s is registered with %08x", said,
                               asks->name, asks->serial);
        else
                return false;
        return true;
}

static bool mac_differs(const struct boot_ask *ask, const struct mac *said, char *buf, size_t size) {
        char asked[MAC_TEXT_SIZE], is[MAC_TEXT_SIZE];

        if (mac_is_zero(said) || mac_equal(said, &ask->mac))
                return false;
        (void)snprintf(buf, size, "it asks for files of MAC %s: it is %s", mac_text(said, asked),
                       mac_text(&ask->mac, is));
        return true;
}

bool contradiction_in_path(const struct site *site, const struct boot_ask *ask, const char *path, char *buf,
                           size_t size) {
        struct boot_ask said = { .client = ask->client };

        if (!boot_path_identity(path, &said))
                return false;
        return said.has_serial ? serial_differs(site, ask, said.serial, buf, size)
                               : mac_differs(ask, &said.mac, buf, size);
}

bool contradiction_of_serial(const struct site *site, const struct mac *mac,
                             const struct sighting *said_before) {
        if (!said_before || mac_equal(&said_before->known.mac, mac))
                return false;
        const struct machine *m = site_machine_by_mac(site, mac);
        return !m || m != site_machine_by_mac(site, &said_before->known.mac);
}
