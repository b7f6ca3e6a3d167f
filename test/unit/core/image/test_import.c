/* Imports told as lists of files: what image they make, or with what sentence they are refused. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "boot_files.h"
#include "core/image/import.h"
#include "format/eeprom.h"
#include "io/tree.h"

enum { FILES_MAX = 24 };

static char dir[] =
        "/dev/shm/bramble-test-import-XXXXXX"; /* in memory: some disks take seconds for 8192 files */
static struct store *store;

static int set_up(void **state) {
        (void)state;
        return mkdtemp(dir) ? store_open(dir, &store, NULL) : -1;
}

static int tear_down(void **state) {
        (void)state;
        store_close(store);
        return tree_remove(AT_FDCWD, dir);
}

static int count_file(void *ctx, int fd, const char *path) {
        (void)fd;
        (void)path;
        ++*(unsigned *)ctx;
        return 0;
}

static unsigned count_blobs(void) {
        unsigned n = 0;

        assert_int_equal(tree_each(AT_FDCWD, dir, count_file, &n), 0);
        return n;
}

/* Parts have roles that the operator gives; the path says which: it begins with the role's name and a colon.
 */
static enum image_role split_role(const char **path) {
        static const struct {
                const char *prefix;
                enum image_role role;
        } rows[] = { { "kernel:", IMAGE_FILE_KERNEL },
                     { "initrd:", IMAGE_FILE_INITRD },
                     { "dtb:", IMAGE_FILE_DTB } };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (strncmp(*path, rows[i].prefix, strlen(rows[i].prefix)) == 0) {
                        *path += strlen(rows[i].prefix);
                        return rows[i].role;
                }
        return IMAGE_FILE_OTHER;
}

static int send_file(struct import *i, const struct fake_file *f, struct error *reterr) {
        static uint8_t buf[FAKE_FILE_MAX];
        const char *path = f->path;
        enum image_role role = split_role(&path);
        size_t len = fake_file_make(f, buf), half = len / 2;

        int r = import_file_begin(i, path, role, reterr);
        if (r == 0)
                r = import_file_data(i, buf, half, reterr);
        if (r == 0)
                r = import_file_data(i, buf + half, len - half, reterr);
        return r < 0 ? r : import_file_end(i, reterr);
}

static int run_import(const struct import_options *o, const struct fake_file *files, struct image **ret,
                      struct error *reterr) {
        struct import *i = NULL;

        int r = import_begin(store, o, &i, reterr);
        if (r < 0)
                return r;
        for (; files->kind != FAKE_END; files++) {
                r = send_file(i, files, reterr);
                if (r < 0) {
                        import_abort(i);
                        return r;
                }
        }
        return import_end(i, NULL, ret, reterr);
}

/* "kernel=vmlinuz initrd=… …" of all files that have a role, in the order of their paths. */
static void list_roles(const struct image *i, char *buf, size_t size) {
        size_t at = 0;

        *buf = '\0';
        for (size_t n = 0; n < i->n_files && at < size; n++)
                if (i->files[n].role != IMAGE_FILE_OTHER)
                        at += (size_t)snprintf(buf + at, size - at, "%s%s=%s", at ? " " : "",
                                               image_role_name(i->files[n].role), i->files[n].path);
}

static void list_boards(const struct image *i, char *buf, size_t size) {
        size_t at = 0;

        *buf = '\0';
        for (size_t n = 0; i->boards[n] && at < size; n++)
                at += (size_t)snprintf(buf + at, size - at, "%s%s", at ? " " : "", i->boards[n]);
}

#define FIRMWARE_ROM \
        { "bootcode.bin", FAKE_FIRMWARE, NULL }, { "start.elf", FAKE_FIRMWARE, NULL }, { \
                "fixup.dat", FAKE_FIRMWARE, NULL \
        }
#define FIRMWARE_4 \
        { "start4.elf", FAKE_FIRMWARE, NULL }, { \
                "fixup4.dat", FAKE_FIRMWARE, NULL \
        }
