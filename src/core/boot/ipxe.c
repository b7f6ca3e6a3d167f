/*
 * iPXE: a script for each machine; kernel and initrd by absolute URLs.
 *
 * The script comes by HTTP where the ask has a token, which its URL then carries, and by TFTP before that.
 * Nothing in it says ${next-server}: behind another DHCP server that would be the other one (lab.md pitfall
 * 3).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/text.h"
#include "core/boot/method.h"
#include "core/boot/methods.h"
#include "format/cmdline.h"
#include "format/ipxe_script.h"

#define SCRIPT "boot.ipxe"

static bool match(const struct boot_plan *p) {
        struct boot_kernel k;
        return boot_plan_starts_kernel(p) && p->client->id == CLIENT_IPXE && boot_kernel_of(p, &k);
}

static void offer_script(struct boot_plan *p) {
        bool by_http = p->ask.http_port && p->ask.token[0];
        boot_plan_offer_file(p, by_http ? boot_plan_url(p, SCRIPT) : SCRIPT);
}

static void plan(struct boot_plan *p) {
        offer_script(p);
        boot_plan_say(p, "it gets the script %s, and by it kernel and initrd of image %s", p->offer.bootfile,
                      p->image->name);
}

static const char *spell(const struct boot_plan *p, const char *path) {
        char server[IP_TEXT_SIZE];
        if (p->ask.http_port)
                return boot_plan_url(p, path);
        return arena_printf(p->arena, "tftp://%s/%s", ip_text(&p->ask.server, server), path);
}

static int make_script(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret) {
        CLEANUP(text_free) struct text out = {};
        char line[CMDLINE_MAX + 1];
        struct boot_loader_entry entry;
        (void)blobs;

        int r = boot_loader_entry_of(p, spell, line, &entry);
        if (r != BOOT_FILE_FOUND)
                return r;
        if (ipxe_script_can_say(line))
                r = ipxe_script_write(&entry, &out);
        else
                ipxe_script_exit(
                        "Bramble: the command line of this machine holds words that iPXE takes for its own",
                        &out);
        if (r < 0 || out.failed)
                return r < 0 ? r : -ENOMEM;
        *ret = boot_file_of_octets(out.octets, out.len);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

static size_t generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]) {
        (void)p;
        list[0] = (struct boot_generated){
                .path = SCRIPT,
                .why = "made for this machine: URLs of its image's kernel and initrd, and its command line",
                .make = make_script,
        };
        return 1;
}

/* ---- handed over to its disk ---- */

static bool match_local(const struct boot_plan *p) {
        return p->purpose == PURPOSE_LOCAL && p->client->id == CLIENT_IPXE;
}

/* Only under BIOS can iPXE start a disk itself; to UEFI it says that it failed, and firmware goes on. */
static bool is_bios(const struct boot_plan *p) {
        return p->ask.said_arch <= 0;
}

static void plan_local(struct boot_plan *p) {
        offer_script(p);
        boot_plan_say(p, "it gets the script %s, which %s", p->offer.bootfile,
                      is_bios(p) ? "starts its first disk"
                                 : "ends at once: its firmware goes on to its next boot option");
}

static int make_local_script(const struct boot_plan *p, const struct blob_source *blobs,
                             struct boot_file **ret) {
        CLEANUP(text_free) struct text out = {};
        (void)blobs;

        ipxe_script_local(is_bios(p), &out);
        if (out.failed)
                return -ENOMEM;
        *ret = boot_file_of_octets(out.octets, out.len);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

static size_t generate_local(const struct boot_plan *p,
                             struct boot_generated list[static BOOT_GENERATED_MAX]) {
        (void)p;
        list[0] = (struct boot_generated){
                .path = SCRIPT,
                .why = "sends it on to its own disk",
                .make = make_local_script,
        };
        return 1;
}

const struct boot_method boot_method_ipxe_local = {
        .name = "ipxe-local",
        .title = "iPXE, handed over to its disk",
        .match = match_local,
        .plan = plan_local,
        .generate = generate_local,
        .has_no_image_files = true,
};

const struct boot_method boot_method_ipxe = {
        .name = "ipxe",
        .title = "iPXE script",
        .match = match,
        .plan = plan,
        .generate = generate,
};
