/*
 * The quick hand-over: a UEFI machine, or a U-Boot that looks for an EFI program, whose disk is to boot.
 *
 * UEFI by PXE, whose disk was written here, gets the signed GRUB, which starts the loader on the disk itself.
 * Only ending, and leaving the rest to firmware, is not quick: after a program that failed EDK2 tries every
 * other protocol of every card before it comes to the disk, which takes minutes.
 *
 * Where GRUB cannot be, a program that ends at once and says that it failed is still better than no answer,
 * after which firmware waits out its tries (UEFI specification 3.1.1). Secure Boot does not start it, because
 * nobody signed it, and that too is a failure. So it is with a disk that was not written here: its loader may
 * lie anywhere, firmware's own entries know where, and a GRUB that found none would end as one that was
 * content (2.06 has no other way), after which firmware shows its menu and goes on no more.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "core/boot/method.h"
#include "core/boot/methods.h"
#include "format/efi_exit.h"
#include "format/grub_cfg.h"

#define PROGRAM "bramble-exit.efi"

/*
 * Loaders as systems install them, on the disk's EFI partition. The fallback of the specification comes last:
 * there it may be shim's, which writes a boot entry before the network's and restarts the machine.
 */
static const struct {
        const char *folder, *stem;
        bool is_of_arch; /* its name ends with the architecture's letters */
} installed[] = {
        { "debian", "shim", true },    { "debian", "grub", true }, { "ubuntu", "shim", true },
        { "ubuntu", "grub", true },    { "fedora", "shim", true }, { "centos", "shim", true },
        { "redhat", "shim", true },    { "rocky", "shim", true },  { "almalinux", "shim", true },
        { "opensuse", "shim", false }, { "sles", "shim", false },  { "systemd", "systemd-boot", true },
        { "BOOT", "BOOT", true },
};

static bool is_http(const struct boot_plan *p) {
        return p->client->id == CLIENT_UEFI_HTTP_ARM64 || p->client->id == CLIENT_UEFI_HTTP_AMD64;
}

static bool is_pxe(const struct boot_plan *p) {
        return p->client->id == CLIENT_UEFI_ARM64 || p->client->id == CLIENT_UEFI_AMD64;
}

static bool match(const struct boot_plan *p) {
        return p->purpose == PURPOSE_LOCAL && (is_pxe(p) || is_http(p) || p->client->id == CLIENT_UBOOT_EFI);
}

/* The image whose GRUB goes on to the disk: the machine's own, else the agent's; NULL: none has one. */
static const struct image *grub_image(const struct boot_plan *p) {
        const char *agent = arena_printf(p->arena, "agent-%s", arch_name(p->client->arch));
        const struct image *images[] = { p->image, agent ? site_image(p->site, agent) : NULL };

        for (size_t i = 0; i < ARRAY_LEN(images); i++) {
                if (images[i] && images[i]->arch == p->client->arch &&
                    image_find_role(images[i], IMAGE_FILE_GRUB))
                        return images[i];
        }
        return NULL;
}

/* How this client comes to its disk, as files; without GRUB by the program that ends. */
struct chain {
        const struct image_file *shim, *grub; /* NULL: none */
        const struct boot_efi_loaders *names;
};

/* Whether an image of ours is on its disk: then the fallback of the specification is there too. */
static bool is_written_here(const struct boot_plan *p) {
        return p->machine && p->machine->root == ROOT_DISK && p->machine->boots_own;
}

static struct chain chain_of(const struct boot_plan *p) {
        const bool may_be = is_pxe(p) && is_written_here(p) && !boot_plan_is_proxy(p);
        const struct image *image = may_be ? grub_image(p) : NULL;
        struct chain c = { .names = boot_efi_loaders(p->client->arch) };

        if (image) {
                c.shim = image_find_role(image, IMAGE_FILE_SHIM);
                c.grub = image_find_role(image, IMAGE_FILE_GRUB);
        }
        return c;
}

/* Why it is the program that ends. */
static void say_why_slow(struct boot_plan *p) {
        const char *arch = arch_name(p->client->arch);

        if (!is_written_here(p))
                boot_plan_say_fixed(p,
                                    "its disk was not written here: its firmware knows best how to start it");
        else if (is_http(p))
                boot_plan_say_fixed(p, "GRUB, which would start its disk at once, cannot go on over HTTP");
        else if (is_pxe(p) && boot_plan_is_proxy(p))
                boot_plan_say_fixed(p, "GRUB, which would start its disk at once, would ask the other DHCP "
                                       "server for its configuration");
        else if (is_pxe(p))
                boot_plan_say(p,
                              "no image here has the GRUB that would start its disk at once: bramble image "
                              "build-agent --arch %s",
                              arch);
}

static void plan(struct boot_plan *p) {
        const struct chain c = chain_of(p);

        if (c.grub) {
                boot_plan_offer_file(p, c.shim ? c.names->shim : c.names->grub);
                boot_plan_say(p, "it gets %s%s, which starts the loader that it finds on a disk",
                              c.shim ? "the signed shim, and by it " : "", "GRUB");
                return;
        }
        boot_plan_offer_file(p, is_http(p) ? boot_plan_url(p, PROGRAM) : PROGRAM);
        if (is_http(p))
                p->offer.vendor_class = "HTTPClient"; /* without it the firmware does not look at the URL */
        say_why_slow(p);
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

static int make_grub_cfg(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret) {
        const char *paths[ARRAY_LEN(installed) + 1] = {}, *arch = boot_efi_loaders(p->client->arch)->letters;
        CLEANUP(text_free) struct text out = {};
        (void)blobs;

        for (size_t i = 0; i < ARRAY_LEN(installed); i++) {
                paths[i] = arena_printf(p->arena, "/EFI/%s/%s%s.efi", installed[i].folder, installed[i].stem,
                                        installed[i].is_of_arch ? arch : "");
                if (!paths[i])
                        return -ENOMEM;
        }
        int r = grub_cfg_write_local(paths, &out);
        if (r < 0)
                return r;
        *ret = boot_file_of_octets(out.octets, out.len);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

static size_t generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]) {
        const struct chain c = chain_of(p);
        size_t n = 0;

        if (!c.grub) {
                list[n++] = (struct boot_generated){
                        .path = PROGRAM,
                        .why = "an EFI program that ends at once, so that firmware goes on",
                        .make = make_program,
                };
                return n;
        }
        if (c.shim)
                list[n++] = (struct boot_generated){ .path = c.names->shim,
                                                     .why = "the image's shim",
                                                     .file = c.shim };
        list[n++] = (struct boot_generated){
                .path = c.names->grub,
                .why = "the image's GRUB, under the name that shim asks for",
                .file = c.grub,
        };
        list[n++] = (struct boot_generated){
                .path = "grub/grub.cfg",
                .why = "sends it on to its own disk",
                .make = make_grub_cfg,
        };
        return n;
}

const struct boot_method boot_method_uefi_local = {
        .name = "uefi-local",
        .title = "UEFI, handed over to its disk",
        .match = match,
        .plan = plan,
        .generate = generate,
        .has_no_image_files = true,
};
