/* Images that arrive whole; see whole.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "core/image/disk.h"
#include "core/image/frames.h"
#include "core/image/modules.h"
#include "core/image/root_text.h"
#include "core/image/ties.h"
#include "format/ties.h"
#include "io/blob.h"
#include "io/tree.h"

enum { TEXT_MAX = 4 * 1024 * 1024, PATH_ROOM = 512, FILES_DIR = sizeof("files/") - 1 };

/* What is looked for in a root file system. */
static const char *const patterns[] = {
        "boot/vmlinuz-*",
        "boot/vmlinux-*",
        "boot/Image-*",
        "boot/initrd.img-*",
        "boot/initramfs-*",
        "boot/config-*",
        "boot/grub/grub.cfg",
        "boot/dtbs/*.dtb",
        "usr/lib/linux-image-*.dtb",
        "usr/lib/firmware/*/device-tree/*.dtb",
        "lib/firmware/*/device-tree/*.dtb",
        "usr/lib/modules/*/modules.dep",
        "usr/lib/modules/*/modules.builtin",
        "lib/modules/*/modules.dep",
        "lib/modules/*/modules.builtin",
        "usr/lib/modules/*/config",
        "etc/os-release",
        "usr/lib/os-release",
        "usr/bin/true",
        "bin/true",
        "bin/busybox", /* for what processor */
        "?usr/bin/cloud-init",
        "?usr/sbin/sshd",
        "?usr/sbin/dropbear",
        "?usr/bin/dropbear",
        NULL,
};

/* Some have the files of /boot on a partition of their own. */
static const char *const boot_patterns[] = { "vmlinuz-*",     "initrd.img-*", "initramfs-*", "config-*",
                                             "grub/grub.cfg", "dtbs/*.dtb",   NULL };

static int out_of_memory(struct error *reterr) {
        return error_set(reterr, -ENOMEM, "out of memory");
}

int whole_begin(struct whole *w, struct import *i, struct import_progress *progress, struct error *reterr) {
        w->import = i;
        w->unpack = (struct unpack){ .program = i->unpack, .store = i->store, .progress = progress };
        if (!i->unpack)
                return error_set(reterr, -ENOENT,
                                 "bramble-unpack is not there, which reads images: install Bramble whole");
        return unpack_begin(&w->unpack, reterr);
}

void whole_end(struct whole *w) {
        unpack_end(&w->unpack);
        free(w->disk);
        free(w->root_path);
        free(w->os);
        free(w->ties);
        free(w->cmdline);
        for (size_t i = 0; i < w->n_kernels; i++) {
                free(w->kernels[i].config);
                free(w->kernels[i].builtin);
                free(w->kernels[i].dep);
        }
}

static bool is_picked(const struct whole *w, const char *path) {
        CLEANUP(free_at) char *full = unpack_path(&w->unpack, path);
        return full && access(full, F_OK) == 0;
}

static char *read_text(const struct whole *w, const char *path) {
        int64_t len = 0;
        return (char *)unpack_read(&w->unpack, path, TEXT_MAX, &len);
}

/* ---- what a root tells of itself ---- */

/* What the root's own programs run on. */
static enum arch program_arch(const struct whole *w, const char *path) {
        int64_t len = 0;
        CLEANUP(free_at) uint8_t *elf = unpack_read(&w->unpack, path, TEXT_MAX, &len);

        return elf ? root_program_arch(elf, (size_t)len) : ARCH_NONE;
}

static char *below_files(const char *path) {
        char *below = NULL;
        return asprintf(&below, "files/%s", path) < 0 ? NULL : below;
}

static bool root_exists(void *ctx, const char *path) {
        CLEANUP(free_at) char *below = below_files(path);
        return below && is_picked(ctx, below);
}

static char *root_read(void *ctx, const char *path) {
        CLEANUP(free_at) char *below = below_files(path);
        return below ? read_text(ctx, below) : NULL;
}

static bool is_ubuntu_core(const struct whole *w) {
        return volumes_find(&w->volumes, VOLUME_CORE) != NULL;
}

