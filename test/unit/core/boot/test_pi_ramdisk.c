/* boot.img as one board and another get it: what is in it, what is not, and who signs it. */
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

#include "boot_site.h"
#include "core/boot/method.h"
#include "core/boot/trusted.h"
#include "core/boot/pi_ramdisk.h"
#include "core/boot/pi_tree.h"
#include "format/fat.h"

enum { ARENA_SIZE = 1 << 18 };

#define PI5 "2c:cf:67:00:00:05"
#define PI5_TRUSTED "2c:cf:67:00:02:01"
#define PI5_TRUSTED_TOO "2c:cf:67:00:02:02"
#define PI5_TRUSTED_NFS "2c:cf:67:00:02:03"
#define PI4_RAMDISK "dc:a6:32:00:02:04"
#define TOKEN "0123456789abcdef0123456789abcdef"

static int setup(void **state) {
        *state = boot_site_new();
        return 0;
}

static int teardown(void **state) {
        boot_site_free(*state);
        return 0;
}

static const struct boot_plan *plan_of(const struct boot_site *s, enum boot_client_id client, const char *mac,
                                       const char *token, struct arena *arena) {
        struct boot_ask ask = boot_site_ask(client, mac, 77);

        (void)snprintf(ask.token, sizeof(ask.token), "%s", token);
        (void)snprintf(ask.agent_token, sizeof(ask.agent_token), "%s", token);
        ask.https_port = 5249;
        memset(ask.ca, 0xca, sizeof(ask.ca));
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);
        assert_non_null(p);
        return p;
}

static struct boot_file *file_at(const struct boot_site *s, const struct boot_plan *p, const char *path,
                                 int expected) {
        struct boot_file *file = NULL;
        assert_int_equal(boot_plan_file(p, path, &s->blobs, &file, NULL), expected);
        return file;
}

/* All of it, NUL-terminated. */
static char *octets_of(const struct boot_file *file) {
        char *octets = calloc(1, file->size + 1);
        assert_non_null(octets);
        assert_int_equal(boot_file_read(file, 0, octets, file->size), file->size);
        return octets;
}

static bool has(const char *octets, const struct boot_file *file, const char *text) {
        return memmem(octets, file->size, text, strlen(text));
}

static void a_board_that_requires_trust_gets_its_volume_and_nothing_else(void **state) {
        static const char *const refused[] = { "config.txt", "kernel_2712.img", "overlays/fan.dtbo",
                                               "bramble-initrd", "cmdline.txt" };
        const struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        const struct boot_plan *p = plan_of(s, CLIENT_PI5, PI5_TRUSTED, TOKEN, arena);

        assert_string_equal(boot_method_name(p->method), "pi-signed");
        for (size_t i = 0; i < ARRAY_LEN(refused); i++)
                assert_null(file_at(s, p, refused[i], BOOT_FILE_MISSING));

        /* Below whatever path its EEPROM has. */
        CLEANUP(boot_file_drop_at)
        struct boot_file *file = file_at(s, p, "/some/path/boot.img", BOOT_FILE_FOUND);
        CLEANUP(free_at) char *octets = octets_of(file);
        struct fat_volume v;
        assert_int_equal(fat_volume_parse((const uint8_t *)octets, &v), 0);
        assert_int_equal(v.size, file->size);

        /* Files are what they are called here. */
        assert_true(has(octets, file, "kernel_2712.img"));
        assert_true(has(octets, file, "bcm2712-rpi-5-b.dtb"));
        assert_true(has(octets, file, "overlays/fan.dtbo"));
        assert_true(has(octets, file, "AGENT64"));
        assert_false(has(octets, file, "kernel8.img"));
        assert_false(has(octets, file, "bcm2711-rpi-4-b.dtb"));
        assert_false(has(octets, file, "start4.elf"));
        assert_false(has(octets, file, "pieeprom.upd"));

        /* The server that its agent shall believe, and what it may fetch; nothing of this boot. */
        assert_true(has(octets, file, "bramble.url=https://10.77.0.1:5249/a/-"));
        assert_true(has(octets, file, "bramble.ca=sha256:cacaca"));
        assert_true(has(octets, file, "bramble/trusted"));
        assert_false(has(octets, file, TOKEN));
        assert_false(has(octets, file, "BOOTIF"));

        /* Its seed it would believe from whoever answers: that comes with its agent. */
        assert_non_null(p->machine->seed);
        assert_false(has(octets, file, "ds="));
        assert_false(has(octets, file, "/seed/"));
}

