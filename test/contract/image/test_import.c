/*
 * The same files make the same image, whichever way they come: one by one, in a FAT volume, in a disk with an
 * MBR or a GPT.
 *
 * mtools makes the volumes (and the import's child reads them); no test needs root.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "boot_files.h"
#include "core/image/import.h"
#include "io/child.h"
#include "io/tree.h"

enum {
        SECTOR = 512,
        VOLUME_SECTORS = 32768,
        FIRST = 2048, /* sector where the partition begins */
        GPT_TABLE = 2,
        NAMES_MAX = 32,
        COPY = 65536
};

static char dir[] = "/tmp/bramble-test-contract-image-XXXXXX";
static struct store *store;

/* Trees as people have them. */
static const struct fake_file raspberry_pi_os[] = {
        { "config.txt", FAKE_TEXT,
          "# For more options and information see\r\n# "
          "http://rptl.io/configtxt\r\ndtparam=audio=on\r\nauto_initramfs=1\r\narm_64bit=1\r\n"
          "[cm4]\r\notg_mode=1\r\n[all]\r\n" },
        { "cmdline.txt", FAKE_TEXT, "console=serial0,115200 console=tty1 root=PARTUUID=0001-02 rootwait\n" },
        { "LICENCE.broadcom", FAKE_TEXT, "licence\n" },
        { "bootcode.bin", FAKE_FIRMWARE, NULL },
        { "start.elf", FAKE_FIRMWARE, NULL },
        { "fixup.dat", FAKE_FIRMWARE, NULL },
        { "start4.elf", FAKE_FIRMWARE, NULL },
        { "fixup4.dat", FAKE_FIRMWARE, NULL },
        { "kernel8.img", FAKE_ARM64_GZIP, NULL },
        { "kernel_2712.img", FAKE_ARM64_GZIP, NULL },
        { "initramfs8", FAKE_INITRD, NULL },
        { "initramfs_2712", FAKE_INITRD, NULL },
        { "bcm2710-rpi-3-b-plus.dtb", FAKE_DTB, NULL },
        { "bcm2711-rpi-4-b.dtb", FAKE_DTB, NULL },
        { "bcm2712-rpi-5-b.dtb", FAKE_DTB, NULL },
        { "overlays/README", FAKE_TEXT, "overlays\n" },
        { "overlays/vc4-kms-v3d-pi4.dtbo", FAKE_DTB, NULL },
        { NULL, FAKE_END, NULL },
};
static const struct fake_file ubuntu_current[] = {
        { "config.txt", FAKE_TEXT,
          "[all]\narm_64bit=1\nkernel=vmlinuz\ncmdline=cmdline.txt\ninitramfs initrd.img "
          "followkernel\nos_prefix=current/\n\n[pi4]\n"
          "max_framebuffers=2\n\n[tryboot]\nos_prefix=new/\n" },
        { "start4.elf", FAKE_FIRMWARE, NULL },
        { "fixup4.dat", FAKE_FIRMWARE, NULL },
        { "current/cmdline.txt", FAKE_TEXT,
          "root=/dev/nfs nfsroot=10.0.0.1:/srv/pi,vers=3 rw ip=dhcp rootwait\n" },
        { "current/vmlinuz", FAKE_ARM64, NULL },
        { "current/initrd.img", FAKE_INITRD, NULL },
        { "current/bcm2711-rpi-4-b.dtb", FAKE_DTB, NULL },
        { "current/overlays/README", FAKE_TEXT, "overlays\n" },
        { NULL, FAKE_END, NULL },
};

static int set_up(void **state) {
        (void)state;
        if (!mkdtemp(dir) || chdir(dir) < 0)
                return -1;
        return store_open("store", &store, NULL);
}

static int tear_down(void **state) {
        (void)state;
        store_close(store);
        return chdir("/") < 0 ? -1 : tree_remove(AT_FDCWD, dir);
}

static void run(const char *const *argv) {
        struct child_options o = { .argv = argv, .work_dir = dir, .timeout_ms = 60000 };
        struct child_result result;

        assert_int_equal(child_run(&o, &result), 0);
        if (result.end != CHILD_EXITED || result.exit_status != 0)
                fail_msg("%s: %s", argv[0], result.output);
}

static void write_file(const char *path, uint64_t offset, const void *data, size_t len) {
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(pwrite(fd, data, len, (off_t)offset), (ssize_t)len);
        assert_int_equal(close(fd), 0);
}

static void write_tree(const struct fake_file *files) {
        static uint8_t buf[FAKE_FILE_MAX];

        assert_int_equal(tree_remove(AT_FDCWD, "tree"), 0);
        assert_int_equal(mkdir("tree", 0700), 0);
        for (; files->kind != FAKE_END; files++) {
                char path[PATH_MAX];
                assert_true(snprintf(path, sizeof(path), "tree/%s", files->path) > 0);
                for (char *slash = strchr(path + 5, '/'); slash; slash = strchr(slash + 1, '/')) {
                        *slash = '\0';
                        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
                        *slash = '/';
                }
                write_file(path, 0, buf, fake_file_make(files, buf));
        }
}

