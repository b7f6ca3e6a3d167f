/* DHCP messages, option by option, as they lie in memory: to look at what a client says of itself, and to
 * change it in place. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_MAC_AT = 28, MESSAGE_OPTIONS_AT = 240 };

enum message_option_number {
        MESSAGE_HOSTNAME = 12,
        MESSAGE_DOMAIN = 15,
        MESSAGE_CLIENT_ID = 61,
        MESSAGE_USER_CLASS = 77,
        MESSAGE_FQDN = 81,
        MESSAGE_RELAY = 82,
        MESSAGE_UUID = 97
};

struct message_option {
        uint8_t number, len;
        size_t at;   /* of its value */
        size_t next; /* where the search goes on */
};

/** message_next() - the option behind @o, which is zero at first; false: there is none that is whole. */
bool message_next(const uint8_t *message, size_t len, struct message_option *o);

/** message_is_text() - whether names stand in an option. */
bool message_is_text(uint8_t number);