static void read_facts(struct whole *w) {
        static const char *const programs[] = { "files/usr/bin/true", "files/bin/true", "files/bin/busybox" };
        static const struct {
                const char *path;
                enum image_done done;
        } signals[] = { { "files/usr/bin/cloud-init", IMAGE_DONE_CLOUD_INIT },
                        { "files/usr/sbin/sshd", IMAGE_DONE_SSH },
                        { "files/usr/sbin/dropbear", IMAGE_DONE_SSH },
                        { "files/usr/bin/dropbear", IMAGE_DONE_SSH } };
        CLEANUP(free_at) char *release = read_text(w, "files/usr/lib/os-release");
        CLEANUP(free_at) char *cfg = read_text(w, "files/boot/grub/grub.cfg");

        if (!release)
                release = read_text(w, "files/etc/os-release");
        if (!cfg)
                cfg = read_text(w, "files/grub/grub.cfg");
        const struct tie_root root = { .exists = root_exists, .read = root_read, .ctx = w };
        w->ties = image_ties_look(&root);
        w->os = release ? root_os_name(release) : NULL;
        w->cmdline = cfg ? root_console_words(cfg) : NULL;
        for (size_t i = 0; i < ARRAY_LEN(signals); i++)
                if (is_picked(w, signals[i].path))
                        w->done_signals |= signals[i].done;
        if (is_ubuntu_core(w)) { /* its root is a file in a file */
                free(w->os);
                w->os = strdup(IMAGE_OS_UBUNTU_CORE);
                w->done_signals = IMAGE_DONE_SSH;
        }
        for (size_t i = 0; i < ARRAY_LEN(programs) && w->root_arch == ARCH_NONE; i++)
                w->root_arch = program_arch(w, programs[i]);
}

/* ---- the files that machines boot from ---- */

/* The picked files that belong to the newest kernel. */
struct boot_set {
        struct whole *whole;
        struct error *reterr;
        char kernel[PATH_ROOM], initrd[PATH_ROOM]; /* below "files" */
        char release[ROOTS_RELEASE_SIZE];
};

static const char *last_part(const char *path) {
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

static int find_kernel(void *ctx, int fd, const char *path) {
        static const char *const prefixes[] = { "vmlinuz-", "vmlinux-", "Image-" };
        struct boot_set *b = ctx;
        const char *name = last_part(path);

        (void)fd;
        for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
                if (!text_starts_with(name, prefixes[i]))
                        continue;
                const char *release = name + strlen(prefixes[i]);
                bool is_rescue = strstr(release, "rescue") != NULL; /* Fedora's: the same kernel once more */
                if (is_rescue || strlen(release) >= sizeof(b->release) || strlen(path) >= sizeof(b->kernel) ||
                    strverscmp(release, b->release) <= 0)
                        continue;
                (void)text_copy(b->release, sizeof(b->release), release);
                (void)text_copy(b->kernel, sizeof(b->kernel), path);
        }
        return 0;
}

static int find_initrd(void *ctx, int fd, const char *path) {
        struct boot_set *b = ctx;
        char names[2][PATH_ROOM];

        (void)fd;
        (void)snprintf(names[0], sizeof(names[0]), "initrd.img-%s", b->release);
        (void)snprintf(names[1], sizeof(names[1]), "initramfs-%s.img", b->release);
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (strcmp(last_part(path), names[i]) == 0)
                        (void)text_copy(b->initrd, sizeof(b->initrd), path);
        return 0;
}

/* "dtbs/broadcom/bcm2711-rpi-4-b.dtb", of that kernel's device trees only. */
static int stage_dtb(void *ctx, int fd, const char *path) {
        struct boot_set *b = ctx;
        const char *at = strstr(path, b->release);
        char name[PATH_ROOM];

        if (!text_ends_with(path, ".dtb") || !at)
                return 0;
        at += strlen(b->release);
        at += strspn(at, "/");
        if (text_starts_with(at, "device-tree/"))
                at += strlen("device-tree/");
        (void)snprintf(name, sizeof(name), "dtbs/%s", at);
        return import_add_file(b->whole->import, fd, name, IMAGE_FILE_DTB, b->reterr);
}

static int stage_picked(struct boot_set *b, const char *path, enum image_role role) {
        CLEANUP(free_at) char *below = NULL;
        CLEANUP(free_at) char *full = NULL;

        if (asprintf(&below, "files/%s", path) < 0)
                below = NULL;
        full = below ? unpack_path(&b->whole->unpack, below) : NULL;
        if (!full)
                return out_of_memory(b->reterr);
        int fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return error_set(b->reterr, -errno, "%s: %s", path, strerror(errno));
        int r = import_add_file(b->whole->import, fd, last_part(path), role, b->reterr);
        (void)close(fd);
        return r;
}

