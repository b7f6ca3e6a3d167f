/*
 * One disk, and one root, in every format that there is: the same image comes of it, and none of what is cut,
 * damaged or made to harm.
 *
 * The disk has a FAT and an ext4, made by other people's programs, and noise wherever nothing lies: no frame
 * may hold that, and what the frames hold must be what the disk held, octet by octet. No test needs root.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/image/import.h"
#include "format/blockmap.h"
#include "io/child.h"
#include "io/crypto.h"
#include "io/tree.h"

#define RELEASE "6.1.0-28-arm64"
#define MODULES "usr/lib/modules/" RELEASE "/"

enum {
        SECTOR = 512,
        KIB = 1024,
        MIB = 1024 * KIB,
        FAT_FIRST = 2048,
        FAT_SECTORS = 2 * MIB / SECTOR,
        EXT4_FIRST = FAT_FIRST + FAT_SECTORS,
        EXT4_SECTORS = 8 * MIB / SECTOR,
        DISK_SIZE = 12 * MIB,
        NOISE = 0x55,
        COPY = 1 * MIB
};

static char dir[] = "/dev/shm/bramble-test-contract-whole-XXXXXX"; /* in memory: much is written */
static struct store *store;
static uint8_t disk[DISK_SIZE];

/* ---- making things ---- */

static void run_in(const char *work_dir, const char *const *argv) {
        struct child_options o = {
                .argv = argv, .work_dir = work_dir, .timeout_ms = 60000, .readable = { dir }
        };
        struct child_result result;
        static const char *const env[] = { "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK=1",
                                           NULL };

        o.env = env;
        assert_int_equal(child_run(&o, &result), 0);
        if (result.end != CHILD_EXITED || result.exit_status != 0)
                fail_msg("%s: %d %s", argv[0], result.exit_status, result.output);
}
#define RUN(...) run_in(dir, (const char *const[]){ __VA_ARGS__, NULL })

static void write_at(const char *path, uint64_t offset, const void *data, size_t len) {
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        assert_true(fd >= 0);
        assert_int_equal(pwrite(fd, data, len, (off_t)offset), (ssize_t)len);
        assert_int_equal(close(fd), 0);
}

static size_t read_file(const char *path, void *buf, size_t size) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        size_t len = 0;
        ssize_t n;

        assert_true(fd >= 0);
        while ((n = read(fd, (uint8_t *)buf + len, size - len)) > 0)
                len += (size_t)n;
        (void)close(fd);
        return len;
}

static void make_dirs(const char *path) {
        char copy[PATH_MAX];

        assert_int_equal(text_copy(copy, sizeof(copy), path), 0);
        for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
                *slash = '/';
        }
}

static void put_u32(uint8_t *at, uint32_t v) {
        for (int i = 0; i < 4; i++)
                at[i] = (uint8_t)(v >> 8 * i);
}

/* A kernel as far as anybody looks: an arm64 Image that tells its release. */
static void make_kernel(const char *path) {
        uint8_t kernel[8 * KIB] = { 'M', 'Z' };

        memcpy(kernel + 56, "ARM\x64", 4);
        put_u32(kernel + 16, 1 << 20);
        (void)snprintf((char *)kernel + 4096, 64, "Linux version " RELEASE " (gcc)");
        write_at(path, 0, kernel, sizeof(kernel));
}

static const struct {
        const char *path, *text;
} root_files[] = {
        { "root/etc/os-release", "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n" },
        { "root/etc/fstab", "PARTUUID=1-02 / ext4 defaults 0 1\n" },
        { "root/etc/machine-id", "0123456789abcdef\n" },
        { "root/etc/dphys-swapfile", "CONF_SWAPSIZE=100\n" },
        { "root/usr/sbin/init", "#!/bin/sh\n" },
        { "root/usr/bin/env", "x" },
        { "root/usr/bin/cloud-init", "#!/usr/bin/python3\n" },
        { "root/usr/sbin/sshd", "x" },
        { "root/boot/config-" RELEASE, "CONFIG_SQUASHFS=m\nCONFIG_SQUASHFS_ZSTD=y\nCONFIG_OVERLAY_FS="
                                       "m\nCONFIG_BLK_DEV_LOOP=y\nCONFIG_NFS_FS=y\n"
                                       "CONFIG_EXT4_FS=y\n# CONFIG_BLK_DEV_NBD is not set\n" },
        { "root/boot/initrd.img-" RELEASE, "070701 and more" },
        { "root/boot/grub/grub.cfg",
          "menuentry x {\n\tlinux /boot/x root=/dev/vda1 console=ttyAMA0 quiet console=tty0\n}\n" },
        { "root/" MODULES "modules.dep",
          "kernel/fs/squashfs/squashfs.ko.xz: "
          "kernel/lib/need.ko\nkernel/fs/overlayfs/overlay.ko:\nkernel/lib/need.ko:\n" },
        { "root/" MODULES "modules.builtin", "kernel/fs/ext4/ext4.ko\n" },
        { "root/" MODULES "kernel/fs/squashfs/squashfs.ko", "squashfs module" },
        { "root/" MODULES "kernel/fs/overlayfs/overlay.ko", "overlay module" },
        { "root/" MODULES "kernel/lib/need.ko", "needed module" },
};