static void boards_of_one_kind_get_the_same_octets(void **state) {
        const struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(2 * ARENA_SIZE);
        const struct boot_plan *a = plan_of(s, CLIENT_PI5, PI5_TRUSTED, TOKEN, arena);
        const struct boot_plan *b =
                plan_of(s, CLIENT_PI5, PI5_TRUSTED_TOO, "ffffffffffffffffffffffffffffffff", arena);
        CLEANUP(boot_file_drop_at) struct boot_file *x = file_at(s, a, "boot.img", BOOT_FILE_FOUND);
        CLEANUP(boot_file_drop_at) struct boot_file *y = file_at(s, b, "boot.img", BOOT_FILE_FOUND);
        CLEANUP(free_at) char *of_x = octets_of(x), *of_y = octets_of(y);

        assert_string_equal(x->etag, y->etag);
        assert_int_equal(x->size, y->size);
        assert_memory_equal(of_x, of_y, x->size);
}

/* Nothing but firmware of a Raspberry Pi checks what it gets from here; its disk a machine may boot. */
static void whoever_checks_nothing_is_offered_nothing(void **state) {
        static const enum boot_client_id clients[] = { CLIENT_UEFI_ARM64, CLIENT_UEFI_HTTP_ARM64,
                                                       CLIENT_UBOOT_ARM64, CLIENT_UBOOT_EFI, CLIENT_IPXE };
        const struct boot_site *s = *state;

        for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                const struct boot_plan *p = plan_of(s, clients[i], PI5_TRUSTED, TOKEN, arena);
                assert_null(p->method);
                assert_false(p->offer.is_bootable);
                assert_null(p->agent);
                assert_non_null(p->nothing);
                assert_non_null(strstr(p->nothing, "machine pi5-trusted requires trust"));
                assert_null(file_at(s, p, "boot.img", BOOT_FILE_MISSING));
                assert_null(file_at(s, p, "kernel_2712.img", BOOT_FILE_MISSING));
        }
}

static struct site *with_images(struct site *site, unsigned n) {
        for (unsigned i = 0; i < n; i++) {
                CLEANUP(image_drop_at) struct image *image = image_new();
                assert_non_null(image);
                (void)snprintf(image->name, sizeof(image->name), "image-%u@1", i);
                image->files = calloc(1, sizeof(*image->files));
                assert_non_null(image->files);
                image->n_files = 1;
                image->files[0].path = strdup("root.squashfs");
                image->files[0].role = IMAGE_FILE_ROOT_SQUASHFS;
                image->files[0].blob.octets[0] = 0xab; /* unlike all that is in an archive's headers */
                image->files[0].blob.octets[1] = (uint8_t)(i >> 8);
                image->files[0].blob.octets[2] = (uint8_t)i;
                assert_int_equal(image_index(image), 0);
                struct site *next = site_put_image(site, image, NULL);
                assert_non_null(next);
                site_drop(site);
                site = next;
        }
        return site;
}

/* Any image of the site may be the machine's next: none is left out, and where they are too many that is
 * said. */
static void all_images_are_named_or_none(void **state) {
        static const struct {
                unsigned n;
                bool has_all;
        } rows[] = { { 3, true }, { 700, true }, { 1025, false } };
        static const struct image_file agent = { .path = "agent" };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(site_drop_at) struct site *site = with_images(site_empty(), rows[i].n);
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                CLEANUP(machine_drop_at) struct machine *m = machine_new();
                const char *reasons[2] = {};
                char line[32];
                size_t len = 0;
                struct boot_plan p = {
                        .site = site, .machine = m, .agent = &agent, .arena = arena, .reasons = reasons
                };

                m->require_trusted = true;
                const char *octets = (const char *)boot_trusted_archive(&p, &len);
                assert_non_null(octets);
                boot_trusted_say(&p);
                assert_int_equal(p.n_reasons, rows[i].has_all ? 0 : 1);
                for (unsigned n = 0; n < rows[i].n; n++) {
                        (void)snprintf(line, sizeof(line), "ab%04x00000000", n);
                        assert_int_equal(memmem(octets, len, line, strlen(line)) != NULL, rows[i].has_all);
                }
        }
}

