/*
 * What agents and installed systems say, as far as the rack looks at it: whether it is what it should be, and
 * what its trail shall say. Pure; all of it is a stranger's text.
 *
 * The bodies go on to the region as they came; it reads the rest of them (docs/agent-protocol.md).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/machine/agent_report.h"

enum { AGENT_WHAT_SIZE = 64, AGENT_DETAIL_SIZE = 160 };

/* Texts are one line without control characters, cut where they are too long. */
struct agent_said {
        enum agent_report_kind kind;
        uint64_t task;                  /* progress, result, script */
        bool is_well;                   /* result, script: it went well */
        bool is_idle;                   /* progress: it has nothing to do */
        enum arch arch;                 /* hello */
        char what[AGENT_WHAT_SIZE];     /* hello: its version; progress: the phase; script: its name */
        char detail[AGENT_DETAIL_SIZE]; /* result: why not; script: its status; progress: its own words */
        uint64_t done, total, rate;     /* progress: octets, and octets in a second; 0: not known */
};

/** agent_body_read() - a JSON body of a kind; 0, or -EBADMSG with a sentence. */
MUST_CHECK int agent_body_read(enum agent_report_kind kind, const void *body, size_t len,
                               struct agent_said *ret, struct error *reterr);

/**
 * agent_form_read() - the body of cloud-init's phone_home, application/x-www-form-urlencoded
 *
 * Return: its fields as a JSON object, which the caller frees; NULL when it is none, or out of memory.
 */
char *agent_form_read(const void *body, size_t len);
