/* Mounted partitions; see volume.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/btrfs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/bramble-agent/io/loop.h"
#include "app/bramble-agent/io/volume.h"
#include "app/bramble-agent/io/write.h"
#include "base/text.h"

#define EXT4_IOC_RESIZE_FS _IOW('f', 16, uint64_t) /* in no header for programs */

/* As statfs(2) tells them. */
static const uint32_t ext_magic = 0xef53, btrfs_magic = 0x9123683e;

struct volume {
        char dir[64]; /* where it is mounted; "": nowhere */
        struct tree tree;
        int loop; /* keeps the loop device until it is mounted, and then the kernel keeps it */
};

int volume_mount(const struct volume_source *source, const char *type, bool may_write, struct volume **ret,
                 struct error *reterr) {
        CLEANUP(volume_free_at) struct volume *v = calloc(1, sizeof(*v));
        char device[LOOP_PATH_SIZE], dir[sizeof(v->dir)] = "/tmp/bramble-volume-XXXXXX";

        if (!v)
                return -ENOMEM;
        v->loop = v->tree.root = -1;
        int r = source->is_part
                        ? loop_attach(source->path, source->offset, source->len, true, device, &v->loop)
                        : 0;
        if (r < 0)
                return error_set(reterr, r, "%s cannot be attached: %s", source->path, strerror(-r));
        if (!mkdtemp(dir))
                return error_set(reterr, -errno, "%s: %s", dir, strerror(errno));
        const char *what = source->is_part ? device : source->path;
        if (mount(what, dir, type, MS_NOSUID | MS_NODEV | MS_NOEXEC | (may_write ? 0 : MS_RDONLY), NULL) <
            0) {
                r = -errno;
                (void)rmdir(dir);
                return error_set(reterr, r, "%s cannot be mounted as %s: %s", what, type,
                                 r == -ENODEV ? "the kernel does not know this file system, and the image "
                                                "brings no module for it"
                                              : strerror(-r));
        }
        (void)text_copy(v->dir, sizeof(v->dir), dir);
        r = tree_open(&v->tree, v->dir);
        if (r < 0)
                return error_set(reterr, r, "%s: %s", what, strerror(-r));
        *ret = TAKE(v);
        return 0;
}

int volume_open(const char *dir, struct volume **ret) {
        CLEANUP(volume_free_at) struct volume *v = calloc(1, sizeof(*v));

        if (!v)
                return -ENOMEM;
        v->loop = v->tree.root = -1;
        int r = tree_open(&v->tree, dir);
        if (r == 0)
                *ret = TAKE(v);
        return r;
}

