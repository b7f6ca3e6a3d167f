/*
 * U-Boot's `pxe get; pxe boot`: a file of PXELINUX' kind for each board, found by MAC, address or UUID.
 *
 * Sources: raspberry-pi.md section 8; the walk of names in lab.md. U-Boot takes file and siaddr fields and
 * never asks for options 66 and 67; option 209 is the exact path, for those releases that know it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/boot/method.h"
#include "core/boot/methods.h"
#include "core/boot/pxelinux.h"
#include "format/cmdline.h"
#include "format/extlinux.h"

static bool match(const struct boot_plan *p) {
        struct boot_kernel k;
        return boot_plan_starts_kernel(p) &&
               (p->client->id == CLIENT_UBOOT_ARM64 || p->client->id == CLIENT_UBOOT_ARMHF) &&
               boot_kernel_of(p, &k);
}

/* The name that a client whose MAC is known asks for first; "default" for one that nothing is known of. */
static const char *config_path(const struct boot_plan *p) {
        struct mac mac = p->ask.mac;

        if (mac_is_zero(&mac) && p->machine && p->machine->n_macs > 0)
                mac = p->machine->macs[0];
        if (mac_is_zero(&mac))
                return "pxelinux.cfg/default";
        const uint8_t *o = mac.octets;
        return arena_printf(p->arena, "pxelinux.cfg/01-%02x-%02x-%02x-%02x-%02x-%02x", o[0], o[1], o[2], o[3],
                            o[4], o[5]);
}

static void plan(struct boot_plan *p) {
        boot_plan_offer_file(p, "");
        p->offer.pxe_config = config_path(p);
        boot_plan_say(p, "U-Boot's pxe command finds %s, and there kernel and initrd of image %s",
                      p->offer.pxe_config, p->image->name);
        if (boot_plan_is_proxy(p))
                boot_plan_say_fixed(p, BOOT_UBOOT_NO_PROXY);
}

static const char *spell(const struct boot_plan *p, const char *path) {
        (void)p;
        return path;
}

static int make_config(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret) {
        CLEANUP(text_free) struct text out = {};
        char line[CMDLINE_MAX + 1];
        struct boot_loader_entry entry;
        (void)blobs;

        int r = boot_loader_entry_of(p, spell, line, &entry);
        if (r != BOOT_FILE_FOUND)
                return r;
        entry.title = p->image->name;
        bool is_syslinux = p->client->arch == ARCH_AMD64;
        r = extlinux_write(&entry, is_syslinux ? EXTLINUX_SYSLINUX : EXTLINUX_UBOOT, &out);
        if (r < 0)
                return r;
        *ret = boot_file_of_octets(out.octets, out.len);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

size_t boot_pxelinux_generate(const struct boot_plan *p,
                              struct boot_generated list[static BOOT_GENERATED_MAX]) {
        list[0] = (struct boot_generated){
                .path = config_path(p),
                .why = "made for this machine: its image's kernel, initrd and command line",
                .make = make_config,
        };
        return 1;
}

/* Whether a name below pxelinux.cfg is one of this client's: its MAC, its address as eight digits, or the
 * last resort. */
static bool is_own_name(const struct boot_plan *p, const char *name) {
        static const char *const last[] = { "default", "default-arm" };
        char address[9];
        struct mac mac;

        if (strncmp(name, "01-", 3) == 0 && mac_parse(name + 3, &mac) == 0) {
                const struct machine *owner = site_machine_by_mac(p->site, &mac);
                return owner == p->machine || !owner;
        }
        if (p->ask.client_ip.family == IP_V4 &&
            strcasecmp(name, text_hex(p->ask.client_ip.octets, 4, address)) == 0)
                return true;
        for (size_t i = 0; i < ARRAY_LEN(last); i++) {
                if (strcmp(name, last[i]) == 0)
                        return true;
        }
        return false;
}

const char *boot_pxelinux_resolve(const struct boot_plan *p, const char *path) {
        if (strncmp(path, "pxelinux.cfg/", 13) != 0)
                return path;
        return is_own_name(p, path + 13) ? config_path(p) : NULL;
}

/* ---- handed over to its disk ---- */

static bool match_local(const struct boot_plan *p) {
        return p->purpose == PURPOSE_LOCAL &&
               (p->client->id == CLIENT_UBOOT_ARM64 || p->client->id == CLIENT_UBOOT_ARMHF);
}

static void plan_local(struct boot_plan *p) {
        boot_plan_offer_file(p, "");
        p->offer.pxe_config = config_path(p);
        boot_plan_say(
                p, "U-Boot's pxe command finds %s, which says localboot: it goes on to its own disk at once",
                p->offer.pxe_config);
}

static int make_local_config(const struct boot_plan *p, const struct blob_source *blobs,
                             struct boot_file **ret) {
        CLEANUP(text_free) struct text out = {};
        (void)p, (void)blobs;

        extlinux_write_local(&out);
        if (out.failed)
                return -ENOMEM;
        *ret = boot_file_of_octets(out.octets, out.len);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

static size_t generate_local(const struct boot_plan *p,
                             struct boot_generated list[static BOOT_GENERATED_MAX]) {
        list[0] = (struct boot_generated){
                .path = config_path(p),
                .why = "sends it on to its own disk",
                .make = make_local_config,
        };
        return 1;
}

const struct boot_method boot_method_uboot_local = {
        .name = "uboot-local",
        .title = "U-Boot, handed over to its disk",
        .match = match_local,
        .plan = plan_local,
        .generate = generate_local,
        .resolve = boot_pxelinux_resolve,
        .has_no_image_files = true,
};

const struct boot_method boot_method_uboot_pxelinux = {
        .name = "uboot-pxelinux",
        .title = "U-Boot's pxe command",
        .match = match,
        .plan = plan,
        .generate = boot_pxelinux_generate,
        .resolve = boot_pxelinux_resolve,
};
