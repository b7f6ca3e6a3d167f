/* Ports of a PoE switch; see poe.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/power/poe.h"

int poe_port_parse(const char *text, struct poe_port *ret) {
        const char *dot = strchr(text, '.');
        char group[12] = "1";
        uint64_t g, p;

        if (dot) {
                if ((size_t)(dot - text) >= sizeof(group))
                        return -EINVAL;
                memcpy(group, text, (size_t)(dot - text));
                group[dot - text] = 0;
        }
        if (text_parse_u64(group, INT32_MAX, &g) < 0 ||
            text_parse_u64(dot ? dot + 1 : text, INT32_MAX, &p) < 0 || g == 0 || p == 0)
                return -EINVAL;
        *ret = (struct poe_port){ .group = (uint32_t)g, .port = (uint32_t)p };
        return 0;
}

const char *poe_port_text(const struct poe_port *p, char buf[static POE_PORT_TEXT_SIZE]) {
        (void)snprintf(buf, POE_PORT_TEXT_SIZE, "%u.%u", p->group, p->port);
        return buf;
}

static const struct {
        enum power_state state;
        const char *note;
} meanings[] = {
        [POE_NOT_TOLD] = { POWER_ON, "" },
        [POE_DISABLED] = { POWER_OFF, "the port is enabled, and gives no power yet" },
        [POE_SEARCHING] = { POWER_OFF, "the port is enabled, but nothing at its end takes power by PoE: no "
                                       "cable, or the "
                                       "machine is powered from elsewhere" },
        [POE_DELIVERING] = { POWER_ON, "" },
        [POE_FAULT] = { POWER_OFF, "the switch says that the port has a fault" },
        [POE_TESTING] = { POWER_UNKNOWN, "the switch is testing the port" },
        [POE_OTHER_FAULT] = { POWER_OFF, "the switch says that the port has a fault" },
};

void poe_state(bool is_enabled, int64_t detection, struct power_outcome *ret) {
        const bool is_known = detection >= 0 && detection < (int64_t)ARRAY_LEN(meanings);
        const size_t i = is_known ? (size_t)detection : POE_NOT_TOLD;

        if (!is_enabled) {
                /* It may go on delivering for a moment after it was told to stop. */
                ret->state = i == POE_DELIVERING ? POWER_ON : POWER_OFF;
                (void)text_copy(ret->note, sizeof(ret->note),
                                i == POE_DELIVERING ? "the port is disabled, and still gives power" : "");
                return;
        }
        ret->state = meanings[i].state;
        (void)text_copy(ret->note, sizeof(ret->note), meanings[i].note);
}

int poe_choose(const struct poe_evidence *e, struct poe_port *ret, struct error *reterr) {
        const struct poe_port *found = NULL;
        char one[POE_PORT_TEXT_SIZE], other[POE_PORT_TEXT_SIZE];

        if (e->n_macs > POE_MACS_MAX)
                return error_set(reterr, -EINVAL,
                                 "its port %u has %zu addresses behind it, so it leads to another switch: "
                                 "set port and "
                                 "address to where the machine is plugged in",
                                 e->bridge_port ? e->bridge_port : e->ifindex, e->n_macs);
        /* Most count PoE ports as they count the ports of the bridge, some as interfaces; whichever fits. */
        for (size_t i = 0; i < e->n_ports; i++) {
                const struct poe_port *p = &e->ports[i];
                if (p->port == 0 || (p->port != e->bridge_port && p->port != e->ifindex))
                        continue;
                if (found)
                        return error_set(reterr, -EINVAL, "the machine may be on port %s or %s: set port",
                                         poe_port_text(found, one), poe_port_text(p, other));
                found = p;
        }
        if (!found)
                return error_set(
                        reterr, -ENOENT,
                        "the machine is behind port %u (interface %u), which is none that gives power: set "
                        "port",
                        e->bridge_port, e->ifindex);
        *ret = *found;
        return 0;
}
