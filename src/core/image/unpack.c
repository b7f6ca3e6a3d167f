/* Steps of unpacking, each in a confined child; see unpack.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/reader.h"
#include "base/text.h"
#include "format/qcow2.h"
#include "io/child.h"
#include "io/tree.h"

enum {
        STEP_S = 60 * 60, /* of processor time, and of time */
        ARGS_MAX = 1024,
        PICK_MAX = 1024 * 1024 * 1024, /* octets of boot files and modules */
        CONFIG_MAX = 4 * 1024 * 1024
};

#ifdef BRAMBLE_SANITIZED
/* The shadow of a sanitizer is address space, terabytes of it. */
#define STEP_MEMORY 0
#else
#define STEP_MEMORY ((uint64_t)1 << 30)
#endif

int unpack_begin(struct unpack *u, struct error *reterr) {
        u->dir = store_make_dir(u->store, reterr);
        return u->dir ? 0 : -EIO;
}

void unpack_end(struct unpack *u) {
        if (!u->dir)
                return;
        /* What cannot be removed now is removed at the next start. */
        (void)!tree_remove(AT_FDCWD, u->dir);
        free(TAKE(u->dir));
}

char *unpack_path(const struct unpack *u, const char *name) {
        char *path = NULL;
        return asprintf(&path, "%s/%s", u->dir, name) < 0 ? NULL : path;
}

uint8_t *unpack_read(const struct unpack *u, const char *name, size_t max, int64_t *ret_len) {
        CLEANUP(free_at) char *path = unpack_path(u, name);
        CLEANUP(free_at) uint8_t *data = NULL;
        struct stat status;
        int error = -ENOMEM;
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;

        if (path && (fd < 0 || fstat(fd, &status) < 0))
                error = -errno;
        else if (fd >= 0 && (!S_ISREG(status.st_mode) || (uint64_t)status.st_size >= max))
                error = -EFBIG;
        else if (fd >= 0)
                data = calloc(1, (size_t)status.st_size + 1);
        for (int64_t at = 0; data && at < status.st_size;) {
                ssize_t n = read(fd, data + at, (size_t)(status.st_size - at));
                if (n <= 0 && !(n < 0 && errno == EINTR)) {
                        error = n < 0 ? -errno : -EIO;
                        free(TAKE(data));
                        break;
                }
                at += n > 0 ? n : 0;
        }
        if (fd >= 0)
                (void)close(fd);
        *ret_len = data ? (int64_t)status.st_size : error;
        return TAKE(data);
}

/* ---- one step ---- */

/* Ten times a second: takes over what the child tells, and lets it go on or not. */
static bool look_after(void *ctx) {
        const struct unpack *u = ctx;
        CLEANUP(free_at) char *path = unpack_path(u, "progress");
        uint8_t octets[16];
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;

        if (fd >= 0 && pread(fd, octets, sizeof(octets), 0) == (ssize_t)sizeof(octets)) {
                struct reader r = reader_of(octets, sizeof(octets));
                u->progress->done = read_u64(&r);
                u->progress->total = read_u64(&r);
        }
        if (fd >= 0)
                (void)close(fd);
        return !u->progress->is_cancelled && store_check_room(u->store, 0, NULL) == 0;
}

/* The last line that was said, without what no sentence has. */
static const char *last_line(struct child_result *result) {
        char *text = result->output;
        size_t len = strlen(text);

        while (len > 0 && (unsigned char)text[len - 1] <= ' ')
                text[--len] = '\0';
        char *newline = strrchr(text, '\n');
        char *line = newline ? newline + 1 : text;
        for (char *at = line; *at; at++)
                if ((unsigned char)*at < ' ' || *at == 0x7f)
                        *at = ' ';
        return *line ? line : "no reason was given";
}

static int judge(const struct unpack *u, const char *program, struct child_result *result,
                 struct error *reterr) {
        switch (result->end) {
        case CHILD_STOPPED:
                return u->progress->is_cancelled ? error_set(reterr, -ECANCELED, "the import was given up")
                                                 : store_check_room(u->store, UINT64_MAX, reterr);
        case CHILD_TIMEOUT:
                return error_set(reterr, -ETIMEDOUT, "%s took longer than %d minutes", program, STEP_S / 60);
        case CHILD_KILLED:
                return error_set(reterr, -EBADMSG, "%s was ended by signal %d while it read the image",
                                 program, result->signal);
        case CHILD_EXITED:
                break;
        }
        if (result->exit_status == 0)
                return 0;
        return error_set(reterr, -EBADMSG, "%s", last_line(result));
}