#define DTB_4B \
        { "bcm2711-rpi-4-b.dtb", FAKE_DTB, NULL }
#define DTB_5B \
        { "bcm2712-rpi-5-b.dtb", FAKE_DTB, NULL }
#define CONFIG(text) \
        { "config.txt", FAKE_TEXT, text }
#define CMDLINE \
        { \
                "cmdline.txt", FAKE_TEXT, \
                        "console=serial0,115200 root=/dev/nfs nfsroot=10.0.0.1:/srv/pi,vers=3 rw ip=dhcp " \
                        "rootwait\n" \
        }

/* The system-boot partition of Ubuntu's preinstalled server. */
static const char ubuntu[] =
        "[all]\nkernel=vmlinuz\ncmdline=cmdline.txt\ninitramfs initrd.img followkernel\n\n[pi4]\n"
        "max_framebuffers=2\narm_boost=1\n\n[all]\ndtparam=audio=on\ndtparam=i2c_arm=on\n"
        "arm_64bit=1\n\n[cm4]\ndtoverlay=dwc2,dr_mode=host\n";
static const char ubuntu_current[] =
        "[all]\narm_64bit=1\nkernel=vmlinuz\ncmdline=cmdline.txt\n"
        "initramfs initrd.img followkernel\nos_prefix=current/\n\n[tryboot]\nos_prefix=new/\n";
static const char debian[] = "arm_64bit=1\nenable_uart=1\nupstream_kernel=1\nkernel=vmlinuz-6.1.0-28-arm64\n"
                             "initramfs initrd.img-6.1.0-28-arm64\n";

