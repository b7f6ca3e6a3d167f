/* What stops a Raspberry Pi on the way to its kernel; see pi_verdict.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/pi_verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/boot/agent.h"
#include "core/boot/pi_files.h"
#include "core/boot/pi_ramdisk.h"
#include "core/boot/pi_since.h"

/* ---- what is missing ---- */

static bool has(const struct boot_plan *p, const char *path) {
        return strcasecmp(path, BOOT_AGENT_INITRD) == 0 ? p->agent != NULL
                                                        : image_find_folded(p->image, path) != NULL;
}

static const char *title_of(const struct boot_plan *p) {
        static const char *const families[] = { [CONFIG_TXT_ROM] = "Raspberry Pi 3",
                                                [CONFIG_TXT_2711] = "Raspberry Pi 4",
                                                [CONFIG_TXT_2712] = "Raspberry Pi 5" };
        return p->board ? p->board->title : families[pi_files_family(p)];
}

static const char *lacks(const struct boot_plan *p, const char *what, const char *file) {
        return arena_printf(p->arena, "image %s has no %s for a %s: %s is not there", p->image->name, what,
                            title_of(p), file);
}

/* Firmware looks below a prefix only where it finds both there, and says nothing of it. */
static const char *lacks_below_prefix(const struct boot_plan *p, const struct config_txt_choice *c) {
        const char *dtb = p->board ? p->board->dtbs[0] : "its device tree";

        return arena_printf(
                p->arena,
                "image %s has no kernel for a %s: its os_prefix counts only where the kernel and %s lie "
                "below it, and without it %s is not there",
                p->image->name, title_of(p), dtb, c->kernel);
}

/* Where its firmware looks for a stepping's files. */
struct stepping_files {
        const char *dtb, *overlay; /* NULL: there is none in its place */
};

static struct stepping_files files_of(const struct boot_plan *p, const struct board_stepping *s,
                                      const struct config_txt_choice *c) {
        return (struct stepping_files){
                .dtb = arena_printf(p->arena, "%s%s", c->os_prefix, s->dtb),
                .overlay = s->overlay ? arena_printf(p->arena, "%s%s.dtbo", c->overlay_prefix, s->overlay)
                                      : NULL,
        };
}

static bool has_either(const struct boot_plan *p, const struct stepping_files *f) {
        return (f->dtb && has(p, f->dtb)) || (f->overlay && has(p, f->overlay));
}

/* Which one it is, where its revision tells that. */
static const struct board_stepping *stepping_of(const struct boot_plan *p) {
        return p->board ? board_stepping_of(p->board, p->ask.revision) : NULL;
}

/* Whether steppings get different trees: one that config.txt names is taken by each of them. */
static bool hangs_on_stepping(const struct boot_plan *p, const struct config_txt_choice *c) {
        const char *dtb = text_starts_with(c->dtb, c->os_prefix) ? c->dtb + strlen(c->os_prefix) : c->dtb;

        for (size_t i = 0; p->board->dtbs[i]; i++)
                if (strcmp(p->board->dtbs[i], dtb) == 0)
                        return true;
        return false;
}

static const char *lacks_stepping(const struct boot_plan *p, const struct config_txt_choice *c) {
        const struct board_stepping *s = stepping_of(p);

        if (!s || !hangs_on_stepping(p, c))
                return NULL;
        const struct stepping_files files = files_of(p, s, c);
        if (has_either(p, &files))
                return NULL;
        return arena_printf(p->arena,
                            "image %s has no device tree for a %s of stepping %s: %s is not there; "
                            "import newer boot files, or say device_tree= in its config.txt",
                            p->image->name, title_of(p), s->name, files.dtb);
}

/* In the order in which its firmware would miss them. */
static const char *missing(const struct boot_plan *p, const struct config_txt_choice *c) {
        bool asks_by_rom = pi_files_family(p) == CONFIG_TXT_ROM && p->ask.client != CLIENT_PI3;
        const char *firmware[] = { asks_by_rom ? "bootcode.bin" : "", c->start_file, c->fixup_file };

        if (c->boot_ramdisk) /* the rest lies in boot.img */
                return NULL;
        for (size_t i = 0; i < ARRAY_LEN(firmware); i++)
                if (*firmware[i] && !has(p, firmware[i]))
                        return lacks(p, "firmware", firmware[i]);
        if (!c->has_kernel && !(*c->armstub && has(p, c->armstub)))
                return c->is_os_prefix_ignored ? lacks_below_prefix(p, c) : lacks(p, "kernel", c->kernel);
        if (*c->dtb && !c->has_dtb)
                return lacks(p, "device tree", c->dtb);
        const char *why = lacks_stepping(p, c);
        if (why)
                return why;
        for (size_t i = 0; i < c->n_initramfs; i++)
                if (!has(p, c->initramfs[i]))
                        return lacks(p, "initramfs", c->initramfs[i]);
        return NULL;
}