static void make_root(void) {
        static uint8_t octets[1 * MIB];

        for (size_t i = 0; i < ARRAY_LEN(root_files); i++) {
                make_dirs(root_files[i].path);
                write_at(root_files[i].path, 0, root_files[i].text, strlen(root_files[i].text));
        }
        make_kernel("root/boot/vmlinuz-" RELEASE);
        /* Most of what is packed, so that no change of a bit there can be without consequence. */
        random_octets(octets, sizeof(octets));
        write_at("root/usr/lib/noise", 0, octets, sizeof(octets));
        RUN("xz", "root/" MODULES "kernel/fs/squashfs/squashfs.ko");
        assert_int_equal(link("root/usr/sbin/init", "root/usr/sbin/same"), 0);
        assert_int_equal(symlink("usr/sbin", "root/sbin"), 0);
        assert_int_equal(symlink("usr/bin", "root/bin"), 0);
        assert_int_equal(truncate("root/usr/sbin/sshd", 300 * KIB), 0);
}

/* Noise everywhere first: mke2fs and mformat write only what they use. */
static void make_disk(void) {
        static uint8_t noise[DISK_SIZE];
        char drive[64], size[32];

        memset(noise, NOISE, sizeof(noise));
        write_at("ext4", 0, noise, EXT4_SECTORS * SECTOR);
        (void)snprintf(size, sizeof(size), "%dk", EXT4_SECTORS * SECTOR / KIB);
        RUN("/sbin/mke2fs", "-q", "-t", "ext4", "-O", "^resize_inode", "-E",
            "nodiscard,lazy_itable_init=0,lazy_journal_init=0", "-b", "1024", "-d", "root", "ext4", size);
        memset(noise, 0, sizeof(noise));
        memset(noise + FAT_FIRST * SECTOR, NOISE, FAT_SECTORS * SECTOR);
        (void)read_file("ext4", noise + (size_t)EXT4_FIRST * SECTOR, EXT4_SECTORS * SECTOR);

        noise[510] = 0x55;
        noise[511] = 0xaa;
        noise[446 + 4] = 0x0c;
        put_u32(noise + 446 + 8, FAT_FIRST);
        put_u32(noise + 446 + 12, FAT_SECTORS);
        noise[462 + 4] = 0x83;
        put_u32(noise + 462 + 8, EXT4_FIRST);
        put_u32(noise + 462 + 12, EXT4_SECTORS);
        write_at("disk.img", 0, noise, sizeof(noise));
        (void)snprintf(drive, sizeof(drive), "disk.img@@%d", FAT_FIRST * SECTOR);
        (void)snprintf(size, sizeof(size), "%d", FAT_SECTORS);
        RUN("mformat", "-i", drive, "-T", size, "::");
        RUN("mcopy", "-i", drive, "root/etc/os-release", "::/startup.txt");
        assert_int_equal(read_file("disk.img", disk, sizeof(disk)), sizeof(disk));
}

static int set_up(void **state) {
        (void)state;
        if (!mkdtemp(dir) || chdir(dir) < 0)
                return -1;
        make_root();
        make_disk();
        return store_open("store", &store, NULL);
}

static int tear_down(void **state) {
        (void)state;
        store_close(store);
        return chdir("/") < 0 ? -1 : tree_remove(AT_FDCWD, dir);
}

/* ---- importing ---- */

