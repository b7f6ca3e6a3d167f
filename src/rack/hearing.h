/*
 * What the threads of boot HTTP heard of agents and installed systems, on its way to the control thread.
 *
 * Bounded in number and in octets. Unlike what is told about served files nothing here may be lost unsaid:
 * who tells it is answered that there was no room, and tells it again.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/machine/agent_report.h"
#include "rack/agent_body.h"
#include "rack/duty.h"

enum heard_kind {
        HEARD_POLL,   /* an agent asked what to do, and was given a task or waits */
        HEARD_REPORT, /* it said something */
        HEARD_ROOT,   /* it asked for a root that has to be made ready first */
        HEARD_SEED    /* a system read its seed's secrets */
};

struct heard {
        enum heard_kind kind;
        uint64_t session;
        struct mac mac;
        struct agent_duty duty;      /* as the thread saw it when it answered */
        struct ip_addr server;       /* HEARD_ROOT: the address of ours that it reached */
        bool gave_task;              /* HEARD_POLL: it was answered with that task */
        struct agent_said said;      /* HEARD_REPORT: for the story */
        struct agent_report *report; /* likewise, all of it; whoever receives it frees it */
};

struct hearing;

/** hearing_new() - room for @n messages with @octets of bodies. NULL: out of memory or descriptors. */
struct hearing *hearing_new(size_t n, size_t octets);
void hearing_free(struct hearing *h);
DEFINE_CLEANUP(struct hearing, hearing_free)

/** hearing_tell() - any thread; takes over the report. false: there is no room, and the report is freed. */
bool hearing_tell(struct hearing *h, const struct heard *m);

int hearing_fd(const struct hearing *h); /* readable when something waits */

/** hearing_receive() - up to @max at once, in order; their reports are the caller's. */
size_t hearing_receive(struct hearing *h, struct heard *messages, size_t max);
