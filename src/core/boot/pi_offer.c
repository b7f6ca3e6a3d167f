/* The offer to a Raspberry Pi; see pi_offer.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/pi_offer.h"
#include "core/boot/method.h"

/*
 * PXE vendor options: discovery control 3 (no discovery), a prompt "PXE" that waits 0 s, and a menu whose one
 * entry is what the firmware looks for. The 3B's ROM reads past the text, so the ROM family gets three spaces
 * behind it.
 */
#define VENDOR_HEAD 6, 1, 3, 10, 4, 0, 'P', 'X', 'E'
#define MENU_TEXT 'R', 'a', 's', 'p', 'b', 'e', 'r', 'r', 'y', ' ', 'P', 'i', ' ', 'B', 'o', 'o', 't'

static const uint8_t vendor_plain[] = { VENDOR_HEAD, 9, 0x14, 0, 0, 0x11, MENU_TEXT, 0xff };
static const uint8_t vendor_rom[] = { VENDOR_HEAD, 9, 0x17, 0, 0, 0x14, MENU_TEXT, ' ', ' ', ' ', 0xff };

_Static_assert(sizeof(vendor_plain) == 32 && sizeof(vendor_rom) == 35, "both forms as captures have them");

void pi_offer_fill(struct boot_plan *p) {
        bool is_rom = p->client->id == CLIENT_PI_ROM || p->client->id == CLIENT_PI3;

        p->offer = (struct boot_offer){
                .is_bootable = true,
                .next_server = p->ask.server,
                .bootfile = "bootcode.bin", /* not looked at, but must not be empty */
                .vendor_class = "PXEClient",
                .has_server_name = true,
                .echo_uuid = true,
                .vendor_options = is_rom ? vendor_rom : vendor_plain,
                .vendor_options_len = is_rom ? sizeof(vendor_rom) : sizeof(vendor_plain),
                .pxe_config = "",
        };
}
