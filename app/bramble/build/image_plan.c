/* An image build on paper; see image_plan.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble/build/image_plan.h"
#include "app/bramble/loaders.h"
#include "base/hash.h"

enum { MIB = 1 << 20, SECTOR = 512, BLOCK = 4096 };

/* In the name of a step's inputs: raised when what the step does to the same inputs changes. */
enum { LOADERS_EDITION = 1, ROOT_EDITION = 1, BOOT_EDITION = 1, SQUASHFS_EDITION = 1, DISK_EDITION = 2 };

#define INITRAMFS_CONF "/etc/initramfs-tools/conf.d/bramble-build"

const struct root_text root_texts[] = {
        /* The mirror stays the one that the image was built from. Only seeds of ours are looked for: asking
         * for those of clouds that are not there would hold up each boot. */
        { "90_bramble.cfg", "/etc/cloud/cloud.cfg.d/90_bramble.cfg",
          "apt:\n  preserve_sources_list: true\ndatasource_list: [ NoCloud, ConfigDrive, None ]\n", NULL,
          false },
        { "hostname", "/etc/hostname", "debian\n", NULL, false },
        { "locale", "/etc/default/locale", "LANG=C.UTF-8\n", NULL, false },
        { "50_bramble.cfg", "/etc/default/grub.d/50_bramble.cfg",
          "GRUB_TIMEOUT=1\nGRUB_DISABLE_OS_PROBER=true\n", "generic", false },
        /* Drivers are added to the initrd natively; see add_drivers(). Taken away again: the machine makes
           its own. */
        { "initramfs.conf", INITRAMFS_CONF, "MODULES=list\n", NULL, true },
        {},
};

/* What installing left that must not be every machine's: keys of sshd (cloud-init makes others on each first
 * boot), and the name and resolver of the machine that builds. */
#define LEFTOVERS \
        "/etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub /etc/hostname " \
        "/etc/.resolv.conf.systemd-resolved.bak " INITRAMFS_CONF

static bool is_of(const struct root_text *t, const struct recipe *r) {
        return !t->variant || strcmp(t->variant, r->variant) == 0;
}

/* ---- what the steps depend on ---- */

static void packages_of(const struct build_wish *w, struct text *out) {
        const char *const *lists[] = { w->distribution->packages, w->recipe->packages, w->packages };

        for (size_t i = 0; i < ARRAY_LEN(lists); i++)
                for (const char *const *p = lists[i]; p && *p; p++)
                        text_printf(out, "%s%s", out->len ? "," : "", *p);
}

