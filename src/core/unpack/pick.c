/* Files out of a tree; see pick.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/pick.h"

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "core/unpack/gzip.h"
#include "core/unpack/packed.h"

enum { BUF_SIZE = 64 * 1024 };

struct picking {
        const char *const *patterns;
        uint64_t left;
        uint8_t buf[BUF_SIZE];
};

/* How modules are packed. */
static const struct {
        const char *ending;
        int (*open)(struct stream *below, struct stream **ret, struct error *reterr);
} module_packings[] = { { ".ko.xz", open_xz }, { ".ko.zst", open_zstd }, { ".ko.gz", open_gzip } };

static bool matches(const struct picking *p, const char *path, bool *ret_only_name) {
        for (const char *const *pattern = p->patterns; *pattern; pattern++) {
                *ret_only_name = **pattern == '?';
                if (fnmatch(*pattern + *ret_only_name, path, FNM_PERIOD) == 0)
                        return true;
        }
        return false;
}

static int make_dirs(char *path) {
        for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                int r = mkdir(path, 0750) < 0 && errno != EEXIST ? -errno : 0;
                *slash = '/';
                if (r < 0)
                        return r;
        }
        return 0;
}

static int write_octets_to(int fd, const uint8_t *data, size_t len) {
        while (len > 0) {
                ssize_t n = write(fd, data, len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                len -= (size_t)n;
        }
        return 0;
}

static int write_content(struct picking *p, int fd, struct stream *content, struct error *reterr) {
        for (;;) {
                ssize_t n = stream_read(content, p->buf, sizeof(p->buf), reterr);
                if (n <= 0)
                        return (int)n;
                if ((uint64_t)n > p->left)
                        return error_set(reterr, -EFBIG, "the files that machines boot from are too large");
                p->left -= (uint64_t)n;
                int r = write_octets_to(fd, p->buf, (size_t)n);
                if (r < 0)
                        return error_set(reterr, r, "what was unpacked cannot be written: %s", strerror(-r));
        }
}

/* Later entries of a tar archive take the place of earlier ones. */
static int write_file(struct picking *p, char *path, struct stream *content, struct error *reterr) {
        int r = make_dirs(path);
        if (r < 0)
                return error_set(reterr, r, "%.200s: %s", path, strerror(-r));
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
        if (fd < 0)
                return error_set(reterr, -errno, "%.200s: %s", path, strerror(errno));
        r = content ? write_content(p, fd, content, reterr) : 0;
        (void)close(fd);
        return r;
}

/* The stream that unpacks stays above one that is not its own. */
static int write_module(struct picking *p, char *path, struct stream *content, struct error *reterr) {
        struct stream *unpacked = NULL;

        for (size_t i = 0; i < ARRAY_LEN(module_packings); i++) {
                if (!text_ends_with(path, module_packings[i].ending))
                        continue;
                path[strlen(path) - strlen(module_packings[i].ending) + 3] = '\0'; /* keeps ".ko" */
                struct stream *below = stream_borrow(content, reterr);
                if (!below)
                        return -ENOMEM;
                int r = module_packings[i].open(below, &unpacked, reterr);
                if (r == 0)
                        r = write_file(p, path, unpacked, reterr);
                stream_free(unpacked ? unpacked : below);
                return r < 0 ? error_prefix(reterr, "%.100s", path) : 0;
        }
        return write_file(p, path, content, reterr);
}

static int take_entry(void *ctx, struct archive_entry *e, struct stream *content, struct error *reterr) {
        struct picking *p = ctx;
        const char *path = archive_entry_pathname(e);
        char to[TREE_PATH_OCTETS + sizeof(PICK_DIR)];
        bool only_name = false;

        if (archive_entry_filetype(e) != AE_IFREG && !archive_entry_hardlink(e) &&
            archive_entry_filetype(e) != AE_IFLNK)
                return 0;
        if (!matches(p, path, &only_name))
                return 0;
        if (!only_name && (!content || archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e)))
                return 0;
        (void)snprintf(to, sizeof(to), PICK_DIR "/%s", path);
        return only_name ? write_file(p, to, NULL, reterr) : write_module(p, to, content, reterr);
}

int pick(const struct tree *t, const char *path, uint64_t offset, const char *const *patterns, uint64_t max,
         struct progress *progress, struct error *reterr) {
        CLEANUP(free_at) struct picking *p = calloc(1, sizeof(*p));
        if (!p)
                return error_set(reterr, -ENOMEM, "out of memory");
        p->patterns = patterns;
        p->left = max;
        if (mkdir(PICK_DIR, 0750) < 0 && errno != EEXIST)
                return error_set(reterr, -errno, PICK_DIR ": %s", strerror(errno));
        return t->each(path, offset, take_entry, p, progress, reterr);
}
