/*
 * Exporters: one process for each kind of volume and each address of ours that machines reach it at.
 *
 * It is of nobody's process group and outlives who started it; a later helper finds it again by a lock that
 * it holds as long as it lives. What it offers is written down before it is told, so that it can be started
 * anew with the same.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-helper/helper.h"
#include "core/export/offers.h"

struct exporter {
        const struct helper *helper;
        enum volume_kind kind;
        struct ip_addr at;
        char *dir; /* "nbd/at-10.77.0.1" */
        struct offers offers;
};

/* How a kind is served. Each is called with the exporter locked. */
struct exporter_kind {
        const char *program, *package;

        /* Become the program; in a child of its own that holds what is to be held. Returns on failure only.
         */
        int (*become)(const struct exporter *e, const char *program, int listener);

        /* It runs: tell it what it offers. All of it after a start. */
        int (*started)(const struct exporter *e, struct error *reterr);
        int (*add)(const struct exporter *e, const struct volume *v, struct error *reterr);
        int (*remove)(const struct exporter *e, const struct volume *v, struct error *reterr);

        bool knows_clients; /* it lets in only who an offer is for: another one is told as what is added */
        bool is_bound_for;  /* its socket is opened for it, before it has given up its rights */
        uint16_t port;
};

extern const struct exporter_kind exporter_nbd, exporter_nfs;

/** exporter_installed() - whether a kind's program is there; else a sentence that says what to install. */
bool exporter_installed(enum volume_kind kind, struct error *reterr);

/** exporter_offer() - HELPER_OFFER. */
MUST_CHECK int exporter_offer(const struct helper *h, const struct volume *v, const struct ip_addr *server,
                              const struct ip_addr *client, struct error *reterr);

/** exporter_withdraw() - HELPER_WITHDRAW, at every address; who offers nothing any more ends. */
MUST_CHECK int exporter_withdraw(const struct helper *h, const struct volume *v, struct error *reterr);

/** exporter_pid() - of its process; 0: it does not run. */
pid_t exporter_pid(const struct exporter *e);

/** exporter_check() - HELPER_CHECK. Return: how many were started again, or -errno with a sentence. */
MUST_CHECK int exporter_check(const struct helper *h, struct error *reterr);
