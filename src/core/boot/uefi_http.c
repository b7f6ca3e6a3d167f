/*
 * UEFI HTTP boot: the URL of one UKI, which needs no second fetch (proven with EDK2; lab.md).
 *
 * GRUB as distributions sign it cannot go on over HTTP (lab.md pitfall 4), so there is no chain through it
 * here.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/method.h"
#include "core/boot/methods.h"

static bool match(const struct boot_plan *p) {
        return boot_plan_starts_kernel(p) &&
               (p->client->id == CLIENT_UEFI_HTTP_ARM64 || p->client->id == CLIENT_UEFI_HTTP_AMD64) &&
               boot_uki_is_possible(p);
}

static void plan(struct boot_plan *p) {
        boot_plan_offer_file(p, boot_plan_url(p, boot_uki_name(p)));
        p->offer.vendor_class = "HTTPClient"; /* without it the firmware does not look at the URL */
        boot_plan_say(p, "kernel, initrd and command line come as one EFI program (UKI) from %s",
                      p->offer.bootfile);
        boot_plan_say_fixed(p, "a UKI made here is not signed: firmware with Secure Boot on will refuse it");
}

static size_t generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]) {
        list[0] = (struct boot_generated){
                .path = boot_uki_name(p),
                .why = "stub, kernel, initrd and command line of this machine as one EFI program",
                .make = boot_uki_make,
        };
        return 1;
}

const struct boot_method boot_method_uefi_http = {
        .name = "uefi-http",
        .title = "UEFI HTTP boot",
        .match = match,
        .plan = plan,
        .generate = generate,
};
