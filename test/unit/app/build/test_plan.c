/* What an image build will do: its tools' words, what its steps depend on, its disk. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/build/agent_plan.h"
#include "app/bramble/build/image_plan.h"

#define MIB ((uint64_t)1 << 20)

static struct build build_of(const char *variant, const char *arch) {
        return (struct build){
                .wish = { .distribution = &distributions[0],
                          .arch = arch,
                          .recipe = recipe_find(variant, arch, NULL),
                          .disk_octets = 3072 * MIB },
                .sources = (char *)(uintptr_t) "Types: deb\n",
                .state = (char *)(uintptr_t) "0123",
                .done = { [STEP_ROOT] = (char *)(uintptr_t) "/c/root-x-1",
                          [STEP_BOOT] = (char *)(uintptr_t) "/c/boot-x-1" },
        };
}

static bool has(const struct argv *a, const char *word) {
        for (size_t i = 0; i < a->n; i++)
                if (strcmp(a->words[i], word) == 0)
                        return true;
        return false;
}

static size_t place(const struct argv *a, const char *begin) {
        for (size_t i = 0; i < a->n; i++)
                if (text_starts_with(a->words[i], begin))
                        return i;
        fail_msg("no word begins with %s", begin);
        return 0;
}

static void the_root_is_made_by_mmdebstrap(void **state) {
        static const char *const extra[] = { "htop", NULL };
        struct build b = build_of("generic", "arm64");
        CLEANUP(argv_free) struct argv argv = {};

        (void)state;
        b.wish.packages = extra;
        image_root_argv(&b.wish, &argv);
        assert_false(argv.failed);
        assert_string_equal(argv.words[0], "mmdebstrap");
        assert_true(has(&argv, "--arch=arm64") && has(&argv, "--mode=unshare") && has(&argv, "--format=tar"));
        const char *packages = argv.words[place(&argv, "--include=")];
        assert_non_null(strstr(packages, "cloud-init,"));
        assert_non_null(strstr(packages, ",openssh-server,"));
        assert_non_null(strstr(packages, ",linux-image-arm64,grub-efi-arm64,"));
        assert_true(text_ends_with(packages, ",htop"));
        assert_string_equal(argv.words[argv.n - 3], "bookworm");
        assert_string_equal(argv.words[argv.n - 2], ROOT_TAR);

        /* Answers come before questions; our texts after what they replace was removed. */
        assert_true(place(&argv, "--essential-hook=upload answers") <
                    place(&argv, "--chrooted-essential-hook=debconf-set-selections"));
        const size_t removed = place(&argv, "--chrooted-customize-hook=rm -f /etc/ssh/ssh_host_*_key ");
        assert_true(removed < place(&argv, "--customize-hook=upload hostname /etc/hostname"));
        assert_true(strstr(argv.words[removed], "conf.d/bramble-build") != NULL);
}

static void a_pi_has_no_grub(void **state) {
        const struct build b = build_of("raspi", "arm64");
        CLEANUP(argv_free) struct argv root = {}, boot = {};

        (void)state;
        image_root_argv(&b.wish, &root);
        for (size_t i = 0; i < root.n; i++)
                assert_null(strstr(root.words[i], "grub"));
        assert_non_null(strstr(root.words[place(&root, "--include=")], ",raspi-firmware,"));
        image_boot_argv(&b.wish, "/c/root.tar", "/c/part", &boot);
        assert_true(has(&boot, "./boot/firmware") && has(&boot, "./usr/lib/linux-image-*"));
}

static void what_boots_is_taken_out_of_the_root(void **state) {
        const struct build b = build_of("generic", "amd64");
        CLEANUP(argv_free) struct argv argv = {};

        (void)state;
        image_boot_argv(&b.wish, "/c/root.tar", "/c/part", &argv);
        assert_true(has(&argv, "./boot/vmlinuz-*") && has(&argv, "./usr/lib/shim/shimx64.efi.signed"));
        assert_false(has(&argv, "./usr/lib/linux-image-*")); /* there are no device trees */
}