static int send_as(struct import *i, const char *path, enum image_role role, const char *file,
                   struct error *reterr) {
        static uint8_t buf[COPY];
        int fd = open(file, O_RDONLY | O_CLOEXEC);
        ssize_t n;

        assert_true(fd >= 0);
        int r = import_file_begin(i, path, role, reterr);
        while (r == 0 && (n = read(fd, buf, sizeof(buf))) > 0)
                r = import_file_data(i, buf, (size_t)n, reterr);
        (void)close(fd);
        return r < 0 ? r : import_file_end(i, reterr);
}

static int import_with(struct import_options o, const char *file, struct import_progress *progress,
                       struct image **ret, struct error *reterr) {
        struct import *i = NULL;

        o.name = "test";
        o.unpack = BRAMBLE_UNPACK;
        assert_int_equal(import_begin(store, &o, &i, NULL), 0);
        int r = send_as(i, IMPORT_SOURCE, IMAGE_FILE_OTHER, file, reterr);
        if (r < 0) {
                import_abort(i);
                return r;
        }
        return import_end(i, progress, ret, reterr);
}

static struct image *import_some(const char *file, bool has_no_root) {
        struct import_options o = { .is_kind_found = true, .has_no_root = has_no_root };
        struct error error = { 0 };
        struct image *image = NULL;

        if (import_with(o, file, NULL, &image, &error) < 0)
                fail_msg("%s: %s", file, error.text);
        return image;
}

static struct image *import(const char *file) {
        return import_some(file, false);
}

static int any_file(void *ctx, int fd, const char *path) {
        (void)ctx;
        (void)fd;
        print_error("left behind: %s\n", path);
        return 1;
}

static void expect_refusal_with(struct import_options o, const char *file, const char *sentence) {
        struct error error = { 0 };
        struct image *image = NULL;

        int r = import_with(o, file, NULL, &image, &error);
        if (r >= 0)
                fail_msg("%s was taken", file);
        if (!strstr(error.text, sentence))
                fail_msg("%s: \"%s\", not \"%s\"", file, error.text, sentence);
        assert_int_equal(tree_each(AT_FDCWD, "store/tmp", any_file, NULL), 0);
}

static void expect_refusal(const char *file, const char *sentence) {
        expect_refusal_with((struct import_options){ .is_kind_found = true }, file, sentence);
}

static uint8_t *read_blob(const struct image *i, enum image_role role, size_t *ret_len) {
        const struct image_file *f = image_find_role(i, role);
        int error = 0;

        assert_non_null(f);
        CLEANUP(blob_drop_at) struct blob *b = store_open_blob(store, &f->blob, &error);
        assert_non_null(b);
        uint8_t *data = malloc(b->size ? b->size : 1);
        assert_non_null(data);
        assert_int_equal(b->read(b, 0, data, b->size), 0);
        *ret_len = b->size;
        return data;
}

/* ---- disks ---- */

/* What an agent does to a disk, here one of zeros. */
static void apply(const struct image *image, uint8_t *to) {
        size_t map_len = 0, frames_len = 0;
        CLEANUP(free_at) uint8_t *map = read_blob(image, IMAGE_FILE_DISK_MAP, &map_len);
        CLEANUP(free_at) uint8_t *frames = read_blob(image, IMAGE_FILE_DISK_FRAMES, &frames_len);
        struct blockmap m;

        assert_int_equal(blockmap_parse(map, map_len, &m), 0);
        assert_int_equal(m.disk_size, DISK_SIZE);
        assert_int_equal(m.sector_size, SECTOR);
        assert_int_equal(m.frames_size, frames_len);
        for (uint32_t i = 0; i < m.n_frames; i++) {
                struct blockmap_frame f = blockmap_frame(&m, i);
                uint8_t sha256[SHA256_SIZE];
                assert_int_equal(
                        ZSTD_decompress(to + f.offset, f.len, frames + f.packed_offset, f.packed_len), f.len);
                struct sha256 *hash = sha256_new();
                sha256_update(hash, to + f.offset, f.len);
                sha256_finish(hash, sha256);
                assert_memory_equal(sha256, f.sha256, sizeof(sha256));
        }
}

static bool is_all(const uint8_t *data, size_t len, uint8_t octet) {
        return data[0] == octet && memcmp(data, data + 1, len - 1) == 0;
}