/* The folder's own name says what it was made of. */
static const char *folder_name(const char *path) {
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

/* A Pi's firmware starts a kernel itself. */
bool image_needs_loader(const struct build_wish *w, const struct loader *l) {
        return !w->recipe->boot_tree && strcmp(l->arch, w->arch) == 0;
}

void image_loaders_inputs(const struct build *b, struct text *out) {
        text_printf(out, "edition %d\nlists %s\n", LOADERS_EDITION, b->state);
        for (const struct loader *l = loaders; l->arch; l++)
                if (image_needs_loader(&b->wish, l))
                        text_printf(out, "package %s\n", l->package);
}

void image_root_inputs(const struct build *b, struct text *out) {
        CLEANUP(text_free) struct text packages = {};
        const struct recipe *r = b->wish.recipe;

        packages_of(&b->wish, &packages);
        text_printf(out, "edition %d\nlists %s\n%s\npackages %s\nanswers %s\n", ROOT_EDITION, b->state,
                    b->sources, packages.octets ? packages.octets : "", r->debconf ? r->debconf : "");
        for (const struct root_text *t = root_texts; t->name; t++)
                if (is_of(t, r))
                        text_printf(out, "%s: %s", t->path, t->text);
        if (r->makes)
                text_printf(out, "makes %s\n", r->makes);
        out->failed |= packages.failed;
}

void image_boot_inputs(const struct build *b, struct text *out) {
        text_printf(out, "edition %d\n%s\n%s\n", BOOT_EDITION, folder_name(b->done[STEP_ROOT]),
                    b->wish.recipe->cmdline);
}

void image_squashfs_inputs(const struct build *b, struct text *out) {
        text_printf(out, "edition %d\n%s\n", SQUASHFS_EDITION, folder_name(b->done[STEP_ROOT]));
}

void image_disk_inputs(const struct build *b, struct text *out) {
        text_printf(out, "edition %d\n%s\n%s\n%" PRIu64 " octets\n", DISK_EDITION,
                    folder_name(b->done[STEP_ROOT]), folder_name(b->done[STEP_BOOT]), b->wish.disk_octets);
}

/* ---- command lines ---- */

static void upload(const char *hook, const char *name, const char *path, struct argv *out) {
        argv_printf(out, "--%s-hook=upload %s %s", hook, name, path);
}

/*
 * The chrooted hooks are constant words for the shell of the image itself: nothing that anybody typed is in
 * them.
 *
 * Also for root in mmdebstrap's namespaces: what ends the build ends them, and no mount stays.
 */
void image_root_argv(const struct build_wish *w, struct argv *out) {
        CLEANUP(text_free) struct text packages = {};

        packages_of(w, &packages);
        argv_add(out, "mmdebstrap");
        argv_add(out, "--mode=unshare");
        argv_printf(out, "--arch=%s", w->arch);
        argv_add(out, "--variant=minbase");
        argv_add(out, "--format=tar");
        argv_printf(out, "--include=%s", packages.octets ? packages.octets : "");
        argv_add(out, "--chrooted-essential-hook=mkdir -p /etc/initramfs-tools/conf.d");
        if (w->recipe->debconf) {
                upload("essential", DEBCONF_ANSWERS, "/tmp/" DEBCONF_ANSWERS, out);
                argv_add(out, "--chrooted-essential-hook=debconf-set-selections /tmp/" DEBCONF_ANSWERS);
        }
        for (const struct root_text *t = root_texts; t->name; t++)
                if (is_of(t, w->recipe) && t->is_early)
                        upload("essential", t->name, t->path, out);
        argv_add(out, "--chrooted-customize-hook=rm -f " LEFTOVERS);
        if (w->recipe->makes)
                argv_printf(out, "--chrooted-customize-hook=%s", w->recipe->makes);
        for (const struct root_text *t = root_texts; t->name; t++)
                if (is_of(t, w->recipe) && !t->is_early)
                        upload("customize", t->name, t->path, out);
        argv_add(out, w->distribution->codename);
        argv_add(out, ROOT_TAR);
        argv_add(out, "./sources.sources");
        out->failed |= packages.failed;
}

void image_boot_argv(const struct build_wish *w, const char *root_tar, const char *to, struct argv *out) {
        static const char *const words[] = { "--no-same-owner",     "--wildcards",         "./boot/vmlinuz-*",
                                             "./boot/initrd.img-*", "./usr/lib/modules/*", NULL };
        const struct recipe *r = w->recipe;

        argv_add_all(out, (const char *const[]){ "tar", "-x", "-f", root_tar, "-C", to, NULL });
        argv_add_all(out, words);
        if (recipe_has_dtbs(w->arch))
                argv_add(out, "./usr/lib/linux-image-*");
        if (r->boot_tree)
                argv_printf(out, "./%s", r->boot_tree);
        for (size_t i = 0; i < RECIPE_BOOT_FILES_MAX && r->boot_files[i].from; i++)
                argv_printf(out, "./%s", r->boot_files[i].from);
}

/* Debian's kernels read zstd in a squashfs. A higher level takes minutes for a few per cent. */
void image_squashfs_argv(struct argv *out) {
        argv_add_all(out, (const char *const[]){ "tar2sqfs", "-q", "-c", "zstd", "-X", "level=9", "-b",
                                                 "262144", ROOT_SQUASHFS, NULL });
}

/*
 * Not by mformat, which writes something like a table of partitions into the volume: Linux then takes it for
 * neither. Of clusters with four sectors there are enough that nobody takes the FAT32 for a FAT16.
 */
void disk_mkfs_fat_argv(const struct disk_layout *l, const struct disk_ids *ids, struct argv *out) {
        argv_add_all(out, (const char *const[]){ "mkfs.fat", "-F", "32", "-s", "4", "-n", "BOOT", "-i",
                                                 ids->boot, "--mbr=n", NULL });
        argv_printf(out, "--offset=%" PRIu64, l->boot_start / SECTOR);
        argv_add(out, "-h");
        argv_printf(out, "%" PRIu64, l->boot_start / SECTOR);
        argv_add(out, DISK_IMAGE);
        argv_printf(out, "%" PRIu64, l->boot_size / 1024);
}

/*
 * Its standard output is the image, by the one name that needs no way through folders that may be closed to
 * it. Features of newer tools that older kernels and boot loaders do not read are left out, whichever tools
 * this machine has.
 */
void disk_mke2fs_argv(const struct disk_layout *l, const struct disk_ids *ids, struct argv *out) {
        argv_add_all(out, (const char *const[]){ "mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-m", "1",
                                                 "-L", "root", "-U", ids->root, "-O",
                                                 "^metadata_csum_seed,^orphan_file", "-E", NULL });
        argv_printf(out, "nodiscard,hash_seed=%s,offset=%" PRIu64, ids->root, l->root_start);
        argv_add_all(out, (const char *const[]){ "-d", DISK_ROOT, "/proc/self/fd/1", NULL });
        argv_printf(out, "%" PRIu64, l->root_size / BLOCK);
}

/* ---- the disk ---- */

static uint64_t id_part(const char *inputs, uint64_t which) {
        return hash_siphash((struct hash_key){ 0x6469736b20696473, which }, inputs, strlen(inputs));
}

/* As a UUID of no time and place (RFC 9562 version 8). */
static void make_uuid(const char *inputs, uint64_t which, char ret[static 37]) {
        const uint64_t a = id_part(inputs, 2 * which), b = id_part(inputs, 2 * which + 1);

        (void)snprintf(ret, 37, "%08x-%04x-8%03x-%04x-%012" PRIx64, (unsigned)(a >> 32),
                       (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
                       (unsigned)(0x8000 | (b >> 48 & 0x3fff)), b & 0xffffffffffff);
}

void disk_ids_make(const char *inputs, struct disk_ids *ret) {
        make_uuid(inputs, 1, ret->root);
        make_uuid(inputs, 2, ret->disk);
        make_uuid(inputs, 3, ret->boot_partition);
        make_uuid(inputs, 4, ret->root_partition);
        (void)snprintf(ret->boot, sizeof(ret->boot), "%08X", (unsigned)id_part(inputs, 10) & 0xffffffff);
        (void)snprintf(ret->mbr, sizeof(ret->mbr), "0x%08x", (unsigned)id_part(inputs, 11) & 0xffffffff);
}

/* A GPT's copy stands in the last MiB. An ext4 needs room for itself, and a system for its first updates. */
int disk_layout_make(const struct recipe *r, uint64_t disk_octets, uint64_t root_octets,
                     struct disk_layout *ret, struct error *reterr) {
        const uint64_t wanted = root_octets + root_octets / 6 + 64 * (uint64_t)MIB;
        struct disk_layout l = { .boot_start = MIB, .boot_size = (uint64_t)r->boot_mib * MIB };

        l.root_start = l.boot_start + l.boot_size;
        l.size = disk_octets / MIB * MIB;
        l.root_size = l.size > l.root_start + MIB ? l.size - l.root_start - MIB : 0;
        if (l.root_size < wanted)
                return error_set(reterr, -ENOSPC,
                                 "a disk of %" PRIu64 " MiB is too small for it: give --size %" PRIu64
                                 "M or more",
                                 l.size / MIB, (l.root_start + MIB + wanted) / MIB + 1);
        *ret = l;
        return 0;
}

void disk_table(const struct recipe *r, const struct disk_layout *l, const struct disk_ids *ids,
                struct text *out) {
        const bool is_gpt = r->table == DISK_GPT;

        text_printf(out, "label: %s\nlabel-id: %s\n", is_gpt ? "gpt" : "dos", is_gpt ? ids->disk : ids->mbr);
        text_printf(out, "start=%" PRIu64 ", size=%" PRIu64, l->boot_start / SECTOR, l->boot_size / SECTOR);
        text_append(out, is_gpt ? ", type=U, name=boot" : ", type=c, bootable");
        if (is_gpt)
                text_printf(out, ", uuid=%s", ids->boot_partition);
        text_printf(out, "\nstart=%" PRIu64 ", size=%" PRIu64 ", type=L", l->root_start / SECTOR,
                    l->root_size / SECTOR);
        if (is_gpt)
                text_printf(out, ", name=root, uuid=%s", ids->root_partition);
        text_append(out, "\n");
}

/* A boot volume that is not there, as on a copy of this root alone, keeps nothing from starting. */
void disk_fstab(const struct recipe *r, const struct disk_ids *ids, struct text *out) {
        text_printf(out, "UUID=%s / ext4 errors=remount-ro 0 1\n", ids->root);
        text_printf(out, "UUID=%.4s-%.4s /%s vfat umask=0077,nofail 0 0\n", ids->boot, ids->boot + 4,
                    r->boot_mount);
}

void disk_grub_first(const struct disk_ids *ids, struct text *out) {
        text_printf(out,
                    "search.fs_uuid %s root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n",
                    ids->root);
}

/* Debian's kernel packages keep the links /vmlinuz and /initrd.img at the newest kernel. */
void disk_grub_cfg(const struct build_wish *w, const struct disk_ids *ids, struct text *out) {
        text_printf(out,
                    "# For the first boots: update-grub writes another when a kernel is installed.\n"
                    "set timeout=1\n"
                    "search --no-floppy --fs-uuid --set=root %s\n"
                    "menuentry '%s' {\n"
                    "        linux /vmlinuz root=UUID=%s ro %s\n"
                    "        initrd /initrd.img\n"
                    "}\n",
                    ids->root, w->distribution->title, ids->root, w->recipe->cmdline);
}

void pi_cmdline(const struct recipe *r, const struct disk_ids *ids, struct text *out) {
        text_append(out, r->cmdline);
        if (ids)
                text_printf(out, " root=UUID=%s rw", ids->root);
        text_append(out, "\n");
}

void pi_defaults(const struct recipe *r, const struct disk_ids *ids, struct text *out) {
        (void)r;
        text_printf(out, "ROOTPART=UUID=%s\nCONSOLES=\"tty0 ttyS1,115200\"\n", ids->root);
}
