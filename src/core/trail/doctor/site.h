/*
 * The doctor looks at the site itself: what keeps any machine from booting, whatever it does. Pure: facts go
 * in, a verdict for each row of the table comes out.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "core/trail/doctor/doctor.h"

enum { SITE_NAMES_MAX = 6, SITE_NAME_SIZE = 160, SITE_OURS_MAX = 64 };

/* Things that are wrong in one way, each a few words. */
struct site_names {
        char items[SITE_NAMES_MAX][SITE_NAME_SIZE];
        size_t n; /* all of them, also those that have no room */
};

/** site_names_add() - one more. */
void site_names_add(struct site_names *names, const char *format, ...) PRINTF(2, 3);

struct site_facts {
        struct site_names foreign;    /* DHCP servers that are not us, where we are the server */
        struct site_names ports;      /* ports of ours that other programs have */
        struct site_names links;      /* interfaces and subnets that are not served, and why */
        struct site_names mtus;       /* interfaces with small packets */
        struct site_names rights;     /* capabilities that we lack */
        struct site_names unbootable; /* machines that are to boot and have no plan, and why */
        struct site_names lost;       /* files that plans name, and that cannot be read */
        struct site_names strayed;    /* EEPROMs that name another server */
        struct site_names left;       /* volumes on this server that nobody wants, nor ordered away */
        uint32_t ours[SITE_OURS_MAX]; /* addresses of this server, host byte order */
        size_t n_ours;
        uint64_t dhcp_seen, dhcp_received; /* on the wire; by the sockets, behind any filter */
        uint64_t tftp_seen, tftp_received;
        int64_t now_s, newest_s; /* Unix time: of the clock; of the newest thing that was written down */
        bool is_clock_kept;      /* something keeps the clock right */
};

struct site_check {
        const char *id, *title;
        enum doctor_weight weight; /* when it does not hold */
        const char *page, *remedy;

        /* Whether something is wrong; then @buf says what. */
        bool (*is_wrong)(const struct site_facts *f, char *buf, size_t size);
};

extern const struct site_check site_checks[];
extern const size_t site_n_checks;
