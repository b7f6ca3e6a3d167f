/*
 * A rack without sockets: its state in memory, leases in a temporary directory, and messages handed to the
 * DHCP decision as the server would. For conversations.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "boot_site.h"
#include "client_says.h"
#include "net/dhcp4/answer.h"
#include "rack/state.h"

/* 10.77.0.0/24 on eth1 gives .10 to .12; 10.78.0.0/24 on eth2 is proxied; 10.79.0.0/24 lies behind relays;
 * 10.80.0.0/24 and 10.81.0.0/24 share eth3, .10 each; 10.82.0.0/24 on eth4 refuses who is unknown;
 * 127.0.0.0/8 enlists. */
enum { ETH1, ETH2, ETH3, ETH4, N_LINKS };

#define NET(third, last) (0x0a000000u | (uint32_t)(third) << 16 | (uint32_t)(last))

struct rack_world {
        struct rack rack;
        struct boot_site *files;
        struct site *site;
        char dir[64];
        uint64_t now_ms;

        /* The last answer. */
        struct dhcp4_answer answer;
        uint8_t octets[DHCP4_MESSAGE_MAX], asked_octets[DHCP4_MESSAGE_MAX];
        struct dhcp4_packet asked, reply;
};

struct rack_world *rack_world_new(void);
void rack_world_free(struct rack_world *w);

/** rack_world_says() - a message comes in on a link; returns the type of the answer. */
enum dhcp4_type rack_world_says(struct rack_world *w, size_t link, const struct saying *s);

/** rack_world_overhears() - another server's message is heard on a link. */
void rack_world_overhears(struct rack_world *w, size_t link, const struct saying *s);

/* A machine, as somebody would register it now. */
struct registered {
        const char *name, *mac, *ip, *image;
        uint32_t serial;
        const char *uuid, *client_id; /* hex */
};

/** rack_world_register() - registers it, and publishes the site. */
void rack_world_register(struct rack_world *w, const struct registered *m);
void rack_world_delete(struct rack_world *w, const char *name);

/* What becomes of a machine, as core/life would decide. */
struct becomes {
        enum machine_state state;
        enum root_kind root;
        bool boots_own, require_trusted;
        const char *seed, *run, *reason;
        const char *task;  /* without its number: "\"kind\":\"inventory\"" */
        const char *token; /* of the deployment, as text */
};

/** rack_world_live() - a machine goes on in its life, and the site is published; each task has the next
 * number. */
void rack_world_live(struct rack_world *w, const char *name, const struct becomes *b);

/** rack_world_store() - the files of all images in a store of the world's, where views find them; the
 * caller's.
 */
struct store *rack_world_store(const struct rack_world *w);

/** rack_world_keys() - a ring with one key, whose signer answers when it is let, and then that it cannot. */
struct keyring *rack_world_keys(const struct rack_world *w);
void rack_world_let_signer(const struct rack_world *w);

/** rack_world_story() - the newest session of a MAC, one "what|detail" a line; "" when it has none. */
const char *rack_world_story(struct rack_world *w, const char *mac, char *buf, size_t size);