struct counted {
        size_t n;
        uint64_t octets;
};

static int count_size(void *ctx, const char *path, uint64_t size) {
        struct counted *c = ctx;

        (void)path;
        c->n++;
        c->octets += size;
        return 0;
}

static int count_file(void *ctx, const char *path, struct boot_file *file) {
        return count_size(ctx, path, file->size);
}

static void a_root_that_cannot_be_checked_is_not_booted(void **state) {
        const struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        const struct boot_plan *p = plan_of(s, CLIENT_PI5, PI5_TRUSTED_NFS, TOKEN, arena);
        bool is_said = false;

        assert_null(file_at(s, p, "boot.img", BOOT_FILE_MISSING));
        for (const char **reason = p->reasons; *reason; reason++)
                is_said |= strstr(*reason, "its root (nfs) cannot be checked") != NULL;
        assert_true(is_said);
}

static void who_loads_all_as_one_volume_is_told_so(void **state) {
        const struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(2 * ARENA_SIZE);
        const struct boot_plan *p = plan_of(s, CLIENT_PI4, PI4_RAMDISK, TOKEN, arena);
        CLEANUP(boot_file_drop_at) struct boot_file *config = file_at(s, p, "config.txt", BOOT_FILE_FOUND);
        CLEANUP(boot_file_drop_at) struct boot_file *file = file_at(s, p, "boot.img", BOOT_FILE_FOUND);
        CLEANUP(free_at) char *text = octets_of(config), *octets = octets_of(file);

        assert_non_null(strstr(text, "\n[all]\nboot_ramdisk=1\n"));
        assert_false(has(octets, file, "boot_ramdisk"));
        assert_true(has(octets, file, "start4.elf"));
        assert_true(has(octets, file, "kernel8.img"));
        assert_true(has(octets, file, "initramfs8"));
        assert_false(has(octets, file, "kernel_2712.img"));
        assert_false(has(octets, file, "fixup.dat"));

        /* Others are told nothing of the kind, and can have it all the same: firmware that boots by HTTP. */
        const struct boot_plan *plain = plan_of(s, CLIENT_PI5, PI5, TOKEN, arena);
        CLEANUP(boot_file_drop_at) struct boot_file *its = file_at(s, plain, "config.txt", BOOT_FILE_FOUND);
        CLEANUP(free_at) char *its_text = octets_of(its);
        CLEANUP(boot_file_drop_at)
        struct boot_file *too = file_at(s, plain, "net_install/boot.img", BOOT_FILE_FOUND);
        assert_null(strstr(its_text, "boot_ramdisk"));
        assert_non_null(too);
}

/* By the sizes of what would lie in it alone: a plan looks at no content. */
static void what_firmware_would_cut_off_is_not_offered(void **state) {
        static const struct {
                enum boot_client_id client;
                const char *mac, *path, *why; /* NULL: it is offered */
                uint64_t mib;
        } rows[] = {
                { CLIENT_PI4, PI4_RAMDISK, "kernel8.img", NULL, 95 },
                { CLIENT_PI4, PI4_RAMDISK, "kernel8.img",
                  "boot.img of image raspios would be larger than the 96 MiB that firmware loads: its files "
                  "for a "
                  "Raspberry Pi 4B have 97 MiB",
                  96 },
                { CLIENT_PI4, PI4_RAMDISK, "kernel_2712.img", NULL, 200 }, /* which it does not load */
                { CLIENT_PI5, PI5, "kernel_2712.img", NULL, 200 }, /* single files have no such bound */
                { CLIENT_PI5, PI5_TRUSTED, "kernel_2712.img",
                  "boot.img of image raspios would be larger than the 96 MiB that firmware loads: its files "
                  "for a "
                  "Raspberry Pi 5 have 131 MiB",
                  130 },
                { CLIENT_PI5, PI5_TRUSTED, "initramfs_2712", /* the agent lies behind it */
                  "boot.img of image raspios would be larger than the 96 MiB that firmware loads: its files "
                  "for a "
                  "Raspberry Pi 5 have 101 MiB",
                  100 },
        };
        const struct boot_site *s = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct image_file *f =
                        (struct image_file *)image_find(site_image(s->site, "raspios"), rows[i].path);
                const uint64_t size = f->size;

                f->size = rows[i].mib << 20;
                const struct boot_plan *p = plan_of(s, rows[i].client, rows[i].mac, TOKEN, arena);
                f->size = size;
                if (p->offer.is_bootable != !rows[i].why)
                        fail_msg("row %zu: %s", i, p->nothing ? p->nothing : "it is offered");
                if (rows[i].why)
                        assert_string_equal(p->nothing, rows[i].why);
        }
}

