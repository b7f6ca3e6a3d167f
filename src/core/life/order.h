/*
 * An order: what a person asks to be done with a machine, read and checked as far as one can without the
 * machine. Pure.
 *
 * Its details stay JSON: they are kept with the job, and most of them go on to the agent as they are.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "base/error.h"
#include "core/machine/lifecycle.h"

enum order_verb {
        ORDER_APPROVE, /* an enlisted machine belongs here */
        ORDER_COMMISSION,
        ORDER_CONVERT, /* to boot from another medium: from the network by its EEPROM */
        ORDER_TEST,
        ORDER_OVERRIDE_FAILED_TESTING,
        ORDER_RESERVE,
        ORDER_ACQUIRE,
        ORDER_DEPLOY,
        ORDER_RELEASE, /* with the member "erase": none, quick, full */
        ORDER_ERASE,   /* release, quick unless it says full */
        ORDER_RESCUE,
        ORDER_EXIT_RESCUE,
        ORDER_ABORT,
        ORDER_MARK_BROKEN,
        ORDER_MARK_FIXED,
        ORDER_MARK_MISSING,
        ORDER_RETIRE,
        ORDER_RESTORE,
        ORDER_REPLACE, /* its board, by the one that is named */
        ORDER_BLINK,   /* so that somebody finds it */
        ORDER_LOCK,
        ORDER_UNLOCK,
        ORDER_CLAIM_CODE, /* it waits for who has this code */
        ORDER_CLAIM,      /* by its code */
        ORDER_VERBS
};

enum {
        ORDER_SCRIPTS_MAX = 64,
        ORDER_HOSTNAME_MAX = 253,     /* octets, RFC 1035 section 2.3.4 */
        ORDER_BLINK_MAX = 3600,       /* seconds */
        ORDER_MOUNT_MAX = 255,        /* octets of a path */
        ORDER_KEYS_MAX = 64,          /* SSH keys */
        ORDER_LINE_MAX = 8192,        /* octets of one: a key of a large RSA kind takes 1.5 KiB */
        ORDER_TEXT_MAX = 128 * 1024,  /* of user data and its like */
        ORDER_SCRIPT_MAX = 256 * 1024 /* of a script as base64 */
};

struct order {
        enum order_verb verb;
        json_t *wish; /* an object, borrowed */
};

const char *order_verb_name(enum order_verb v); /* "mark-broken" */
MUST_CHECK int order_verb_parse(const char *name, enum order_verb *ret);

/**
 * order_check() - whether the details make sense for the verb: what is there, of which kind, how large
 * @ret_field:  the member that is wrong; NULL: none in particular
 *
 * Return: 0, or -EINVAL with a sentence.
 */
MUST_CHECK int order_check(const struct order *o, const char **ret_field, struct error *reterr);