static int each_picked(struct whole *w, int (*fn)(void *ctx, int fd, const char *path), struct boot_set *b) {
        CLEANUP(free_at) char *files = unpack_path(&w->unpack, "files");

        if (!files)
                return out_of_memory(b->reterr);
        int r = tree_each(AT_FDCWD, files, fn, b);
        return r == -ENOENT ? 0 : r;
}

/* Kernel and initrd of the newest kernel there is; none is no failure. */
static int stage_boot_set(struct whole *w, struct error *reterr) {
        struct boot_set b = { .whole = w, .reterr = reterr };

        int r = each_picked(w, find_kernel, &b);
        if (r == 0 && *b.kernel)
                r = each_picked(w, find_initrd, &b);
        if (r < 0)
                return reterr && reterr->code
                               ? r
                               : error_set(reterr, r, "the root file system: %s", strerror(-r));
        if (!*b.kernel || import_find_staged(w->import, IMAGE_FILE_KERNEL))
                return 0;
        r = stage_picked(&b, b.kernel, IMAGE_FILE_KERNEL);
        if (r == 0 && *b.initrd)
                r = stage_picked(&b, b.initrd, IMAGE_FILE_INITRD);
        return r == 0 ? each_picked(w, stage_dtb, &b) : r;
}

/* ---- what the source is ---- */

static int take_boot_file(void *ctx, int fd, const char *path) {
        struct boot_set *b = ctx;
        return import_add_file(b->whole->import, fd, path, IMAGE_FILE_OTHER, b->reterr);
}

/* Whether what machines boot from came file by file, and need not be looked for. */
static bool has_boot_files(const struct import *i) {
        for (size_t n = 0; n < i->n_files; n++)
                if (i->files[n].role != IMAGE_FILE_ROOT_SQUASHFS)
                        return true;
        return false;
}

/* Raspberry Pis boot from the first FAT volume, if it has a config.txt. */
static int stage_pi(struct whole *w, struct error *reterr) {
        struct boot_set b = { .whole = w, .reterr = reterr };
        struct disk_volume volume;

        if (has_boot_files(w->import) && w->import->has_kind)
                return 0;
        int r = disk_find_volume(w->disk, &volume, reterr);
        if (r < 0 && w->import->has_kind && w->import->kind == IMAGE_PI)
                return r; /* such an image was asked for, and this is why it is none */
        if (r < 0)
                return 0;
        bool is_pi = w->import->has_kind ? w->import->kind == IMAGE_PI
                                         : disk_has_file(&w->unpack, &volume, "config.txt");
        if (!is_pi)
                return 0;
        w->import->kind = IMAGE_PI;
        w->import->has_kind = true;
        return disk_unpack(&w->unpack, &volume, take_boot_file, &b, reterr);
}

static int open_disk(struct whole *w, struct error *reterr) {
        CLEANUP(free_at) char *text = NULL;

        int r = unpack_survey(&w->unpack, w->disk, reterr);
        if (r < 0)
                return r;
        text = read_text(w, "volumes");
        if (!text || volumes_parse(text, &w->volumes) < 0)
                return error_set(reterr, -EBADMSG, "bramble-unpack said what makes no sense");
        if (w->import->has_kind || !is_ubuntu_core(w)) /* which boots by itself, or not at all */
                r = stage_pi(w, reterr);
        if (r < 0)
                return r;
        const struct volume *root = volumes_find(&w->volumes, VOLUME_ROOT);
        if (root)
                w->root = (struct root_place){
                        .tree = "ext4", .path = w->disk, .offset = root->offset, .size = root->len
                };
        return 0;
}

static int open_source(struct whole *w, struct error *reterr) {
        const char *source = store_writer_path(w->import->source);

        int r = unpack_open(&w->unpack, source, w->import->source_size, IMPORT_DISK_MAX, &w->found, reterr);
        if (r < 0)
                return r;
        CLEANUP(free_at)
        char *path = w->found.is_packed ? unpack_path(&w->unpack, "content") : strdup(source);
        if (path && w->found.kind == SOURCE_QCOW2) {
                r = unpack_qcow2(&w->unpack, path, IMPORT_DISK_MAX, reterr);
                free(path);
                path = unpack_path(&w->unpack, "raw");
        }
        if (r < 0)
                return r;
        if (!path)
                return out_of_memory(reterr);
        static const char *const trees[] = {
                [SOURCE_EXT4] = "ext4", [SOURCE_SQUASHFS] = "squashfs", [SOURCE_TREE] = "tar"
        };
        if (w->found.kind == SOURCE_DISK || w->found.kind == SOURCE_QCOW2) {
                w->disk = TAKE(path);
                return open_disk(w, reterr);
        }
        w->root_path = TAKE(path);
        w->root = (struct root_place){ .tree = trees[w->found.kind],
                                       .path = w->root_path,
                                       .size = w->import->source_size };
        return 0;
}

