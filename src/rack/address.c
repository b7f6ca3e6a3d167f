/* What hangs on an address; see address.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/address.h"

#include <errno.h>
#include <string.h>

#include "io/log.h"

enum { NEIGHBOURS_MAX = 8192 }; /* entries of ours at once: more boards than that boot one after another */

static void remove_neighbour(struct rack *r, struct session *s) {
        if (!s->neighbour_ifindex)
                return;
        int error = neighbour_remove(r->neighbours, s->neighbour_ifindex, ip_to_v4(&s->ask.client_ip));
        if (error < 0 && error != -ENODEV) /* an interface that is gone took its entries with it */
                log_warn("site: a neighbour entry stays behind", "why", strerror(-error));
        r->n_neighbours--;
        s->neighbour_ifindex = 0;
}

void rack_leave_address(struct rack *r, struct session *s) {
        if (!ip_is_set(&s->ask.client_ip))
                return;
        presences_remove(r->presences, &s->ask.client_ip, s->ask.session);
        remove_neighbour(r, s);
        s->ask.client_ip = (struct ip_addr){};
}

void rack_pass_address(struct rack *r, uint32_t addr, const struct mac *mac) {
        struct ip_addr ip = ip_from_v4(addr);
        const struct presence *known = presences_find(r->presences, &ip);

        if (!known || mac_equal(&known->ask.mac, mac))
                return;
        struct session *s = sessions_find(r->sessions, &known->ask.mac);
        if (s && ip_equal(&s->ask.client_ip, &ip))
                rack_leave_address(r, s);
        else
                presences_remove(r->presences, &ip, known->ask.session);
}

void rack_give_up_address(struct rack *r, uint32_t addr, const struct mac *mac) {
        struct session *s = sessions_find(r->sessions, mac);
        struct ip_addr ip = ip_from_v4(addr);

        if (s && ip_equal(&s->ask.client_ip, &ip))
                rack_leave_address(r, s);
}

void rack_settle(struct rack *r, struct session *s, const struct dhcp4_link *link, uint32_t addr) {
        struct ip_addr ip = ip_from_v4(addr);

        rack_pass_address(r, addr, &s->ask.mac);
        if (!ip_equal(&s->ask.client_ip, &ip))
                rack_leave_address(r, s);
        s->ask.client_ip = ip;
        (void)presences_set(r->presences,
                            &s->ask); /* out of memory: served as somebody unknown, and says so */
        trail_set_ip(r->trail, s->ask.session, &ip);
        if (link && !s->neighbour_ifindex && r->n_neighbours < NEIGHBOURS_MAX &&
            neighbour_set(r->neighbours, link->ifindex, addr, &s->ask.mac) == 0) {
                s->neighbour_ifindex = link->ifindex;
                r->n_neighbours++;
        }
}
