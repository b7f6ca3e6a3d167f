/* Any octets as a frame: what lies inside lies within. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "net/dhcp4/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct dhcp4_ends ends;
        struct dhcp4_arp arp;
        const uint8_t *message;
        size_t message_len;

        if (dhcp4_frame_parse(data, len, &ends, &message, &message_len) == 0) {
                assert(message >= data && message + message_len <= data + len);
                uint8_t frame[DHCP4_FRAME_MAX];
                if (message_len > sizeof(frame) - DHCP4_FRAME_HEAD)
                        return 0;
                if (message_len)
                        memcpy(frame + DHCP4_FRAME_HEAD, message, message_len);
                dhcp4_frame_write_head(frame, message_len, &ends);
                struct dhcp4_ends again;
                int r = dhcp4_frame_parse(frame, DHCP4_FRAME_HEAD + message_len, &again, &message,
                                          &message_len);
                assert(r == 0 && memcmp(&again, &ends, sizeof(ends)) == 0);
        }
        if (dhcp4_arp_parse(data, len, &arp) == 0)
                assert(arp.op == DHCP4_ARP_REQUEST || arp.op == DHCP4_ARP_REPLY);
        return 0;
}