/* Each block is as it was, or was noise and is none any more. */
static void test_frames_hold_what_is_used(void **state) {
        static uint8_t got[DISK_SIZE];
        size_t n_noise = 0;

        (void)state;
        CLEANUP(image_drop_at) struct image *image = import_some("disk.img", true);
        apply(image, got);
        for (size_t at = 0; at < DISK_SIZE; at += SECTOR) {
                if (memcmp(got + at, disk + at, SECTOR) == 0) {
                        n_noise += is_all(got + at, SECTOR, NOISE);
                        continue;
                }
                if (!is_all(disk + at, SECTOR, NOISE) || !is_all(got + at, SECTOR, 0))
                        fail_msg("octet %zu of the disk is not what it was", at);
        }
        /* Of what nobody uses nothing went along; a few sectors are in use, and nobody ever wrote to them. */
        assert_true(n_noise <= 8);

        /* And other people's programs find it whole. */
        write_at("applied", 0, got, sizeof(got));
        write_at("applied.ext4", 0, got + (size_t)EXT4_FIRST * SECTOR, EXT4_SECTORS * SECTOR);
        RUN("/sbin/e2fsck", "-fn", "applied.ext4");
        char drive[64];
        (void)snprintf(drive, sizeof(drive), "applied@@%d", FAT_FIRST * SECTOR);
        RUN("mcopy", "-n", "-i", drive, "::/startup.txt", "startup.txt");
        RUN("cmp", "startup.txt", "root/etc/os-release");
}

static const struct form {
        const char *file;
        const char *argv[8];
        const char *cut;  /* what is said of it when its last third is missing */
        const char *flip; /* and when a bit in its middle is another; NULL: nobody can know */
} forms[] = {
        { "disk.img", { "true" }, "the disk image is cut: its partition 2 goes on behind the end", NULL },
        { "disk.img.xz",
          { "xz", "-1k", "disk.img" },
          "the xz data is damaged or cut",
          "the xz data is damaged or cut" },
        { "disk.img.zst",
          { "zstd", "-qf", "disk.img" },
          "the zstd data is damaged or cut",
          "the zstd data is damaged or cut" },
        { "disk.img.gz", { "gzip", "-1k", "disk.img" }, "the gzip data is cut", "the gzip data is damaged" },
        { "disk.img.bz2",
          { "bzip2", "-1k", "disk.img" },
          "the bzip2 data is damaged or cut",
          "the bzip2 data is damaged or cut" },
        { "disk.zip",
          { "zip", "-q", "disk.zip", "root/etc/os-release", "disk.img" },
          "the zip data is damaged or cut",
          "the zip data is damaged or cut" },
        { "disk.qcow2",
          { "qemu-img", "convert", "-O", "qcow2", "disk.img", "disk.qcow2" },
          "the qcow2 image is cut or damaged",
          NULL },
        { "disk.tar.xz",
          { "tar", "-cJf", "disk.tar.xz", "disk.img" },
          "the xz data is damaged or cut",
          "the xz data is damaged or cut" },
        { "disk.qcow2.gz",
          { "gzip", "-1k", "disk.qcow2" },
          "the gzip data is cut",
          "the gzip data is damaged" },
};

static void make_form(const struct form *f) {
        if (access(f->file, F_OK) != 0)
                run_in(dir, f->argv);
}

static void test_every_form_is_the_same_disk(void **state) {
        (void)state;
        CLEANUP(image_drop_at) struct image *want = import_some("disk.img", true);
        for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
                print_message("%s\n", forms[i].file);
                make_form(&forms[i]);
                CLEANUP(image_drop_at) struct image *got = import_some(forms[i].file, true);
                assert_int_equal(got->n_files, want->n_files);
                for (size_t n = 0; n < want->n_files; n++) {
                        assert_string_equal(got->files[n].path, want->files[n].path);
                        assert_memory_equal(&got->files[n].blob, &want->files[n].blob,
                                            sizeof(want->files[n].blob));
                }
        }
}

static void test_what_is_cut_or_damaged_is_refused(void **state) {
        static uint8_t octets[DISK_SIZE];

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
                make_form(&forms[i]);
                size_t len = read_file(forms[i].file, octets, sizeof(octets));
                print_message("%s\n", forms[i].file);
                write_at("broken", 0, octets, len / 3 * 2);
                expect_refusal("broken", forms[i].cut);
                if (forms[i].flip) {
                        octets[len / 2] ^= 0x10;
                        write_at("broken", 0, octets, len);
                        expect_refusal("broken", forms[i].flip);
                }
                assert_int_equal(unlink("broken"), 0);
        }
}