/* What is counted before is what it comes to. */
static void its_size_is_known_before_it_is_made(void **state) {
        static const struct {
                enum boot_client_id client;
                const char *mac;
        } rows[] = { { CLIENT_PI4, PI4_RAMDISK }, { CLIENT_PI5, PI5_TRUSTED }, { CLIENT_PI5, PI5 } };
        const struct boot_site *s = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(2 * ARENA_SIZE);
                const struct boot_plan inside =
                        pi_ramdisk_inside(plan_of(s, rows[i].client, rows[i].mac, TOKEN, arena));
                struct counted counted = {}, made = {};

                assert_int_equal(pi_tree_each_size(&inside, count_size, &counted), 0);
                assert_int_equal(pi_tree_each(&inside, &s->blobs, count_file, &made), 0);
                assert_int_equal(counted.n, made.n);
                /* But for the list of what may be fetched, in the initramfs of who requires trust. */
                assert_true(made.octets - counted.octets < (rows[i].client == CLIENT_PI5 ? 1024 : 1));
        }
}

static int sign(void *ctx, const char *key, struct boot_file *file, struct boot_file **ret) {
        (void)ctx;
        if (strcmp(key, "gone") == 0)
                return -ENOKEY;
        char text[64];
        (void)snprintf(text, sizeof(text), "key %s signs %ju", key, (uintmax_t)file->size);
        *ret = boot_file_of_octets(text, strlen(text));
        return *ret ? 0 : -ENOMEM;
}

/* A volume that anybody may ask for would be believed by every board that has the key. */
static void only_what_is_checked_to_its_end_is_signed(void **state) {
        static const char *const others[] = { PI5, PI4_RAMDISK };
        const struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(4 * ARENA_SIZE);
        struct blob_source signing = s->blobs;
        struct boot_file *made = NULL;

        signing.sign = sign;
        for (size_t i = 0; i < ARRAY_LEN(others); i++) {
                const struct boot_plan *p = plan_of(s, i ? CLIENT_PI4 : CLIENT_PI5, others[i], TOKEN, arena);
                CLEANUP(boot_file_drop_at)
                struct boot_file *file = file_at(s, p, "boot.img", BOOT_FILE_FOUND);
                assert_int_equal(boot_plan_file(p, "boot.sig", &signing, &made, NULL), BOOT_FILE_MISSING);
                assert_non_null(file);
        }
        /* Its agent would have to believe whoever has the server's address. */
        struct boot_ask ask = boot_site_ask(CLIENT_PI5, PI5_TRUSTED, 77);
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);
        assert_int_equal(boot_plan_file(p, "boot.sig", &signing, &made, NULL), BOOT_FILE_MISSING);
}

