/* A boot of the agent; see agent.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/agent.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/boot/pi_files.h"
#include "format/cmdline.h"

/* ---- the kernel ---- */

/* What the kernel of the plan's image runs: a Pi's firmware has a choice, and config.txt says which. */
static enum arch kernel_arch(const struct boot_plan *p) {
        return boot_client_is_pi(p->client->id) ? pi_files_arch(p) : p->image->arch;
}

/* The image that holds the agent for an architecture; NULL: nobody has made it. */
static const struct image *environment(const struct boot_plan *p, enum arch arch) {
        const char *name = arena_printf(p->arena, "agent-%s", arch_name(arch));
        const struct image *image = name ? site_image(p->site, name) : NULL;
        return image && image_find_role(image, IMAGE_FILE_AGENT) ? image : NULL;
}

/* Whether this machine can run the agent under that image's kernel; the plan has both then. */
static bool try_image(struct boot_plan *p, const struct image *image) {
        p->image = image;
        p->agent = NULL;
        if (!image || image->kind == IMAGE_BARE || !boot_plan_can_start(p) || !boot_plan_find_method(p))
                return false;
        /* What import did not look at is taken at its word. */
        bool is_known = image->kind == IMAGE_PI && image->boards && image->boards[0];
        if (is_known && boot_client_is_pi(p->client->id) && !pi_files_serve(p, image))
                return false;
        const struct image *with_agent = environment(p, kernel_arch(p));
        if (with_agent)
                p->agent = image_find_role(with_agent, IMAGE_FILE_AGENT);
        return p->agent;
}

struct search {
        struct boot_plan *plan;
        const struct image *best;
};

static int look_at_image(void *ctx, const struct image *image) {
        struct search *s = ctx;
        bool is_newer = !s->best || image->created_s > s->best->created_s ||
                        (image->created_s == s->best->created_s && strcmp(image->name, s->best->name) < 0);

        if (image->kind == IMAGE_PI && is_newer && pi_files_serve(s->plan, image) &&
            try_image(s->plan, image))
                s->best = image;
        return 0;
}

/* Any image whose firmware and kernel start this board; the newest of them. */
static bool find_pi_image(struct boot_plan *p) {
        struct search s = { .plan = p };

        (void)site_each_image(p->site, look_at_image, &s);
        return try_image(p, s.best);
}

/* What the machine runs, as far as anything tells; BIOS means a PC of today. */
static enum arch machine_arch(const struct boot_plan *p) {
        if (p->machine && p->machine->arch != ARCH_NONE)
                return p->machine->arch;
        enum arch says = boot_plan_client_arch(p);
        return says != ARCH_NONE ? says : ARCH_AMD64;
}

static void refuse(struct boot_plan *p) {
        enum arch arch = machine_arch(p);
        const char *needs = boot_plan_needs(p);

        p->purpose = PURPOSE_REFUSE;
        p->image = NULL;
        p->agent = NULL;
        if (!environment(p, arch))
                boot_plan_say(p, "no agent environment for %s: bramble image build-agent --arch %s",
                              arch_name(arch), arch_name(arch));
        else if (boot_client_is_pi(p->client->id))
                boot_plan_say(p,
                              "no image has boot files for a %s, under whose kernel the agent could run: "
                              "import one "
                              "(bramble image import NAME FOLDER)",
                              p->board ? p->board->title : "Raspberry Pi");
        else if (needs)
                boot_plan_say(p, "%s cannot boot image agent-%s: it has no file that would be %s",
                              p->client->title, arch_name(arch), needs);
        else
                boot_plan_say_fixed(p,
                                    "nothing tells its firmware, and so how the agent could be booted on it");
}

void boot_agent_choose(struct boot_plan *p) {
        const struct image *own = p->image;
        bool is_found = try_image(p, own);

        if (!is_found && boot_client_is_pi(p->client->id))
                is_found = find_pi_image(p);
        else if (!is_found)
                is_found = try_image(p, environment(p, machine_arch(p)));
        if (is_found)
                boot_plan_say(p, "it runs the agent, under the kernel of image %s", p->image->name);
        else
                refuse(p);
}

void boot_agent_start_system(struct boot_plan *p) {
        enum arch arch = kernel_arch(p) != ARCH_NONE ? kernel_arch(p) : machine_arch(p);
        const struct image *with_agent = environment(p, arch);

        if (!with_agent) {
                p->purpose = PURPOSE_REFUSE;
                boot_plan_say(p,
                              "its root is brought up by the agent, and there is none for %s: bramble image "
                              "build-agent --arch %s",
                              arch_name(arch), arch_name(arch));
                return;
        }
        p->agent = image_find_role(with_agent, IMAGE_FILE_AGENT);
        boot_plan_say(p, "the agent goes with it, brings up its root (%s) and starts it there",
                      root_name(p->machine->root));
}

