/* Mounts of a root; see mount.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble-agent/io/loop.h"
#include "app/bramble-agent/io/mount.h"
#include "app/bramble-agent/io/volume.h"
#include "app/bramble-agent/io/write.h"
#include "app/bramble-agent/places.h"

#define PLACE_IMAGE PLACE_LAYERS "/image" /* the file, in memory */
#define PLACE_FILE PLACE_IMAGE "/root.squashfs"
#define PLACE_LOWER PLACE_LAYERS "/lower" /* what it holds */
#define PLACE_WRITABLE PLACE_LAYERS "/writable"

enum { FILE_SLACK = 1 << 20 };

static const char *why_not(int error) {
        return error == -ENODEV
                       ? "the kernel does not know this file system, and the image brings no module for it"
                       : strerror(-error);
}

static int mount_at(const char *source, const char *type, unsigned long flags, const char *options,
                    const char *where, struct error *reterr) {
        if (mount(source, where, type, flags, options) == 0)
                return 0;
        int r = -errno;
        return error_set(reterr, r, "%s cannot be mounted as %s: %s", source, type, why_not(r));
}

int mount_root(const char *source, const char *type, const char *options, struct error *reterr) {
        (void)mkdir(PLACE_ROOT, 0755);
        return mount_at(source, type, 0, options, PLACE_ROOT, reterr);
}

int mount_inside(const struct volume *root, const char *path, const char *source, const char *type,
                 const char *options, struct error *reterr) {
        char where[64];
        int fd = volume_make_dir(root, path + strspn(path, "/"), reterr);

        if (fd < 0)
                return fd;
        (void)snprintf(where, sizeof(where), "/proc/self/fd/%d",
                       fd); /* the folder, whatever its name leads to now */
        int r = mount_at(source, type, 0, options, where, reterr);
        (void)close(fd);
        return r;
}

void mount_clear(void) {
        static const char *const places[] = { PLACE_ROOT, PLACE_WRITABLE, PLACE_LOWER, PLACE_IMAGE };

        for (size_t i = 0; i < ARRAY_LEN(places); i++)
                while (umount2(places[i], MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
                        ;
}

struct ram_root {
        int file;
};

struct ram_root *ram_root_new(uint64_t size, struct error *reterr) {
        CLEANUP(ram_root_free_at) struct ram_root *r = calloc(1, sizeof(*r));
        char options[64];

        if (!r) {
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        (void)mkdir(PLACE_LAYERS, 0700);
        (void)mkdir(PLACE_IMAGE, 0700);
        (void)snprintf(options, sizeof(options), "mode=0700,size=%llu",
                       (unsigned long long)size + FILE_SLACK);
        if (mount_at("tmpfs", "tmpfs", 0, options, PLACE_IMAGE, reterr) < 0)
                return NULL;
        r->file = open(PLACE_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
        if (r->file < 0) {
                (void)error_set(reterr, -errno, "%s: %s", PLACE_FILE, strerror(errno));
                return NULL;
        }
        return TAKE(r);
}

void ram_root_free(struct ram_root *r) {
        if (!r)
                return;
        if (r->file >= 0)
                (void)close(r->file);
        free(r);
}

int ram_root_put(struct ram_root *r, const void *data, size_t len) {
        return write_all(r->file, data, len);
}

void ram_root_empty(struct ram_root *r) {
        (void)!ftruncate(r->file, 0);
        (void)lseek(r->file, 0, SEEK_SET);
}

static int mount_lower(struct error *reterr) {
        char device[LOOP_PATH_SIZE];
        int loop = -1;

        int r = loop_attach(PLACE_FILE, 0, 0, false, device, &loop);
        if (r < 0)
                return error_set(reterr, r, "the image's root cannot be attached: %s", why_not(r));
        (void)mkdir(PLACE_LOWER, 0755);
        r = mount_at(device, "squashfs", MS_RDONLY, NULL, PLACE_LOWER, reterr);
        (void)close(loop);
        return r;
}

int ram_root_mount(struct ram_root *r, uint64_t room, struct error *reterr) {
        static const char layers[] =
                "lowerdir=" PLACE_LOWER ",upperdir=" PLACE_WRITABLE "/upper,workdir=" PLACE_WRITABLE "/work";
        char options[64];

        (void)close(r->file);
        r->file = -1;
        int e = mount_lower(reterr);
        if (e < 0)
                return e;
        (void)mkdir(PLACE_WRITABLE, 0755);
        (void)snprintf(options, sizeof(options), "mode=0755,size=%llu", (unsigned long long)room);
        e = mount_at("tmpfs", "tmpfs", 0, options, PLACE_WRITABLE, reterr);
        if (e < 0)
                return e;
        (void)mkdir(PLACE_WRITABLE "/upper", 0755);
        (void)mkdir(PLACE_WRITABLE "/work", 0755);
        return mount_root("overlay", "overlay", layers, reterr);
}
