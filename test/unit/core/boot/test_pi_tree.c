/* What one Raspberry Pi reads: the operator's lines in its config.txt, and the files that go into its
 * boot.img.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "boot_site.h"
#include "core/boot/pi_tree.h"

enum { ARENA_SIZE = 1 << 18, CONFIG_SIZE = 4096 };

#define PI4 "dc:a6:32:a7:ed:89"
#define PI4_ARMHF "dc:a6:32:00:00:48"
#define PI4_PARTS "dc:a6:32:00:00:45"
#define PI4_RAM "dc:a6:32:00:01:08"
#define PI4_DISK "dc:a6:32:00:00:44"
#define PI5 "2c:cf:67:00:00:05"
#define PI3 "b8:27:eb:2f:aa:eb"
#define ARM "52:54:00:77:00:f0"

/* ---- the operator's lines ---- */

static struct site *put_lines_of(struct site *s, enum config_lines_file file, enum config_lines_scope scope,
                                 const char *name, const char *text) {
        CLEANUP(config_lines_drop_at) struct config_lines *l = config_lines_new();
        struct error error = {};

        l->file = file;
        l->scope = scope;
        (void)text_copy(l->name, sizeof(l->name), name);
        l->text = strdup(text);
        struct site *next = site_put_config_lines(s, l, &error);
        if (!next)
                fail_msg("%s", error.text);
        site_drop(s);
        return next;
}

static struct site *put_lines(struct site *s, enum config_lines_scope scope, const char *name,
                              const char *text) {
        return put_lines_of(s, CONFIG_LINES_CONFIG_TXT, scope, name, text);
}

static struct site *give(struct site *s, const char *machine, const char *tags, const char *lines) {
        CLEANUP(machine_drop_at) struct machine *m = machine_copy(site_machine_by_name(s, machine));
        struct error error = {};

        m->tags = strdup(tags);
        m->config_txt_extra = lines ? strdup(lines) : NULL;
        struct site *next = site_put_machine(s, m, &error);
        if (!next)
                fail_msg("%s", error.text);
        site_drop(s);
        return next;
}

static void read_text_of(const struct site *site, const struct boot_site *s, enum boot_client_id client,
                         const char *mac, const char *path, char config[static CONFIG_SIZE]) {
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        CLEANUP(boot_file_drop_at) struct boot_file *file = NULL;
        struct boot_ask ask = boot_site_ask(client, mac, 77);
        const struct boot_plan *p = boot_plan(site, &ask, arena);

        assert_int_equal(boot_plan_file(p, path, &s->blobs, &file, NULL), BOOT_FILE_FOUND);
        int64_t n = boot_file_read(file, 0, config, CONFIG_SIZE - 1);
        assert_true(n > 0);
        config[n] = '\0';
}

static void read_config(const struct site *site, const struct boot_site *s, enum boot_client_id client,
                        const char *mac, char config[static CONFIG_SIZE]) {
        read_text_of(site, s, client, mac, "config.txt", config);
}

#define BASE "# kept\narm_64bit=1\n[pi4]\ndtoverlay=fan\n[all]\nauto_initramfs=1\n"

/* Its board's, those of its tags by their names, its own; what we need comes behind them. */
static void lays_the_operators_lines_over(void **state) {
        struct boot_site *s = *state;
        CLEANUP(site_drop_at) struct site *site = site_take(s->site);
        char config[CONFIG_SIZE];

        site = give(site, "pi4-ram", "rack-b shelf", "auto_initramfs=0\n");
        site = put_lines(site, CONFIG_LINES_TAG, "shelf", "dtparam=watchdog=on\n");
        site = put_lines(site, CONFIG_LINES_TAG, "other", "nobody=1\n");
        site = put_lines(site, CONFIG_LINES_TAG, "rack-b", "[pi4]\ndtoverlay=poe\n");
        site = put_lines(site, CONFIG_LINES_BOARD, "pi4b", "gpu_mem=32");
        site = put_lines(site, CONFIG_LINES_BOARD, "pi5", "usb_max_current_enable=1\n");
        read_config(site, s, CLIENT_PI4, PI4_RAM, config);
        assert_string_equal(config, BASE "[all]\ngpu_mem=32\n[all]\n[pi4]\ndtoverlay=poe\n[all]\n"
                                         "dtparam=watchdog=on\n[all]\nauto_initramfs=0\n[all]\n"
                                         "initramfs bramble-initrd followkernel\n");
        read_config(site, s, CLIENT_PI5, PI5, config);
        assert_string_equal(config, BASE "[all]\nusb_max_current_enable=1\n");
}

