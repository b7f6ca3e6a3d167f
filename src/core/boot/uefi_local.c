/*
 * The quick hand-over: a UEFI machine, or a U-Boot that looks for an EFI program, whose disk is to boot.
 *
 * Without a boot file EDK2 waits out its tries before it goes on to its next boot option. So it gets one: a
 * program that ends at once and says that it failed, after which firmware goes on (UEFI specification 3.1.1).
 * Secure Boot does not start it, because nobody signed it, and that too is a failure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "core/boot/method.h"
#include "core/boot/methods.h"
#include "format/efi_exit.h"

#define PROGRAM "bramble-exit.efi"

static bool is_http(const struct boot_plan *p) {
        return p->client->id == CLIENT_UEFI_HTTP_ARM64 || p->client->id == CLIENT_UEFI_HTTP_AMD64;
}

static bool match(const struct boot_plan *p) {
        enum boot_client_id id = p->client->id;
        return p->purpose == PURPOSE_LOCAL &&
               (id == CLIENT_UEFI_ARM64 || id == CLIENT_UEFI_AMD64 || id == CLIENT_UBOOT_EFI || is_http(p));
}

static void plan(struct boot_plan *p) {
        boot_plan_offer_file(p, is_http(p) ? boot_plan_url(p, PROGRAM) : PROGRAM);
        if (is_http(p))
                p->offer.vendor_class = "HTTPClient"; /* without it the firmware does not look at the URL */
        boot_plan_say_fixed(p, "it gets " PROGRAM
                               ", which ends at once: its firmware then goes on to its next boot "
                               "option, instead of waiting for an offer");
}

static int make_program(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret) {
        uint8_t program[EFI_EXIT_SIZE];
        (void)blobs;

        efi_exit_make(p->client->arch == ARCH_ARM64 ? PE_MACHINE_ARM64 : PE_MACHINE_AMD64, program);
        *ret = boot_file_of_octets(program, sizeof(program));
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

static size_t generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]) {
        (void)p;
        list[0] = (struct boot_generated){
                .path = PROGRAM,
                .why = "an EFI program that ends at once, so that firmware goes on",
                .make = make_program,
        };
        return 1;
}

const struct boot_method boot_method_uefi_local = {
        .name = "uefi-local",
        .title = "UEFI, handed over to its disk",
        .match = match,
        .plan = plan,
        .generate = generate,
        .has_no_image_files = true,
};
