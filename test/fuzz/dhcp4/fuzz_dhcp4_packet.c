/* Any octets as a DHCPv4 message: each option can be read, and what was read can be written and read again.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "net/dhcp4/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Options that the writer makes itself when it needs them. */
static bool is_writers_own(uint8_t number) {
        return number == DHCP4_OPTION_OVERLOAD || number == DHCP4_OPTION_BOOT_FILE ||
               number == DHCP4_OPTION_RELAY;
}

static void write_again(const struct dhcp4_packet *p) {
        uint8_t octets[DHCP4_MESSAGE_MAX];
        struct dhcp4_option options[256];
        size_t n = 0;
        struct dhcp4_packet again;

        for (unsigned number = 1; number < 255; number++) {
                const struct dhcp4_option *o = dhcp4_option_find(p, (uint8_t)number);
                if (o && !is_writers_own(o->number))
                        options[n++] = *o;
        }
        size_t len = dhcp4_message_write(
                &(struct dhcp4_message){ .op = p->op,
                                         .mac = p->mac,
                                         .file = p->file[0] ? p->file : NULL,
                                         .options = options,
                                         .n_options = n,
                                         .relay = dhcp4_option_find(p, DHCP4_OPTION_RELAY),
                                         .size_max = dhcp4_packet_size_max(p) },
                octets);
        assert(len == 0 || len >= DHCP4_MESSAGE_MIN);
        assert(len <= DHCP4_MESSAGE_MAX);
        if (len == 0)
                return;
        int r = dhcp4_packet_parse(octets, len, &again);
        assert(r == 0);
        for (size_t i = 0; i < n; i++) {
                const struct dhcp4_option *o = dhcp4_option_find(&again, options[i].number);
                if (!o) /* it found no room */
                        continue;
                assert(o->len == options[i].len);
                assert(memcmp(o->octets, options[i].octets, o->len) == 0);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct dhcp4_packet p;
        char text[64];
        uint8_t sub_len;

        if (dhcp4_packet_parse(data, len, &p) < 0)
                return 0;
        for (unsigned number = 0; number < 256; number++) {
                (void)dhcp4_option_text(&p, (uint8_t)number, text, sizeof(text));
                (void)dhcp4_relay_suboption(&p, (uint8_t)number, &sub_len);
        }
        (void)dhcp4_packet_subnet_hint(&p);
        (void)dhcp4_packet_has_mac(&p);
        write_again(&p);
        return 0;
}
