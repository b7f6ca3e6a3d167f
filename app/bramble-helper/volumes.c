/* Volumes on disk; see volumes.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-helper/volumes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/bramble-helper/about.h"
#include "app/bramble-helper/tool.h"
#include "base/text.h"

enum {
        UNPACKED_PER_PACKED = 3, /* octets of a tree for each of its squashfs, about */
        DISK_PER_PACKED = 6,     /* of a disk, which is made of a tree */
        KEPT_FREE_PERCENT = 5    /* of the disk: leases and the database are written to it as well */
};

#define CAP(name) (UINT64_C(1) << (name))

/* For who makes a tree that belongs to others; and for who reads one. */
#define CAPS_MAKE \
        (CAP(CAP_CHOWN) | CAP(CAP_DAC_OVERRIDE) | CAP(CAP_FOWNER) | CAP(CAP_FSETID) | CAP(CAP_MKNOD) | \
         CAP(CAP_SETFCAP))
#define CAPS_READ (CAP(CAP_DAC_READ_SEARCH))
#define CAPS_REMOVE (CAP(CAP_DAC_OVERRIDE) | CAP(CAP_FOWNER))

/* ---- names ---- */

static char *in_kind(enum volume_kind kind, const char *name) {
        return helper_join(volume_kind_name(kind), name, NULL);
}

static char *folder_of(const struct volume *v) {
        char folder[VOLUME_NAME_SIZE];
        return in_kind(v->kind, volume_folder(v->machine, folder));
}

static char *path_of(const struct volume *v) {
        char folder[VOLUME_NAME_SIZE], file[VOLUME_NAME_SIZE];
        return helper_join(volume_kind_name(v->kind), volume_folder(v->machine, folder), volume_file(v, file),
                           NULL);
}

/* An empty folder of this process below its kind's tmp/. */
static char *make_temporary(enum volume_kind kind, struct error *reterr) {
        CLEANUP(free_at) char *path = in_kind(kind, "tmp/XXXXXX");

        if (mkdtemp(path))
                return TAKE(path);
        (void)error_set(reterr, -errno, "cannot make a folder below %s/tmp: %s", volume_kind_name(kind),
                        strerror(errno));
        return NULL;
}

/* Whoever made the tree may have made it as deep as it liked: coreutils follow any depth. */
static int remove_tree(const char *path, struct error *reterr) {
        const struct tool rm = { .argv = (const char *[]){ "rm", "-rf", "--one-file-system", "--", path,
                                                           NULL },
                                 .package = "coreutils",
                                 .dir = ".",
                                 .capabilities = CAPS_REMOVE };
        return tool_run(&rm, reterr);
}

/* Out of sight at once, and then away. */
static int discard(enum volume_kind kind, const char *path, struct error *reterr) {
        struct stat status;

        if (lstat(path, &status) < 0)
                return errno == ENOENT
                               ? 0
                               : error_set(reterr, -errno, "cannot look at %s: %s", path, strerror(errno));
        CLEANUP(free_at) char *temporary = make_temporary(kind, reterr);
        if (!temporary)
                return -EIO;
        CLEANUP(free_at) char *there = helper_join(temporary, "gone", NULL);
        if (rename(path, there) < 0)
                return error_set(reterr, -errno, "cannot move %s away: %s", path, strerror(errno));
        return remove_tree(temporary, reterr);
}

static char *blob_path(const struct helper *h, const uint8_t content[static 32]) {
        char hex[65], first[3] = "";

        (void)text_hex(content, 32, hex);
        memcpy(first, hex, 2);
        return helper_join(h->store, first, hex + 2, NULL);
}

static bool is_empty(const uint8_t content[static 32]) {
        static const uint8_t none[32];
        return memcmp(content, none, sizeof(none)) == 0;
}

/* ---- room ---- */

static int check_room(uint64_t needed, const char *what, struct error *reterr) {
        struct statvfs disk;

        if (statvfs(".", &disk) < 0)
                return error_set(reterr, -errno, "cannot ask how full the disk is: %s", strerror(errno));
        const uint64_t free = (uint64_t)disk.f_bavail * disk.f_frsize;
        const uint64_t kept = (uint64_t)disk.f_blocks * disk.f_frsize / 100 * KEPT_FREE_PERCENT;
        if (free >= kept && free - kept >= needed)
                return 0;
        return error_set(
                reterr, -ENOSPC,
                "%s takes about %llu MiB and the server's disk has %llu MiB to give: release machines or "
                "delete images, or use root ram",
                what, (unsigned long long)(needed / VOLUME_MIB),
                (unsigned long long)((free > kept ? free - kept : 0) / VOLUME_MIB));
}