static void what_is_signed_is_what_is_served(void **state) {
        const struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(2 * ARENA_SIZE);
        const struct boot_plan *p = plan_of(s, CLIENT_PI5, PI5_TRUSTED, TOKEN, arena);
        struct blob_source signing = s->blobs;
        struct boot_file *made = NULL;
        char expected[64];

        assert_null(file_at(s, p, "boot.sig", BOOT_FILE_MISSING)); /* nobody signs here */
        signing.sign = sign;
        CLEANUP(boot_file_drop_at) struct boot_file *file = file_at(s, p, "boot.img", BOOT_FILE_FOUND);
        assert_int_equal(boot_plan_file(p, "boot.sig", &signing, &made, NULL), BOOT_FILE_FOUND);
        CLEANUP(boot_file_drop_at) struct boot_file *sig = made;
        CLEANUP(free_at) char *text = octets_of(sig);
        (void)snprintf(expected, sizeof(expected), "key  signs %ju", (uintmax_t)file->size);
        assert_string_equal(text, expected);
}

/* Room for one file, and what it is called. */
struct shelf {
        struct blob_source below;
        char name[BOOT_FILE_NAME_SIZE];
        struct boot_file *file;
        unsigned n_kept;
};

static struct blob *open_below(void *ctx, const struct blob_id *id, int *error) {
        const struct shelf *s = ctx;
        return s->below.open(s->below.ctx, id, error);
}

static struct boot_file *recall(void *ctx, const char *name) {
        const struct shelf *s = ctx;
        return s->file && strcmp(s->name, name) == 0 ? boot_file_take(s->file) : NULL;
}

static void keep(void *ctx, const char *name, struct boot_file *file) {
        struct shelf *s = ctx;

        boot_file_drop(s->file);
        (void)snprintf(s->name, sizeof(s->name), "%s", name);
        s->file = boot_file_take(file);
        s->n_kept++;
}

/* Its size, its signature, its octets, and the next board of its kind: one volume. */
static void what_was_put_together_is_given_again(void **state) {
        const struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(4 * ARENA_SIZE);
        const struct boot_plan *a = plan_of(s, CLIENT_PI5, PI5_TRUSTED, TOKEN, arena);
        const struct boot_plan *b = plan_of(s, CLIENT_PI5, PI5_TRUSTED_TOO, TOKEN, arena);
        const struct boot_plan *other = plan_of(s, CLIENT_PI4, PI4_RAMDISK, TOKEN, arena);
        struct shelf shelf = { .below = s->blobs };
        const struct blob_source blobs = {
                .open = open_below, .recall = recall, .keep = keep, .ctx = &shelf
        };
        CLEANUP(boot_file_drop_at) struct boot_file *plain = file_at(s, a, "boot.img", BOOT_FILE_FOUND);
        const struct boot_plan *const order[] = { a, a, b, other, b };
        static const unsigned kept[] = { 1, 1, 1, 2, 3 };

        for (size_t i = 0; i < ARRAY_LEN(order); i++) {
                struct boot_file *file = NULL;
                assert_int_equal(boot_plan_file(order[i], "boot.img", &blobs, &file, NULL), BOOT_FILE_FOUND);
                assert_int_equal(shelf.n_kept, kept[i]);
                assert_ptr_equal(file, shelf.file);
                assert_int_equal(strcmp(file->etag, plain->etag) == 0, order[i] != other);
                boot_file_drop(file);
        }
        boot_file_drop(shelf.file);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_board_that_requires_trust_gets_its_volume_and_nothing_else,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(boards_of_one_kind_get_the_same_octets, setup, teardown),
                cmocka_unit_test_setup_teardown(whoever_checks_nothing_is_offered_nothing, setup, teardown),
                cmocka_unit_test(all_images_are_named_or_none),
                cmocka_unit_test_setup_teardown(a_root_that_cannot_be_checked_is_not_booted, setup, teardown),
                cmocka_unit_test_setup_teardown(who_loads_all_as_one_volume_is_told_so, setup, teardown),
                cmocka_unit_test_setup_teardown(what_firmware_would_cut_off_is_not_offered, setup, teardown),
                cmocka_unit_test_setup_teardown(its_size_is_known_before_it_is_made, setup, teardown),
                cmocka_unit_test_setup_teardown(only_what_is_checked_to_its_end_is_signed, setup, teardown),
                cmocka_unit_test_setup_teardown(what_is_signed_is_what_is_served, setup, teardown),
                cmocka_unit_test_setup_teardown(what_was_put_together_is_given_again, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