/* A profile that has the firmware's console on is the kernel's switch, too; the tag's counts more than the
 * board's. */
static void a_profile_switches_the_console(void **state) {
        struct boot_site *s = *state;
        CLEANUP(site_drop_at) struct site *site = give(site_take(s->site), "pi5-demo", "quiet", NULL);
        char line[CONFIG_SIZE];

        read_text_of(site, s, CLIENT_PI5, PI5, "cmdline.txt", line);
        assert_null(strstr(line, "netconsole="));
        site = put_lines_of(site, CONFIG_LINES_BOOTCONF, CONFIG_LINES_BOARD, "pi5",
                            "BOOT_UART=1\n" MACHINE_NETCONSOLE_LINE "\n");
        read_text_of(site, s, CLIENT_PI5, PI5, "cmdline.txt", line);
        assert_non_null(strstr(line, " netconsole=+6665@"));
        site = put_lines_of(site, CONFIG_LINES_BOOTCONF, CONFIG_LINES_TAG, "quiet", "NETCONSOLE=\n");
        read_text_of(site, s, CLIENT_PI5, PI5, "cmdline.txt", line);
        assert_null(strstr(line, "netconsole="));
}

/* What they say about the kernel counts in what is added for the agent. */
static void follows_what_the_lines_choose(void **state) {
        struct boot_site *s = *state;
        CLEANUP(site_drop_at) struct site *site = site_take(s->site);
        char config[CONFIG_SIZE];

        read_config(site, s, CLIENT_PI4, PI4_RAM, config);
        assert_null(strstr(config, "initramfs bramble-initrd")); /* auto_initramfs finds the image's own */
        site = give(site, "pi4-ram", "a", "auto_initramfs=0\n");
        read_config(site, s, CLIENT_PI4, PI4_RAM, config);
        assert_string_equal(config,
                            BASE "[all]\nauto_initramfs=0\n[all]\ninitramfs bramble-initrd followkernel\n");
}

/* Its filter holds for the one boot that reads this file, and what we add follows that. */
static void lays_over_tryboot_too(void **state) {
        struct boot_site *s = *state;
        char config[CONFIG_SIZE];

        read_text_of(s->site, s, CLIENT_PI4, PI4_RAM, "tryboot.txt", config);
        assert_non_null(strstr(
                config, "[tryboot]\nauto_initramfs=0\n[all]\ninitramfs bramble-initrd followkernel\n"));
}

static void lays_them_over_parts_too(void **state) {
        struct boot_site *s = *state;
        CLEANUP(site_drop_at)
        struct site *site = give(site_take(s->site), "pi4-parts", "a", "kernel=mine.img\n");
        char config[CONFIG_SIZE];

        read_config(site, s, CLIENT_PI4, PI4_PARTS, config);
        assert_string_equal(config,
                            "[all]\nkernel=vmlinuz-arm64\ninitramfs initrd-arm64 followkernel\n[all]\n"
                            "kernel=mine.img\n");
}

/* Three times that is more than firmware reads. */
static void put_many(struct text *lines) {
        for (unsigned i = 0; i < 100; i++)
                text_printf(lines, "dtparam=a%03u=on\n", i);
}

static void refuses_lines_that_make_it_too_long(void **state) {
        struct boot_site *s = *state;
        CLEANUP(site_drop_at) struct site *site = site_take(s->site);
        CLEANUP(text_free) struct text lines = {};
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_PI4, PI4, 77);

        put_many(&lines);
        site = give(site, "pi4-demo", "a b", lines.octets);
        site = put_lines(site, CONFIG_LINES_TAG, "a", lines.octets);
        site = put_lines(site, CONFIG_LINES_TAG, "b", lines.octets);
        const struct boot_plan *p = boot_plan(site, &ask, arena);
        assert_false(p->offer.is_bootable);
        assert_null(p->method);
        assert_string_equal(p->nothing,
                            "config.txt of image raspios is too long, also without comments and other "
                            "boards' sections: firmware reads 4095 octets");
}

