/* A small site to plan boots in; see boot_site.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/writer.h"
#include "boot_site.h"
#include "format/pe.h"

enum { BLOBS_MAX = 160, STUB_SIZE = 0x1800 };

struct memory_blob {
        struct blob blob;
        uint8_t *octets;
};

struct files {
        struct boot_site s;
        struct memory_blob *blobs[BLOBS_MAX];
        size_t n;
};

static int memory_read(struct blob *b, uint64_t offset, void *buf, size_t len) {
        const struct memory_blob *m = (const struct memory_blob *)b;
        if (offset > b->size || len > b->size - offset)
                return -EIO;
        memcpy(buf, m->octets + offset, len);
        return 0;
}

static void memory_free(struct blob *b) {
        struct memory_blob *m = (struct memory_blob *)b;
        free(m->octets);
        free(m);
}

static struct blob *files_open(void *ctx, const struct blob_id *id, int *error) {
        struct files *files = ctx;
        for (size_t i = 0; i < files->n; i++) {
                if (memcmp(&files->blobs[i]->blob.id, id, sizeof(*id)) == 0)
                        return blob_take(&files->blobs[i]->blob);
        }
        *error = -ENOENT;
        return NULL;
}

static struct blob_id add_blob(struct files *files, const void *octets, size_t len) {
        struct memory_blob *m = calloc(1, sizeof(*m));
        assert(m && files->n < BLOBS_MAX);
        m->blob = (struct blob){ .size = len, .fd = -1, .read = memory_read, .free = memory_free };
        ref_init(&m->blob.ref);
        m->blob.id.octets[0] = (uint8_t)(files->n + 1);
        m->octets = malloc(len ? len : 1);
        assert(m->octets);
        memcpy(m->octets, octets, len);
        files->blobs[files->n++] = m;
        return m->blob.id;
}

struct file_row {
        const char *path,
                *octets; /* NULL octets: the path itself; kernels and firmware are only names here */
        enum image_role role;
};

#define CONFIG "# kept\narm_64bit=1\n[pi4]\ndtoverlay=fan\n[all]\nauto_initramfs=1\n"

