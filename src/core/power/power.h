/*
 * Power: turning a machine on and off through whatever it hangs on, a BMC, a switch port, a plug, a hand.
 *
 * A driver is a struct of functions and a table of its keys; drivers.c lists them all. What an operator says
 * of a machine's power are parameters, read and checked by those rows. power_act() blocks, but always ends:
 * it is called on a thread that may wait. When an action may start at all is power_queue.h's business.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"

enum power_action {
        POWER_TURN_ON,
        POWER_TURN_OFF,
        POWER_CYCLE, /* made of the two above, for every driver alike */
        POWER_QUERY,
        POWER_NETWORK_ONCE, /* the next boot, and only that, is from the network; power stays as it is */
        POWER_BOOT, /* from the network, now: the one above where the driver can, then on, or off and on again
                     */
        POWER_ACTIONS
};

enum power_state { POWER_UNKNOWN, POWER_ON, POWER_OFF };

/* What power_act() answers besides -errno. */
enum power_answer {
        POWER_DONE = 0,
        POWER_BY_HAND = 1 /* nobody but a person can do it: the error's text asks for it in words */
};

/* What a value must look like; params.c has a row for each. */
enum power_key_type {
        POWER_TEXT,
        POWER_HOST,    /* HOST, HOST:PORT, [IPV6]:PORT */
        POWER_NUMBER,  /* from least to most */
        POWER_CHOICE,  /* one of choices */
        POWER_BOOL,    /* true, false */
        POWER_URL,     /* http:// or https:// */
        POWER_MAC,     /* six hex pairs */
        POWER_REGEX,   /* as Perl and Python write them */
        POWER_PROGRAM, /* the name of a file, without a path */
        POWER_KEY_TYPES
};

struct power_key {
        const char *name;
        enum power_key_type type;
        bool is_required;
        bool is_secret;       /* kept out of everything that is shown or logged */
        const char *fallback; /* when it is not given; NULL: none */
        const char *help;     /* one sentence */
        const char *choices;  /* POWER_CHOICE: "hard|soft" */
        uint32_t least, most; /* POWER_NUMBER */
};

/* What is known of where a machine's cable ends, from LLDP; "" what is not. */
struct power_neighbour {
        char chassis[64], port[64], port_description[64];
};

/* Where programs lie that drivers start. */
struct power_host {
        const char *programs_dir; /* an operator's, for exec */
        const char *own_dir;      /* Bramble's own */
};

struct power_driver;
struct power_params;

struct power_target {
        const struct power_driver *driver;
        const struct power_params *params;
        const char *machine;    /* its name */
        const struct mac *macs; /* its own, the one that boots first */
        size_t n_macs;
        const char *interface;                   /* ours, that its subnet is on; "": not known */
        const struct power_neighbour *neighbour; /* NULL: not known */
        const struct power_host *host;

        /* Both may be NULL. */
        bool (*may_go_on)(void *ctx); /* asked several times a second; false ends the action, -ECANCELED */
        bool (*is_answering)(
                void *ctx); /* asked while a cycle has its power off: whether the machine is still alive */
        void *ctx;

        /* Set by power_act(): when this attempt is over, monotonic; and whether the machine must not be left
         * as it is now, so that may_go_on() is asked no more. */
        uint64_t until_ms;
        bool is_committed;
};

enum { POWER_LEARNED_MAX = 64, POWER_NOTE_MAX = 160 };

struct power_outcome {
        enum power_state state;    /* as it was at the end */
        char note[POWER_NOTE_MAX]; /* what else there is to say of it, a sentence; "" nothing */

        /* A parameter that was not given and that the driver found out, "" none: keep it, because a machine
         * that is off cannot be found again (snmp_poe: its port). */
        char learned_name[32], learned_value[POWER_LEARNED_MAX];
};

struct power_driver {
        const char *name, *title;
        const struct power_key *keys; /* ends with a NULL name */
        bool takes_any_key;           /* others than those are handed on, to a program */
        unsigned can;                 /* 1 << action, for all that act() knows */

        /* For the queue: how many actions at once one controller (a BMC, a switch) bears, and how far apart
         * they start at least. */
        unsigned at_once, stagger_ms;

        /* What it talks to, for sentences and for the queue: a noun, the key that names it, and the key that
         * tells one outlet of it from another. "switch", "address", "port". All NULL: nothing. */
        const char *peer, *peer_key, *outlet_key;

        /* What the rows cannot say: 0, or -EINVAL with a sentence. NULL: nothing. */
        int (*check)(const struct power_params *params, struct error *reterr);

        /* One attempt at one action of `can` (never POWER_CYCLE or POWER_BOOT), over by t->until_ms. @ret
         * comes zeroed; its state stays POWER_UNKNOWN where the answer does not tell. POWER_DONE,
         * POWER_BY_HAND, or -errno; sentences leave out who the peer is. NULL when it can nothing. */
        int (*act)(const struct power_target *t, enum power_action action, struct power_outcome *ret,
                   struct error *reterr);
};

extern const struct power_driver *const power_drivers[]; /* NULL-terminated */

/** power_driver_by_name() - NULL when there is none. */
const struct power_driver *power_driver_by_name(const char *name);

/**
 * power_act() - carry out an action, with its retries, and see that it came true
 * @t:          whose power; t->until_ms is of no interest
 * @ret:        set on POWER_DONE only
 *
 * An attempt has the parameter timeout_s, and there are `tries` of them; a refusal (a wrong password, a port
 * that is not there) is not tried again. After on and off the state is asked for until it is as wanted. A
 * cycle of a machine that is off turns it on. A cycle that the machine survived is an error, -EREMOTE, that
 * says so: it is still powered from elsewhere.
 *
 * Return: POWER_DONE; POWER_BY_HAND with what to do in words; or -errno with a sentence that names driver,
 * host and port: -ETIMEDOUT, -EACCES (credentials), -EOPNOTSUPP, -ECANCELED, -EBADMSG (an answer that makes
 * no sense), ...
 */
MUST_CHECK int power_act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
                         struct error *reterr);

/** power_survived() - the same sentence, for a caller that finds out after a cycle: -EREMOTE. */
int power_survived(const struct power_target *t, struct error *reterr);

const char *power_state_name(enum power_state state);    /* "on", "off", "unknown" */
const char *power_action_name(enum power_action action); /* "on", "off", "cycle", "query", "network-once" */
MUST_CHECK int power_action_parse(const char *name, enum power_action *ret);