/* The tree as a FAT volume in the file @path. */
static void make_volume(const struct fake_file *files, const char *path) {
        const char *argv[NAMES_MAX + 8] = { "mcopy", "-s", "-i", path };
        static char names[NAMES_MAX][64];
        size_t n = 0;

        assert_true(unlink(path) == 0 || errno == ENOENT);
        run((const char *const[]){ "mformat", "-C", "-i", path, "-T", "32768", "::", NULL });
        write_tree(files);
        for (; files->kind != FAKE_END; files++) {
                assert_true(n < NAMES_MAX);
                assert_true(snprintf(names[n], sizeof(names[n]), "tree/%.*s", (int)strcspn(files->path, "/"),
                                     files->path) > 0);
                size_t known = 0;
                while (known < n && strcmp(names[known], names[n]) != 0)
                        known++;
                if (known == n)
                        argv[4 + n] = names[n], n++;
        }
        argv[4 + n] = "::/";
        argv[5 + n] = NULL;
        run(argv);
}

/* A disk with the volume at FIRST, and a gap behind it. */
static void copy_volume(const char *volume, const char *disk) {
        static uint8_t buf[COPY];
        uint64_t offset = (uint64_t)FIRST * SECTOR;
        int fd = open(volume, O_RDONLY | O_CLOEXEC);
        ssize_t n;

        assert_true(fd >= 0);
        assert_true(unlink(disk) == 0 || errno == ENOENT);
        for (; (n = read(fd, buf, sizeof(buf))) > 0; offset += (uint64_t)n)
                write_file(disk, offset, buf, (size_t)n);
        (void)close(fd);
        assert_int_equal(truncate(disk, (off_t)offset + (off_t)FIRST * SECTOR), 0);
}

static void put_u32(uint8_t *at, uint32_t v) {
        for (int i = 0; i < 4; i++)
                at[i] = (uint8_t)(v >> 8 * i);
}

static void write_mbr(const char *disk, uint8_t type, uint32_t first, uint32_t n) {
        uint8_t sector[SECTOR] = { 0 };

        sector[446 + 4] = type;
        put_u32(sector + 446 + 8, first);
        put_u32(sector + 446 + 12, n);
        sector[510] = 0x55;
        sector[511] = 0xaa;
        write_file(disk, 0, sector, sizeof(sector));
}

static void write_gpt(const char *disk) {
        uint8_t header[SECTOR] = "EFI PART", entry[128] = { 1 };

        write_mbr(disk, 0xee, 1, UINT32_MAX);
        put_u32(header + 72, GPT_TABLE);
        put_u32(header + 80, 128);
        put_u32(header + 84, sizeof(entry));
        write_file(disk, SECTOR, header, sizeof(header));
        put_u32(entry + 32, FIRST);
        put_u32(entry + 40, FIRST + VOLUME_SECTORS - 1);
        write_file(disk, (GPT_TABLE + 1) * SECTOR, entry, sizeof(entry)); /* the fifth of the table */
}

static int send_file(struct import *i, const char *path, const char *file, struct error *reterr) {
        static uint8_t buf[COPY];
        int fd = open(file, O_RDONLY | O_CLOEXEC);
        ssize_t n;

        assert_true(fd >= 0);
        int r = import_file_begin(i, path, IMAGE_FILE_OTHER, reterr);
        while (r == 0 && (n = read(fd, buf, sizeof(buf))) > 0)
                r = import_file_data(i, buf, (size_t)n, reterr);
        (void)close(fd);
        return r < 0 ? r : import_file_end(i, reterr);
}

static struct import *begin(void) {
        struct import_options o = { .name = "test", .kind = IMAGE_PI, .unpack = BRAMBLE_UNPACK };
        struct import *i = NULL;

        assert_int_equal(import_begin(store, &o, &i, NULL), 0);
        return i;
}

static struct image *end(struct import *i) {
        struct error error = { 0 };
        struct image *image = NULL;

        if (import_end(i, NULL, &image, &error) < 0)
                fail_msg("%s", error.text);
        return image;
}

static struct image *by_files(const struct fake_file *files) {
        struct import *i = begin();

        write_tree(files);
        for (; files->kind != FAKE_END; files++) {
                char path[PATH_MAX];
                assert_true(snprintf(path, sizeof(path), "tree/%s", files->path) > 0);
                assert_int_equal(send_file(i, files->path, path, NULL), 0);
        }
        return end(i);
}

static struct image *by_disk(const char *disk) {
        struct import *i = begin();

        assert_int_equal(send_file(i, IMPORT_SOURCE, disk, NULL), 0);
        return end(i);
}