static const struct {
        const char *remark;
        struct fake_file files[FILES_MAX];
        enum arch arch;
        const char *boards, *roles;
} directories[] = {
        { "Raspberry Pi OS: every board, both word sizes",
          { CONFIG("dtparam=audio=on\nauto_initramfs=1\narm_64bit=1\n[cm4]\notg_mode=1\n[all]\n"),
            CMDLINE,
            FIRMWARE_ROM,
            FIRMWARE_4,
            { "kernel7.img", FAKE_ZIMAGE, NULL },
            { "kernel8.img", FAKE_ARM64_GZIP, NULL },
            { "kernel_2712.img", FAKE_ARM64_GZIP, NULL },
            { "initramfs8", FAKE_INITRD, NULL },
            { "initramfs_2712", FAKE_INITRD, NULL },
            { "bcm2710-rpi-3-b.dtb", FAKE_DTB, NULL },
            DTB_4B,
            { "bcm2711-rpi-400.dtb", FAKE_DTB, NULL },
            DTB_5B,
            { "overlays/README", FAKE_TEXT, "overlays" } },
          ARCH_ARM64,
          "pi3b pi3b-plus pi400 pi4b pi5",
          "dtb=bcm2710-rpi-3-b.dtb dtb=bcm2711-rpi-4-b.dtb dtb=bcm2711-rpi-400.dtb dtb=bcm2712-rpi-5-b.dtb "
          "cmdline.txt=cmdline.txt "
          "config.txt=config.txt initrd=initramfs8 initrd=initramfs_2712 kernel=kernel8.img "
          "kernel=kernel_2712.img" },
        { "Ubuntu server",
          { CONFIG(ubuntu),
            CMDLINE,
            FIRMWARE_4,
            { "vmlinuz", FAKE_ARM64_GZIP, NULL },
            { "initrd.img", FAKE_INITRD, NULL },
            DTB_4B },
          ARCH_ARM64,
          "pi4b",
          "dtb=bcm2711-rpi-4-b.dtb cmdline.txt=cmdline.txt config.txt=config.txt initrd=initrd.img "
          "kernel=vmlinuz" },
        { "Ubuntu with current/, for the Pi 4 and 5",
          { CONFIG(ubuntu_current),
            FIRMWARE_4,
            { "current/vmlinuz", FAKE_ARM64, NULL },
            { "current/initrd.img", FAKE_INITRD, NULL },
            { "current/cmdline.txt", FAKE_TEXT, "root=/dev/nfs" },
            { "current/bcm2711-rpi-4-b.dtb", FAKE_DTB, NULL },
            { "current/bcm2712-rpi-5-b.dtb", FAKE_DTB, NULL },
            { "current/overlays/README", FAKE_TEXT, "overlays" },
            { "new/vmlinuz", FAKE_ARM64, NULL } },
          ARCH_ARM64,
          "pi4b pi5",
          "config.txt=config.txt dtb=current/bcm2711-rpi-4-b.dtb dtb=current/bcm2712-rpi-5-b.dtb "
          "cmdline.txt=current/cmdline.txt "
          "initrd=current/initrd.img kernel=current/vmlinuz" },
        { "Debian: names of the kernel's own tree",
          { CONFIG(debian),
            CMDLINE,
            FIRMWARE_ROM,
            { "vmlinuz-6.1.0-28-arm64", FAKE_ARM64, NULL },
            { "initrd.img-6.1.0-28-arm64", FAKE_INITRD, NULL },
            { "bcm2837-rpi-3-b.dtb", FAKE_DTB, NULL } },
          ARCH_ARM64,
          "pi3b",
          "dtb=bcm2837-rpi-3-b.dtb cmdline.txt=cmdline.txt config.txt=config.txt "
          "initrd=initrd.img-6.1.0-28-arm64 "
          "kernel=vmlinuz-6.1.0-28-arm64" },
        { "32 bits; names in capitals, as an old FAT gives them; no command line",
          { { "CONFIG.TXT", FAKE_TEXT, "" },
            FIRMWARE_ROM,
            { "KERNEL7.IMG", FAKE_ZIMAGE, NULL },
            { "bcm2710-rpi-3-b.dtb", FAKE_DTB, NULL } },
          ARCH_ARMHF,
          "pi3b pi3b-plus",
          "config.txt=CONFIG.TXT kernel=KERNEL7.IMG dtb=bcm2710-rpi-3-b.dtb" },
        { "included files",
          { CONFIG("include usercfg.txt\n"),
            { "usercfg.txt", FAKE_TEXT, "kernel=k\ncmdline=c\n" },
            { "c", FAKE_TEXT, "quiet" },
            { "k", FAKE_ARM64, NULL },
            DTB_5B },
          ARCH_ARM64,
          "pi5",
          "dtb=bcm2712-rpi-5-b.dtb cmdline.txt=c config.txt=config.txt kernel=k" },
        { "UEFI in the place of the ARM stub",
          { CONFIG("arm_64bit=1\narmstub=RPI_EFI.fd\n"),
            FIRMWARE_4,
            { "RPI_EFI.fd", FAKE_FIRMWARE, NULL },
            DTB_4B },
          ARCH_ARM64,
          "pi4b",
          "dtb=bcm2711-rpi-4-b.dtb config.txt=config.txt" },
};

static void test_directories(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(directories); i++) {
                CLEANUP(image_drop_at) struct image *image = NULL;
                struct import_options o = { .name = "test", .kind = IMAGE_PI };
                struct error error = { 0 };
                char boards[256], roles[1024];

                print_message("%s\n", directories[i].remark);
                if (run_import(&o, directories[i].files, &image, &error) < 0)
                        fail_msg("%s", error.text);
                list_boards(image, boards, sizeof(boards));
                list_roles(image, roles, sizeof(roles));
                assert_string_equal(boards, directories[i].boards);
                assert_string_equal(roles, directories[i].roles);
                assert_int_equal(image->arch, directories[i].arch);
        }
}