/* ---- trees ---- */

/* The content of a squashfs as the folder "root" in @dir. @octets_each: what comes of it takes for each of
 * its own. */
static int unpack(const struct helper *h, const uint8_t content[static 32], unsigned octets_each,
                  const char *dir, const struct reporter *reporter, struct error *reterr) {
        CLEANUP(free_at) char *blob = blob_path(h, content);
        struct stat status;

        if (lstat(blob, &status) < 0 || !S_ISREG(status.st_mode))
                return error_set(reterr, -ENOENT,
                                 "the image's root file system is not in the store any more");
        const uint64_t size = (uint64_t)status.st_size;
        int r = check_room(size * octets_each, "its root file system", reterr);
        const struct tool unsquashfs = {
                .argv = (const char *[]){ "unsquashfs", "-no-progress", "-quiet", "-dest", "root", blob,
                                          NULL },
                .package = "squashfs-tools",
                .dir = dir,
                .readable = blob,
                .capabilities = CAPS_MAKE,
                .reporter = reporter,
                .reads = size,
        };
        return r < 0 ? r : tool_run(&unsquashfs, reterr);
}

/* Whether files here can share octets (XFS, Btrfs): then a machine's tree takes no time and no room. */
static bool can_share(const char *dir) {
        CLEANUP(free_at) char *one = helper_join(dir, "one", NULL);
        CLEANUP(free_at) char *other = helper_join(dir, "other", NULL);
        int from = open(one, O_RDWR | O_CREAT | O_CLOEXEC | O_EXCL, 0600);
        int to = open(other, O_RDWR | O_CREAT | O_CLOEXEC | O_EXCL, 0600);
        const bool can = from >= 0 && to >= 0 && write(from, "x", 1) == 1 && ioctl(to, FICLONE, from) == 0;

        if (from >= 0)
                (void)close(from);
        if (to >= 0)
                (void)close(to);
        (void)unlink(one);
        (void)unlink(other);
        return can;
}

/* What is named from now on as whole is whole after a power cut as well. */
static int settle(const char *path, struct error *reterr) {
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        int r = fd < 0 || syncfs(fd) < 0 ? -errno : 0;

        if (fd >= 0)
                (void)close(fd);
        return r < 0 ? error_set(reterr, r, "cannot write %s to the disk: %s", path, strerror(-r)) : 0;
}

/* The tree that others are cloned from, unpacked once. */
static int have_base_tree(const struct helper *h, const uint8_t content[static 32], const char *temporary,
                          const struct reporter *reporter, char **ret_base, struct error *reterr) {
        char hex[65];
        CLEANUP(free_at) char *base = helper_join("nfs/base", text_hex(content, 32, hex), NULL);

        if (access(base, F_OK) < 0) {
                int r = unpack(h, content, UNPACKED_PER_PACKED, temporary, reporter, reterr);
                CLEANUP(free_at) char *made = helper_join(temporary, "root", NULL);
                if (r == 0)
                        r = settle(made, reterr);
                if (r == 0 && rename(made, base) < 0)
                        r = error_set(reterr, -errno, "cannot keep %s: %s", base, strerror(errno));
                if (r < 0)
                        return r;
        }
        *ret_base = TAKE(base);
        return 0;
}

static int clone_tree(const struct helper *h, const uint8_t content[static 32], const char *temporary,
                      const struct reporter *reporter, struct error *reterr) {
        CLEANUP(helper_unlock) int lock = helper_lock("nfs/base.lock", LOCK_EX);
        CLEANUP(free_at) char *base = NULL;

        if (lock < 0)
                return error_set(reterr, lock, "cannot lock nfs/base.lock: %s", strerror(-lock));
        int r = have_base_tree(h, content, temporary, reporter, &base, reterr);
        if (r < 0)
                return r;
        CLEANUP(free_at) char *source = helper_join(h->dir, base, NULL);
        const struct tool cp = {
                .argv = (const char *[]){ "cp", "--archive", "--reflink=always", "--", source, "root", NULL },
                .package = "coreutils",
                .dir = temporary,
                .readable = source,
                .capabilities = CAPS_MAKE | CAPS_READ,
        };
        return tool_run(&cp, reterr);
}

