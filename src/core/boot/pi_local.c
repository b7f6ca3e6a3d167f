/*
 * The quick hand-over: a Raspberry Pi whose disk is to boot.
 *
 * Without PXE options its EEPROM would wait out DHCP_TIMEOUT, 45 s, before it tries the next entry of
 * BOOT_ORDER. So the options stay, and every file is "not found": after "Firmware not found" it goes on at
 * once (raspberry-pi.md section 1.4). Not for the Pi 3's ROM: it tried SD and USB before it asked, and has
 * nothing to go on to. For firmware that the missing files hold up for longer a machine can be set to the
 * slow way.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/method.h"
#include "core/boot/methods.h"
#include "core/boot/pi_offer.h"

static bool match(const struct boot_plan *p) {
        enum boot_client_id id = p->client->id;
        return p->purpose == PURPOSE_LOCAL && (id == CLIENT_PI4 || id == CLIENT_PI5 || id == CLIENT_PI_OTHER);
}

static void plan(struct boot_plan *p) {
        if (p->machine && p->machine->drop_options) {
                boot_plan_say_fixed(p, "it is offered no boot (drop-options): its EEPROM goes on to the next "
                                       "entry of BOOT_ORDER when DHCP_TIMEOUT is over");
                return;
        }
        pi_offer_fill(p);
        boot_plan_say_fixed(
                p, "it gets the boot options and finds no file: its EEPROM then goes on to the next entry of "
                   "BOOT_ORDER at once, instead of waiting 45 s for an offer");
}

const struct boot_method boot_method_pi_local = {
        .name = "pi-local",
        .title = "Raspberry Pi, handed over to its disk",
        .match = match,
        .plan = plan,
        .has_no_image_files = true,
};