/* Debian for armhf has GRUB's modules only. */
static void what_no_package_has_is_made_in_the_root(void **state) {
        const struct build b = build_of("generic", "armhf");
        CLEANUP(argv_free) struct argv root = {}, boot = {};

        (void)state;
        image_root_argv(&b.wish, &root);
        const char *made = root.words[place(&root, "--chrooted-customize-hook=mkdir -p ")];
        image_boot_argv(&b.wish, "/c/root.tar", "/c/part", &boot);
        const char *taken = boot.words[boot.n - 1];
        assert_non_null(strstr(made, "grub-mkimage -O arm-efi "));
        assert_non_null(strstr(made, taken + strlen("."))); /* "./usr/…" is where it is put */
}

/* Whether a change changes what a step depends on. */
static void only_what_matters_is_made_anew(void **state) {
        static const char *const extra[] = { "htop", NULL };
        static void (*const inputs[])(const struct build *, struct text *) = {
                image_loaders_inputs,  image_root_inputs, image_boot_inputs,
                image_squashfs_inputs, image_disk_inputs,
        };
        enum { LOADERS = 1, ROOT = 2, BOOT = 4, SQUASHFS = 8, DISK = 16 };
        const struct build before = build_of("generic", "arm64");
        struct build lists = before, packages = before, size = before, root = before, mirror = before;

        (void)state;
        lists.state = (char *)(uintptr_t) "4567";
        packages.wish.packages = extra;
        size.wish.disk_octets++;
        root.done[STEP_ROOT] = (char *)(uintptr_t) "/c/root-x-2";
        mirror.sources = (char *)(uintptr_t) "Types: other\n";
        const struct {
                const struct build *after;
                unsigned changed;
        } rows[] = {
                { &before, 0 },  { &lists, LOADERS | ROOT }, { &packages, ROOT },
                { &size, DISK }, { &mirror, ROOT },          { &root, BOOT | SQUASHFS | DISK },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                for (size_t k = 0; k < ARRAY_LEN(inputs); k++) {
                        CLEANUP(text_free) struct text a = {}, b = {};
                        inputs[k](&before, &a);
                        inputs[k](rows[i].after, &b);
                        if ((strcmp(a.octets, b.octets) != 0) != ((rows[i].changed >> k & 1) != 0))
                                fail_msg("row %zu, step %zu", i, k);
                }
}

static void packages_of_an_agent(void **state) {
        CLEANUP(argv_free) struct argv argv = {};

        (void)state;
        agent_packages("arm64", &argv);
        assert_true(has(&argv, "shim-signed") && has(&argv, "systemd-boot-efi"));
        assert_false(has(&argv, "ipxe")); /* BIOS is amd64's */
}

/* ---- the disk ---- */

static void ids_are_the_inputs(void **state) {
        struct disk_ids a, again, b;

        (void)state;
        disk_ids_make("one", &a);
        disk_ids_make("one", &again);
        disk_ids_make("two", &b);
        assert_memory_equal(&a, &again, sizeof(a));
        assert_string_not_equal(a.root, b.root);
        assert_string_not_equal(a.root, a.disk);
        assert_int_equal(strlen(a.root), 36);
        assert_int_equal(a.root[14], '8');
        assert_non_null(strchr("89ab", a.root[19]));
        assert_int_equal(strlen(a.boot), 8);
        assert_int_equal(strlen(a.mbr), 10);
}

static void a_disk_is_laid_out(void **state) {
        const struct recipe *r = recipe_find("generic", "arm64", NULL);
        struct disk_layout l = {};
        struct error err = {};

        (void)state;
        assert_int_equal(disk_layout_make(r, 3072 * MIB + 5, 800 * MIB, &l, NULL), 0);
        assert_int_equal(l.size, 3072 * MIB);
        assert_int_equal(l.boot_start, MIB);
        assert_int_equal(l.root_start, 257 * MIB);
        assert_int_equal(l.root_start + l.root_size, 3071 * MIB); /* the table's copy is behind it */

        assert_int_equal(disk_layout_make(r, 1024 * MIB, 800 * MIB, &l, &err), -ENOSPC);
        assert_string_equal(err.text, "a disk of 1024 MiB is too small for it: give --size 1256M or more");
        assert_int_equal(disk_layout_make(r, 1256 * MIB, 800 * MIB, &l, &err), 0);
        assert_int_equal(disk_layout_make(r, 1, 0, &l, &err), -ENOSPC);
}

static void tables(void **state) {
        struct disk_layout l = {};
        struct disk_ids ids;
        CLEANUP(text_free) struct text gpt = {}, mbr = {};

        (void)state;
        disk_ids_make("one", &ids);
        assert_int_equal(disk_layout_make(recipe_find("raspi", "arm64", NULL), 3072 * MIB, 0, &l, NULL), 0);
        disk_table(recipe_find("raspi", "arm64", NULL), &l, &ids, &mbr);
        assert_true(text_starts_with(mbr.octets, "label: dos\nlabel-id: 0x"));
        assert_non_null(
                strstr(mbr.octets,
                       "start=2048, size=1048576, type=c, bootable\nstart=1050624, size=5238784, type=L\n"));
        disk_table(recipe_find("generic", "arm64", NULL), &l, &ids, &gpt);
        assert_true(text_starts_with(gpt.octets, "label: gpt\n"));
        assert_non_null(strstr(gpt.octets, "type=U, name=boot, uuid="));
}

/* All that finds the root finds it by the file system's own UUID, which a new identity of disk and partitions
 * leaves. */
static void the_root_is_found_by_its_file_system(void **state) {
        const struct build generic = build_of("generic", "arm64"), pi = build_of("raspi", "arm64");
        struct disk_layout l = {};
        struct disk_ids ids;
        struct text texts[5] = {};
        CLEANUP(argv_free) struct argv mke2fs = {};

        (void)state;
        disk_ids_make("one", &ids);
        assert_int_equal(disk_layout_make(generic.wish.recipe, 3072 * MIB, 0, &l, NULL), 0);
        disk_fstab(generic.wish.recipe, &ids, &texts[0]);
        disk_grub_first(&ids, &texts[1]);
        disk_grub_cfg(&generic.wish, &ids, &texts[2]);
        pi_cmdline(pi.wish.recipe, &ids, &texts[3]);
        pi_defaults(pi.wish.recipe, &ids, &texts[4]);
        disk_mke2fs_argv(&l, &ids, &mke2fs);
        assert_true(has(&mke2fs, ids.root));
        assert_null(strstr(texts[0].octets, "device-timeout")); /* a slow machine sees its disk late */
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                assert_non_null(strstr(texts[i].octets, ids.root));
                assert_null(strstr(texts[i].octets, "PARTUUID"));
                text_free(&texts[i]);
        }
}

static void a_diskless_pi_is_told_its_root_when_it_boots(void **state) {
        CLEANUP(text_free) struct text cmdline = {};

        (void)state;
        pi_cmdline(recipe_find("raspi", "arm64", NULL), NULL, &cmdline);
        assert_null(strstr(cmdline.octets, "root="));
        assert_int_equal(strcspn(cmdline.octets, "\n"), cmdline.len - 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_root_is_made_by_mmdebstrap),
                cmocka_unit_test(a_pi_has_no_grub),
                cmocka_unit_test(what_boots_is_taken_out_of_the_root),
                cmocka_unit_test(what_no_package_has_is_made_in_the_root),
                cmocka_unit_test(only_what_matters_is_made_anew),
                cmocka_unit_test(packages_of_an_agent),
                cmocka_unit_test(ids_are_the_inputs),
                cmocka_unit_test(a_disk_is_laid_out),
                cmocka_unit_test(tables),
                cmocka_unit_test(the_root_is_found_by_its_file_system),
                cmocka_unit_test(a_diskless_pi_is_told_its_root_when_it_boots),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