static const struct file_row raspios[] = {
        { "config.txt", CONFIG, IMAGE_FILE_CONFIG_TXT },
        { "cmdline.txt", "console=serial0,115200 root=/dev/nfs ip=dhcp rootwait\n", IMAGE_FILE_CMDLINE_TXT },
        { "cmdline5.txt", "console=ttyAMA10,115200 root=/dev/nfs\n", IMAGE_FILE_CMDLINE_TXT },
        { "tryboot.txt",
          "arm_64bit=1\n[tryboot]\nauto_initramfs=0\n[all]\nauto_initramfs=1\n[tryboot]\nauto_initramfs=0",
          IMAGE_FILE_OTHER },
        { "bootcode.bin", NULL, IMAGE_FILE_OTHER },
        { "start.elf", NULL, IMAGE_FILE_OTHER },
        { "fixup.dat", NULL, IMAGE_FILE_OTHER },
        { "start4.elf", NULL, IMAGE_FILE_OTHER },
        { "fixup4.dat", NULL, IMAGE_FILE_OTHER },
        { "kernel8.img", NULL, IMAGE_FILE_KERNEL },
        { "kernel_2712.img", NULL, IMAGE_FILE_KERNEL },
        { "initramfs8", NULL, IMAGE_FILE_INITRD },
        { "initramfs_2712", NULL, IMAGE_FILE_INITRD },
        { "bcm2710-rpi-3-b.dtb", NULL, IMAGE_FILE_DTB },
        { "bcm2710-rpi-3-b-plus.dtb", NULL, IMAGE_FILE_DTB },
        { "bcm2711-rpi-4-b.dtb", NULL, IMAGE_FILE_DTB },
        { "bcm2712-rpi-5-b.dtb", NULL, IMAGE_FILE_DTB },
        { "overlays/overlay_map.dtb", NULL, IMAGE_FILE_OTHER },
        { "overlays/fan.dtbo", NULL, IMAGE_FILE_OTHER },
        { "LICENCE.broadcom", NULL, IMAGE_FILE_OTHER },
        { "recovery.elf", NULL, IMAGE_FILE_OTHER },
        { "recovery.bin", NULL, IMAGE_FILE_OTHER },
        { "pieeprom.upd", NULL, IMAGE_FILE_OTHER },
        { "pieeprom.sig", NULL, IMAGE_FILE_OTHER },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

static const struct file_row debian_arm64[] = {
        { "vmlinuz-arm64", NULL, IMAGE_FILE_KERNEL },
        { "initrd-arm64", NULL, IMAGE_FILE_INITRD },
        { "dtbs/broadcom/bcm2711-rpi-4-b.dtb", NULL, IMAGE_FILE_DTB },
        { "shimaa64.efi.signed", NULL, IMAGE_FILE_SHIM },
        { "grubnetaa64.efi.signed", NULL, IMAGE_FILE_GRUB },
        { "linuxaa64.efi.stub", "arm64", IMAGE_FILE_EFI_STUB },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

static const struct file_row debian_amd64[] = {
        { "vmlinuz-amd64", NULL, IMAGE_FILE_KERNEL },
        { "initrd-amd64", NULL, IMAGE_FILE_INITRD },
        { "shimx64.efi.signed", NULL, IMAGE_FILE_SHIM },
        { "grubnetx64.efi.signed", NULL, IMAGE_FILE_GRUB },
        { "linuxx64.efi.stub", "amd64", IMAGE_FILE_EFI_STUB },
        { "undionly.kpxe", NULL, IMAGE_FILE_IPXE_BIOS },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

static const struct file_row debian_i386[] = {
        { "vmlinuz-i386", NULL, IMAGE_FILE_KERNEL },
        { "undionly.kpxe", NULL, IMAGE_FILE_IPXE_BIOS },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

static const struct file_row bare_arm64[] = {
        { "vmlinuz", NULL, IMAGE_FILE_KERNEL },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

static const struct file_row bare_armhf[] = {
        { "vmlinuz-armhf", NULL, IMAGE_FILE_KERNEL },
        { "initrd-armhf", NULL, IMAGE_FILE_INITRD },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

/* What is written to disks, and boots nothing over the network. */
static const struct file_row disk_only[] = {
        { "disk.map", NULL, IMAGE_FILE_DISK_MAP },
        { "disk.frames", NULL, IMAGE_FILE_DISK_FRAMES },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

/* Parts with a Pi's own texts beside them, which import does not look into. */
static const struct file_row parts_pi[] = {
        { "vmlinuz", NULL, IMAGE_FILE_KERNEL },
        { "config.txt", "kernel=vmlinuz\narm_64bit=1\n", IMAGE_FILE_OTHER },
        { "cmdline.txt", "console=tty1\n", IMAGE_FILE_OTHER },
        { "start4.elf", NULL, IMAGE_FILE_OTHER },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

/* More directives than firmware reads, none of which may be left out. */
#define LINES_4 "dtparam=a=on\ndtparam=b=on\ndtparam=c=on\ndtparam=d=on\n"
#define LINES_16 LINES_4 LINES_4 LINES_4 LINES_4
#define LINES_64 LINES_16 LINES_16 LINES_16 LINES_16

static const struct file_row long_config[] = {
        { "config.txt", LINES_64 LINES_64 LINES_64 LINES_64 LINES_64, IMAGE_FILE_CONFIG_TXT },
        { "start4.elf", NULL, IMAGE_FILE_OTHER },
        { "kernel8.img", NULL, IMAGE_FILE_KERNEL },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

/* More words than a command line may have. */
#define WORDS_4 "a-long-word=0123456789 a-long-word=0123456789 a-long-word=0123456789 a-long-word=0123456789 "
#define WORDS_16 WORDS_4 WORDS_4 WORDS_4 WORDS_4
#define WORDS_64 WORDS_16 WORDS_16 WORDS_16 WORDS_16

static const struct file_row long_cmdline[] = {
        { "config.txt", "arm_64bit=1\n", IMAGE_FILE_CONFIG_TXT },
        { "cmdline.txt", WORDS_64 WORDS_64 WORDS_64, IMAGE_FILE_CMDLINE_TXT },
        { "start4.elf", NULL, IMAGE_FILE_OTHER },
        { "kernel8.img", NULL, IMAGE_FILE_KERNEL },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

static const struct file_row pxelinux_amd64[] = {
        { "vmlinuz", NULL, IMAGE_FILE_KERNEL },
        { "pxelinux.0", NULL, IMAGE_FILE_OTHER },
        { "ldlinux.c32", NULL, IMAGE_FILE_OTHER },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

/* The agent's own environments. */
static const struct file_row agent_arm64[] = {
        { "vmlinuz-agent-arm64", NULL, IMAGE_FILE_KERNEL },
        { "initrd-agent-arm64", "drivers", IMAGE_FILE_INITRD },
        { "bramble/agent-arm64.cpio", "AGENT64", IMAGE_FILE_AGENT },
        { "grubnetaa64.efi.signed", NULL, IMAGE_FILE_GRUB },
        { "linuxaa64.efi.stub", "arm64", IMAGE_FILE_EFI_STUB },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

static const struct file_row agent_armhf[] = {
        { "vmlinuz-agent-armhf", NULL, IMAGE_FILE_KERNEL },
        { "bramble/agent-armhf.cpio", "AGENT32", IMAGE_FILE_AGENT },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

static const struct file_row agent_amd64[] = {
        { "vmlinuz-agent-amd64", NULL, IMAGE_FILE_KERNEL },
        { "initrd-agent-amd64", "drivers", IMAGE_FILE_INITRD },
        { "modules/6.1.0-1-amd64.cpio", "modules", IMAGE_FILE_MODULES },
        { "bramble/agent-amd64.cpio", "AGENTPC", IMAGE_FILE_AGENT },
        { "shimx64.efi.signed", NULL, IMAGE_FILE_SHIM },
        { "grubnetx64.efi.signed", NULL, IMAGE_FILE_GRUB },
        { "linuxx64.efi.stub", "amd64", IMAGE_FILE_EFI_STUB },
        { "undionly.kpxe", NULL, IMAGE_FILE_IPXE_BIOS },
        { NULL, NULL, IMAGE_FILE_OTHER },
};

static const struct {
        const char *name;
        enum image_kind kind;
        enum arch arch;
        const char *cmdline;
        const struct file_row *files;
        const char *boards; /* with a space between */
} images[] = {
        { "raspios", IMAGE_PI, ARCH_ARM64, NULL, raspios, "pi3b pi3b-plus pi4b pi5" },
        { "agent-arm64", IMAGE_PARTS, ARCH_ARM64, "console=ttyAMA0 quiet", agent_arm64, NULL },
        { "agent-armhf", IMAGE_PARTS, ARCH_ARMHF, "console=ttyAMA0", agent_armhf, NULL },
        { "agent-amd64", IMAGE_PARTS, ARCH_AMD64, "console=ttyS0", agent_amd64, NULL },
        { "debian-arm64", IMAGE_PARTS, ARCH_ARM64, "console=ttyAMA0", debian_arm64, NULL },
        { "debian-amd64", IMAGE_PARTS, ARCH_AMD64, "console=ttyS0", debian_amd64, NULL },
        { "debian-i386", IMAGE_PARTS, ARCH_I386, "", debian_i386, NULL },
        { "bare-arm64", IMAGE_PARTS, ARCH_ARM64, "", bare_arm64, NULL },
        { "bare-armhf", IMAGE_PARTS, ARCH_ARMHF, "console=ttyAMA0", bare_armhf, NULL },
        { "parts-pi", IMAGE_PARTS, ARCH_ARM64, "", parts_pi, NULL },
        { "disk-only", IMAGE_BARE, ARCH_ARM64, "", disk_only, NULL },
        { "long-config", IMAGE_PI, ARCH_ARM64, NULL, long_config, NULL },
        { "long-cmdline", IMAGE_PI, ARCH_ARM64, NULL, long_cmdline, NULL },
        { "pxelinux-amd64", IMAGE_PARTS, ARCH_AMD64, "quiet", pxelinux_amd64, NULL },
};

static const struct {
        const char *name, *mac;
        uint32_t serial;
        enum arch arch;
        const char *board, *image, *cmdline_extra;
} machines[] = {
        { "pi4-demo", "dc:a6:32:a7:ed:89", 0xe5ef6e9d, ARCH_NONE, "", "raspios",
          "nfsroot=10.77.0.1:/srv/pi4" },
        { "pi5-demo", "2c:cf:67:00:00:05", 0, ARCH_NONE, "pi5", "raspios", NULL },
        { "pi3-demo", "b8:27:eb:2f:aa:eb", 0xb22faaeb, ARCH_NONE, "pi3b", "raspios", NULL },
        { "pi4-disk", "dc:a6:32:00:00:44", 0, ARCH_NONE, "pi4b", "", NULL },
        { "pi4-parts", "dc:a6:32:00:00:45", 0, ARCH_NONE, "pi4b", "debian-arm64", NULL },
        { "pi4-own-texts", "dc:a6:32:00:00:47", 0, ARCH_NONE, "pi4b", "parts-pi", "quiet" },
        { "pi4-armhf", "dc:a6:32:00:00:48", 0, ARCH_ARMHF, "pi4b", "raspios", NULL },
        { "pi4-long", "dc:a6:32:00:00:49", 0, ARCH_NONE, "pi4b", "long-config", NULL },
        { "pi4-words", "dc:a6:32:00:00:4a", 0, ARCH_NONE, "pi4b", "long-cmdline", NULL },
        { "pi4-wrong", "dc:a6:32:00:00:46", 0, ARCH_NONE, "pi4b", "debian-amd64", NULL },
        { "arm", "52:54:00:77:00:f0", 0, ARCH_ARM64, "", "debian-arm64", "lab=1" },
        { "arm-bare", "52:54:00:77:00:f1", 0, ARCH_ARM64, "", "bare-arm64", NULL },
        { "armhf", "52:54:00:77:32:32", 0, ARCH_ARMHF, "", "bare-armhf", NULL },
        { "pc", "52:54:00:77:00:6d", 0, ARCH_AMD64, "", "debian-amd64", NULL },
        { "pc-any", "52:54:00:77:99:02", 0, ARCH_NONE, "", "debian-amd64", NULL },
        { "pc-pxelinux", "52:54:00:77:99:01", 0, ARCH_AMD64, "", "pxelinux-amd64", NULL },
        { "pc-disk", "52:54:00:77:00:6e", 0, ARCH_AMD64, "", "", NULL },
        { "bios-disk", "52:54:00:77:00:6f", 0, ARCH_AMD64, "", "", NULL },

        /* In the middle of their lives: see below. */
        { "arm-new", "52:54:00:77:01:01", 0, ARCH_ARM64, "", "", NULL },
        { "armhf-new", "52:54:00:77:01:02", 0, ARCH_ARMHF, "", "", NULL },
        { "pc-new", "52:54:00:77:01:03", 0, ARCH_AMD64, "", "", "console=ttyS1 nfsroot=elsewhere" },
        { "pc-rescued", "52:54:00:77:01:04", 0, ARCH_AMD64, "", "debian-amd64", NULL },
        { "pc-released", "52:54:00:77:01:05", 0, ARCH_AMD64, "", "", NULL },
        { "pc-old", "52:54:00:77:01:06", 0, ARCH_I386, "", "", NULL },
        { "pc-gone", "52:54:00:77:01:07", 0, ARCH_AMD64, "", "", NULL },
        { "pc-written", "52:54:00:77:01:08", 0, ARCH_AMD64, "", "debian-amd64", NULL },
        { "arm-written", "52:54:00:77:01:09", 0, ARCH_ARM64, "", "debian-arm64", NULL },
        { "armhf-written", "52:54:00:77:01:0a", 0, ARCH_ARMHF, "", "bare-armhf", NULL },
        { "arm-ram", "52:54:00:77:01:0b", 0, ARCH_ARM64, "", "debian-arm64",
          "lab=1 root=/dev/nfs rootwait ro rotate=1 init=/bin/sh ip=dhcp resize resized=1 "
          "systemd.run=/first systemd.unit=kernel-command-line.target systemd.unit=x.target" },
        { "arm-initrd", "52:54:00:77:01:0d", 0, ARCH_ARM64, "", "debian-arm64", "lab=1" },
        { "i386-ram", "52:54:00:77:01:0e", 0, ARCH_AMD64, "", "debian-i386", NULL },
        { "pi4-ram", "dc:a6:32:00:01:08", 0, ARCH_NONE, "pi4b", "raspios", NULL },
        { "arm-lacking", "52:54:00:77:01:0c", 0, ARCH_ARM64, "", "bare-arm64", NULL },
        { "arm-bare-written", "52:54:00:77:01:0f", 0, ARCH_ARM64, "", "bare-arm64", NULL },
        { "pi4-written", "dc:a6:32:00:01:01", 0, ARCH_NONE, "pi4b", "raspios", NULL },
        { "pi4-deployed", "dc:a6:32:00:01:02", 0, ARCH_NONE, "pi4b", "raspios", NULL },
        { "pi5-erased", "2c:cf:67:00:01:03", 0, ARCH_NONE, "pi5", "", NULL },
        { "pi4-32-bit", "dc:a6:32:00:01:04", 0, ARCH_ARMHF, "pi4b", "raspios", NULL },
        { "pi4-to-disk", "dc:a6:32:00:01:07", 0, ARCH_ARM64, "pi4b", "disk-only", NULL },
        { "pi4-own-words", "dc:a6:32:00:01:05", 0, ARCH_NONE, "pi4b", "parts-pi", NULL },
        { "pi4-of-parts", "dc:a6:32:00:01:06", 0, ARCH_NONE, "pi4b", "debian-arm64", NULL },
        { "cm3-new", "b8:27:eb:00:01:07", 0, ARCH_NONE, "cm3", "", NULL },
        { "pi5-trusted", "2c:cf:67:00:02:01", 0, ARCH_NONE, "pi5", "raspios", NULL },
        { "pi5-trusted-too", "2c:cf:67:00:02:02", 0, ARCH_NONE, "pi5", "raspios", NULL },
        { "pi5-trusted-nfs", "2c:cf:67:00:02:03", 0, ARCH_NONE, "pi5", "raspios", NULL },
        { "pi4-ramdisk", "dc:a6:32:00:02:04", 0, ARCH_NONE, "pi4b", "raspios", NULL },
        { "arm-console", "52:54:00:77:01:5c", 0, ARCH_ARM64, "", "debian-arm64", "lab=1" },
};

static const struct {
        const char *name;
        enum machine_state state;
        enum root_kind root;
        bool boots_own, has_seed;
} lives[] = {
        { "arm-new", STATE_COMMISSIONING, ROOT_INITRD, false, false },
        { "armhf-new", STATE_COMMISSIONING, ROOT_INITRD, false, false },
        { "pc-new", STATE_COMMISSIONING, ROOT_INITRD, false, false },
        { "pc-rescued", STATE_RESCUE_MODE, ROOT_DISK, true, false },
        { "pc-released", STATE_READY, ROOT_INITRD, false, false },
        { "pc-old", STATE_COMMISSIONING, ROOT_INITRD, false, false },
        { "pc-gone", STATE_RETIRED, ROOT_INITRD, false, false },
        { "pc-written", STATE_DEPLOYED, ROOT_DISK, true, false },
        { "arm-written", STATE_DEPLOYED, ROOT_DISK, true, false },
        { "armhf-written", STATE_DEPLOYED, ROOT_DISK, true, false },
        { "arm-ram", STATE_DEPLOYED, ROOT_RAM, true, true },
        { "arm-initrd", STATE_DEPLOYED, ROOT_INITRD, true, true },
        { "i386-ram", STATE_DEPLOYED, ROOT_RAM, true, false },
        { "pi4-ram", STATE_DEPLOYED, ROOT_RAM, true, false },
        { "arm-lacking", STATE_COMMISSIONING, ROOT_INITRD, false, false },
        { "arm-bare-written", STATE_DEPLOYED, ROOT_DISK, true, false },
        { "pi4-written", STATE_DEPLOYING, ROOT_DISK, true, false },
        { "pi4-deployed", STATE_DEPLOYING, ROOT_DISK, false, false },
        { "pi5-erased", STATE_DISK_ERASING, ROOT_INITRD, false, false },
        { "pi4-32-bit", STATE_COMMISSIONING, ROOT_INITRD, false, false },
        { "pi4-to-disk", STATE_DEPLOYING, ROOT_DISK, false, false },
        { "pi4-own-words", STATE_COMMISSIONING, ROOT_INITRD, false, false },
        { "pi4-of-parts", STATE_COMMISSIONING, ROOT_INITRD, false, false },
        { "cm3-new", STATE_COMMISSIONING, ROOT_INITRD, false, false },
        { "pi5-trusted", STATE_DEPLOYED, ROOT_RAM, true, true },
        { "pi5-trusted-too", STATE_DEPLOYED, ROOT_RAM, true, false },
        { "pi5-trusted-nfs", STATE_DEPLOYED, ROOT_NFS, true, false },
};

static const struct {
        const char *net;
        enum subnet_dhcp dhcp;
        enum subnet_unknown unknown;
        const char *image;
} subnets[] = {
        { "10.77.0.0/24", SUBNET_DHCP_SERVER, SUBNET_UNKNOWN_DISCOVER, "" },
        { "10.78.0.0/24", SUBNET_DHCP_PROXY, SUBNET_UNKNOWN_REFUSE, "" },
        { "10.79.0.0/24", SUBNET_DHCP_SERVER, SUBNET_UNKNOWN_BOOT, "raspios" },
        { "10.80.0.0/24", SUBNET_DHCP_SERVER, SUBNET_UNKNOWN_ENLIST, "" },
        { "10.84.0.0/24", SUBNET_DHCP_OFF, SUBNET_UNKNOWN_DISCOVER, "" },
};

static void put_pe_section(struct writer *w, const char *name, uint32_t size, uint32_t address,
                           uint32_t offset) {
        char field[8] = "";
        memcpy(field, name, strnlen(name, sizeof(field)));
        write_octets(w, field, sizeof(field));
        write_u32le(w, size);
        write_u32le(w, address);
        write_u32le(w, size);
        write_u32le(w, offset);
        write_zeros(w, 12);
        write_u32le(w, 0x60000020);
}

size_t boot_site_stub(uint8_t *buf, size_t size, uint16_t machine) {
        struct writer w = writer_of(buf, size);

        write_octets(&w, "MZ", 2);
        write_zeros(&w, 0x3c - 2);
        write_u32le(&w, 0x40);
        write_octets(&w, "PE\0", 4);
        write_u16le(&w, machine);
        write_u16le(&w, 2);
        write_zeros(&w, 12);
        write_u16le(&w, 0xa0);
        write_u16le(&w, 0x206);
        write_u16le(&w, 0x20b);
        write_zeros(&w, 30);
        write_u32le(&w, 0x1000); /* section alignment */
        write_u32le(&w, 0x200);  /* file alignment */
        write_zeros(&w, 16);
        write_u32le(&w, 0x3000); /* of the image */
        write_u32le(&w, 0x1000); /* of the headers */
        write_zeros(&w, 44);
        write_u32le(&w, 6);
        write_zeros(&w, 48);
        put_pe_section(&w, ".text", 0x600, 0x1000, 0x1000);
        put_pe_section(&w, ".data", 0x200, 0x2000, 0x1600);
        write_zeros(&w, 0x1000 - writer_len(&w));
        while (writer_left(&w) > 0 && writer_len(&w) < STUB_SIZE)
                write_u8(&w, 0x90);
        assert(!w.full && writer_len(&w) == STUB_SIZE);
        return writer_len(&w);
}

/* A list of names, NULL-terminated; NULL for none. */
static char **split_names(const char *names) {
        char **list = names ? calloc(16, sizeof(*list)) : NULL;
        size_t n = 0;

        for (const char *at = names; at && *at; at += strspn(at, " ")) {
                size_t len = strcspn(at, " ");
                list[n++] = strndup(at, len);
                at += len;
        }
        return list;
}

static struct image *make_image(struct files *files, size_t row) {
        struct image *i = image_new();
        size_t n = 0;

        assert(i && text_copy(i->name, sizeof(i->name), images[row].name) == 0);
        i->kind = images[row].kind;
        i->arch = images[row].arch;
        i->cmdline = images[row].cmdline ? strdup(images[row].cmdline) : NULL;
        i->boards = split_names(images[row].boards);
        while (images[row].files[n].path)
                n++;
        i->files = calloc(n, sizeof(*i->files));
        assert(i->files);
        for (const struct file_row *f = images[row].files; f->path; f++) {
                struct image_file *file = &i->files[i->n_files++];
                const char *octets = f->octets ? f->octets : f->path;
                uint8_t stub[STUB_SIZE];
                file->path = strdup(f->path);
                file->role = f->role;
                file->size = strlen(octets);
                if (f->role == IMAGE_FILE_EFI_STUB) {
                        file->size =
                                boot_site_stub(stub, sizeof(stub),
                                               i->arch == ARCH_AMD64 ? PE_MACHINE_AMD64 : PE_MACHINE_ARM64);
                        octets = (const char *)stub;
                }
                if (f->role == IMAGE_FILE_CONFIG_TXT || f->role == IMAGE_FILE_CMDLINE_TXT)
                        file->octets = (uint8_t *)strdup(octets);
                file->blob = add_blob(files, octets, file->size);
        }
        assert(image_index(i) == 0);
        return i;
}

static void advance(struct boot_site *s, struct site *next) {
        assert(next);
        site_drop(s->site);
        s->site = next;
}

static void add_machine(struct boot_site *s, size_t row) {
        CLEANUP(machine_drop_at) struct machine *m = machine_new();

        assert(m && text_copy(m->name, sizeof(m->name), machines[row].name) == 0);
        m->id = row + 1;
        assert(mac_parse(machines[row].mac, &m->macs[m->n_macs++]) == 0);
        m->has_serial = machines[row].serial != 0;
        m->serial = machines[row].serial;
        m->arch = machines[row].arch;
        assert(text_copy(m->board, sizeof(m->board), machines[row].board) == 0);
        assert(text_copy(m->image, sizeof(m->image), machines[row].image) == 0);
        m->cmdline_extra = machines[row].cmdline_extra ? strdup(machines[row].cmdline_extra) : NULL;
        m->require_trusted = strncmp(m->name, "pi5-trusted", 11) == 0;
        m->as_ramdisk = strcmp(m->name, "pi4-ramdisk") == 0;
        m->netconsole = strcmp(m->name, "arm-console") == 0;
        machine_declare(m);
        for (size_t i = 0; i < ARRAY_LEN(lives); i++) {
                if (strcmp(lives[i].name, m->name) != 0)
                        continue;
                m->state = lives[i].state;
                m->root = lives[i].root;
                m->boots_own = lives[i].boots_own;
                m->run = m->root == ROOT_RAM ? strdup("{\"root\":\"ram\"}") : NULL;
                m->good = strcmp(m->name, "pi4-ram") == 0 ? strdup("debian-arm64@1 {}") : NULL;
                m->reason = strcmp(m->name, "arm-ram") == 0 ? strdup("image x is not taken") : NULL;
                m->seed = lives[i].has_seed ? strdup("{\"meta-data\":\"instance-id: 1\"}") : NULL;
        }
        advance(s, site_put_machine(s->site, m, NULL));
}

struct boot_site *boot_site_new(void) {
        struct files *files = calloc(1, sizeof(*files));
        assert(files);
        struct boot_site *s = &files->s;

        s->site = site_empty();
        s->blobs = (struct blob_source){ .open = files_open, .ctx = files };
        for (size_t i = 0; i < ARRAY_LEN(images); i++) {
                CLEANUP(image_drop_at) struct image *image = make_image(files, i);
                advance(s, site_put_image(s->site, image, NULL));
        }
        for (size_t i = 0; i < ARRAY_LEN(subnets); i++) {
                CLEANUP(subnet_drop_at) struct subnet *subnet = subnet_new();
                assert(ip_net_parse(subnets[i].net, &subnet->net) == 0);
                subnet->dhcp = subnets[i].dhcp;
                subnet->unknown = subnets[i].unknown;
                assert(text_copy(subnet->unknown_image, sizeof(subnet->unknown_image), subnets[i].image) ==
                       0);
                if (i == 0) {
                        subnet->allowed = calloc(2, sizeof(*subnet->allowed));
                        assert(subnet->allowed);
                        assert(subnet_key_parse("dc:a6:32:00:aa:01", &subnet->allowed[0]) == 0);
                        assert(subnet_key_parse("0badcafe", &subnet->allowed[1]) == 0);
                        subnet->n_allowed = 2;
                }
                advance(s, site_put_subnet(s->site, subnet, NULL));
        }
        for (size_t i = 0; i < ARRAY_LEN(machines); i++)
                add_machine(s, i);
        return s;
}

void boot_site_free(struct boot_site *s) {
        struct files *files = (struct files *)s;
        site_drop(s->site);
        for (size_t i = 0; i < files->n; i++)
                blob_drop(&files->blobs[i]->blob);
        free(files);
}

struct boot_ask boot_site_ask(enum boot_client_id client, const char *mac, uint8_t net) {
        struct boot_ask ask = {
                .client = client,
                .server = ip_from_v4(10u << 24 | (uint32_t)net << 16 | 1),
                .client_ip = ip_from_v4(10u << 24 | (uint32_t)net << 16 | 0xc2),
                .subnet = ip_from_v4(10u << 24 | (uint32_t)net << 16),
                .http_port = 5248,
                .session = 7,
                .token = "0123456789abcdef0123456789abcdef",
                .agent_token = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
                .seed_token = "5eed5eed5eed5eed5eed5eed5eed5eed",
        };
        assert(mac_parse(mac, &ask.mac) == 0);
        return ask;
}