/* A root that came as a file of its own is the one that counts; else the source brings one, or not. */
static int open_parts(struct whole *w, struct error *reterr) {
        const struct staged *root = import_find_staged(w->import, IMAGE_FILE_ROOT_SQUASHFS);
        int r = w->import->source ? open_source(w, reterr) : 0;

        if (r < 0 || !root)
                return r;
        w->has_own_root = true;
        w->root = (struct root_place){ .tree = "squashfs",
                                       .path = store_writer_path(root->writer),
                                       .size = root->size };
        return 0;
}

/* Boot files on ext4 volumes beside the root. */
static int pick_beside(struct whole *w, struct error *reterr) {
        int r = 0;

        for (size_t i = 0; i < w->volumes.n && r == 0; i++) {
                const struct volume *v = &w->volumes.items[i];
                struct root_place place = {
                        .tree = "ext4", .path = w->disk, .offset = v->offset, .size = v->len
                };
                if (v->kind == VOLUME_EXT4)
                        r = unpack_pick(&w->unpack, &place, boot_patterns, reterr);
        }
        return r;
}

static int choose_kind(struct whole *w, struct error *reterr) {
        struct import *i = w->import;
        bool has_kernel = import_find_staged(i, IMAGE_FILE_KERNEL) != NULL;

        if (!i->has_kind)
                i->kind = has_kernel ? IMAGE_PARTS : IMAGE_BARE;
        else if (i->kind == IMAGE_PARTS && !has_kernel)
                return error_set(reterr, -ENOENT,
                                 "there is no kernel: neither in the %s, nor was one given with --kernel",
                                 *w->found.stack ? w->found.stack : "root file system");
        return 0;
}

/* All that is looked for in a root, in one walk over it. */
static int pick_root(struct whole *w, struct error *reterr) {
        char *of_ties[IMAGE_TIE_PATTERNS_MAX];
        const char *all[ARRAY_LEN(patterns) + IMAGE_TIE_PATTERNS_MAX];
        size_t n = 0;

        int n_ties = image_tie_patterns(of_ties);
        if (n_ties < 0)
                return out_of_memory(reterr);
        for (size_t i = 0; patterns[i]; i++)
                all[n++] = patterns[i];
        for (int i = 0; i < n_ties; i++)
                all[n++] = of_ties[i];
        all[n] = NULL;
        int r = unpack_pick(&w->unpack, &w->root, all, reterr);
        for (int i = 0; i < n_ties; i++)
                free(of_ties[i]);
        return r;
}

int whole_open(struct whole *w, struct error *reterr) {
        int r = open_parts(w, reterr);
        if (r == 0 && w->root.tree)
                r = pick_root(w, reterr);
        if (r == 0 && w->root.tree)
                r = pick_beside(w, reterr);
        if (r < 0)
                return r;
        read_facts(w);
        if (!w->import->has_kind || w->import->kind != IMAGE_PI)
                r = stage_boot_set(w, reterr);
        return r == 0 ? choose_kind(w, reterr) : r;
}

/* ---- the rest ---- */

/* A file system without a table around it is no disk that anything would boot from. */
static bool is_disk(const struct whole *w) {
        const struct volume *first = w->volumes.items;
        bool is_bare = w->volumes.n == 1 && first->number == 0 && first->kind != VOLUME_UNKNOWN;

        return w->disk && !is_bare;
}

static int add_disk(struct whole *w, struct error *reterr) {
        CLEANUP(store_write_abort_at) struct store_writer *map = NULL;
        CLEANUP(store_write_abort_at) struct store_writer *frames = NULL;
        CLEANUP(free_at) char *runs = unpack_path(&w->unpack, "runs");

        if (!runs)
                return out_of_memory(reterr);
        int r = frames_write(w->import->store, w->disk, runs, &w->volumes, w->unpack.progress, &map, &frames,
                             reterr);
        if (r == 0)
                r = import_add_sealed(w->import, "disk.map", IMAGE_FILE_DISK_MAP, TAKE(map), reterr);
        return r == 0 ? import_add_sealed(w->import, "disk.frames", IMAGE_FILE_DISK_FRAMES, TAKE(frames),
                                          reterr)
                      : r;
}

