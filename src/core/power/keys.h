/*
 * What values of keys look like, and the keys that several drivers have. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "core/power/power.h"

/*
 * Rows that drivers share. An attempt has 30 s by default, because a BMC that has just been restarted, or
 * that is asked for the first time in hours, may think for 20; and there are three, because one answer in a
 * session may get lost and a BMC refuses a second session while it still counts the first. Who knows better
 * says so for the machine.
 */
#define POWER_KEYS_TRYING(seconds) \
        { .name = "timeout_s", \
          .type = POWER_NUMBER, \
          .fallback = seconds, \
          .least = 1, \
          .most = 600, \
          .help = "Seconds that one attempt may take." }, \
        { \
                .name = "tries", .type = POWER_NUMBER, .fallback = "3", .least = 1, .most = 10, \
                .help = "Attempts, when there is no answer." \
        }

/* Five seconds without power let the capacitors of a board run empty; what comes back sooner may not restart.
 */
#define POWER_KEYS_SWITCHING \
        { .name = "off_s", \
          .type = POWER_NUMBER, \
          .fallback = "5", \
          .most = 300, \
          .help = "Seconds without power in a cycle." }, \
        { \
                .name = "settle_s", .type = POWER_NUMBER, .fallback = "30", .most = 900, \
                .help = "Seconds until the state has to be as it was asked for." \
        }

#define POWER_KEY_ADDRESS(what) \
        { .name = "address", .type = POWER_HOST, .is_required = true, .help = what }

enum { POWER_HOST_MAX = 253 }; /* octets of a name, RFC 1035 */

struct power_address {
        char host[POWER_HOST_MAX + 1]; /* an IPv6 address stands without its brackets */
        uint16_t port;                 /* 0: not said */
};

/** power_address_parse() - HOST, HOST:PORT, [IPV6] or [IPV6]:PORT; 0 or -EINVAL. */
MUST_CHECK int power_address_parse(const char *text, struct power_address *ret);

/** power_key_check() - whether @value can be the key's; 0 or -EINVAL with a sentence that names the key. */
MUST_CHECK int power_key_check(const struct power_key *key, const char *value, struct error *reterr);

const char *power_key_type_name(enum power_key_type type); /* "text", "host", ... */

/** power_key_find() - the row of that name; NULL when there is none. */
const struct power_key *power_key_find(const struct power_driver *driver, const char *name);