/* ---- roots ---- */

static void expect_root(const char *file) {
        CLEANUP(image_drop_at) struct image *image = import(file);
        size_t len = 0;

        assert_int_equal(image->kind, IMAGE_PARTS);
        assert_int_equal(image->arch, ARCH_ARM64);
        assert_string_equal(image->os, "Debian GNU/Linux 12 (bookworm)");
        assert_string_equal(image->cmdline, "console=ttyAMA0 console=tty0");
        assert_int_equal(image->done_signals, IMAGE_DONE_CLOUD_INIT | IMAGE_DONE_SSH);
        assert_string_equal(image->ties, "fstab machine-id swapfile");
        assert_non_null(image_find(image, "vmlinuz-" RELEASE));
        assert_int_equal(image_find(image, "initrd.img-" RELEASE)->role, IMAGE_FILE_INITRD);
        assert_true(image->roots & 1U << ROOT_RAM && image->roots & 1U << ROOT_NFS);
        assert_string_equal(image->why_not[ROOT_NBD],
                            "its kernel " RELEASE " has no nbd (CONFIG_BLK_DEV_NBD)");

        CLEANUP(free_at) uint8_t *modules = read_blob(image, IMAGE_FILE_MODULES, &len);
        assert_string_equal(image_find_role(image, IMAGE_FILE_MODULES)->path, "modules/" RELEASE ".cpio");
        assert_non_null(
                memmem(modules, len, "squashfs module", 15)); /* unpacked, and what it needs beside it */
        assert_non_null(memmem(modules, len, "needed module", 13));
        assert_non_null(memmem(modules, len, "squashfs.ko: need.ko\n", 21));

        CLEANUP(free_at) uint8_t *root = read_blob(image, IMAGE_FILE_ROOT_SQUASHFS, &len);
        write_at("got.squashfs", 0, root, len);
        assert_int_equal(tree_remove(AT_FDCWD, "got"), 0);
        /* Not confined: it makes links. */
        assert_int_equal(system("rdsquashfs -q -u / -p got got.squashfs"), 0);
        RUN("diff", "-r", "--no-dereference", "root", "got");
        assert_int_equal(unlink("got.squashfs"), 0);
}

static void test_every_root_is_the_same(void **state) {
        (void)state;
        RUN("tar", "-czf", "root.tgz", "-C", "root", ".");
        RUN("tar", "-cJf", "root.txz", "-C", "root", "boot", "etc", "sbin", "usr", "bin");
        RUN("mksquashfs", "root", "root.squashfs", "-quiet", "-no-progress");
        expect_root("root.tgz");
        expect_root("root.txz");
        expect_root("root.squashfs");
        expect_root("ext4");
        expect_root("disk.img");
}

/* Kernel, initrd and root one by one, as who builds an image has them. */
static void test_a_root_can_come_alone(void **state) {
        struct import_options o = { .name = "test", .kind = IMAGE_PARTS, .unpack = BRAMBLE_UNPACK };
        struct error error = { 0 };
        struct import *i = NULL;
        struct image *image = NULL;

        (void)state;
        if (access("root.squashfs", F_OK) != 0)
                RUN("mksquashfs", "root", "root.squashfs", "-quiet", "-no-progress");
        assert_int_equal(import_begin(store, &o, &i, NULL), 0);
        assert_int_equal(send_as(i, "kernel", IMAGE_FILE_KERNEL, "root/boot/vmlinuz-" RELEASE, NULL), 0);
        assert_int_equal(send_as(i, "initrd", IMAGE_FILE_INITRD, "root/boot/initrd.img-" RELEASE, NULL), 0);
        assert_int_equal(send_as(i, "the.squashfs", IMAGE_FILE_ROOT_SQUASHFS, "root.squashfs", NULL), 0);
        if (import_end(i, NULL, &image, &error) < 0)
                fail_msg("%s", error.text);
        assert_int_equal(image->n_files, 4);
        assert_string_equal(image_find_role(image, IMAGE_FILE_ROOT_SQUASHFS)->path, "the.squashfs");
        assert_non_null(image_find(image, "modules/" RELEASE ".cpio"));
        assert_true(image->roots & 1U << ROOT_RAM);
        assert_int_equal(image->done_signals, IMAGE_DONE_CLOUD_INIT | IMAGE_DONE_SSH);
        image_drop(image);
}

