/* Finding the way to the server; see uplink.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "app/bramble-agent/io/clock.h"
#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/module.h"
#include "app/bramble-agent/uplink.h"
#include "base/text.h"

enum {
        LOOK_MS = 250,        /* between two looks for cards, modules and links */
        BOOT_LINK_MS = 15000, /* how long the firmware's card is waited for before others are tried */
        LEASE_MS = 15000,     /* on one card; then the next one's turn */
        SERVER_TRIES = 3,
        SERVER_IDLE_S = 5,
        COMPLAIN_MS = 10000
};

struct search {
        const struct tree *tree;
        struct module_set *modules;
        const struct boot_words *words;
        struct tls *tls;
        uint64_t begin_ms, complained_ms;
        struct nic nics[NICS_MAX];
        unsigned n_nics;
};

static void nap(unsigned ms) {
        (void)nanosleep(
                &(struct timespec){ .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 },
                NULL);
}

/* Any answer will do, also one that refuses us: the conversation will see to that. */
static bool server_answers(const struct search *s) {
        struct event_base *base = event_base_new();
        CLEANUP(http_free_at) struct http *http = base ? http_new(base, &s->words->server, s->tls) : NULL;
        const struct http_ask ask = { .method = "GET", .path = "hello", .idle_s = SERVER_IDLE_S };
        bool is_there = false;

        for (unsigned i = 0; http && i < SERVER_TRIES && !is_there; i++) {
                CLEANUP(http_reply_clear) struct http_reply reply;
                http_wait(http, &ask, NULL, NULL, &reply);
                is_there = reply.status > 0;
                if (!is_there) {
                        log_line("no answer from the server at %s port %u: %s", s->words->server.address,
                                 s->words->server.port, reply.why);
                        nap(1000);
                }
        }
        http_free(TAKE(http));
        if (base)
                event_base_free(base);
        return is_there;
}

static bool get_lease(struct dhcp *d) {
        uint64_t end_ms = clock_now_ms() + LEASE_MS, now_ms;
        struct lease lease;

        while ((now_ms = clock_now_ms()) < end_ms) {
                struct pollfd p = { .fd = d->fd, .events = POLLIN };
                (void)poll(&p, 1, (int)(end_ms - now_ms));
                int r = dhcp_read(d, &lease);
                if (r == LEASE_BOUND) {
                        char text[IP_TEXT_SIZE];
                        log_line("%s: address %s", d->nic, ip4_text(lease.address, text));
                        return true;
                }
                if (r == -EPIPE)
                        nap(1000); /* the client ended: a kernel without packet sockets, or no memory */
        }
        return false;
}

static bool try_nic(const struct search *s, const struct nic *nic, struct dhcp *ret) {
        struct dhcp d = { .fd = -1 };

        int r = dhcp_start(&d, nic->name);
        if (r < 0) {
                log_line("%s: the DHCP client cannot be started: %s", nic->name, strerror(-r));
                return false;
        }
        if (!get_lease(&d))
                log_line("%s has a link, but nobody gave it an address", nic->name);
        else if (server_answers(s)) {
                *ret = d;
                return true;
        }
        dhcp_stop(&d);
        (void)!nic_set_address(nic->name, 0, 0);
        return false;
}

static bool is_boot_nic(const struct search *s, const struct nic *nic) {
        return s->words->has_boot_mac && mac_equal(&nic->mac, &s->words->boot_mac);
}

/* Drivers that came, cards that came; all of them up, so that a link shows. */
static void look(struct search *s) {
        if (s->modules)
                (void)module_load_for_devices(s->modules);
        s->n_nics = nic_list(s->tree, s->nics);
        for (unsigned i = 0; i < s->n_nics; i++)
                (void)!nic_up(s->nics[i].name); /* one that cannot come up shows no link */
}

static void complain(struct search *s) {
        uint64_t now_ms = clock_now_ms();

        if (now_ms - s->complained_ms < COMPLAIN_MS)
                return;
        s->complained_ms = now_ms;
        if (s->n_nics == 0)
                log_line("waiting for a network card: none is there, or the image has no driver for it");
        else
                log_line("waiting for a link on %u network card%s", s->n_nics, s->n_nics == 1 ? "" : "s");
}

/* One round: the firmware's own card as long as it may still come up, then the others. */
static bool try_all(struct search *s, struct dhcp *ret) {
        bool is_early = clock_now_ms() - s->begin_ms < BOOT_LINK_MS, has_boot_nic = false;

        for (unsigned i = 0; i < s->n_nics; i++) {
                if (!is_boot_nic(s, &s->nics[i]))
                        continue;
                has_boot_nic = true;
                if (s->nics[i].has_carrier && try_nic(s, &s->nics[i], ret))
                        return true;
        }
        for (unsigned i = 0; i < s->n_nics; i++) {
                bool is_its_turn = !is_boot_nic(s, &s->nics[i]) && !(has_boot_nic && is_early);
                if (is_its_turn && s->nics[i].has_carrier && try_nic(s, &s->nics[i], ret))
                        return true;
        }
        return false;
}

void uplink_find(const struct tree *t, struct module_set *modules, const struct boot_words *words,
                 struct tls *tls, struct dhcp *ret) {
        struct search s = { .tree = t,
                            .modules = modules,
                            .words = words,
                            .tls = tls,
                            .begin_ms = clock_now_ms(),
                            .complained_ms = clock_now_ms() };

        for (;;) {
                look(&s);
                if (try_all(&s, ret))
                        return;
                complain(&s);
                nap(LOOK_MS);
        }
}
