/*
 * Whether a seed has what only its machine may read, and whether its operator said that others may.
 *
 * A machine that requires trust boots what is the same for all boards of its kind, and so nothing but its
 * address says which one asks for a seed. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "core/machine/machine.h"

/* What a seed has where an order brings nothing of its own; the second is how it begins. */
#define SEED_NO_USER_DATA "#cloud-config\n{}\n"
#define SEED_PHONE_HOME "#cloud-config\n{\"phone_home\": {\"url\": \"" MACHINE_RACK_MARK "/seed/"

#define SEED_GIVE_SECRETS "give_secrets" /* the member that says so */

/** seed_secret() - "user data" or "vendor data" of an order; NULL: there is none in @seed, which may be NULL.
 */
const char *seed_secret(const char *seed);

/** seed_may_be_given() - whether to anybody who has the machine's address: it has no secret, or that was
 * said. */
bool seed_may_be_given(const char *seed);
