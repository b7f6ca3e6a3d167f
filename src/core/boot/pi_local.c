/*
 * The quick hand-over: a Raspberry Pi whose disk is to boot.
 *
 * Without PXE options its EEPROM would wait out DHCP_TIMEOUT, 45 s, before it tries the next entry of
 * BOOT_ORDER. So the options stay, and every file is "not found": after "Firmware not found" it goes on at
 * once (raspberry-pi.md section 1.4). Not for the Pi 3's ROM: it tried SD and USB before it asked, and has
 * nothing to go on to. For firmware that the missing files hold up for longer a machine can be set to the
 * slow way.
 *
 * The one thing that it may find is an update of its EEPROM, which a Pi 4 asks for before its firmware
 * (section 2.3): it writes it, starts again, and is handed over then.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/boot/method.h"
#include "core/boot/methods.h"
#include "core/boot/pi_eeprom.h"
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
        pi_eeprom_say(p);
}

static size_t generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]) {
        return pi_eeprom_generate(p, list);
}

/* There is nothing below folders, so the name is enough. */
static const char *resolve(const struct boot_plan *p, const char *path) {
        const char *below = boot_path_below_prefix(p, path);
        const char *slash = below ? strrchr(below, '/') : NULL;

        return slash ? slash + 1 : below;
}

const struct boot_method boot_method_pi_local = {
        .name = "pi-local",
        .title = "Raspberry Pi, handed over to its disk",
        .match = match,
        .plan = plan,
        .generate = generate,
        .resolve = resolve,
        .has_no_image_files = true,
};
