/*
 * What diskless machines have on this server, for the daemon: what core/life decided is carried out by
 * bramble-helper, step by step for each machine, and boots are told when their root is ready.
 *
 * All of it on the control thread. After a restart nothing is remembered: the helper lists what there is,
 * life says what each machine wants, and what is done already is done again for nothing. What nobody wants
 * then stays all the same: only orders remove.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/life/life.h"
#include "core/trail/doctor/site.h"
#include "io/loop.h"
#include "rack/rack.h"

struct storage;

struct storage_config {
        struct loop *loop;
        struct life_keeper keeper;
        int helper;         /* a socket to bramble-helper, taken over; negative: none */
        const char *socket; /* where to find it, now and when it is gone; "": nowhere */
};

/** storage_start() - says hello to the helper, and waits for what it says. Without one there is nothing to be
 * kept here, and that is no error. */
MUST_CHECK int storage_start(const struct storage_config *config, struct storage **ret, struct error *reterr);
void storage_free(struct storage *s); /* when the loop has ended; NULL is a no-op */

/** storage_roots() - bits 1 << enum root_kind: what can be served with it. */
unsigned storage_roots(const struct storage *s);

/** storage_lack() - why others cannot; "": nothing is to be said. Lives as long as @s. */
const char *storage_lack(const struct storage *s);

/** storage_facts() - adds to @ret what stands here, that nobody wants and nobody ordered away. */
void storage_facts(struct storage *s, struct site_facts *ret);

struct life_storage storage_table(struct storage *s);

/** storage_ask_root() - as rack_config.root. */
void storage_ask_root(void *storage, const struct rack_root_ask *q);

/* Those that are made after it; before the loop runs. */
void storage_set_life(struct storage *s, struct life *life);
void storage_set_rack(struct storage *s, struct rack *rack);
