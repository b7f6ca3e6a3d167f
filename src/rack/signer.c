/* Running a signer; see signer.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/signer.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/child.h"
#include "io/fd.h"

#define COPY "sign-"
#define COPY_RANDOM "XXXXXX"

enum { SIGNATURE_SIZE = 256, TIMEOUT_MS = 60000, BLOCK = 256 * 1024 };

static int write_whole(int fd, const struct boot_file *file) {
        CLEANUP(free_at) uint8_t *block = malloc(BLOCK);
        int64_t n = 1;

        if (!block)
                return -ENOMEM;
        for (uint64_t at = 0; at < file->size && n > 0; at += (uint64_t)n) {
                n = boot_file_read(file, at, block, BLOCK);
                int r = n > 0 ? fd_write(fd, block, (size_t)n, at) : (int)n;
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_answer(const char *name, struct child_result *result, uint8_t ret[static SIGNATURE_SIZE],
                       struct error *reterr) {
        char *end = result->output + strcspn(result->output, "\r\n");

        if (result->end == CHILD_TIMEOUT)
                return error_set(reterr, -ETIMEDOUT, "signer %s: no answer in %d s", name, TIMEOUT_MS / 1000);
        if (result->end != CHILD_EXITED)
                return error_set(reterr, -EIO, "signer %s: it was ended by signal %d", name, result->signal);
        *end = 0;
        if (result->exit_status != 0)
                return error_set(reterr, -EIO, "signer %s: it ended with %d: %.200s", name,
                                 result->exit_status, result->output);
        if (text_parse_hex(result->output, ret, SIGNATURE_SIZE) < 0)
                return error_set(reterr, -EBADMSG, "signer %s: its answer is no signature of %d hex digits",
                                 name, 2 * SIGNATURE_SIZE);
        return 0;
}

static int run(const char *dir, const char *name, const char *path, uint8_t ret[static SIGNATURE_SIZE],
               struct error *reterr) {
        char program[PATH_MAX];
        struct child_result result;

        if (snprintf(program, sizeof(program), "%s/%s", dir, name) >= (int)sizeof(program))
                return error_set(reterr, -ENAMETOOLONG, "%s/%s is too long for a path", dir, name);
        const char *const argv[] = { program, "-a", "rsa2048-sha256", path, NULL };
        const char *const env[] = { "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                                    NULL };
        const struct child_options options = { .argv = argv,
                                               .env = env,
                                               .has_network = true, /* a module may stand elsewhere */
                                               .sees_files = true,
                                               .timeout_ms = TIMEOUT_MS };
        int r = child_run(&options, &result);
        if (r == -ENOENT || r == -EACCES)
                return error_set(reterr, r, "there is no signer %s that may be run", program);
        if (r < 0)
                return error_set(reterr, r, "signer %s cannot be started: %s", program, strerror(-r));
        return read_answer(name, &result, ret, reterr);
}

bool signer_is_copy(const char *name) {
        size_t len = strlen(COPY);

        if (!text_starts_with(name, COPY))
                return false;
        while (isalnum((unsigned char)name[len]))
                len++;
        return !name[len] && len == strlen(COPY COPY_RANDOM);
}

int signer_run(const char *dir, const char *name, const char *work_dir, const struct boot_file *file,
               uint8_t ret[static SIGNATURE_SIZE], struct error *reterr) {
        char path[PATH_MAX];

        if (snprintf(path, sizeof(path), "%s/" COPY COPY_RANDOM, work_dir) >= (int)sizeof(path))
                return error_set(reterr, -ENAMETOOLONG, "%s is too long for a path", work_dir);
        CLEANUP(fd_close_at) int fd = mkostemp(path, O_CLOEXEC);
        if (fd < 0)
                return error_set(reterr, -errno, "%s: %s", path, strerror(errno));
        int r = write_whole(fd, file);
        if (r < 0)
                (void)error_set(reterr, r, "%s: %s", path, strerror(-r));
        else
                r = run(dir, name, path, ret, reterr);
        (void)unlink(path);
        return r;
}