/* What the firmware asks for is there, octet for octet; texts are also kept with the image. */
static void test_content(void **state) {
        CLEANUP(image_drop_at) struct image *image = NULL;
        struct import_options o = { .name = "ubuntu", .kind = IMAGE_PI };
        const struct fake_file *files = directories[1].files;

        (void)state;
        assert_int_equal(run_import(&o, files, &image, NULL), 0);
        for (; files->kind != FAKE_END; files++) {
                static uint8_t want[FAKE_FILE_MAX], got[FAKE_FILE_MAX];
                size_t len = fake_file_make(files, want);
                const struct image_file *f = image_find(image, files->path);
                int error = 0;
                assert_non_null(f);
                assert_int_equal(f->size, len);
                CLEANUP(blob_drop_at) struct blob *b = store_open_blob(store, &f->blob, &error);
                assert_non_null(b);
                assert_int_equal(b->size, len);
                assert_int_equal(b->read(b, 0, got, len), 0);
                assert_memory_equal(want, got, len);
                bool is_text = f->role == IMAGE_FILE_CONFIG_TXT || f->role == IMAGE_FILE_CMDLINE_TXT;
                assert_int_equal(f->octets != NULL, is_text);
                if (is_text) {
                        assert_memory_equal(f->octets, want, len);
                        assert_int_equal(f->octets[len], 0);
                }
        }
}

static void test_includes_are_kept(void **state) {
        CLEANUP(image_drop_at) struct image *image = NULL;
        struct import_options o = { .name = "test", .kind = IMAGE_PI };

        (void)state;
        assert_int_equal(run_import(&o, directories[5].files, &image, NULL), 0);
        assert_string_equal((const char *)image_find(image, "usercfg.txt")->octets, "kernel=k\ncmdline=c\n");
}

static const struct {
        const char *remark;
        struct fake_file files[FILES_MAX];
        enum arch arch;
        enum arch want;
        const char *roles;
} parts[] = {
        { "amd64 with everything",
          { { "kernel:vmlinuz", FAKE_BZIMAGE, NULL },
            { "initrd:initrd.img", FAKE_INITRD, NULL },
            { "shimx64.efi.signed", FAKE_EFI_AMD64, NULL },
            { "grubnetx64.efi.signed", FAKE_GRUB_AMD64, NULL },
            { "grubx64.efi", FAKE_GRUB_AMD64, NULL },
            { "linuxx64.efi.stub", FAKE_STUB_AMD64, NULL },
            { "ipxe.pxe", FAKE_PXE, NULL },
            { "undionly.kpxe", FAKE_PXE, NULL },
            { "modules/readme", FAKE_TEXT, "x" } },
          ARCH_AMD64,
          ARCH_AMD64,
          "grub=grubnetx64.efi.signed initrd=initrd.img efi-stub=linuxx64.efi.stub shim=shimx64.efi.signed "
          "ipxe-bios=undionly.kpxe "
          "kernel=vmlinuz" },
        { "programs of another architecture get no role",
          { { "kernel:vmlinuz", FAKE_ARM64, NULL },
            { "shimaa64.efi.signed", FAKE_EFI_ARM64, NULL },
            { "shimx64.efi.signed", FAKE_EFI_AMD64, NULL },
            { "grubaa64.efi", FAKE_GRUB_ARM64, NULL },
            { "grubx64.efi", FAKE_GRUB_AMD64, NULL },
            { "linuxaa64.efi.stub", FAKE_STUB_ARM64, NULL },
            { "undionly.kpxe", FAKE_PXE, NULL } },
          ARCH_ARM64,
          ARCH_ARM64,
          "grub=grubaa64.efi efi-stub=linuxaa64.efi.stub shim=shimaa64.efi.signed kernel=vmlinuz" },
        { "a gzip'd kernel and its device trees",
          { { "kernel:Image.gz", FAKE_ARM64_GZIP, NULL },
            { "dtb:dtbs/broadcom/bcm2837-rpi-3-b.dtb", FAKE_DTB, NULL },
            { "extra/x.dtb", FAKE_DTB, NULL } },
          ARCH_NONE,
          ARCH_ARM64,
          "kernel=Image.gz dtb=dtbs/broadcom/bcm2837-rpi-3-b.dtb dtb=extra/x.dtb" },
        { "armhf", { { "kernel:zImage", FAKE_ZIMAGE, NULL } }, ARCH_ARMHF, ARCH_ARMHF, "kernel=zImage" },
        { "a kernel that unpacks itself under EFI",
          { { "kernel:vmlinuz", FAKE_ZBOOT, NULL } },
          ARCH_ARM64,
          ARCH_ARM64,
          "kernel=vmlinuz" },
};

