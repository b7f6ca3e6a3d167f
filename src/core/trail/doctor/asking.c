/* Signs of DHCP, and of whom a board turns to then; see rules.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/trail/doctor/rules.h"

enum { OFFERS_MIN = 3 }; /* one may be lost, and a second one be late */

static void cite_dhcp(const struct boot_view *v, struct doctor_finding *f) {
        doctor_cite(f, v->boot, v->discover);
        doctor_cite(f, v->boot, v->ack);
        doctor_cite(f, v->boot, v->last_discover);
}

/* The boot began anew, though it had an address. */
static bool asks_again(const struct boot_view *v) {
        return v->ack && v->last_discover > v->ack;
}

bool offer_not_taken(const struct boot_view *v, struct doctor_finding *f) {
        if (!v->is_pi || v->is_pi3 || v->n_files)
                return false;
        if (v->n_requests == 0 && v->n_offers >= OFFERS_MIN) {
                cite_dhcp(v, f);
                return doctor_say(f, "It was offered a boot %u times, and took none of the offers.",
                                  v->n_offers);
        }
        if (!asks_again(v) && !(v->ack && boot_view_has_stopped(v)))
                return false;
        cite_dhcp(v, f);
        return doctor_say(f, "It took the address that it was offered, and then asked for no file.");
}

bool other_server(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *offer = boot_view_heard(v, TRAIL_OFFER_ELSEWHERE);
        const struct trail_event *request = boot_view_heard(v, TRAIL_REQUEST_ELSEWHERE);

        if (!request && !(offer && v->n_discovers > 1 && !v->n_requests && !v->n_files))
                return false;
        if (v->n_served)
                return false; /* it came here all the same */
        doctor_cite(f, v->boot, v->discover);
        doctor_cite(f, v->boot, offer);
        doctor_cite(f, v->boot, request);
        return doctor_say(f, "Another DHCP server is on its network, and it took that one's offer: %s.",
                          (request ? request : offer)->detail);
}

/* Its DISCOVERs came in vain, or rather their answers did: the ROM's next word after an OFFER is a file. */
static bool rom_is_deaf(const struct boot_view *v) {
        return v->is_pi3 && v->n_offers > 0 && boot_view_has_stopped(v) &&
               (!v->last_file || v->last_file < v->last_discover);
}

bool rom_gave_up(const struct boot_view *v, struct doctor_finding *f) {
        if (!rom_is_deaf(v))
                return false;
        cite_dhcp(v, f);
        return doctor_say(f,
                          "It asked %u times, was answered, and asked for no file. It has given up by now.",
                          v->n_discovers);
}

bool never_seen(const struct boot_view *v, struct doctor_finding *f) {
        if (v->boot || !v->facts->machine)
                return false;
        return doctor_say(f, "No packet of %s ever came here.", v->facts->machine);
}

bool rom_collision(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *other = boot_view_heard(v, TRAIL_SAME_XID);

        if (!other || !rom_is_deaf(v))
                return false;
        cite_dhcp(v, f);
        doctor_cite(f, v->boot, other);
        return doctor_say(
                f, "Two Pi 3 were switched on together, and each may have taken the other's answer: %s.",
                other->detail);
}

bool wrong_tftp_server(const struct boot_view *v, struct doctor_finding *f) {
        const struct trail_event *arp = boot_view_heard(v, TRAIL_ARP_ELSEWHERE);

        if (!arp || !v->is_pi || v->n_served || (v->last_file && v->ack && v->last_file > v->ack) ||
            !(asks_again(v) || boot_view_has_stopped(v)))
                return false;
        cite_dhcp(v, f);
        doctor_cite(f, v->boot, arp);
        return doctor_say(f, "It has its address from here, and asks somebody else for its files: %s.",
                          arp->detail);
}

bool no_lease(const struct boot_view *v, struct doctor_finding *f) {
        if (!v->boot || !v->last_file || v->n_discovers || v->n_requests || v->system)
                return false;
        const struct trail_event *first = boot_view_find(v, (struct event_want){ .outcome = -1 });
        if (first->kind != TRAIL_TFTP)
                return false;
        doctor_cite(f, v->boot, first);
        doctor_cite(f, v->boot, v->last_file);
        return doctor_say(f, "It asks for files without having asked for an address.");
}