/* ---- the command line ---- */

/* How to speak to the hardware: what a kernel needs to be told in any case, whatever it starts. */
static bool is_of_hardware(const char *word, size_t len) {
        static const char *const prefixes[] = {
                "console=", "earlycon", "earlyprintk", "keep_bootcon", "8250.",   "fbcon=",       "video=",
                "pci=",     "pcie_",    "acpi",        "noapic",       "nolapic", "usb-storage.", "nomodeset",
        };
        for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
                size_t n = strlen(prefixes[i]);
                if (len >= n && memcmp(word, prefixes[i], n) == 0)
                        return true;
        }
        return false;
}

/* Where a system finds its root, and what it does in its first start from a card: what an image says of both
 * is true on a disk, and the agent knows better. */
static bool is_of_root(const char *word, size_t len) {
        static const struct {
                const char *text;
                bool is_whole;
        } words[] = {
                { "root=", false },       { "rootfstype=", false },
                { "rootflags=", false },  { "rootdelay=", false },
                { "rootwait", true },     { "ro", true },
                { "rw", true },           { "init=", false },
                { "rdinit=", false },     { "boot=", false },
                { "nfsroot=", false },    { "ip=", false },
                { "resume=", false },     { "ds=", false },
                { "BOOTIF=", false },     { "bramble.", false },
                { "overlayroot", false }, { "resize", true },
                { "systemd.run", false }, { "systemd.unit=kernel-command-line.target", true },
        };
        for (size_t i = 0; i < ARRAY_LEN(words); i++) {
                size_t n = strlen(words[i].text);
                if ((words[i].is_whole ? len == n : len >= n) && memcmp(word, words[i].text, n) == 0)
                        return true;
        }
        return false;
}

/* Whether a word of the image's own line goes on. */
static bool is_kept(const struct boot_plan *p, const char *word, size_t len) {
        return p->purpose == PURPOSE_RUN ? !is_of_root(word, len) : is_of_hardware(word, len);
}

const char *boot_agent_words(const struct boot_plan *p) {
        const uint8_t *o = p->ask.mac.octets;
        char server[IP_TEXT_SIZE], hex[2 * SHA256_SIZE + 1];
        const char *bootif = "";

        /* A machine may have several cards, and only one of them is on this network. A Pi has one. */
        if (!mac_is_zero(&p->ask.mac) && !p->is_in_ramdisk)
                bootif = arena_printf(p->arena, " BOOTIF=01-%02x-%02x-%02x-%02x-%02x-%02x", o[0], o[1], o[2],
                                      o[3], o[4], o[5]);
        bool is_wanted = (p->subnet && p->subnet->agent_https) || (p->machine && p->machine->require_trusted);
        bool is_secret = is_wanted && p->ask.https_port;
        const char *ca = is_secret ? arena_printf(p->arena, " bramble.ca=sha256:%s",
                                                  text_hex(p->ask.ca, sizeof(p->ask.ca), hex))
                                   : "";
        return bootif && ca
                       ? arena_printf(p->arena, "rdinit=/bramble/agent bramble.url=%s://%s:%u/a/%s%s%s%s",
                                      is_secret ? "https" : "http", ip_text(&p->ask.server, server),
                                      is_secret ? p->ask.https_port : p->ask.http_port,
                                      p->ask.agent_token[0] ? p->ask.agent_token : BOOT_TOKEN_NONE, ca,
                                      p->purpose == PURPOSE_RUN ? " bramble.run" : "", bootif)
                       : NULL;
}

int boot_agent_cmdline(const struct boot_plan *p, const char *base, char *buf, size_t size) {
        char line[CMDLINE_MAX + 1];
        const char *words = boot_agent_words(p);
        size_t kept = 0, len;

        if (!words)
                return -ENOMEM;
        int r = cmdline_join(base, strlen(base), p->machine ? p->machine->cmdline_extra : NULL, line,
                             sizeof(line));
        if (r < 0)
                return r;
        /* Each word moves to the left at most: the line is its own room. */
        for (const char *at = line, *word; (word = cmdline_next(&at, &len));) {
                if (!is_kept(p, word, len))
                        continue;
                if (kept > 0)
                        line[kept++] = ' ';
                memmove(line + kept, word, len);
                kept += len;
        }
        return cmdline_join(line, kept, words, buf, size);
}
