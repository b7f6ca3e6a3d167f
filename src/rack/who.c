/* Who a DHCP message is from; see who.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/who.h"

enum { HTYPE_ETHERNET = 1 };

void who_of(const struct dhcp4_packet *p, const struct board_set *boards, struct who *ret) {
        const struct dhcp4_option *uuid = dhcp4_option_find(p, DHCP4_OPTION_UUID);
        const struct dhcp4_option *params = dhcp4_option_find(p, DHCP4_OPTION_PARAMETERS);
        const struct dhcp4_option *undi = dhcp4_option_find(p, DHCP4_OPTION_UNDI);
        const struct dhcp4_option *arch = dhcp4_option_find(p, DHCP4_OPTION_ARCH);

        *ret = (struct who){
                .evidence = {
                        .boards = boards,
                        .mac = p->mac,
                        /* RFC 4578 section 2.1: a list; the first is the one that asks now. */
                        .arch = arch && arch->len >= 2 ? arch->octets[0] << 8 | arch->octets[1] : -1,
                        .uuid = uuid ? uuid->octets : NULL,
                        .uuid_len = uuid ? uuid->len : 0,
                        .params = params ? params->octets : NULL,
                        .n_params = params ? params->len : 0,
                        .undi = undi ? undi->octets : NULL,
                        .undi_len = undi ? undi->len : 0,
                        .xid = p->xid,
                },
        };
        ret->evidence.vendor_class =
                dhcp4_option_text(p, DHCP4_OPTION_VENDOR_CLASS, ret->vendor_class, sizeof(ret->vendor_class));
        ret->evidence.user_class =
                dhcp4_option_text(p, DHCP4_OPTION_USER_CLASS, ret->user_class, sizeof(ret->user_class));
}

void who_ask(const struct dhcp4_packet *p, const struct who *who, enum boot_client_id client,
             struct boot_ask *ret) {
        const struct dhcp4_option *client_id = dhcp4_option_find(p, DHCP4_OPTION_CLIENT_ID);

        boot_ask_from_evidence(&who->evidence, ret);
        ret->client = client;
        if (client_id && client_id->len <= sizeof(ret->client_id)) {
                memcpy(ret->client_id, client_id->octets, client_id->len);
                ret->client_id_len = (uint8_t)client_id->len;
        }
}

static bool repeats_mac(const struct dhcp4_option *client_id, const struct mac *mac) {
        return client_id->len == 1 + sizeof(mac->octets) && client_id->octets[0] == HTYPE_ETHERNET &&
               memcmp(client_id->octets + 1, mac->octets, sizeof(mac->octets)) == 0;
}

void who_lease_client(const struct dhcp4_packet *p, uint64_t subnet, struct lease_client *ret) {
        const struct dhcp4_option *client_id = dhcp4_option_find(p, DHCP4_OPTION_CLIENT_ID);
        bool is_own_key = client_id && client_id->len > 0 && !repeats_mac(client_id, &p->mac);

        *ret = (struct lease_client){ .subnet = subnet };
        lease_client_key(ret, is_own_key ? client_id->octets : NULL, is_own_key ? client_id->len : 0,
                         &p->mac);
        (void)dhcp4_option_text(p, DHCP4_OPTION_HOSTNAME, ret->hostname, sizeof(ret->hostname));
}

const struct machine *who_machine(const struct site *site, const struct boot_ask *ask) {
        const struct machine *m = mac_is_zero(&ask->mac) ? NULL : site_machine_by_mac(site, &ask->mac);

        if (!m && ask->has_serial)
                m = site_machine_by_serial(site, ask->serial);
        if (!m && ask->has_uuid)
                m = site_machine_by_uuid(site, ask->uuid);
        if (!m && ask->client_id_len)
                m = site_machine_by_client_id(site, ask->client_id, ask->client_id_len);
        return m;
}
