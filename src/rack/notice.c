/* What goes on for a while; see notice.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/notice.h"

#include <string.h>

#include "io/clock.h"
#include "io/log.h"

enum { NOTE_EVERY_MS = 60000, STRANGERS_A_SECOND = 20 };

/* Whether something that goes on should be said again now. */
static bool is_due(uint64_t *last_ms, uint64_t now_ms) {
        if (*last_ms && now_ms - *last_ms < NOTE_EVERY_MS)
                return false;
        *last_ms = now_ms;
        return true;
}

void rack_note_journal_failure(struct rack *r) {
        int failure = lease_journal_failure(r->journal);
        if (is_due(&r->journal_failure_said_ms, clock_now_ms()))
                log_error("dhcp: the lease journal cannot be written, giving no address until it can", "why",
                          failure ? strerror(-failure) : "too many leases wait for the disk");
}

void rack_note_pool_empty(struct rack *r, const struct net *net) {
        char text[IP_NET_TEXT_SIZE];
        if (is_due(&r->pool_empty_said_ms, clock_now_ms()))
                log_warn("dhcp: no free address left, staying silent", "subnet",
                         ip_net_text(&net->subnet->net, text), "remedy",
                         "bramble subnet set CIDR --range A-B with more addresses, or a shorter --lease");
}

void rack_note_declines(struct rack *r, const struct mac *mac) {
        char text[MAC_TEXT_SIZE];
        if (is_due(&r->declines_said_ms, clock_now_ms()))
                log_warn("dhcp: a client declines one address after the other, not heeding it", "mac",
                         mac_text(mac, text), "remedy", "see who else uses addresses of the subnet's ranges");
}

/* Room for another one: the place of one that was not heard for long, where none is left. */
static struct foreign_server *foreign_place(struct rack *r, int64_t now_s) {
        if (r->n_foreign < RACK_FOREIGN_MAX)
                return &r->foreign[r->n_foreign++];
        for (size_t i = 0; i < r->n_foreign; i++)
                if (now_s - r->foreign[i].last_s > RACK_FOREIGN_NEWS_S)
                        return &r->foreign[i];
        return NULL;
}

bool rack_may_log(struct rack *r, const struct machine *machine, uint64_t now_ms) {
        if (machine)
                return true;
        if (r->strangers_said_s != now_ms / 1000) {
                r->strangers_said_s = now_ms / 1000;
                r->n_strangers_said = 0;
        }
        return r->n_strangers_said++ < STRANGERS_A_SECOND;
}

void rack_note_foreign(struct rack *r, const struct dhcp4_link *link, uint32_t server) {
        int64_t now_s = clock_unix_s();
        char ip[IP_TEXT_SIZE];

        for (size_t i = 0; i < r->n_foreign; i++) {
                struct foreign_server *f = &r->foreign[i];
                if (f->server == server && strcmp(f->interface, link->interface) == 0) {
                        f->last_s = now_s;
                        return;
                }
        }
        struct foreign_server *f = foreign_place(r, now_s);
        if (!f)
                return;
        *f = (struct foreign_server){ .server = server, .first_s = now_s, .last_s = now_s };
        memcpy(f->interface, link->interface, sizeof(f->interface));

        const struct net *net = nets_on(r->nets, link->interface);
        if (net && net->dhcp4.mode == DHCP4_SERVER)
                log_warn("dhcp: another DHCP server answers here: machines may get their address and boot "
                         "from it",
                         "server", ip4_text(server, ip), "interface", link->interface, "remedy",
                         "switch it off, or bramble subnet set CIDR --dhcp proxy");
        else
                log_info("dhcp: the other DHCP server here", "server", ip4_text(server, ip), "interface",
                         link->interface);
}