static void test_a_root_can_be_left_out(void **state) {
        struct import_options o = { .is_kind_found = true, .has_no_root = true };
        struct image *image = NULL;

        (void)state;
        assert_int_equal(import_with(o, "disk.img", NULL, &image, NULL), 0);
        assert_null(image_find_role(image, IMAGE_FILE_ROOT_SQUASHFS));
        assert_true(image->roots & 1U << ROOT_DISK);
        assert_non_null(strstr(image->why_not[ROOT_RAM], "--no-root"));
        image_drop(image);
}

/* ---- what is made to harm, or a mistake ---- */

/* Known by the label of what it is installed from; what lies on it is nobody's to serve. */
static void test_ubuntu_core(void **state) {
        const uint64_t label = FAT_FIRST * SECTOR + 43;

        (void)state;
        write_at("core.img", 0, disk, sizeof(disk));
        write_at("core.img", (uint64_t)EXT4_FIRST * SECTOR + 1024 + 0x38, "\0\0", 2);
        write_at("core.img", label, "ubuntu-seed", 11);
        CLEANUP(image_drop_at) struct image *image = import("core.img");
        assert_true(image_is_ubuntu_core(image));
        assert_int_equal(image->kind, IMAGE_BARE);
        assert_int_equal(image->roots, 1U << ROOT_DISK);
        assert_int_equal(image->done_signals, IMAGE_DONE_SSH);
        assert_int_equal(unlink("core.img"), 0);
}

static void test_mistakes(void **state) {
        (void)state;
        write_at("empty", 0, "", 0);
        expect_refusal("empty", "the file is empty");
        expect_refusal("root/boot/config-" RELEASE, "this is no disk image, root file system or archive");
        RUN("gzip", "-k", "root/boot/config-" RELEASE);
        expect_refusal("root/boot/config-" RELEASE ".gz", "(text) in gzip");
        RUN("zip", "-q", "texts.zip", "root/etc/os-release");
        expect_refusal("texts.zip", "the zip holds no disk image");
        RUN("cp", "disk.img", "second.img");
        RUN("zip", "-q", "-0", "two.zip", "disk.img", "second.img");
        expect_refusal("two.zip", "the zip holds more than one disk image");
        RUN("zip", "-q", "-P", "secret", "locked.zip", "disk.img");
        expect_refusal("locked.zip", "the disk image in the zip is encrypted");
        expect_refusal_with((struct import_options){ .kind = IMAGE_PI }, "disk.img",
                            "there is no config.txt: this is no Raspberry Pi boot directory");
        RUN("tar", "-cf", "one.tar", "root/etc/os-release");
        expect_refusal_with((struct import_options){ .kind = IMAGE_PARTS }, "one.tar", "there is no kernel");
}

static void test_sha256(void **state) {
        struct blob_id wrong = { { 1 } };
        struct import_options o = { .is_kind_found = true, .sha256 = &wrong };

        (void)state;
        expect_refusal_with(o, "disk.img", "its SHA-256 is ");
        struct sha256 *hash = sha256_new();
        sha256_update(hash, disk, sizeof(disk));
        sha256_finish(hash, wrong.octets);
        struct image *image = NULL;
        assert_int_equal(import_with(o, "disk.img", NULL, &image, NULL), 0);
        image_drop(image);
}

static void test_traversal(void **state) {
        (void)state;
        write_at("victim", 0, "safe", 4);
        RUN("tar", "-cPf", "climbs.tar", "--transform", "s,^root/etc,../../etc,", "root/boot",
            "root/etc/os-release");
        expect_refusal("climbs.tar", "which leads out of it");
        RUN("tar", "-cPf", "climbs.tar", "--transform", "s,^root/usr/sbin/same,../../victim,",
            "root/usr/sbin");
        expect_refusal("climbs.tar", "which leads out of it");
        /* Absolute ones are taken as relative to the root that they are for. */
        RUN("tar", "-cPf", "absolute.tar", "--transform", "s,^root/,/,", "root/etc/os-release");
        CLEANUP(image_drop_at) struct image *image = import("absolute.tar");
        assert_string_equal(image->os, "Debian GNU/Linux 12 (bookworm)");
        assert_int_equal(image->kind, IMAGE_BARE);
}