static int run(struct unpack *u, const char *const *argv, const char *source, uint64_t file_max,
               const char *package, struct child_result *result, struct error *reterr) {
        static const char *const env[] = { "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "HOME=/nonexistent",
                                           /* mtools: no configuration, no complaint about geometry */
                                           "MTOOLSRC=/dev/null", "MTOOLS_SKIP_CHECK=1", NULL };
        const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
        struct child_options options = { .argv = argv,
                                         .env = env,
                                         .work_dir = u->dir,
                                         .readable = { source, u->program },
                                         .cpu_s = STEP_S,
                                         .file_octets = file_max,
                                         .memory_octets = STEP_MEMORY,
                                         .timeout_ms = STEP_S * 1000,
                                         .may_go_on = look_after,
                                         .ctx = u };

        int r = child_run(&options, result);
        if (r == -ENOENT)
                return error_set(reterr, r, "%s is not there, which reads images: install the package %s",
                                 name, package);
        if (r < 0)
                return error_set(reterr, r, "%s cannot be started: %s", name, strerror(-r));
        return judge(u, name, result, reterr);
}

static int run_own(struct unpack *u, const char *const *argv, const char *source, uint64_t file_max,
                   struct child_result *result, struct error *reterr) {
        CLEANUP(free_at) char *told = unpack_path(u, "progress");

        if (told)
                (void)unlink(told); /* of the step before */
        return run(u, argv, source, file_max, "bramble", result, reterr);
}

struct number {
        char text[24];
};

static struct number number_of(uint64_t n) {
        struct number number;
        (void)snprintf(number.text, sizeof(number.text), "%llu", (unsigned long long)n);
        return number;
}

/* ---- steps ---- */

int unpack_tool(struct unpack *u, const char *const *argv, const char *source, uint64_t file_max,
                const char *package, struct error *reterr) {
        struct child_result result;
        return run(u, argv, source, file_max, package, &result, reterr);
}

static int parse_found(char *output, struct source_found *ret) {
        static const char *const kinds[] = {
                [SOURCE_DISK] = "disk",         [SOURCE_EXT4] = "ext4", [SOURCE_QCOW2] = "qcow2",
                [SOURCE_SQUASHFS] = "squashfs", [SOURCE_TREE] = "tree",
        };
        char *rest = NULL, *kind = strtok_r(output, " \n", &rest), *where = strtok_r(NULL, " \n", &rest),
             *stack = strtok_r(NULL, "\n", &rest);

        for (size_t i = 0; kind && where && stack && i < ARRAY_LEN(kinds); i++) {
                if (strcmp(kinds[i], kind) != 0)
                        continue;
                ret->kind = (enum source_kind)i;
                ret->is_packed = strcmp(where, "content") == 0;
                return text_copy(ret->stack, sizeof(ret->stack), stack) < 0 ? -EBADMSG : 0;
        }
        return -EBADMSG;
}

int unpack_open(struct unpack *u, const char *source, uint64_t size, uint64_t max, struct source_found *ret,
                struct error *reterr) {
        struct number size_text = number_of(size), max_text = number_of(max);
        const char *const argv[] = { u->program, "open", source, size_text.text, max_text.text, NULL };
        struct child_result result;

        import_progress_begin(u->progress, IMPORT_UNPACKING, size);
        int r = run_own(u, argv, source, max, &result, reterr);
        if (r == 0 && parse_found(result.output, ret) < 0)
                r = error_set(reterr, -EBADMSG, "bramble-unpack said what makes no sense");
        return r;
}

/* What an image stands on is named in it, by a stranger: qemu-img would open that file. */
static int check_qcow2(const char *source, uint64_t max, struct error *reterr) {
        uint8_t header[QCOW2_HEADER] = { 0 };
        struct qcow2_info info;
        int fd = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        ssize_t n = fd < 0 ? -1 : pread(fd, header, sizeof(header), 0);

        if (fd >= 0)
                (void)close(fd);
        if (n < 0 || qcow2_header(header, (size_t)n, &info) < 0)
                return error_set(reterr, -EBADMSG, "the qcow2 image is cut in its header");
        if (info.has_backing_file)
                return error_set(reterr, -ENOTSUP,
                                 "the qcow2 image stands on another file: make one of both with `qemu-img "
                                 "convert -O qcow2`");
        if (info.has_external_data)
                return error_set(reterr, -ENOTSUP,
                                 "the qcow2 image keeps its data in another file: make one of both with "
                                 "`qemu-img convert -O qcow2`");
        if (info.is_encrypted)
                return error_set(reterr, -ENOTSUP, "the qcow2 image is encrypted");
        return info.size <= max ? 0
                                : error_set(reterr, -EFBIG, "it is larger than %llu GiB when it is unpacked",
                                            (unsigned long long)(max >> 30));
}

