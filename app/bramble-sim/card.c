/* The files of a card image; see card.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/card.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "format/partition.h"

enum { PIECE = 64 * 1024, FILE_PATH_MAX = 512 };

struct card {
        char *drive; /* as mtools takes a volume in a file */
};

static int read_image(void *ctx, uint64_t offset, void *buf, size_t len) {
        const int *fd = ctx;
        ssize_t n = pread(*fd, buf, len, (off_t)offset);

        return n < 0 ? -errno : (size_t)n < len ? -EIO : 0;
}

/* Where the volume lies that firmware looks at; NULL, or why there is none. */
static const char *find_volume(const char *path, struct partition_extent *ret) {
        struct stat st;

        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? "there is no card in its slot" : "its card cannot be read";
        int r = fstat(fd, &st) < 0 ? -errno : partition_find_fat(read_image, &fd, (uint64_t)st.st_size, ret);
        (void)close(fd);
        switch (r) {
        case PARTITION_FOUND:
                return NULL;
        case PARTITION_NO_TABLE:
                return "its card is empty: neither a partition table nor a FAT volume";
        case PARTITION_NO_FAT:
                return "its card has no FAT partition";
        case PARTITION_CUT:
                return "its card's FAT volume goes on behind the card's end";
        default:
                return "its card cannot be read";
        }
}

struct card *card_insert(const char *path, const char **retwhy) {
        struct partition_extent volume;

        *retwhy = find_volume(path, &volume);
        if (*retwhy)
                return NULL;
        CLEANUP(card_eject_at) struct card *c = calloc(1, sizeof(*c));
        if (!c || asprintf(&c->drive, "%s@@%llu", path, (unsigned long long)volume.offset) < 0) {
                *retwhy = "its card cannot be read: out of memory";
                return NULL;
        }
        return TAKE(c);
}

void card_eject(struct card *c) {
        if (!c)
                return;
        free(c->drive);
        free(c);
}

/* mtype, its output into a pipe; its end of the pipe, or -errno. */
static int start_mtype(const struct card *c, char *name, pid_t *ret) {
        char *const argv[] = { (char[]){ "mtype" }, (char[]){ "-i" }, c->drive, name, NULL };
        /* Its own check refuses volumes that boards boot from: sizes that do not fit a floppy's geometry. */
        char *const env[] = { (char[]){ "MTOOLS_SKIP_CHECK=1" }, (char[]){ "LC_ALL=C.UTF-8" }, NULL };
        posix_spawn_file_actions_t actions;
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        int r = posix_spawn_file_actions_init(&actions);
        if (r == 0) {
                r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
                if (r == 0)
                        r = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
                if (r == 0)
                        r = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY,
                                                             0);
                if (r == 0)
                        r = posix_spawnp(ret, argv[0], &actions, NULL, argv, env);
                (void)posix_spawn_file_actions_destroy(&actions);
        }
        (void)close(ends[1]);
        if (r != 0)
                (void)close(ends[0]);
        return r != 0 ? -r : ends[0];
}

enum card_got card_read(const struct card *c, const char *path,
                        bool (*fn)(void *ctx, const void *data, size_t len), void *ctx) {
        char name[FILE_PATH_MAX], piece[PIECE];
        bool has_begun = false, wants_more = true;
        int status = 0;
        pid_t child;

        /* mtools would look for whatever fits a pattern. */
        if (strpbrk(path, "*?[\\") || snprintf(name, sizeof(name), "::/%s", path) >= (int)sizeof(name))
                return CARD_NOT_FOUND;
        int from = start_mtype(c, name, &child);
        if (from < 0)
                return CARD_BROKEN;
        ssize_t n = 0;
        while (wants_more && (n = read(from, piece, sizeof(piece))) > 0) {
                has_begun = true;
                wants_more = fn(ctx, piece, (size_t)n);
        }
        (void)close(from); /* ends it, where enough was seen */
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                continue;
        if (!wants_more || (n == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0))
                return CARD_WHOLE;
        return has_begun ? CARD_BROKEN : CARD_NOT_FOUND;
}
