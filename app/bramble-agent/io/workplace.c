/* Folders for scripts; see workplace.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble-agent/io/workplace.h"
#include "app/bramble-agent/io/write.h"
#include "app/bramble-agent/places.h"

enum { PATH_SIZE = WORKPLACE_PATH_SIZE + 64, DEPTH = 16 };

int workplace_make(struct workplace *w, struct error *reterr) {
        (void)snprintf(w->dir, sizeof(w->dir), "/tmp/bramble-script-XXXXXX");
        if (mkdtemp(w->dir))
                return 0;
        int r = error_set(reterr, -errno, "/tmp: no folder for the script can be made: %s", strerror(errno));
        w->dir[0] = '\0';
        return r;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at) {
        (void)status;
        (void)type;
        (void)at;
        return remove(path);
}

void workplace_remove(struct workplace *w) {
        if (*w->dir)
                (void)nftw(w->dir, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
        w->dir[0] = '\0';
}

static int open_file(const struct workplace *w, const char *name, int flags, unsigned mode) {
        char path[PATH_SIZE];

        (void)snprintf(path, sizeof(path), "%s/%s", w->dir, name);
        int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode);
        return fd < 0 ? -errno : fd;
}

int workplace_put(const struct workplace *w, const char *name, const void *data, size_t len, unsigned mode,
                  struct error *reterr) {
        int fd = open_file(w, name, O_WRONLY | O_CREAT | O_TRUNC, mode);
        int r = fd < 0 ? fd : write_all(fd, data, len);

        if (fd >= 0)
                (void)close(fd);
        return r < 0 ? error_set(reterr, r, "%s/%s cannot be written: %s", w->dir, name, strerror(-r)) : 0;
}

void workplace_add(const struct workplace *w, const char *name, const void *data, size_t len) {
        int fd = open_file(w, name, O_WRONLY | O_CREAT | O_APPEND, 0600);

        if (fd < 0)
                return;
        (void)write_all(fd, data, len);
        (void)close(fd);
}

char *workplace_get(const struct workplace *w, const char *name, size_t max, size_t *ret_len) {
        int fd = open_file(w, name, O_RDONLY | O_NONBLOCK, 0);
        CLEANUP(free_at) char *text = fd < 0 ? NULL : malloc(max + 2);
        size_t len = 0;

        for (ssize_t n; text && len <= max && (n = read(fd, text + len, max + 1 - len)) > 0;)
                len += (size_t)n;
        if (fd >= 0)
                (void)close(fd);
        if (!text || len > max)
                return NULL;
        text[len] = '\0';
        *ret_len = len;
        return TAKE(text);
}

bool workplace_find_program(const char *program, char *buf, size_t size) {
        static const char *const folders[] = { "",          PLACE_TOOLS "/", "/usr/sbin/",
                                               "/usr/bin/", "/sbin/",        "/bin/" };

        for (size_t i = *program == '/' ? 0 : 1; i < ARRAY_LEN(folders); i++) {
                int n = snprintf(buf, size, "%s%s", folders[i], program);
                if (n > 0 && (size_t)n < size && access(buf, X_OK) == 0)
                        return true;
                if (*program == '/')
                        return false;
        }
        return false;
}