static void test_parts(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
                CLEANUP(image_drop_at) struct image *image = NULL;
                struct import_options o = {
                        .name = "test", .kind = IMAGE_PARTS, .arch = parts[i].arch, .cmdline = "quiet"
                };
                struct error error = { 0 };
                char roles[1024];

                print_message("%s\n", parts[i].remark);
                if (run_import(&o, parts[i].files, &image, &error) < 0)
                        fail_msg("%s", error.text);
                list_roles(image, roles, sizeof(roles));
                assert_string_equal(roles, parts[i].roles);
                assert_int_equal(image->arch, parts[i].want);
                assert_string_equal(image->cmdline, "quiet");
                assert_null(image->boards[0]);
        }
}

static void send_octets(struct import *i, const char *path, const void *octets, size_t len) {
        assert_int_equal(import_file_begin(i, path, IMAGE_FILE_OTHER, NULL), 0);
        assert_int_equal(import_file_data(i, octets, len, NULL), 0);
        assert_int_equal(import_file_end(i, NULL), 0);
}

/* What the EEPROMs of Raspberry Pis are written from: the newest of several, if there is a configuration in
 * it. */
static void test_eeproms(void **state) {
        (void)state;
        static const uint8_t code[] = { 0x55, 0xaa, 0xf0, 0x0f, 0, 0, 0xff, 0xf8 };
        static const char config[] = "\x55\xaa\xf1\x1f\0\0\0\x11"
                                     "bootconf.txt\0\0\0\0#";
        const struct import_options o = { .name = "eeprom-2711", .kind = IMAGE_PARTS };
        CLEANUP(free_at) uint8_t *octets = calloc(1, EEPROM_SIZE_2711);

        assert_non_null(octets);
        memcpy(octets, code, sizeof(code));
        for (int has_config = 0; has_config < 2; has_config++) {
                CLEANUP(image_drop_at) struct image *image = NULL;
                struct error error = { 0 };
                struct import *i = NULL;
                char roles[1024];

                assert_int_equal(import_begin(store, &o, &i, NULL), 0);
                send_octets(i, "pieeprom-2023-05-11.bin", "old", 3);
                send_octets(i, "pieeprom-2026-05-17.bin", octets, EEPROM_SIZE_2711);
                send_octets(i, "recovery.bin", "x", 1);
                int r = import_end(i, NULL, &image, &error);
                memcpy(octets + 0x10000, config, sizeof(config) - 1);
                if (!has_config) {
                        assert_int_equal(r, -EINVAL);
                        assert_non_null(strstr(error.text, "it has no bootconf.txt"));
                        continue;
                }
                assert_int_equal(r, 0);
                list_roles(image, roles, sizeof(roles));
                assert_string_equal(roles, "eeprom=pieeprom-2026-05-17.bin eeprom-recovery=recovery.bin");
                assert_int_equal(image->arch, ARCH_NONE);
        }
}

/* The size says the chip, and a board takes the image of its own only. */
static void test_an_eeprom_of_the_other_chip(void **state) {
        (void)state;
        static const struct {
                const char *name;
                size_t size;
                const char *sentence;
        } rows[] = {
                { "eeprom-2711", EEPROM_SIZE_2712, "has 2 MiB, as images for the chip 2712 have" },
                { "eeprom-2712", EEPROM_SIZE_2711, "has 512 KiB, as images for the chip 2711 have" },
                { "eeprom-2711", EEPROM_SIZE_2711, "it has no bootconf.txt" },
                { "of-the-lab", EEPROM_SIZE_2712, "it has no bootconf.txt" },
        };
        CLEANUP(free_at) uint8_t *octets = calloc(1, EEPROM_SIZE_2712);

        for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
                const struct import_options o = { .name = rows[n].name, .kind = IMAGE_PARTS };
                CLEANUP(image_drop_at) struct image *image = NULL;
                struct error error = { 0 };
                struct import *i = NULL;

                assert_int_equal(import_begin(store, &o, &i, NULL), 0);
                send_octets(i, "pieeprom-2026-05-17.bin", octets, rows[n].size);
                send_octets(i, "recovery.bin", "x", 1);
                assert_int_equal(import_end(i, NULL, &image, &error), -EINVAL);
                assert_non_null(strstr(error.text, rows[n].sentence));
        }
}

