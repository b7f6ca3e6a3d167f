/*
 * What the rack knows of the site for the doctor: other servers, ports, links, what reaches the interfaces
 * and what reaches us, the clock, our rights. Control thread only.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/trail/doctor/site.h"

struct rack;

/* Counts what comes to an interface before any filter looks at it. */
struct checkup_link {
        unsigned ifindex; /* 0: the place is free */
        int dhcp, tftp;   /* raw_open_udp()'s, never read; -1 */
};

enum { CHECKUP_LINKS_MAX = 64 };

struct checkup {
        struct checkup_link links[CHECKUP_LINKS_MAX];
        uint64_t dhcp_seen, tftp_seen, tftp_received;
};

/** checkup_set_links() - count on the links that are served now. */
void checkup_set_links(struct rack *r);
void checkup_end(struct rack *r);

/** rack_site_facts() - @ret: all but what is known of machines and images. */
void rack_site_facts(struct rack *r, struct site_facts *ret);
