/* DHCP messages, option by option; see message.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/report/message.h"

enum { PAD = 0, END = 0xff };

bool message_next(const uint8_t *message, size_t len, struct message_option *o) {
        size_t at = o->next ? o->next : MESSAGE_OPTIONS_AT;

        while (at < len && message[at] == PAD)
                at++;
        if (at + 2 > len || message[at] == END || message[at + 1] > len - at - 2)
                return false;
        *o = (struct message_option){
                .number = message[at],
                .len = message[at + 1],
                .at = at + 2,
                .next = at + 2 + message[at + 1],
        };
        return true;
}

bool message_is_text(uint8_t number) {
        return number == MESSAGE_HOSTNAME || number == MESSAGE_DOMAIN || number == MESSAGE_CLIENT_ID ||
               number == MESSAGE_USER_CLASS || number == MESSAGE_FQDN;
}