#define PI IMAGE_PI, ARCH_NONE
#define PARTS IMAGE_PARTS, ARCH_ARM64

static const struct {
        struct fake_file files[FILES_MAX];
        enum image_kind kind;
        enum arch arch;
        const char *sentence; /* how it begins */
} refusals[] = {
        { { { NULL, FAKE_END, NULL } }, PI, "there are no files" },
        { { { "kernel8.img", FAKE_ARM64, NULL } },
          PI,
          "there is no config.txt: this is no Raspberry Pi boot directory" },
        { { { "firmware/config.txt", FAKE_TEXT, "" } },
          PI,
          "there is no config.txt at the top, but one in firmware/: import that directory" },
        { { CONFIG(""), FIRMWARE_4, DTB_4B },
          PI,
          "no Raspberry Pi starts from these files: there is no kernel for a Raspberry Pi 4B (kernel8.img)" },
        { { CONFIG("") },
          PI,
          "no Raspberry Pi starts from these files: there is no kernel for a Raspberry Pi 5 "
          "(kernel_2712.img)" },
        { { CONFIG("kernel=vmlinuz\n"), FIRMWARE_4, DTB_4B },
          PI,
          "no Raspberry Pi starts from these files: config.txt names the kernel vmlinuz, which is not "
          "there" },
        { { CONFIG(""), FIRMWARE_4, DTB_4B, { "kernel8.img", FAKE_TEXT, "#!/bin/sh\n" } },
          PI,
          "kernel8.img is no Linux kernel: it begins with 23 21 2f 62 69 6e 2f 73 (text)" },
        { { CONFIG(""), FIRMWARE_4, DTB_4B, { "kernel8.img", FAKE_TEXT, "" } },
          PI,
          "kernel8.img is no Linux kernel: it is empty" },
        { { CONFIG(""), { "kernel8.img", FAKE_ARM64, NULL }, DTB_4B },
          PI,
          "no Raspberry Pi starts from these files: start4.elf is not there, which a Raspberry Pi 4B needs" },
        { { CONFIG(""), FIRMWARE_4, { "kernel8.img", FAKE_ARM64, NULL } },
          PI,
          "no Raspberry Pi starts from these files: the device tree of a Raspberry Pi 4B, "
          "bcm2711-rpi-4-b.dtb" },
        { { CONFIG(""), FIRMWARE_4, { "kernel8.img", FAKE_ZIMAGE, NULL }, DTB_4B },
          PI,
          "no Raspberry Pi starts from these files: kernel8.img is a 32-bit ARM kernel (zImage), but "
          "config.txt makes a Raspberry Pi 4B start in 64 bits" },
        { { CONFIG("kernel=k\n"),
            FIRMWARE_ROM,
            { "k", FAKE_ARM64, NULL },
            { "bcm2710-rpi-3-b.dtb", FAKE_DTB, NULL } },
          PI,
          "no Raspberry Pi starts from these files: k is an arm64 kernel, but config.txt makes a Raspberry "
          "Pi 3B start in 32 bits: it lacks arm_64bit=1" },
        { { CONFIG(""), FIRMWARE_4, { "kernel8.img", FAKE_BZIMAGE, NULL }, DTB_4B },
          PI,
          "no Raspberry Pi starts from these files: kernel8.img is an x86 kernel (bzImage)" },
        { { CONFIG(""), FIRMWARE_4, { "kernel8.img", FAKE_ZBOOT, NULL }, DTB_4B },
          PI,
          "no Raspberry Pi starts from these files: kernel8.img is a compressed EFI kernel, which the "
          "firmware of a Raspberry Pi 4B cannot start" },
        { { CONFIG(""),
            FIRMWARE_4,
            { "kernel8.img", FAKE_ARM64, NULL },
            { "bcm2711-rpi-4-b.dtb", FAKE_TEXT, "no tree" } },
          PI,
          "bcm2711-rpi-4-b.dtb is no device tree: it begins with 6e 6f 20 74 72 65 65 (text)" },
        { { CONFIG("initramfs i followkernel\n"), FIRMWARE_4, { "kernel8.img", FAKE_ARM64, NULL }, DTB_4B },
          PI,
          "no Raspberry Pi starts from these files: config.txt names the initramfs i, which is not there" },
        { { CONFIG("boot_ramdisk=1\n"), { "boot.img", FAKE_FIRMWARE, NULL } },
          PI,
          "no Raspberry Pi starts from these files: config.txt says boot_ramdisk=1" },
        { { CONFIG("include config.txt\n") }, PI, "config.txt includes too many files" },
        { { { "config.txt", FAKE_FIRMWARE, NULL } }, PI, "config.txt is no text" },
        { { CONFIG(""), FIRMWARE_4, { "kernel8.img", FAKE_ARM64, NULL }, DTB_4B },
          IMAGE_PI,
          ARCH_ARMHF,
          "its kernel is for arm64, not for armhf" },
        { { CONFIG(""), CONFIG("") }, PI, "two files are named config.txt" },
        { { { "../config.txt", FAKE_TEXT, "" } }, PI, "../config.txt: a path may not have" },
        { { { "a//b", FAKE_TEXT, "" } }, PI, "a//b: a path may not have" },
        { { { "a/", FAKE_TEXT, "" } }, PI, "a/: a path may not have" },
        { { { "", FAKE_TEXT, "" } }, PI, ": a path may not have" },
        { { { "./a", FAKE_TEXT, "" } }, PI, "./a: a path may not have" },
        { { { "/etc/passwd", FAKE_TEXT, "" } }, PI, "/etc/passwd: a file of an image has a relative path" },
        { { { "a\nb", FAKE_TEXT, "" } }, PI, "a path has a backslash or a control character" },
        { { { "a\\b", FAKE_TEXT, "" } }, PI, "a path has a backslash or a control character" },
        { { { ".img", FAKE_TEXT, "" }, { ".img", FAKE_TEXT, "" } },
          PI,
          "one image is made of one disk or root file system" },
        { { { ".img", FAKE_TEXT, "" } }, PI, "bramble-unpack is not there, which reads images" },
        { { { "initrd:i", FAKE_INITRD, NULL } }, PARTS, "there is no kernel: give --kernel FILE" },
        { { { "pieeprom-2026-05-17.bin", FAKE_TEXT, "x" } },
          PARTS,
          "there is no recovery.bin beside pieeprom-2026" },
        { { { "pieeprom-2026-05-17.bin", FAKE_TEXT, "x" }, { "recovery.bin", FAKE_TEXT, "x" } },
          PARTS,
          "pieeprom-2026-05-17.bin is no image of a Raspberry Pi's EEPROM: these have 512 KiB" },
        { { { "kernel:vmlinuz", FAKE_TEXT, "hello" } },
          PARTS,
          "vmlinuz is no Linux kernel: it begins with 68 65 6c 6c 6f (text)" },
        { { { "kernel:vmlinuz", FAKE_GRUB_ARM64, NULL } },
          PARTS,
          "vmlinuz is no Linux kernel: it begins with 4d 5a 00 00 00 00 00 00 (GRUB as an EFI program)" },
        { { { "kernel:vmlinuz", FAKE_INITRD, NULL } },
          PARTS,
          "vmlinuz is no Linux kernel: it begins with 28 b5 2f fd 00 00 00 00 (zstd data)" },
        { { { "kernel:vmlinuz", FAKE_BZIMAGE, NULL } },
          PARTS,
          "vmlinuz is a kernel for amd64, not for arm64" },
        { { { "kernel:a", FAKE_ARM64, NULL }, { "kernel:b", FAKE_ARM64, NULL } },
          PARTS,
          "there are two kernels: a and b" },
        { { { "kernel:a", FAKE_ARM64, NULL }, { "initrd:b", FAKE_TEXT, "x" } },
          PARTS,
          "b is no initramfs: it begins with 78 (text)" },
        { { { "kernel:a", FAKE_ARM64, NULL }, { "initrd:b", FAKE_ARM64_GZIP, NULL } },
          PARTS,
          "b is no initramfs: it begins with 1f 8b 08" },
        { { { "kernel:a", FAKE_ARM64, NULL }, { "dtb:b", FAKE_TEXT, "x" } },
          PARTS,
          "b is no device tree: it begins with 78 (text)" },
};

