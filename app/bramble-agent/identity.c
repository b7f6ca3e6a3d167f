/* Reading a machine's identity; see identity.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble-agent/identity.h"
#include "base/text.h"

/* What vendors write where a serial number should stand. */
static bool is_placeholder(const char *serial) {
        static const char *const words[] = { "to be filled",   "default",       "none", "not specified",
                                             "not applicable", "system serial", "n/a",  "unknown",
                                             "0123456789",     "invalid" };

        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (strncasecmp(serial, words[i], strlen(words[i])) == 0)
                        return true;
        return serial[strspn(serial, "0 .-")] == '\0';
}

static void read_serial(const struct tree *t, char *buf, size_t size) {
        static const char *const paths[] = { "sys/firmware/devicetree/base/serial-number",
                                             "sys/class/dmi/id/product_serial",
                                             "sys/class/dmi/id/board_serial" };

        for (size_t i = 0; i < ARRAY_LEN(paths); i++)
                if (tree_text(t, buf, size, "%s", paths[i]) && !is_placeholder(buf))
                        return;
        buf[0] = '\0';
}

void identity_read(const struct tree *t, const char *nic, struct identity *ret) {
        char uptime[64];

        *ret = (struct identity){ 0 };
        if (*nic)
                (void)tree_text(t, ret->mac, sizeof(ret->mac), "sys/class/net/%s/address", nic);
        read_serial(t, ret->serial, sizeof(ret->serial));
        (void)tree_text(t, ret->boot_id, sizeof(ret->boot_id), "proc/sys/kernel/random/boot_id");
        if (tree_text(t, uptime, sizeof(uptime), "proc/uptime"))
                ret->uptime_s = strtoull(uptime, NULL, 10);
}