/* Whether its clusters are all there: to convert, qemu-img takes what lies behind the end for zeros. */
static int check_clusters(struct unpack *u, const char *source, struct error *reterr) {
        const char *const argv[] = { "qemu-img", "check", "-q", "-f", "qcow2", source, NULL };
        enum { ONLY_LEAKS = 3 }; /* clusters that nothing names: room is lost, no data */
        struct child_result result = { 0 };

        int r = run(u, argv, source, 0, "qemu-utils", &result, reterr);
        if (r != -EBADMSG || (result.end == CHILD_EXITED && result.exit_status == ONLY_LEAKS))
                return r == -EBADMSG ? 0 : r;
        return error_set(reterr, r, "the qcow2 image is cut or damaged: `qemu-img check` finds errors in it");
}

int unpack_qcow2(struct unpack *u, const char *source, uint64_t max, struct error *reterr) {
        CLEANUP(free_at) char *to = unpack_path(u, "raw");
        const char *const argv[] = {
                "qemu-img", "convert", "-q", "-f", "qcow2", "-O", "raw", source, to, NULL
        };

        if (!to)
                return error_set(reterr, -ENOMEM, "out of memory");
        int r = check_qcow2(source, max, reterr);
        import_progress_begin(u->progress, IMPORT_UNPACKING, 0);
        if (r == 0)
                r = check_clusters(u, source, reterr);
        if (r < 0)
                return r;
        r = unpack_tool(u, argv, source, max, "qemu-utils", reterr);
        return r == -EBADMSG ? error_prefix(reterr, "the qcow2 image cannot be read") : r;
}

int unpack_survey(struct unpack *u, const char *disk, struct error *reterr) {
        const char *const argv[] = { u->program, "survey", disk, NULL };
        struct child_result result;

        import_progress_begin(u->progress, IMPORT_READING, 0);
        return run_own(u, argv, disk, PICK_MAX, &result, reterr);
}

int unpack_pick(struct unpack *u, const struct root_place *root, const char *const *patterns,
                struct error *reterr) {
        struct number offset = number_of(root->offset), size = number_of(root->size),
                      max = number_of(PICK_MAX);
        const char *argv[ARGS_MAX] = { u->program,  "pick",    root->tree, root->path,
                                       offset.text, size.text, max.text };
        struct child_result result;
        size_t n = 7;

        import_progress_begin(u->progress, IMPORT_READING, root->size);
        for (size_t i = 0; patterns[i] && n < ARGS_MAX - 1; i++)
                argv[n++] = patterns[i];
        return run_own(u, argv, root->path, PICK_MAX, &result, reterr);
}

int unpack_squash(struct unpack *u, const struct root_place *root, const char *compression, uint64_t max,
                  struct error *reterr) {
        struct number offset = number_of(root->offset), size = number_of(root->size),
                      max_text = number_of(max);
        const char *const argv[] = { u->program, "squash",      root->tree,  root->path, offset.text,
                                     size.text,  max_text.text, compression, NULL };
        struct child_result result;

        import_progress_begin(u->progress, IMPORT_ROOTING, root->size);
        return run_own(u, argv, root->path, max, &result, reterr);
}

int unpack_kernel(struct unpack *u, const char *kernel, char *ret_release, size_t release_size,
                  char **ret_config, struct error *reterr) {
        const char *const argv[] = { u->program, "kernel", kernel, NULL };
        CLEANUP(free_at) char *config = unpack_path(u, "config");
        struct child_result result;
        int64_t len = 0;

        if (config)
                (void)unlink(config); /* of the kernel before */
        int r = run_own(u, argv, kernel, CONFIG_MAX, &result, reterr);
        if (r < 0)
                return r;
        *ret_release = '\0';
        result.output[strcspn(result.output, "\n")] = '\0';
        if (text_starts_with(result.output, "release "))
                (void)text_copy(ret_release, release_size, result.output + strlen("release "));
        *ret_config = (char *)unpack_read(u, "config", CONFIG_MAX, &len);
        return 0;
}