static void refuses_lines_that_firmware_cannot_read(void **state) {
        struct boot_site *s = *state;
        static const struct {
                enum config_lines_scope scope;
                const char *name, *text, *says;
        } rows[] = {
                { CONFIG_LINES_BOARD, "pi9", "a=1", "there is no board pi9" },
                { CONFIG_LINES_BOARD, "uefi-arm64", "a=1", "reads no config.txt" },
                { CONFIG_LINES_TAG, "two words", "a=1", "is no tag" },
                { CONFIG_LINES_TAG, "a", "", "there are no lines" },
                { CONFIG_LINES_TAG, "a", "a=1\r\n", "tag a: line 1 for config.txt has a control character" },
                { CONFIG_LINES_TAG, "a",
                  "a=1\ndtoverlay="
                  "0123456789012345678901234567890123456789012345678901234567890123456789012345678"
                  "901234567890\n",
                  "line 2 for config.txt has 101 octets, and firmware reads 98" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                CLEANUP(config_lines_drop_at) struct config_lines *l = config_lines_new();
                struct error error = {};
                l->scope = rows[i].scope;
                (void)text_copy(l->name, sizeof(l->name), rows[i].name);
                l->text = strdup(rows[i].text);
                assert_null(site_put_config_lines(s->site, l, &error));
                if (!strstr(error.text, rows[i].says))
                        fail_msg("row %zu: %s", i, error.text);
        }
        struct error error = {};
        assert_null(
                site_remove_config_lines(s->site, CONFIG_LINES_CONFIG_TXT, CONFIG_LINES_TAG, "a", &error));
        assert_string_equal(error.text, "there are no lines for tag a");
}

/* ---- what would stop a board ---- */

/* The site with another image in the place of raspios: without a file, or with boards that it starts. */
static struct site *without(const struct boot_site *s, const char *file) {
        const struct image *from = site_image(s->site, "raspios");
        CLEANUP(image_drop_at) struct image *i = image_new();
        struct error error = {};

        (void)text_copy(i->name, sizeof(i->name), from->name);
        i->kind = from->kind;
        i->arch = from->arch;
        i->boards = calloc(2, sizeof(*i->boards));
        i->boards[0] = strdup("pi400");
        i->files = calloc(from->n_files, sizeof(*i->files));
        for (size_t n = 0; n < from->n_files; n++) {
                const struct image_file *f = &from->files[n];
                if (strcmp(f->path, file) == 0)
                        continue;
                i->files[i->n_files] = *f;
                i->files[i->n_files].path = strdup(f->path);
                i->files[i->n_files++].octets = f->octets ? (uint8_t *)strdup((const char *)f->octets) : NULL;
        }
        assert_int_equal(image_index(i), 0);
        struct site *next = site_put_image(s->site, i, &error);
        if (!next)
                fail_msg("%s", error.text);
        return next;
}

static void refuses_what_would_stop_and_says_why(void **state) {
        struct boot_site *s = *state;
        static const struct {
                enum boot_client_id client;
                const char *mac, *file, *why; /* NULL: it is served */
        } rows[] = {
                { CLIENT_PI4, PI4_RAM, "fixup4.dat",
                  "image raspios has no firmware for a Raspberry Pi 4B: fixup4.dat is not there" },
                { CLIENT_PI4, PI4_RAM, "kernel8.img",
                  "image raspios has no kernel for a Raspberry Pi 4B: kernel8.img is not there" },
                { CLIENT_PI4, PI4_RAM, "bcm2711-rpi-4-b.dtb",
                  "image raspios has no device tree for a Raspberry Pi 4B: bcm2711-rpi-4-b.dtb is not "
                  "there" },
                { CLIENT_PI5, PI5, "bcm2712-rpi-5-b.dtb",
                  "image raspios has no device tree for a Raspberry Pi 5: bcm2712-rpi-5-b.dtb is not there" },
                { CLIENT_PI_ROM, PI3, "bootcode.bin",
                  "image raspios has no firmware for a Raspberry Pi 3B: bootcode.bin is not there" },
                { CLIENT_PI_ROM, PI3, "start4.elf",
                  "image raspios starts no Raspberry Pi 3B: bramble image show raspios lists the boards that "
                  "it "
                  "starts" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                CLEANUP(site_drop_at) struct site *site = without(s, rows[i].file);
                struct boot_ask ask = boot_site_ask(rows[i].client, rows[i].mac, 77);
                const struct boot_plan *p = boot_plan(site, &ask, arena);
                assert_false(p->offer.is_bootable);
                assert_non_null(p->nothing);
                assert_string_equal(p->nothing, rows[i].why);
                assert_string_equal(p->reasons[p->n_reasons - 1], rows[i].why);
        }
}

/* A set of parts has no config.txt: the one that is made of them has the same bounds. */
static void parts_have_bounds_too(void **state) {
        struct boot_site *s = *state;
        CLEANUP(site_drop_at) struct site *site = site_take(s->site);
        CLEANUP(text_free) struct text lines = {};
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_PI4, PI4_PARTS, 77);

        put_many(&lines);
        site = give(site, "pi4-parts", "a", lines.octets);
        site = put_lines(site, CONFIG_LINES_TAG, "a", lines.octets);
        site = put_lines(site, CONFIG_LINES_BOARD, "pi4b", lines.octets);
        const struct boot_plan *p = boot_plan(site, &ask, arena);
        assert_false(p->offer.is_bootable);
        assert_non_null(strstr(p->nothing, "config.txt of image debian-arm64 is too long"));
}

static void who_is_past_its_rom_needs_no_bootcode(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        CLEANUP(site_drop_at) struct site *site = without(s, "bootcode.bin");
        struct boot_ask ask = boot_site_ask(CLIENT_PI3, PI3, 77);

        assert_true(boot_plan(site, &ask, arena)->offer.is_bootable);
}

/* An operator may say where it is, and may be wrong. */
static void looks_again_where_lines_are_laid_over(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        CLEANUP(site_drop_at) struct site *site = without(s, "bcm2711-rpi-4-b.dtb");
        struct boot_ask ask = boot_site_ask(CLIENT_PI4, PI4_RAM, 77);

        site = give(site, "pi4-ram", "a", "device_tree=bcm2712-rpi-5-b.dtb\n");
        assert_true(boot_plan(site, &ask, arena)->offer.is_bootable);
        site = give(site, "pi4-demo", "a", "kernel=vmlinuz\n");
        ask = boot_site_ask(CLIENT_PI4, PI4, 77);
        ask.revision = 0xc03112;
        assert_string_equal(boot_plan(site, &ask, arena)->nothing,
                            "image raspios has no kernel for a Raspberry Pi 4B: vmlinuz is not there");
}

static void says_what_stops_a_stepping(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_PI5, PI5, 77);
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);
        bool is_said = false;

        for (size_t i = 0; i < p->n_reasons; i++)
                is_said = is_said || strcmp(p->reasons[i],
                                            "those of stepping D0 do not start: image raspios has neither "
                                            "bcm2712d0-rpi-5-b.dtb nor overlays/bcm2712d0.dtbo") == 0;
        assert_true(is_said && p->offer.is_bootable);
}

