/* bramble bootimg …: volumes that Raspberry Pis boot from memory, made and signed in files. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble/args.h"
#include "app/bramble/bootimg_folder.h"
#include "app/bramble/cli.h"
#include "app/bramble/cmd.h"
#include "app/bramble/file.h"
#include "io/fd.h"

enum { CHUNK = 64 * 1024, FIRMWARE_MAX_MIB = 96 };

#define LABEL "BOOT"

struct volume {
        const char *from, *out; /* the folder, the file */
        int fd;                 /* of what is written */
        uint64_t at;            /* octets written */
        const struct bootimg_folder *files;
        struct fat_image layout;
};

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

        for (size_t i = 0; r == 0 && i < v->files->n; i++) {
                CLEANUP(fd_close_at) int fd = openat(folder, v->files->files[i].path, O_RDONLY | O_CLOEXEC);
                r = fd < 0 ? -errno : copy_octets(v, fd, v->files->files[i].size);
        }
        return r;
}

static int write_volume(struct volume *v) {
        CLEANUP(free_at) uint8_t *head = malloc(v->layout.head_size);

        if (!head)
                return -ENOMEM;
        fat_image_write_head(&v->layout, v->files->files, v->files->n, LABEL, head);
        int r = write_octets_on(v, head, v->layout.head_size);
        if (r == 0)
                r = copy_files(v);
        return r == 0 ? write_zeros_on(v, v->layout.tail) : r;
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

static int write_out(struct volume *v) {
        CLEANUP(file_new_end) struct file_new out = {};
        const int code = file_new_begin(v->out, &out);

        if (code != CLI_OK)
                return code;
        v->fd = out.fd;
        const int r = write_volume(v);
        return r < 0 ? say_wrong(v, r, "") : file_new_settle(&out);
}

int cmd_bootimg_make(struct cli *cli, const struct args *args) {
        CLEANUP(bootimg_folder_free_at) struct bootimg_folder *files = calloc(1, sizeof(*files));
        struct volume v = { .from = args->words[0], .out = args_value(args, "out"), .files = files };
        const char *bad = "";

        if (!files)
                return cli_fail(CLI_LOCAL, "out of memory");
        int code = bootimg_folder_list(v.from, v.out, files);
        if (code != CLI_OK)
                return code;
        if (files->n == 0)
                return cli_fail(CLI_LOCAL, "%s: there is no file in it", v.from);
        const int r = fat_image_measure(files->files, files->n, &v.layout, &bad);
        if (r < 0)
                return say_wrong(&v, r, bad);
        if ((code = write_out(&v)) != CLI_OK)
                return code;
        if (v.layout.size > (uint64_t)FIRMWARE_MAX_MIB << 20)
                cli_note("%s has more than %d MiB: firmware may cut it off and find its signature wrong",
                         v.out, FIRMWARE_MAX_MIB);
        cli_done(cli, "wrote %s: %zu files, %ju octets", v.out, files->n, (uintmax_t)v.layout.size);
        return CLI_OK;
}