static int make_tree(const struct helper *h, const struct helper_request *q, const char *temporary,
                     const struct reporter *reporter, struct error *reterr) {
        CLEANUP(free_at) char *made = helper_join(temporary, "root", NULL);

        if (is_empty(q->content))
                return mkdir(made, 0755) < 0
                               ? error_set(reterr, -errno, "cannot make %s: %s", made, strerror(errno))
                               : 0;
        return can_share(temporary) ? clone_tree(h, q->content, temporary, reporter, reterr)
                                    : unpack(h, q->content, UNPACKED_PER_PACKED, temporary, reporter, reterr);
}

/* ---- disks ---- */

static int format_base(const struct helper *h, const char *temporary, uint64_t size, bool has_tree,
                       struct error *reterr) {
        CLEANUP(free_at) char *file = helper_join(temporary, "base", NULL);
        CLEANUP(free_at) char *tree = helper_join(h->dir, temporary, "root", NULL);
        int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        int r = fd < 0 || ftruncate(fd, (off_t)size) < 0 || fchmod(fd, 0644) < 0 ? -errno : 0;

        if (fd >= 0)
                (void)close(fd);
        if (r < 0)
                return error_set(reterr, r, "cannot make %s: %s", file, strerror(-r));
        /* What kernels before 5.15 cannot read is left out. All of it is written here: what a guest put off
           until its first mount would be written once a machine. */
        const struct tool mke2fs = {
                .argv = (const char *[]){ "mke2fs", "-q", "-F", "-t", "ext4", "-O",
                                          "^orphan_file,^metadata_csum_seed", "-m", "1", "-E",
                                          "lazy_itable_init=0,lazy_journal_init=0", "-L", "bramble", "base",
                                          has_tree ? "-d" : NULL, tree, NULL },
                .package = "e2fsprogs",
                .dir = temporary,
                .capabilities = CAPS_READ,
        };
        return tool_run(&mke2fs, reterr);
}

static int make_base(const struct helper *h, const struct helper_request *q, const char *base,
                     const struct reporter *reporter, struct error *reterr) {
        CLEANUP(free_at) char *temporary = make_temporary(VOLUME_NBD, reterr);
        const bool has_tree = !is_empty(q->content);

        int r = temporary ? 0 : -EIO;
        if (r == 0 && has_tree)
                r = unpack(h, q->content, DISK_PER_PACKED, temporary, reporter, reterr);
        if (r == 0)
                r = format_base(h, temporary, q->size, has_tree, reterr);
        CLEANUP(free_at) char *made = temporary ? helper_join(temporary, "base", NULL) : NULL;
        if (r == 0)
                r = settle(made, reterr);
        if (r == 0 && rename(made, base) < 0)
                r = error_set(reterr, -errno, "cannot keep %s: %s", base, strerror(errno));
        int removed = temporary ? remove_tree(temporary, r < 0 ? NULL : reterr) : 0;
        return r < 0 ? r : removed;
}

/* A copy-on-write disk "disk" in @temporary, on its base. */
static int make_disk(const struct helper *h, const struct helper_request *q, const char *temporary,
                     struct error *reterr) {
        char name[VOLUME_BASE_SIZE], backing[VOLUME_BASE_SIZE + 16];

        (void)snprintf(backing, sizeof(backing), "../base/%s", volume_base(q->content, q->size, name));
        /* -u: the base is found from where the disk will be, not from here. */
        char size[24];
        (void)snprintf(size, sizeof(size), "%llu", (unsigned long long)q->size);
        const struct tool create = {
                .argv = (const char *[]){ "qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b",
                                          backing, "disk.qcow2", size, NULL },
                .package = "qemu-utils",
                .dir = temporary,
        };
        int r = tool_run(&create, reterr);
        CLEANUP(free_at) char *made = helper_join(temporary, "disk.qcow2", NULL);
        if (r == 0 && (lchown(made, h->nbd_uid, h->nbd_gid) < 0 || chmod(made, 0600) < 0))
                r = error_set(reterr, -errno, "cannot give %s away: %s", made, strerror(errno));
        return r;
}