/* And of a board whose revision tells its stepping only what holds for it. */
static void knows_the_stepping_by_the_revision(void **state) {
        static const struct {
                uint32_t revision;
                const char *nothing;
        } rows[] = {
                { 0xd04170, NULL },
                { 0xd04171,
                  "image raspios has no device tree for a Raspberry Pi 5 of stepping D0: "
                  "bcm2712d0-rpi-5-b.dtb is not there; import newer boot files, or say device_tree= "
                  "in its config.txt" },
        };
        struct boot_site *s = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct boot_ask ask = boot_site_ask(CLIENT_PI5, PI5, 77);

                ask.revision = rows[i].revision;
                const struct boot_plan *p = boot_plan(s->site, &ask, arena);
                assert_int_equal(p->offer.is_bootable, !rows[i].nothing);
                if (rows[i].nothing)
                        assert_string_equal(p->nothing, rows[i].nothing);
                for (size_t k = 0; k < p->n_reasons; k++)
                        assert_null(strstr(p->reasons[k], "those of stepping"));
        }
}

/* The site with the files of raspios in a folder, as Ubuntu has them, and one more file. */
static struct site *under_a_prefix(const struct boot_site *s, const char *config, const char *added) {
        const struct image *from = site_image(s->site, "raspios");
        CLEANUP(image_drop_at) struct image *i = image_new();
        static const char *const moved[] = { "kernel_2712.img", "bcm2712-rpi-5-b.dtb", "cmdline.txt" };
        struct error error = {};

