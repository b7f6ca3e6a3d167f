/*
 * Assertions as snapd signs and reads them, one behind the other in a text: one of the type system-user says
 * who may log in to a system of Ubuntu Core.
 *
 * Pure. Read is only their shape. What they say, and whether the right key signed it, is judged by the system
 * that they are for: it has the keys. Source: snapd's documentation of assertions.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"

/* With the keys and accounts that an assertion stands on: a handful. */
enum { ASSERTIONS_MAX = 64 };

struct assertions {
        size_t n, n_system_users;
};

/** assertions_parse() - 0 when it is assertions and nothing else, or -EBADMSG with a sentence. */
MUST_CHECK int assertions_parse(const char *text, size_t len, struct assertions *ret, struct error *reterr);
