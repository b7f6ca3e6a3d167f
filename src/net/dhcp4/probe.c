/* Which addresses are being asked about on the wire; see probe.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dhcp4/probe.h"

static void forget(struct dhcp4_probes *p, size_t i) {
        p->items[i] = p->items[--p->n];
}

static void expire(struct dhcp4_probes *p, uint64_t now_ms) {
        for (size_t i = p->n; i-- > 0;)
                if (p->items[i].until_ms <= now_ms)
                        forget(p, i);
}

static struct dhcp4_probe *find(struct dhcp4_probes *p, unsigned ifindex, uint32_t addr) {
        for (size_t i = 0; i < p->n; i++)
                if (p->items[i].addr == addr && p->items[i].ifindex == ifindex)
                        return &p->items[i];
        return NULL;
}

bool dhcp4_probes_start(struct dhcp4_probes *p, unsigned ifindex, uint32_t addr, uint64_t now_ms) {
        expire(p, now_ms);
        if (p->n == DHCP4_PROBES_MAX || find(p, ifindex, addr))
                return false;
        p->items[p->n++] =
                (struct dhcp4_probe){ .addr = addr, .ifindex = ifindex, .until_ms = now_ms + DHCP4_PROBE_MS };
        return true;
}

void dhcp4_probes_expect(struct dhcp4_probes *p, unsigned ifindex, uint32_t addr, const struct mac *client) {
        struct dhcp4_probe *probe = find(p, ifindex, addr);
        if (probe)
                probe->client = *client;
}

bool dhcp4_probes_judge(struct dhcp4_probes *p, unsigned ifindex, const struct dhcp4_arp *arp,
                        uint64_t now_ms) {
        expire(p, now_ms);
        /* A sender of 0 only asks, as its new owner does before it takes the address. */
        struct dhcp4_probe *probe = arp->sender ? find(p, ifindex, arp->sender) : NULL;
        if (!probe || mac_equal(&probe->client, &arp->sender_mac))
                return false;
        forget(p, (size_t)(probe - p->items));
        return true;
}