        (void)text_copy(i->name, sizeof(i->name), from->name);
        i->kind = from->kind;
        i->arch = from->arch;
        i->boards = calloc(2, sizeof(*i->boards));
        i->boards[0] = strdup("pi5");
        i->files = calloc(ARRAY_LEN(moved) + 3, sizeof(*i->files));
        for (size_t n = 0; n < ARRAY_LEN(moved); n++) {
                struct image_file *f = &i->files[i->n_files++];
                *f = *image_find(from, moved[n]);
                f->octets = NULL;
                assert_true(asprintf(&f->path, "current/%s", moved[n]) > 0);
        }
        i->files[i->n_files++] = (struct image_file){ .path = strdup("config.txt"),
                                                      .role = IMAGE_FILE_CONFIG_TXT,
                                                      .size = strlen(config),
                                                      .octets = (uint8_t *)strdup(config) };
        i->files[i->n_files++] = (struct image_file){ .path = strdup("current/overlays/README") };
        i->files[i->n_files++] = (struct image_file){ .path = strdup(added) };
        assert_int_equal(image_index(i), 0);
        struct site *next = site_put_image(s->site, i, &error);
        if (!next)
                fail_msg("%s", error.text);
        return next;
}

/* Where its firmware looks: below os_prefix, overlays below overlay_prefix. */
static void looks_for_steppings_where_firmware_does(void **state) {
#define UBUNTU "[all]\nkernel=kernel_2712.img\nos_prefix=current/\n"
#define NO_TREE \
        "image raspios has no device tree for a Raspberry Pi 5 of stepping D0: " \
        "current/bcm2712d0-rpi-5-b.dtb is not there; import newer boot files, or say device_tree= in its " \
        "config.txt"
        static const struct {
                const char *config, *added, *nothing, *note; /* NULL: nothing is said */
        } rows[] = {
                { UBUNTU, "current/overlays/bcm2712d0.dtbo", NULL, NULL },
                { UBUNTU, "current/bcm2712d0-rpi-5-b.dtb", NULL, NULL },
                { UBUNTU, "overlays/bcm2712d0.dtbo", NO_TREE,
                  "those of stepping D0 do not start: image raspios has neither "
                  "current/bcm2712d0-rpi-5-b.dtb nor "
                  "current/overlays/bcm2712d0.dtbo" },
                { UBUNTU, "bcm2712d0-rpi-5-b.dtb", NO_TREE,
                  "those of stepping D0 do not start: image raspios has neither "
                  "current/bcm2712d0-rpi-5-b.dtb nor "
                  "current/overlays/bcm2712d0.dtbo" },
                { UBUNTU "overlay_prefix=more/\n", "more/bcm2712d0.dtbo", NULL, NULL },
                { UBUNTU "device_tree=x\n", "current/x", NULL, NULL },
        };
        struct boot_site *s = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                CLEANUP(site_drop_at) struct site *site = under_a_prefix(s, rows[i].config, rows[i].added);
                struct boot_ask ask = boot_site_ask(CLIENT_PI5, PI5, 77);
                const struct boot_plan *p = boot_plan(site, &ask, arena);
                const char *note = NULL;

                for (size_t k = 0; k < p->n_reasons; k++)
                        if (strstr(p->reasons[k], "those of stepping"))
                                note = p->reasons[k];
                if (!p->offer.is_bootable || !note != !rows[i].note ||
                    (note && strcmp(note, rows[i].note) != 0))
                        fail_msg("row %zu: %s", i, note ? note : "nothing is said");
                ask.revision = 0xd04171;
                p = boot_plan(site, &ask, arena);
                if (!p->nothing != !rows[i].nothing ||
                    (p->nothing && strcmp(p->nothing, rows[i].nothing) != 0))
                        fail_msg("row %zu: %s", i, p->nothing ? p->nothing : "it is offered");
        }
}