int volume_unmount(struct volume *v) {
        int r = 0;

        if (!v)
                return 0;
        if (v->tree.root >= 0 && *v->dir) {
                int fd = openat(v->tree.root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (fd < 0 || syncfs(fd) < 0)
                        r = -errno;
                if (fd >= 0)
                        (void)close(fd);
        }
        tree_close(&v->tree);
        if (*v->dir) {
                if (umount2(v->dir, UMOUNT_NOFOLLOW) < 0) {
                        r = -errno;
                        (void)umount2(v->dir, MNT_DETACH);
                }
                (void)rmdir(v->dir);
        }
        if (v->loop >= 0)
                (void)close(v->loop);
        free(v);
        return r;
}

void volume_free(struct volume *v) {
        (void)!volume_unmount(v);
}

static int open_inside(const struct volume *v, const char *path, int flags, unsigned mode) {
        /* Nothing in an image is waited for, neither a terminal nor a pipe. With O_PATH nothing is opened at
         * all. */
        int more = flags & O_PATH ? O_CLOEXEC : O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
        struct open_how how = { .flags = (uint64_t)(unsigned)(flags | more),
                                .mode = mode,
                                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        long fd = syscall(SYS_openat2, v->tree.root, path, &how, sizeof(how));

        return fd < 0 ? -errno : (int)fd;
}

static bool look(const struct volume *v, const char *path, struct stat *ret) {
        int fd = open_inside(v, path, O_PATH, 0);
        if (fd < 0)
                return false;
        int r = fstat(fd, ret);
        (void)close(fd);
        return r == 0;
}

bool volume_exists(const struct volume *v, const char *path) {
        struct stat status;
        return look(v, path, &status);
}

bool volume_is_dir(const struct volume *v, const char *path) {
        struct stat status;
        return look(v, path, &status) && S_ISDIR(status.st_mode);
}

char *volume_read(const struct volume *v, const char *path) {
        struct stat status;
        int fd = open_inside(v, path, O_RDONLY, 0);

        if (fd < 0)
                return NULL;
        CLEANUP(free_at) char *text = NULL;
        if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= VOLUME_TEXT_MAX)
                text = malloc((size_t)status.st_size + 1);
        ssize_t n = text ? pread(fd, text, (size_t)status.st_size, 0) : -1;
        (void)close(fd);
        if (n < 0 || memchr(text, 0, (size_t)n))
                return NULL;
        text[n] = '\0';
        return TAKE(text);
}

/* The folder of a path as a descriptor, made with those above it; *name is what stands behind its last slash.
 */
static int open_folder(const struct volume *v, const char *path, const char **name) {
        char part[PATH_MAX];
        const char *slash = strrchr(path, '/');

        *name = slash ? slash + 1 : path;
        int fd = open_inside(v, ".", O_PATH | O_DIRECTORY, 0);
        for (const char *end = path; fd >= 0 && (end = strchr(end, '/')); end++) {
                (void)snprintf(part, sizeof(part), "%.*s", (int)(end - path), path);
                int next = *part ? open_inside(v, part, O_PATH | O_DIRECTORY, 0) : dup(fd);
                if (next == -ENOENT) {
                        const char *last = strrchr(part, '/');
                        if (mkdirat(fd, last ? last + 1 : part, 0755) == 0)
                                next = open_inside(v, part, O_PATH | O_DIRECTORY, 0);
                }
                (void)close(fd);
                fd = next;
        }
        return fd;
}

/* An empty file, ready to be written, with its folders; negative with a sentence. */
static int create(const struct volume *v, const char *path, unsigned mode, struct error *reterr) {
        const char *name;
        int folder = open_folder(v, path, &name);

        if (folder < 0)
                return error_set(reterr, folder, "/%s: its folder cannot be made: %s", path,
                                 strerror(-folder));
        (void)close(folder);
        int fd = open_inside(v, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
        return fd < 0 ? error_set(reterr, fd, "/%s cannot be written: %s", path, strerror(-fd)) : fd;
}

int volume_write(const struct volume *v, const char *path, const char *text, unsigned mode,
                 struct error *reterr) {
        int fd = create(v, path, mode, reterr);
        if (fd < 0)
                return fd;
        int r = write_all(fd, text, strlen(text));
        (void)fchmod(fd, mode); /* the umask is not the image's; FAT has no modes */
        (void)close(fd);
        return r < 0 ? error_set(reterr, r, "/%s cannot be written: %s", path, strerror(-r)) : 0;
}

int volume_write_octets(const struct volume *v, const char *path, const void *data, size_t len,
                        struct error *reterr) {
        int fd = create(v, path, 0644, reterr);
        if (fd < 0)
                return fd;
        int r = write_all(fd, data, len);
        if (r == 0 && fsync(fd) < 0)
                r = -errno;
        (void)close(fd);
        return r < 0 ? error_set(reterr, r, "/%s cannot be written: %s", path, strerror(-r)) : 0;
}

int volume_make_dir(const struct volume *v, const char *path, struct error *reterr) {
        char inside[PATH_MAX];
        const char *name;

        (void)snprintf(inside, sizeof(inside), "%s/.", path);
        int fd = open_folder(v, inside, &name);
        if (fd < 0)
                return error_set(reterr, fd, "/%s cannot be made: %s", path, strerror(-fd));
        return fd;
}

int volume_link(const struct volume *v, const char *path, const char *target, struct error *reterr) {
        const char *name;
        int folder = open_folder(v, path, &name);
        int r = folder < 0 ? folder : symlinkat(target, folder, name) < 0 && errno != EEXIST ? -errno : 0;

        if (folder >= 0)
                (void)close(folder);
        return r < 0 ? error_set(reterr, r, "/%s cannot be made: %s", path, strerror(-r)) : 0;
}

int volume_remove(const struct volume *v, const char *path, struct error *reterr) {
        const char *name;
        int folder = open_folder(v, path, &name);
        int r = folder < 0 ? folder : unlinkat(folder, name, 0) < 0 && errno != ENOENT ? -errno : 0;

        if (folder >= 0)
                (void)close(folder);
        return r < 0 ? error_set(reterr, r, "/%s cannot be removed: %s", path, strerror(-r)) : 0;
}

int volume_chown(const struct volume *v, const char *path, unsigned uid, unsigned gid) {
        int fd = open_inside(v, path, O_RDONLY, 0);

        if (fd < 0)
                return fd;
        int r = fchown(fd, uid, gid) < 0 ? -errno : 0;
        (void)close(fd);
        return r;
}

struct tree_names volume_list(const struct volume *v, const char *path) {
        struct tree_names none = { 0 };
        int fd = open_inside(v, path, O_PATH | O_DIRECTORY, 0);

        if (fd < 0)
                return none;
        struct tree inside = { .root = fd };
        struct tree_names names = tree_list(&inside, ".");
        (void)close(fd);
        return names;
}

static int grow_ext4(int fd, uint64_t len, uint64_t block) {
        uint64_t blocks = len / block;
        return ioctl(fd, EXT4_IOC_RESIZE_FS, &blocks) < 0 ? -errno : 0;
}

static int grow_btrfs(int fd) {
        struct btrfs_ioctl_vol_args args = { .name = "max" };
        return ioctl(fd, BTRFS_IOC_RESIZE, &args) < 0 ? -errno : 0;
}

int volume_grow(const struct volume *v, uint64_t len) {
        struct statfs fs;
        int fd = open_inside(v, ".", O_RDONLY | O_DIRECTORY, 0);

        if (fd < 0)
                return fd;
        int r = fstatfs(fd, &fs) < 0 ? -errno : -EOPNOTSUPP;
        if (r == -EOPNOTSUPP && (uint32_t)fs.f_type == ext_magic)
                r = grow_ext4(fd, len, (uint64_t)fs.f_bsize);
        else if (r == -EOPNOTSUPP && (uint32_t)fs.f_type == btrfs_magic)
                r = grow_btrfs(fd);
        (void)close(fd);
        return r;
}
