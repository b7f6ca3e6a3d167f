/*
 * The rack's state on the control thread, shared by the files of this folder and by nobody else.
 *
 * What other threads read is published (presence.h, the snapshot); what they tell comes through a queue
 * (served.h).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/plan.h"
#include "core/image/store.h"
#include "core/lease/clock.h"
#include "core/lease/declines.h"
#include "core/lease/journal.h"
#include "core/lease/lease.h"
#include "core/trail/store.h"
#include "core/trail/trail.h"
#include "io/loop.h"
#include "io/neighbour.h"
#include "io/netif.h"
#include "net/dhcp4/client.h"
#include "net/dhcp4/server.h"
#include "net/http/server.h"
#include "net/netconsole/server.h"
#include "net/tftp/server.h"
#include "rack/authority.h"
#include "rack/checkup.h"
#include "rack/console.h"
#include "rack/follow.h"
#include "rack/hearing.h"
#include "rack/keyring.h"
#include "rack/nets.h"
#include "rack/presence.h"
#include "rack/rack.h"
#include "rack/ramdisks.h"
#include "rack/session.h"
#include "rack/sighting.h"
#include "rack/signatures.h"
#include "rack/tftp.h"
#include "rack/token.h"
#include "rack/who.h"

enum {
        RACK_LINKS_MAX = 64,
        RACK_FOREIGN_MAX = 32,
        RACK_FOREIGN_NEWS_S = 3600, /* a server that was not heard for so long was switched off */
        RACK_PROBLEMS_MAX = 16,
        RACK_PROBLEM_SIZE = 200
};

/* The message in work: found out once, used by every question that the DHCP server asks about it. */
struct meeting {
        const struct dhcp4_packet *packet; /* NULL: none in work */
        const struct dhcp4_link *link;
        const struct net *net;
        const struct boot_client *client;
        const struct machine *machine; /* NULL: nobody registered it */
        struct session *session;       /* NULL: nothing that boots */
        struct boot_ask ask;
        bool is_new_session;
        bool names_other_mac;       /* option 97 holds a MAC that is not the sender's */
        const char *why_no_address; /* static text; NULL: it has one, or none was asked for */
        const char *why_no_boot;    /* the plan's last reason; NULL: it boots */
        const char *contradiction;  /* what does not fit of who it says it is; NULL: all does */
        struct mac same_serial;     /* another board said its serial; zero: none did */
        const char *destiny;        /* where its boot leads, for the trail; NULL: nothing worth a line */
        char refused[256];          /* that it shows that something was refused to start; "" */
};

/* A DHCP server that is not us, heard on a link. */
struct foreign_server {
        char interface[16];
        uint32_t server;
        int64_t first_s, last_s; /* Unix time */
};

/* The newest DISCOVER of a boot ROM. All of them use one transaction number (facts 1.2). */
struct rom_heard {
        struct mac mac; /* zero: none was heard */
        uint64_t subnet, at_ms;
};

/* One link asked as a client would, for three seconds after it is first served. */
struct question {
        struct rack *rack;
        struct dhcp4_link link;      /* ifindex 0: the place is free */
        struct dhcp4_client *client; /* NULL: answered */
};

struct rack {
        struct loop *loop;
        struct rack_config config;

        /* Configured. */
        struct nets *nets; /* the newest snapshot, as DHCP needs it */
        struct dhcp4_link links[RACK_LINKS_MAX];
        size_t n_links;
        struct question questions[RACK_LINKS_MAX]; /* whether another server is there: asked once a link */
        char problems[RACK_PROBLEMS_MAX]
                     [RACK_PROBLEM_SIZE]; /* why an interface is not served; made with the links */
        size_t n_problems;

        /* Runtime state, ours alone. */
        struct token_key token_key;
        struct authority *authority;
        struct keyring *keys;
        struct signatures *signatures;
        struct ramdisks *ramdisks;
        struct presences *presences;
        bool has_remembered; /* rack_remember() was called */
        struct sessions *sessions;
        struct sightings *sightings;
        struct captures *captures; /* what boards said in their last boot */
        struct lease_table *leases;
        struct lease_journal *journal;
        struct lease_clock lease_clock;
        bool journal_is_stale; /* its times are of a clock that was set since */
        struct declines declines;
        struct trail *trail;
        struct trail_store *trail_store;
        struct foreign_server foreign[RACK_FOREIGN_MAX];
        size_t n_foreign;
        struct rom_heard rom;
        struct consoles consoles;
        struct checkup checkup;
        int neighbours;      /* neighbour_open()'s; -1 */
        size_t n_neighbours; /* entries of ours that stand */
        struct arena *arena; /* of the plan in work */
        struct meeting meeting;
        uint64_t journal_failure_said_ms, pool_empty_said_ms, declines_said_ms;
        uint64_t strangers_said_s; /* the second in which @n_strangers_said lines were logged of them */
        unsigned n_strangers_said;

        /* Servers and what wakes us. */
        struct view_source view_source;
        struct queue *served;
        struct hearing *hearing;
        struct dhcp4_server *dhcp4;
        struct tftp_files *tftp_files;
        struct http_files *http_files;
        struct tftp_server *tftp;
        struct http_server *http, *https;
        struct netconsole_server *netconsole; /* NULL: switched off */
        struct loop_io *journal_io, *served_io, *hearing_io, *signed_io;
        struct loop_timer *served_pause;
        struct netif_watch *netifs;
        struct loop_timer *tick;
        struct follow *follow;
};