/* ---- the files of one board ---- */

struct tree {
        const struct boot_plan *plan;
        const struct blob_source *blobs;
        char paths[1024];
};

static int note_file(void *ctx, const char *path, struct boot_file *file) {
        struct tree *t = ctx;
        CLEANUP(boot_file_drop_at) struct boot_file *served = NULL;

        (void)snprintf(t->paths + strlen(t->paths), sizeof(t->paths) - strlen(t->paths), "%s ", path);
        assert_int_equal(boot_plan_file(t->plan, path, t->blobs, &served, NULL), BOOT_FILE_FOUND);
        assert_string_equal(served->etag, file->etag);
        return 0;
}

static void lists_what_one_board_reads(void **state) {
        struct boot_site *s = *state;
        static const struct {
                enum boot_client_id client;
                const char *mac, *paths;
        } rows[] = {
                { CLIENT_PI4, PI4_ARMHF, /* kernel7l.img is not there, so there is none */
                  "bcm2711-rpi-4-b.dtb cmdline.txt config.txt fixup4.dat overlays/fan.dtbo "
                  "overlays/overlay_map.dtb start4.elf " },
                { CLIENT_PI4, PI4_RAM,
                  "bcm2711-rpi-4-b.dtb cmdline.txt config.txt fixup4.dat initramfs8 kernel8.img "
                  "overlays/fan.dtbo overlays/overlay_map.dtb start4.elf " },
                { CLIENT_PI5, PI5,
                  "bcm2712-rpi-5-b.dtb cmdline.txt config.txt initramfs_2712 kernel_2712.img "
                  "overlays/fan.dtbo "
                  "overlays/overlay_map.dtb " },
                { CLIENT_PI_ROM, PI3,
                  "bcm2710-rpi-3-b.dtb cmdline.txt config.txt fixup.dat initramfs8 kernel8.img "
                  "overlays/fan.dtbo overlays/overlay_map.dtb start.elf " },
                { CLIENT_PI4, PI4_PARTS, "cmdline.txt config.txt initrd-arm64 vmlinuz-arm64 " },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct boot_ask ask = boot_site_ask(rows[i].client, rows[i].mac, 77);
                struct tree t = { .plan = boot_plan(s->site, &ask, arena), .blobs = &s->blobs };
                assert_int_equal(pi_tree_each(t.plan, &s->blobs, note_file, &t), 0);
                assert_string_equal(t.paths, rows[i].paths);
        }
}

static void others_have_no_such_tree(void **state) {
        struct boot_site *s = *state;
        static const struct {
                enum boot_client_id client;
                const char *mac;
        } rows[] = { { CLIENT_UEFI_ARM64, ARM }, { CLIENT_PI4, "52:54:00:99:99:99" } };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct boot_ask ask = boot_site_ask(rows[i].client, rows[i].mac, 77);
                struct tree t = { .plan = boot_plan(s->site, &ask, arena), .blobs = &s->blobs };
                assert_int_equal(pi_tree_each(t.plan, &s->blobs, note_file, &t), -ENOENT);
        }
}

static int set_up(void **state) {
        *state = boot_site_new();
        return 0;
}

static int tear_down(void **state) {
        boot_site_free(*state);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lays_the_operators_lines_over),
                cmocka_unit_test(a_profile_switches_the_console),
                cmocka_unit_test(follows_what_the_lines_choose),
                cmocka_unit_test(lays_over_tryboot_too),
                cmocka_unit_test(lays_them_over_parts_too),
                cmocka_unit_test(refuses_lines_that_make_it_too_long),
                cmocka_unit_test(refuses_lines_that_firmware_cannot_read),
                cmocka_unit_test(refuses_what_would_stop_and_says_why),
                cmocka_unit_test(parts_have_bounds_too),
                cmocka_unit_test(who_is_past_its_rom_needs_no_bootcode),
                cmocka_unit_test(looks_again_where_lines_are_laid_over),
                cmocka_unit_test(says_what_stops_a_stepping),
                cmocka_unit_test(knows_the_stepping_by_the_revision),
                cmocka_unit_test(looks_for_steppings_where_firmware_does),
                cmocka_unit_test(lists_what_one_board_reads),
                cmocka_unit_test(others_have_no_such_tree),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