/* Zeros pack to nothing in honest images; anything else that grows a thousandfold does not. */
static void test_bombs(void **state) {
        static uint8_t block[COPY];
        struct child_result result;
        int fd = open("bomb.img", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        (void)state;
        memcpy(block, disk, SECTOR);
        memset(block + SECTOR, 'A', sizeof(block) - SECTOR);
        for (int i = 0; i < 18; i++)
                assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
        (void)close(fd);
        RUN("zstd", "-q", "--rm", "bomb.img");
        expect_refusal("bomb.img.zst", "it grows more than 1000fold when it is unpacked");

        assert_int_equal(truncate("big.img", 0) == 0 || errno == ENOENT, 1);
        write_at("big.img", 0, disk, SECTOR);
        assert_int_equal(truncate("big.img", 8 * MIB), 0);
        RUN("zstd", "-q", "big.img");
        const char *const argv[] = { BRAMBLE_UNPACK, "open", "big.img.zst", "1000", "4194304", NULL };
        struct child_options o = {
                .argv = argv, .work_dir = dir, .readable = { BRAMBLE_UNPACK }, .timeout_ms = 60000
        };
        assert_int_equal(child_run(&o, &result), 0);
        assert_int_equal(result.exit_status, 1);
        assert_non_null(strstr(result.output, "it is larger than 0 GiB when it is unpacked"));
        assert_int_equal(unlink("content"), 0);

        RUN("cp", "disk.img.xz", "deep");
        for (int i = 0; i < 4; i++) {
                RUN("xz", "-0", "deep");
                assert_int_equal(rename("deep.xz", "deep"), 0);
        }
        expect_refusal("deep", "it is packed more than 4 times over");
}

/* A file that it stands on would be read with our rights. */
static void test_qcow2_stands_alone(void **state) {
        (void)state;
        RUN("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", "disk.img", "backed.qcow2");
        expect_refusal("backed.qcow2", "the qcow2 image stands on another file");
        RUN("qemu-img", "create", "-q", "-f", "qcow2", "-o", "data_file=data.raw", "outside.qcow2", "12M");
        expect_refusal("outside.qcow2", "the qcow2 image keeps its data in another file");
}

/* An ext4 whose journal holds what its tables do not say yet: all of it is kept, and it is no root. */
static void test_unclean_is_kept_whole(void **state) {
        static uint8_t dirty[DISK_SIZE], got[DISK_SIZE];

        (void)state;
        memcpy(dirty, disk, sizeof(dirty));
        dirty[EXT4_FIRST * SECTOR + 1024 + 0x60] |= 4; /* EXT4_FEATURE_INCOMPAT_RECOVER */
        write_at("dirty.img", 0, dirty, sizeof(dirty));
        CLEANUP(image_drop_at) struct image *image = import_some("dirty.img", true);
        apply(image, got);
        assert_memory_equal(got + EXT4_FIRST * SECTOR, dirty + EXT4_FIRST * SECTOR, EXT4_SECTORS * SECTOR);
        assert_int_equal(image->kind, IMAGE_BARE);
        assert_null(image_find_role(image, IMAGE_FILE_ROOT_SQUASHFS));
}

static void test_given_up(void **state) {
        struct import_progress progress = { .is_cancelled = true };
        struct error error = { 0 };
        struct image *image = NULL;

        (void)state;
        int r = import_with((struct import_options){ .is_kind_found = true }, "disk.img", &progress, &image,
                            &error);
        assert_int_equal(r, -ECANCELED);
        assert_string_equal(error.text, "the import was given up");
        assert_int_equal(tree_each(AT_FDCWD, "store/tmp", any_file, NULL), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_frames_hold_what_is_used),
                cmocka_unit_test(test_every_form_is_the_same_disk),
                cmocka_unit_test(test_what_is_cut_or_damaged_is_refused),
                cmocka_unit_test(test_every_root_is_the_same),
                cmocka_unit_test(test_a_root_can_come_alone),
                cmocka_unit_test(test_a_root_can_be_left_out),
                cmocka_unit_test(test_ubuntu_core),
                cmocka_unit_test(test_mistakes),
                cmocka_unit_test(test_sha256),
                cmocka_unit_test(test_traversal),
                cmocka_unit_test(test_bombs),
                cmocka_unit_test(test_qcow2_stands_alone),
                cmocka_unit_test(test_unclean_is_kept_whole),
                cmocka_unit_test(test_given_up),
        };
        return cmocka_run_group_tests_name("whole", tests, set_up, tear_down);
}