/* With the lock on bases held: shared where it is there, alone where it must be made. */
static int have_base(const struct helper *h, const struct helper_request *q, const struct reporter *reporter,
                     int *ret_lock, struct error *reterr) {
        char name[VOLUME_BASE_SIZE];
        CLEANUP(free_at) char *base = helper_join("nbd/base", volume_base(q->content, q->size, name), NULL);
        int r = 0;

        *ret_lock = helper_lock("nbd/base.lock", LOCK_SH);
        if (*ret_lock >= 0 && access(base, F_OK) < 0) {
                helper_unlock(ret_lock);
                *ret_lock = helper_lock("nbd/base.lock", LOCK_EX);
                if (*ret_lock >= 0 && access(base, F_OK) < 0)
                        r = make_base(h, q, base, reporter, reterr);
        }
        return *ret_lock < 0
                       ? error_set(reterr, *ret_lock, "cannot lock nbd/base.lock: %s", strerror(-*ret_lock))
                       : r;
}

/* Bases that no disk stands on any more. */
static bool is_base_used(const char *name);

static void collect_bases(void) {
        CLEANUP(helper_unlock) int lock = helper_lock("nbd/base.lock", LOCK_EX);
        DIR *dir = lock < 0 ? NULL : opendir("nbd/base");

        for (struct dirent *e; dir && (e = readdir(dir));) {
                if (e->d_name[0] != '.' && !is_base_used(e->d_name))
                        (void)unlinkat(dirfd(dir), e->d_name, 0); /* what stays now goes the next time */
        }
        if (dir)
                (void)closedir(dir);
}

/* ---- all of them ---- */

/* Calls @fn for every volume of a kind, whole or not, until it says true. */
static bool each_volume(enum volume_kind kind, bool (*fn)(void *ctx, const struct volume *v), void *ctx) {
        DIR *dir = opendir(volume_kind_name(kind));
        bool is_over = false;

        for (struct dirent *e; !is_over && dir && (e = readdir(dir));) {
                struct volume v = { .kind = kind };
                if (volume_folder_parse(e->d_name, &v.machine) < 0)
                        continue;
                for (size_t part = 0; part < VOLUME_PARTS && !is_over; part++) {
                        v.part = (enum volume_part)part;
                        CLEANUP(free_at) char *path = path_of(&v);
                        is_over = access(path, F_OK) == 0 && fn(ctx, &v);
                }
        }
        if (dir)
                (void)closedir(dir);
        return is_over;
}

static bool stands_on(void *ctx, const struct volume *v) {
        char name[VOLUME_BASE_SIZE];
        struct about a;
        /* One that does not say what it stands on may stand on any. */
        return !about_read(v, &a) || strcmp(volume_base(a.content, a.size, name), ctx) == 0;
}

static bool is_base_used(const char *name) {
        return each_volume(VOLUME_NBD, stands_on, (void *)name);
}

static bool has_content(void *ctx, const struct volume *v) {
        struct about a;
        char hex[65];
        return about_read(v, &a) && strcmp(text_hex(a.content, sizeof(a.content), hex), ctx) == 0;
}

static void collect_base_trees(void) {
        CLEANUP(helper_unlock) int lock = helper_lock("nfs/base.lock", LOCK_EX);
        DIR *dir = lock < 0 ? NULL : opendir("nfs/base");

        for (struct dirent *e; dir && (e = readdir(dir));) {
                if (e->d_name[0] == '.' || each_volume(VOLUME_NFS, has_content, e->d_name))
                        continue;
                CLEANUP(free_at) char *path = helper_join("nfs/base", e->d_name, NULL);
                (void)!discard(VOLUME_NFS, path, NULL);
        }
        if (dir)
                (void)closedir(dir);
}

static bool list_one(void *ctx, const struct volume *v) {
        report_volume(ctx, v);
        return false;
}

void volumes_list(const struct reporter *reporter) {
        for (size_t kind = 0; kind < VOLUME_KINDS; kind++)
                (void)each_volume((enum volume_kind)kind, list_one, (void *)reporter);
}

/* ---- one of them ---- */

/* Into its place, in that order: who finds the file that tells about it finds it whole. */
static int put_in_place(const struct helper_request *q, const char *made, struct error *reterr) {
        CLEANUP(free_at) char *folder = folder_of(&q->volume);
        CLEANUP(free_at) char *path = path_of(&q->volume);
        CLEANUP(free_at) char *about = about_path(&q->volume);
        const bool is_disk = q->volume.kind == VOLUME_NBD;
        struct about a = { .size = q->size, .deployment = q->deployment, .boot = q->boot };

        memcpy(a.content, q->content, sizeof(a.content));
        /* A tree's folder is closed to all but root, so that no user of this machine runs set-uid programs of
         * it. */
        if (mkdir(folder, is_disk ? 0711 : 0700) < 0 && errno != EEXIST)
                return error_set(reterr, -errno, "cannot make %s: %s", folder, strerror(errno));
        (void)unlink(about);
        int r = discard(q->volume.kind, path, reterr);
        if (r == 0)
                r = settle(made, reterr);
        if (r == 0 && rename(made, path) < 0)
                r = error_set(reterr, -errno, "cannot put %s in place: %s", path, strerror(errno));
        return r < 0 ? r : about_write(&q->volume, &a, reterr);
}

