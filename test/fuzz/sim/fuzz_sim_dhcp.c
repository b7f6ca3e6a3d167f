/* Whatever a DHCP server sends to a simulated board. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "app/bramble-sim/dhcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct dhcp_reply r;

        if (!dhcp_parse(data, len, &r))
                return 0;
        assert(r.type == DHCP_OFFER || r.type == DHCP_ACK || r.type == DHCP_NAK);
        assert(!r.tftp_server || r.has_tftp_server);
        return 0;
}
