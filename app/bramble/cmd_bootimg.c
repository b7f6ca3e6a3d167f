/* bramble bootimg …: volumes that Raspberry Pis boot from memory, made and signed in files. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble/args.h"
#include "app/bramble/cli.h"
#include "app/bramble/cmd.h"
#include "format/fat_image.h"
#include "io/fd.h"
#include "io/tree.h"

enum { CHUNK = 64 * 1024, FIRMWARE_MAX_MIB = 96 };

#define LABEL "BOOT"

struct volume {
        const char *from, *out; /* the folder, the file */
        int fd;                 /* of what is written */
        uint64_t at;            /* octets written */
        size_t n;
        struct fat_image_file files[FAT_IMAGE_FILES_MAX];
        struct fat_image layout;
};

static void volume_free(struct volume *v) {
        for (size_t i = 0; v && i < v->n; i++)
                free((char *)(uintptr_t)v->files[i].path);
        free(v);
}
DEFINE_CLEANUP(struct volume, volume_free)

static int list_file(void *ctx, int fd, const char *path) {
        struct volume *v = ctx;
        struct stat st;

        if (v->n == FAT_IMAGE_FILES_MAX)
                return -E2BIG;
        if (fstat(fd, &st) < 0)
                return -errno;
        char *copy = strdup(path);
        if (!copy)
                return -ENOMEM;
        v->files[v->n++] = (struct fat_image_file){ .path = copy, .size = (uint64_t)st.st_size };
        return 0;
}

static int write_octets_on(struct volume *v, const void *octets, size_t len) {
        int r = fd_write(v->fd, octets, len, v->at);
        v->at += len;
        return r;
}

static int write_zeros_on(struct volume *v, uint64_t len) {
        static const uint8_t zeros[4096];
        int r = 0;

        for (uint64_t n; r == 0 && len > 0; len -= n) {
                n = len < sizeof(zeros) ? len : sizeof(zeros);
                r = write_octets_on(v, zeros, (size_t)n);
        }
        return r;
}

/* As long as it was when the volume was laid out: who changes it meanwhile is told. */
static int copy_octets(struct volume *v, int fd, uint64_t size) {
        CLEANUP(free_at) uint8_t *chunk = malloc(CHUNK);

        if (!chunk)
                return -ENOMEM;
        for (uint64_t left = size; left > 0;) {
                ssize_t n = read(fd, chunk, left < CHUNK ? (size_t)left : CHUNK);
                if (n <= 0)
                        return n < 0 ? -errno : -ESTALE;
                int r = write_octets_on(v, chunk, (size_t)n);
                if (r < 0)
                        return r;
                left -= (uint64_t)n;
        }
        return write_zeros_on(v, fat_image_padding(&v->layout, size));
}

static int copy_files(struct volume *v) {
        CLEANUP(fd_close_at) int folder = open(v->from, O_PATH | O_DIRECTORY | O_CLOEXEC);
        int r = folder < 0 ? -errno : 0;

        for (size_t i = 0; r == 0 && i < v->n; i++) {
                CLEANUP(fd_close_at) int fd = openat(folder, v->files[i].path, O_RDONLY | O_CLOEXEC);
                r = fd < 0 ? -errno : copy_octets(v, fd, v->files[i].size);
        }
        return r;
}

static int write_volume(struct volume *v) {
        CLEANUP(free_at) uint8_t *head = malloc(v->layout.head_size);

        if (!head)
                return -ENOMEM;
        fat_image_write_head(&v->layout, v->files, v->n, LABEL, head);
        int r = write_octets_on(v, head, v->layout.head_size);
        if (r == 0)
                r = copy_files(v);
        if (r == 0)
                r = write_zeros_on(v, v->layout.tail);
        return r == 0 && fsync(v->fd) < 0 ? -errno : r;
}

static int say_wrong(const struct volume *v, int error, const char *path) {
        switch (error) {
        case -EINVAL:
                return cli_fail(CLI_LOCAL, "%s: FAT has no such name: %s", v->from, path);
        case -EEXIST:
                return cli_fail(
                        CLI_LOCAL,
                        "%s: there is another file that is called %s to FAT, which knows no small letters",
                        v->from, path);
        case -E2BIG:
                return cli_fail(CLI_LOCAL, "%s: it is more than a volume of this kind can hold", v->from);
        case -ESTALE:
                return cli_fail(CLI_LOCAL, "%s: its files changed while they were read: try again", v->from);
        default:
                return cli_fail(CLI_LOCAL, "%s: %s", v->from, strerror(-error));
        }
}

/* Under another name first: a volume is there whole, or not at all. */
static int write_out(struct volume *v) {
        CLEANUP(free_at) char *fresh = NULL;

        if (asprintf(&fresh, "%s.new", v->out) < 0) {
                fresh = NULL;
                return cli_fail(CLI_LOCAL, "out of memory");
        }
        CLEANUP(fd_close_at) int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (fd < 0)
                return cli_fail(CLI_LOCAL, "%s: %s", fresh, strerror(errno));
        v->fd = fd;
        int r = write_volume(v);
        if (r == 0 && rename(fresh, v->out) == 0)
                return CLI_OK;
        const int error = r < 0 ? r : -errno;
        (void)unlink(fresh);
        return say_wrong(v, error, "");
}

/* The same on every machine, whatever its language sorts by. */
static int compare_paths(const void *a, const void *b) {
        return strcmp(((const struct fat_image_file *)a)->path, ((const struct fat_image_file *)b)->path);
}

int cmd_bootimg_make(struct cli *cli, const struct args *args) {
        CLEANUP(volume_free_at) struct volume *v = calloc(1, sizeof(*v));
        const char *bad = "";

        if (!v)
                return cli_fail(CLI_LOCAL, "out of memory");
        v->from = args->words[0];
        v->out = args_value(args, "out");
        int r = tree_each(AT_FDCWD, v->from, list_file, v);
        qsort(v->files, v->n, sizeof(v->files[0]), compare_paths);
        if (r == 0)
                r = fat_image_measure(v->files, v->n, &v->layout, &bad);
        if (r < 0)
                return say_wrong(v, r, bad);
        if (v->n == 0)
                return cli_fail(CLI_LOCAL, "%s: there is no file in it", v->from);
        const int code = write_out(v);
        if (code != CLI_OK)
                return code;
        if (v->layout.size > (uint64_t)FIRMWARE_MAX_MIB << 20)
                cli_note("%s has more than %d MiB: firmware may cut it off and find its signature wrong",
                         v->out, FIRMWARE_MAX_MIB);
        cli_done(cli, "wrote %s: %zu files, %ju octets", v->out, v->n, (uintmax_t)v->layout.size);
        return CLI_OK;
}
