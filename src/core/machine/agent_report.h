/*
 * What a rack tells the region about one machine: words of the agent, of an installed system, of a DHCP
 * client.
 *
 * Values on their way between threads; core/life decides what follows. The rack has checked who speaks
 * (token, session, address), not what is said: the body is what came over the wire.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "core/machine/machine.h"

enum {
        AGENT_BODY_MAX = 1024 * 1024, /* octets; an inventory of a large server is a tenth of it */
        AGENT_TASK_ROOT = 0,          /* what a report is about that is on the root of a diskless system */
        AGENT_TASK_ENLIST =
                1 /* the task of a machine that nobody registered: its rack asks for its inventory */
};

enum agent_report_kind {
        REPORT_HELLO,      /* the agent is up */
        REPORT_PROGRESS,   /* of its task; idle: its heartbeat */
        REPORT_RESULT,     /* of its task: once counts, however often it comes */
        REPORT_SCRIPT,     /* one script of the task scripts is done */
        REPORT_PHONE_HOME, /* the system that was deployed is up */
        REPORT_SYSTEM_DHCP, /* an operating system, not firmware, was given an address */

        /* What the rack saw of an update of its EEPROM. */
        REPORT_EEPROM_FETCHED, /* all of it was read */
        REPORT_EEPROM_STARTED, /* the board was restarted since, and reads its tree again */
        REPORT_EEPROM_LEFT     /* it reads on in its tree, without a restart */
};

struct agent_report {
        enum agent_report_kind kind;
        uint64_t machine; /* 0: nobody registered it */
        uint64_t session; /* boot session */
        int64_t at_s;     /* Unix time */
        bool is_renewed;  /* REPORT_SYSTEM_DHCP: the address that it had; so who asks has run for a while */

        /* How the wire knows it: what an unknown machine is registered with. */
        struct mac mac;
        bool has_serial, has_uuid;
        uint32_t serial;
        uint8_t uuid[16];
        enum arch arch;
        char board[32];           /* a name from data/boards, as far as the rack knows; "" */
        struct ip_addr client_ip; /* its subnet's policy says whether it is enlisted */

        uint64_t task; /* progress, result, script */
        char *body;    /* JSON as it was sent, NUL-terminated; NULL: none */
        size_t body_len;
};

/** agent_report_copy() - a copy of its own, body and all; NULL: out of memory. */
struct agent_report *agent_report_copy(const struct agent_report *r);
void agent_report_free(struct agent_report *r);
DEFINE_CLEANUP(struct agent_report, agent_report_free)