static char *read_beside(const struct whole *w, const char *release, const char *name) {
        static const char *const places[] = { "files/usr/lib/modules/%s/%s", "files/lib/modules/%s/%s",
                                              "files/boot/%2$s-%1$s", "files/%2$s-%1$s" };
        char *text = NULL;

        for (size_t i = 0; !text && i < ARRAY_LEN(places); i++) {
                char path[PATH_ROOM];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                (void)snprintf(path, sizeof(path), places[i], release, name);
#pragma GCC diagnostic pop
                text = read_text(w, path);
        }
        return text;
}

static int learn_kernel(struct whole *w, const struct staged *f, struct error *reterr) {
        struct kernel_facts *k = &w->kernels[w->n_kernels];

        int r = unpack_kernel(&w->unpack, store_writer_path(f->writer), k->release, sizeof(k->release),
                              &k->config, reterr);
        if (r < 0)
                return r;
        w->n_kernels++;
        if (!*k->release || strchr(k->release, '/'))
                return 0;
        k->builtin = read_beside(w, k->release, "modules.builtin");
        k->dep = read_beside(w, k->release, "modules.dep");
        if (!k->config)
                k->config = read_beside(w, k->release, "config");
        return 0;
}

static int learn_kernels(struct whole *w, const struct image *image, struct error *reterr) {
        int r = 0;

        for (size_t n = 0; n < image->n_files && r == 0 && w->n_kernels < ROOTS_KERNELS_MAX; n++) {
                if (image->files[n].role != IMAGE_FILE_KERNEL)
                        continue;
                for (size_t s = 0; s < w->import->n_files; s++)
                        if (strcmp(w->import->files[s].path, image->files[n].path) == 0)
                                r = learn_kernel(w, &w->import->files[s], reterr);
        }
        return r;
}

/* A squashfs is taken as it came: a copy is as good, and what arrived packed lies in the open. */
static int add_root(struct whole *w, struct error *reterr) {
        CLEANUP(free_at) char *made = NULL;
        const char *path = w->root.path;
        int r = 0;

        if (strcmp(w->root.tree, "squashfs") != 0) {
                made = unpack_path(&w->unpack, "root.squashfs");
                path = made;
                r = made ? unpack_squash(&w->unpack, &w->root, roots_compression(w->kernels, w->n_kernels),
                                         IMPORT_DISK_MAX, reterr)
                         : out_of_memory(reterr);
        }
        if (r < 0)
                return r;
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return error_set(reterr, -errno, "the root file system cannot be read: %s", strerror(errno));
        r = import_add_file(w->import, fd, "root.squashfs", IMAGE_FILE_ROOT_SQUASHFS, reterr);
        (void)close(fd);
        return r;
}

static int fill(struct whole *w, struct image *image, struct error *reterr) {
        struct roots_facts facts = { .has_disk = is_disk(w),
                                     .has_squashfs = w->root.tree != NULL,
                                     .is_root_left_out = w->import->has_no_root && w->root.tree,
                                     .kernels = w->kernels,
                                     .n_kernels = w->n_kernels };

        image->os = TAKE(w->os);
        image->ties = TAKE(w->ties);
        image->done_signals = w->done_signals;
        if (image->arch == ARCH_NONE)
                image->arch = w->import->arch != ARCH_NONE ? w->import->arch : w->root_arch;
        if (w->cmdline && image->kind == IMAGE_PARTS && !*image->cmdline) {
                free(image->cmdline);
                image->cmdline = TAKE(w->cmdline);
        }
        return roots_decide(image, &facts, reterr);
}

int whole_add(struct whole *w, struct image *image, struct error *reterr) {
        int r = learn_kernels(w, image, reterr);
        if (r == 0 && is_disk(w))
                r = add_disk(w, reterr);
        if (r == 0 && w->root.tree && !w->has_own_root && !w->import->has_no_root)
                r = add_root(w, reterr);
        for (size_t i = 0; r == 0 && w->root.tree && i < w->n_kernels; i++)
                r = modules_stage(w->import, &w->unpack, &w->root, &w->kernels[i], reterr);
        return r == 0 ? fill(w, image, reterr) : r;
}
