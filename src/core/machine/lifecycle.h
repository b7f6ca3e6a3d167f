/*
 * The life of a machine as one table: from which state, on which event, to which state, what is to be done,
 * and how long that may take.
 *
 * States, their numbers and their names are MAAS', so that people and clients know them. Pure data and
 * questions about it: core/life carries out the column of actions, and docs/lifecycle.md is drawn from the
 * table.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum machine_state {
        STATE_NEW = 0,
        STATE_COMMISSIONING = 1,
        STATE_FAILED_COMMISSIONING = 2,
        STATE_MISSING = 3,
        STATE_READY = 4,
        STATE_RESERVED = 5,
        STATE_DEPLOYED = 6,
        STATE_RETIRED = 7,
        STATE_BROKEN = 8,
        STATE_DEPLOYING = 9,
        STATE_ALLOCATED = 10,
        STATE_FAILED_DEPLOYMENT = 11,
        STATE_RELEASING = 12,
        STATE_FAILED_RELEASING = 13,
        STATE_DISK_ERASING = 14,
        STATE_FAILED_DISK_ERASING = 15,
        STATE_RESCUE_MODE = 16,
        STATE_ENTERING_RESCUE_MODE = 17,
        STATE_FAILED_ENTERING_RESCUE_MODE = 18,
        STATE_EXITING_RESCUE_MODE = 19,
        STATE_FAILED_EXITING_RESCUE_MODE = 20,
        STATE_TESTING = 21,
        STATE_FAILED_TESTING = 22,
        MACHINE_STATES,
        STATE_PRIOR = MACHINE_STATES /* only as the end of a row: what lifecycle_return() says */
};

/* What can happen to a machine. The first ones are asked for by people, the others are noticed. */
enum machine_event {
        EVENT_COMMISSION,
        EVENT_CONVERT, /* it boots from another medium from then on: its EEPROM is told so, and it is looked
                          at anew */
        EVENT_TEST,
        EVENT_OVERRIDE, /* failed tests are accepted */
        EVENT_RESERVE,
        EVENT_ACQUIRE,
        EVENT_DEPLOY_DISK, /* the agent writes the image to a disk */
        EVENT_DEPLOY_BOOT, /* the image is booted over the network: every other root */
        EVENT_RELEASE,     /* without touching its disks */
        EVENT_ERASE,       /* release, and erase its disks first */
        EVENT_RESCUE,
        EVENT_EXIT_RESCUE,
        EVENT_ABORT,
        EVENT_MARK_BROKEN,
        EVENT_MARK_FIXED,
        EVENT_MARK_MISSING,
        EVENT_RETIRE,
        EVENT_RESTORE, /* back from Missing or Retired */
        MACHINE_REQUESTS,

        EVENT_AGENT_UP = MACHINE_REQUESTS, /* the agent that was waited for said hello */
        EVENT_INVENTORY,                   /* the task inventory is done */
        EVENT_CONVERTED,                   /* the task convert is done, and its agent reboots it */
        EVENT_SCRIPTS_PASSED,              /* the task scripts is done, and none failed */
        EVENT_WRITTEN,                     /* the task deploy is done */
        EVENT_UP,                          /* the system gave the sign that counts as done */
        EVENT_FALL_BACK,                   /* a new revision did not: the one before is taken again */
        EVENT_ERASED,                      /* the task erase is done */
        EVENT_RESCUE_UP,                   /* the task rescue is done: one can log in */
        EVENT_LEFT,                        /* it was sent on: off, parked, or on the way to its own system */
        EVENT_TASK_FAILED,
        EVENT_POWER_FAILED,
        EVENT_TIMEOUT,
        MACHINE_EVENTS
};

/* What follows from an event: flags. */
enum machine_action {
        ACT_NONE = 0,
        ACT_NOTE_PRIOR = 1 << 0, /* remember the state it comes from, to return there */
        ACT_FORGET = 1 << 1,     /* image, root, seed, token, owner, and the storage of a diskless root */

        /* What the agent shall work on: one at most. */
        ACT_TASK_INVENTORY = 1 << 2,
        ACT_TASK_SCRIPTS = 1 << 3,
        ACT_TASK_DEPLOY = 1 << 4,
        ACT_TASK_ERASE = 1 << 5,
        ACT_TASK_RESCUE = 1 << 6,
        ACT_TASK_PARK = 1 << 7,

        /* Where the machine goes: one at most. */
        ACT_BOOT_AGENT = 1 << 8,   /* see that the agent runs: it does, or by power, or a hand is asked for */
        ACT_BOOT_OWN = 1 << 9,     /* from now on its boots lead to its own system; and it is sent there */
        ACT_LEAVE = 1 << 10,       /* back to its own system where it has one, else parked or off */
        ACT_PARK_OR_OFF = 1 << 11, /* off where its power can be switched, else the agent parks */

        ACT_TASK_CONVERT = 1 << 12, /* one of the tasks above */
        ACT_ALL = (1 << 13) - 1
};

/** struct lifecycle_row - one row of the table; @timeout_s is how long the new state may take without
 * progress, 0: for ever. */
struct lifecycle_row {
        enum machine_state from;
        enum machine_event event;
        enum machine_state to; /* STATE_PRIOR: lifecycle_return() */
        unsigned action;       /* flags of enum machine_action */
        uint32_t timeout_s;
};

extern const struct lifecycle_row lifecycle[];
extern const size_t lifecycle_len;

/** lifecycle_step() - the row for @event in @from; NULL: it changes nothing there. */
const struct lifecycle_row *lifecycle_step(enum machine_state from, enum machine_event event);

/**
 * lifecycle_return() - where a row to STATE_PRIOR leads
 * @from:       the state that is left
 * @prior:      what the machine was before
 * @has_own:    a system of its own is deployed on it
 */
enum machine_state lifecycle_return(enum machine_state from, enum machine_state prior, bool has_own);

/** lifecycle_is_waiting() - whether something is under way in @state that must end. */
bool lifecycle_is_waiting(enum machine_state state);

const char *machine_state_name(enum machine_state s); /* "Failed commissioning" */

/** machine_state_parse() - a name in any case, with spaces, "-" or "_" between its words; 0 or -EINVAL. */
MUST_CHECK int machine_state_parse(const char *name, enum machine_state *ret);

const char *machine_event_name(enum machine_event e); /* "mark-broken" */
MUST_CHECK int machine_event_parse(const char *name, enum machine_event *ret);

/** machine_action_name() - of one flag: "boot-agent". */
const char *machine_action_name(unsigned flag);

/* What a network boot of a machine is for. */
enum boot_purpose {
        PURPOSE_REFUSE, /* no boot options; the reasons say why */
        PURPOSE_RUN,    /* boot the machine's image, diskless */
        PURPOSE_LOCAL,  /* the fastest way to its own disk */

        /* The agent's: it runs under the kernel of the machine's image or of the agent's own. */
        PURPOSE_ENLIST,     /* unknown: the agent reports what it is */
        PURPOSE_COMMISSION, /* inventory and scripts */
        PURPOSE_DEPLOY,     /* writing an image to its disk */
        PURPOSE_RESCUE,
        PURPOSE_ERASE,
        PURPOSE_PARK, /* nothing to do: the agent waits in RAM */
        BOOT_PURPOSES
};

const char *boot_purpose_name(enum boot_purpose purpose); /* "commission" */

/** boot_purpose_is_agent() - whether a boot for @purpose brings up the agent. */
bool boot_purpose_is_agent(enum boot_purpose purpose);