/* ---- what cannot be made ---- */

static const char *unmade_config(const struct boot_plan *p) {
        int r = pi_files_check_config(p);

        if (r == 0 || r == -ENOMEM)
                return NULL;
        if (r == -E2BIG)
                return arena_printf(p->arena,
                                    "config.txt of image %s is too long, also without comments and other "
                                    "boards' sections: firmware reads %d octets",
                                    p->image->name, CONFIG_TXT_SIZE_MAX);
        return arena_printf(p->arena, "config.txt of image %s: %s", p->image->name, boot_plan_why(p, r));
}

/* Whether its firmware, as it is set, reads all the rest from boot.img. */
static bool loads_ramdisk(const struct boot_plan *p) {
        return p->machine && (p->machine->as_ramdisk || p->machine->require_trusted);
}

static const char *unmade_ramdisk(const struct boot_plan *inside) {
        uint64_t octets = 0;
        int r = pi_ramdisk_check(inside, &octets);

        if (r == 0 || r == -ENOMEM)
                return NULL;
        if (r == -EOVERFLOW)
                return arena_printf(inside->arena,
                                    "boot.img of image %s would be larger than the %d MiB that firmware "
                                    "loads: its files for a %s have %llu MiB",
                                    inside->image->name, BOARD_RAMDISK_MAX >> 20, title_of(inside),
                                    (unsigned long long)(octets + (1 << 20) - 1) >> 20);
        return arena_printf(inside->arena, "boot.img of image %s: %s", inside->image->name,
                            boot_plan_why(inside, r));
}

/* ---- whether it gets there ---- */

static const char *stops(const struct boot_plan *p) {
        CLEANUP(free_at) struct config_txt_choice *choice = NULL;
        bool is_served = pi_files_serve(p, p->image), has_lines = pi_files_has_lines(p);
        char **boards = p->image->boards;

        if (p->image->kind != IMAGE_PI || !boards || !boards[0])
                return NULL;
        if (is_served && !has_lines && !stepping_of(p))
                return NULL;
        choice = calloc(1, sizeof(*choice));
        if (!choice || pi_files_choose(p, &boot_no_blobs, choice) < 0)
                return NULL;
        const char *why = missing(p, choice);
        /* Who is past its ROM has bootcode.bin from a card, and an image without it does for the rest. */
        if (why || is_served || has_lines || p->ask.client == CLIENT_PI3)
                return why;
        return arena_printf(p->arena,
                            "image %s starts no %s: bramble image show %s lists the boards that it starts",
                            p->image->name, title_of(p), p->image->name);
}

static const char *verdict(const struct boot_plan *p) {
        const char *why = unmade_config(p);

        if (why || !loads_ramdisk(p))
                return why ? why : stops(p);
        const struct boot_plan inside = pi_ramdisk_inside(p);
        why = stops(&inside);
        return why ? why : unmade_ramdisk(&inside);
}

bool pi_verdict_refuse(struct boot_plan *p) {
        const char *why = verdict(p);

        if (!why)
                return false;
        boot_plan_say_fixed(p, why);
        p->purpose = PURPOSE_REFUSE;
        p->method = NULL;
        return true;
}

static void note_steppings(struct boot_plan *p) {
        CLEANUP(free_at) struct config_txt_choice *choice = NULL;

        if (!p->board || p->board->n_steppings == 0 || stepping_of(p))
                return;
        choice = calloc(1, sizeof(*choice));
        if (!choice || pi_files_choose(p, &boot_no_blobs, choice) < 0 || !hangs_on_stepping(p, choice))
                return;
        for (size_t i = 0; i < p->board->n_steppings; i++) {
                const struct board_stepping *s = &p->board->steppings[i];
                const struct stepping_files files = files_of(p, s, choice);
                if (!has_either(p, &files))
                        boot_plan_say(p, "those of stepping %s do not start: image %s has neither %s nor %s",
                                      s->name, p->image->name, files.dtb,
                                      files.overlay ? files.overlay : "an overlay in its place");
        }
}

void pi_verdict_note(struct boot_plan *p) {
        if (p->image->kind == IMAGE_PI)
                note_steppings(p);
        pi_since_note(p);
}