static void test_refusals(void **state) {
        unsigned before = count_blobs();

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
                struct image *image = NULL;
                struct import_options o = { .name = "test",
                                            .kind = refusals[i].kind,
                                            .arch = refusals[i].arch };
                struct error error = { 0 };

                int r = run_import(&o, refusals[i].files, &image, &error);
                if (r >= 0 || strncmp(error.text, refusals[i].sentence, strlen(refusals[i].sentence)) != 0)
                        fail_msg("row %zu: %d \"%s\", not \"%s\"", i, r, error.text, refusals[i].sentence);
                assert_int_equal(error.code, r);
                assert_null(image);
                assert_int_equal(count_blobs(), before); /* nothing is left behind */
        }
}

static void test_limits(void **state) {
        struct import_options o = { .name = "test", .kind = IMAGE_PI };
        struct error error = { 0 };
        struct import *i = NULL;
        char path[IMAGE_PATH_MAX + 2];

        (void)state;
        assert_int_equal(import_begin(store, &o, &i, NULL), 0);
        for (int n = 0; n < IMAGE_FILES_MAX; n++) {
                assert_true(snprintf(path, sizeof(path), "%d", n) > 0);
                assert_int_equal(import_file_begin(i, path, IMAGE_FILE_OTHER, NULL), 0);
                assert_int_equal(import_file_end(i, NULL), 0);
        }
        assert_int_equal(import_file_begin(i, "more", IMAGE_FILE_OTHER, &error), -E2BIG);
        assert_string_equal(error.text, "an image has at most 8192 files");
        import_abort(i);

        memset(path, 'a', sizeof(path));
        path[IMAGE_PATH_MAX] = '\0';
        assert_int_equal(import_path_check(path, NULL), 0);
        path[IMAGE_PATH_MAX] = 'a';
        path[IMAGE_PATH_MAX + 1] = '\0';
        assert_int_equal(import_path_check(path, &error), -EINVAL);

        o.name = "";
        assert_int_equal(import_begin(store, &o, &i, &error), -EINVAL);
        import_abort(NULL);
}

static void test_cut_in_the_middle(void **state) {
        struct import_options o = { .name = "test", .kind = IMAGE_PI };
        struct error error = { 0 };
        struct image *image = NULL;
        struct import *i = NULL;
        unsigned before = count_blobs();

        (void)state;
        assert_int_equal(import_begin(store, &o, &i, NULL), 0);
        assert_int_equal(import_file_begin(i, "config.txt", IMAGE_FILE_OTHER, NULL), 0);
        assert_int_equal(import_file_data(i, "x", 1, NULL), 0);
        assert_int_equal(import_end(i, NULL, &image, &error), -EINVAL);
        assert_string_equal(error.text, "config.txt ended in the middle");
        assert_int_equal(count_blobs(), before);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_directories),       cmocka_unit_test(test_content),
                cmocka_unit_test(test_includes_are_kept), cmocka_unit_test(test_parts),
                cmocka_unit_test(test_eeproms),           cmocka_unit_test(test_an_eeprom_of_the_other_chip),
                cmocka_unit_test(test_refusals),          cmocka_unit_test(test_limits),
                cmocka_unit_test(test_cut_in_the_middle),
        };
        return cmocka_run_group_tests_name("import", tests, set_up, tear_down);
}
