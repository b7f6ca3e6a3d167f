/* Boards from the operator's folder; see boards.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "core/boot/plan.h"
#include "core/machine/board_yaml.h"
#include "io/fd.h"
#include "io/log.h"
#include "region/boards.h"

/* The whole file, or -errno; what is larger than any board is refused here. */
static ssize_t read_file(int dir_fd, const char *name, char *buf, size_t size) {
        CLEANUP(fd_close_at) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;
        size_t len = 0;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        for (ssize_t n = 1; n > 0 && len < size; len += (size_t)n) {
                n = read(fd, buf + len, size - len);
                if (n < 0)
                        return -errno;
        }
        return len < size ? (ssize_t)len : -EFBIG;
}

/* The newly laid board's client and methods must be rows that there are. */
static int check_rows(const struct board_set *s, struct error *reterr) {
        for (size_t i = 0; i < board_set_len(s); i++) {
                int r = boot_board_check(board_set_item(s, i), reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int lay_over(struct board_set **boards, int dir_fd, const char *name) {
        CLEANUP(free_at) char *yaml = malloc(BOARD_YAML_MAX + 1);
        struct error err = {};

        if (!yaml)
                return -ENOMEM;
        ssize_t len = read_file(dir_fd, name, yaml, BOARD_YAML_MAX + 1);
        if (len < 0) {
                log_error("region: left out a board", "file", name, "why", strerror((int)-len));
                return 0;
        }
        CLEANUP(board_set_drop_at)
        struct board_set *next = board_set_lay_over(*boards, yaml, (size_t)len, name, &err);
        if (!next && err.code == -ENOMEM)
                return -ENOMEM;
        if (!next || check_rows(next, &err) < 0) {
                log_error("region: left out a board", "file", name, "why", err.text);
                return 0;
        }
        board_set_drop(*boards);
        *boards = TAKE(next);
        return 0;
}

static int is_yaml(const struct dirent *entry) {
        return entry->d_name[0] != '.' && text_ends_with(entry->d_name, ".yaml");
}

static int lay_over_all(struct board_set **boards, int dir_fd) {
        struct dirent **entries = NULL;
        int n = scandirat(dir_fd, ".", &entries, is_yaml, alphasort);
        int r = n < 0 ? -errno : 0;

        for (int i = 0; i < n; i++) {
                if (r == 0)
                        r = lay_over(boards, dir_fd, entries[i]->d_name);
                free(entries[i]);
        }
        free((void *)entries);
        return r;
}

int region_boards_load(const char *dir, struct board_set **ret, struct error *reterr) {
        CLEANUP(board_set_drop_at) struct board_set *boards = board_set_builtin();
        if (!boards)
                return error_set(reterr, -ENOMEM, "out of memory");

        CLEANUP(fd_close_at) int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r = dir_fd >= 0 ? lay_over_all(&boards, dir_fd) : errno == ENOENT ? 0 : -errno;
        if (r < 0)
                return error_set(reterr, r, "boards in %s: %s", dir, strerror(-r));
        *ret = TAKE(boards);
        return 0;
}