static struct image *by_volume(const struct fake_file *files) {
        make_volume(files, "volume");
        return by_disk("volume");
}

static struct image *by_mbr(const struct fake_file *files) {
        make_volume(files, "volume");
        copy_volume("volume", "disk");
        write_mbr("disk", 0x0c, FIRST, VOLUME_SECTORS);
        return by_disk("disk");
}

static struct image *by_gpt(const struct fake_file *files) {
        make_volume(files, "volume");
        copy_volume("volume", "disk");
        write_gpt("disk");
        return by_disk("disk");
}

/* The files of @a, and no others but those that the disk itself is kept by. */
static void expect_same(const struct image *a, const struct image *b, bool has_disk) {
        assert_int_equal(a->arch, b->arch);
        for (size_t n = 0; a->boards[n] || b->boards[n]; n++) {
                assert_true(a->boards[n] && b->boards[n]);
                assert_string_equal(a->boards[n], b->boards[n]);
        }
        assert_int_equal(b->n_files, a->n_files + (has_disk ? 2 : 0));
        assert_int_equal(image_find_role(b, IMAGE_FILE_DISK_MAP) != NULL, has_disk);
        assert_int_equal(image_find_role(b, IMAGE_FILE_DISK_FRAMES) != NULL, has_disk);
        assert_int_equal(b->roots & 1U << ROOT_DISK, has_disk ? 1U << ROOT_DISK : 0);
        for (size_t n = 0; n < a->n_files; n++) {
                const struct image_file *x = &a->files[n], *y = image_find(b, x->path);
                assert_non_null(y);
                assert_int_equal(x->role, y->role);
                assert_int_equal(x->size, y->size);
                assert_memory_equal(&x->blob, &y->blob, sizeof(x->blob));
                assert_int_equal(x->octets != NULL, y->octets != NULL);
                if (x->octets)
                        assert_memory_equal(x->octets, y->octets, x->size + 1);
        }
}

static void test_every_way(void **state) {
        static const struct {
                const char *name;
                struct image *(*make)(const struct fake_file *files);
                bool has_disk;
        } ways[] = { { "FAT volume", by_volume, false },
                     { "disk with MBR", by_mbr, true },
                     { "disk with GPT", by_gpt, true } };
        static const struct fake_file *const trees[] = { raspberry_pi_os, ubuntu_current };

        (void)state;
        for (size_t t = 0; t < ARRAY_LEN(trees); t++) {
                CLEANUP(image_drop_at) struct image *want = by_files(trees[t]);
                assert_non_null(want->boards[0]);
                for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
                        print_message("%s\n", ways[w].name);
                        CLEANUP(image_drop_at) struct image *got = ways[w].make(trees[t]);
                        expect_same(want, got, ways[w].has_disk);
                }
        }
}

static void expect_refusal(const char *disk, const char *sentence) {
        struct error error = { 0 };
        struct image *image = NULL;
        struct import *i = begin();

        assert_int_equal(send_file(i, IMPORT_SOURCE, disk, &error), 0);
        assert_true(import_end(i, NULL, &image, &error) < 0);
        if (strncmp(error.text, sentence, strlen(sentence)) != 0)
                fail_msg("\"%s\", not \"%s\"", error.text, sentence);
}

static int any_file(void *ctx, int fd, const char *path) {
        (void)ctx;
        (void)fd;
        print_error("left behind: %s\n", path);
        return 1;
}

static void test_refusals(void **state) {
        static const struct fake_file stranger[] = { { "photo.jpg", FAKE_FIRMWARE, NULL },
                                                     { NULL, FAKE_END, NULL } };

        (void)state;
        make_volume(stranger, "volume");
        expect_refusal("volume", "there is no config.txt: this is no Raspberry Pi boot directory");
        run((const char *const[]){ "mdel", "-i", "volume", "::photo.jpg", NULL });
        expect_refusal("volume", "there are no files");

        make_volume(raspberry_pi_os, "volume");
        copy_volume("volume", "disk");
        write_mbr("disk", 0x83, 1, 100);
        expect_refusal("disk", "the disk image has no FAT partition");
        write_mbr("disk", 0x0c, FIRST, VOLUME_SECTORS);
        assert_int_equal(truncate("disk", (FIRST + VOLUME_SECTORS / 2) * SECTOR), 0);
        expect_refusal("disk", "the disk image is cut: its partition 1 goes on behind the end of the file");

        /* The FAT itself is overwritten: chains lead nowhere. */
        static uint8_t noise[16 * SECTOR];
        memset(noise, 0x5a, sizeof(noise));
        write_file("volume", SECTOR, noise, sizeof(noise));
        expect_refusal("volume", "");

        assert_int_equal(tree_each(AT_FDCWD, "store/tmp", any_file, NULL), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_way),
                cmocka_unit_test(test_refusals),
        };
        return cmocka_run_group_tests_name("import", tests, set_up, tear_down);
}
