/* BIOS PXE: iPXE first, which then asks again as itself; or PXELINUX where the image brings that instead. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/method.h"
#include "core/boot/methods.h"
#include "core/boot/pxelinux.h"

#define IPXE "undionly.kpxe"
#define PXELINUX "pxelinux.0"

/*
 * PXE vendor options of a proxy: discovery control 8 and nothing else, "use the file named here". A ROM that
 * is given none asks a boot server again.
 */
static const uint8_t use_this_file[] = { 6, 1, 8, 0xff };

static bool has_pxelinux(const struct boot_plan *p) {
        struct boot_kernel k;
        return image_find(p->image, PXELINUX) && boot_kernel_of(p, &k);
}

static bool match(const struct boot_plan *p) {
        return boot_plan_starts_kernel(p) && p->client->id == CLIENT_BIOS &&
               (boot_plan_role(p, IMAGE_FILE_IPXE_BIOS) || has_pxelinux(p));
}

static void plan(struct boot_plan *p) {
        bool has_ipxe = boot_plan_role(p, IMAGE_FILE_IPXE_BIOS);

        boot_plan_offer_file(p, has_ipxe ? IPXE : PXELINUX);
        if (boot_plan_is_proxy(p)) {
                p->offer.vendor_options = use_this_file;
                p->offer.vendor_options_len = sizeof(use_this_file);
        }
        if (has_ipxe)
                boot_plan_say_fixed(p, "it gets iPXE as " IPXE ", which asks again and then gets a script");
        else
                boot_plan_say_fixed(p, "it gets PXELINUX from its image, and a configuration of its own");
}

static size_t generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]) {
        const struct image_file *ipxe = boot_plan_role(p, IMAGE_FILE_IPXE_BIOS);

        if (!ipxe)
                return boot_pxelinux_generate(p, list);
        list[0] = (struct boot_generated){ .path = IPXE, .why = "the image's iPXE for BIOS", .file = ipxe };
        return 1;
}

const struct boot_method boot_method_bios = {
        .name = "bios",
        .title = "BIOS PXE",
        .match = match,
        .plan = plan,
        .generate = generate,
        .resolve = boot_pxelinux_resolve,
};