static int make_anew(const struct helper *h, const struct helper_request *q, const struct reporter *reporter,
                     struct error *reterr) {
        const bool is_disk = q->volume.kind == VOLUME_NBD;
        CLEANUP(free_at) char *temporary = make_temporary(q->volume.kind, reterr);
        CLEANUP(helper_unlock) int lock = -1;

        if (!temporary)
                return -EIO;
        int r = is_disk ? have_base(h, q, reporter, &lock, reterr) : 0;
        if (r == 0)
                r = is_disk ? make_disk(h, q, temporary, reterr)
                            : make_tree(h, q, temporary, reporter, reterr);
        CLEANUP(free_at) char *made = helper_join(temporary, is_disk ? "disk.qcow2" : "root", NULL);
        if (r == 0)
                r = put_in_place(q, made, reterr);
        int removed = remove_tree(temporary, r < 0 ? NULL : reterr);
        return r < 0 ? r : removed;
}

static bool is_made_of(const struct about *a, const struct helper_request *q) {
        return memcmp(a->content, q->content, sizeof(a->content)) == 0 && a->size == q->size &&
               a->deployment == q->deployment;
}

bool volumes_is_made(const struct helper_request *q) {
        CLEANUP(free_at) char *path = path_of(&q->volume);
        struct about a;

        if (q->volume.part ==
            VOLUME_DATA) /* in its place it is whole; nothing else may cost somebody's data */
                return access(path, F_OK) == 0;
        return about_read(&q->volume, &a) && is_made_of(&a, q);
}

bool volumes_is_anothers(const struct helper_request *q) {
        CLEANUP(free_at) char *path = path_of(&q->volume);
        struct about a;
        return about_read(&q->volume, &a) && a.deployment != q->deployment && access(path, F_OK) == 0;
}

int volumes_make(const struct helper *h, const struct helper_request *q, const struct reporter *reporter,
                 struct error *reterr) {
        return volumes_is_made(q) ? 0 : make_anew(h, q, reporter, reterr);
}

bool volumes_is_new_for(const struct helper_request *q) {
        struct about a;
        return about_read(&q->volume, &a) && is_made_of(&a, q) && a.boot == q->boot;
}

int volumes_reset(const struct helper *h, const struct helper_request *q, const struct reporter *reporter,
                  struct error *reterr) {
        struct about a;

        /* Nobody has booted it since it was made: it is as new, and this boot's from now on. */
        if (about_read(&q->volume, &a) && is_made_of(&a, q) && a.boot == 0) {
                a.boot = q->boot;
                return about_write(&q->volume, &a, reterr);
        }
        return make_anew(h, q, reporter, reterr);
}

int volumes_remove(const struct volume *v, struct error *reterr) {
        CLEANUP(free_at) char *folder = folder_of(v);
        CLEANUP(free_at) char *path = path_of(v);
        CLEANUP(free_at) char *about = about_path(v);

        (void)unlink(about);
        int r = discard(v->kind, path, reterr);
        (void)rmdir(folder); /* where the machine's other volume is not in it */
        if (v->kind == VOLUME_NBD)
                collect_bases();
        else
                collect_base_trees();
        return r;
}

int volumes_begin(struct error *reterr) {
        static const struct {
                const char *path;
                mode_t mode;
        } folders[] = { { "nfs", 0700 },
                        { "nfs/base", 0700 },
                        { "nfs/tmp", 0700 },
                        /* who serves disks comes through here to its own */
                        { "nbd", 0711 },
                        { "nbd/base", 0711 },
                        { "nbd/tmp", 0700 } };

        int r = remove_tree("nfs/tmp", reterr);
        if (r == 0)
                r = remove_tree("nbd/tmp", reterr);
        for (size_t i = 0; i < ARRAY_LEN(folders) && r == 0; i++) {
                if ((mkdir(folders[i].path, folders[i].mode) < 0 && errno != EEXIST) ||
                    chmod(folders[i].path, folders[i].mode) < 0)
                        r = error_set(reterr, -errno, "cannot make %s: %s", folders[i].path, strerror(errno));
        }
        return r;
}
