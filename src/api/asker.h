/* Whom a question about a boot is of: a machine by name, or anybody by MAC; and with which firmware it asks.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/call.h"

struct api_asker {
        const struct machine *machine; /* borrowed from the call's snapshot; NULL: nobody registered it */
        struct mac mac;                /* zero: the machine has none */
};

/** api_asker_read() - from the parameter `of`; false when it names nobody and a problem was answered. */
bool api_asker_read(struct api_call *c, struct api_asker *ret);

/** api_asker_ask() - the ask as it would be made now, with the firmware of the parameter `client`; false as
 * above. */
bool api_asker_ask(struct api_call *c, const struct api_asker *who, struct boot_ask *ret);
