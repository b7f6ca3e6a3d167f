/* Packing a root; see root_dir.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble/build/child.h"
#include "app/bramble/root_dir.h"
#include "io/fd.h"

/* Copied by anybody else than root, all of it belongs to who copied it: such a system lets nobody in. */
static int check_owner(const char *dir, struct error *reterr) {
        struct stat status;

        if (stat(dir, &status) < 0)
                return error_set(reterr, -errno, "cannot read %s: %s", dir, strerror(errno));
        if (status.st_uid == 0)
                return 0;
        return error_set(reterr, -EPERM,
                         "%s belongs to user %u, and a system's root to root: copy it as root, as `cp -a` "
                         "does, or give a tarball of it",
                         dir, (unsigned)status.st_uid);
}

/* Roots are large: where /tmp is memory, /var/tmp is not. */
static int open_nameless(struct error *reterr) {
        const char *below = getenv("TMPDIR");
        CLEANUP(free_at) char *path = NULL;

        if (asprintf(&path, "%s/bramble-root-XXXXXX", below && *below ? below : "/var/tmp") < 0) {
                path = NULL;
                return error_set(reterr, -ENOMEM, "out of memory");
        }
        const int fd = mkostemp(path, O_CLOEXEC);
        if (fd < 0)
                return error_set(reterr, -errno, "cannot write %s: %s", path, strerror(errno));
        (void)unlink(path);
        return fd;
}

int root_dir_pack(const char *dir, int *ret, struct error *reterr) {
        static const char *const words[] = { "tar",
                                             "--create",
                                             "--file=-",
                                             "--format=pax",
                                             "--sparse",
                                             "--one-file-system",
                                             "--numeric-owner",
                                             "--acls",
                                             "--xattrs",
                                             "--warning=no-file-ignored" /* sockets */,
                                             NULL };
        CLEANUP(argv_free) struct argv argv = {};
        char output[32];

        int r = check_owner(dir, reterr);
        if (r < 0)
                return r;
        CLEANUP(fd_close_at) int fd = open_nameless(reterr);
        if (fd < 0)
                return fd;
        (void)snprintf(output, sizeof(output), "/proc/self/fd/%d", fd);
        argv_add_all(&argv, words);
        argv_printf(&argv, "--directory=%s", dir);
        argv_add(&argv, ".");
        r = child_run(&(struct child){ .argv = &argv, .output = output }, reterr);
        if (r < 0)
                return error_prefix(reterr, "cannot pack %s", dir);
        *ret = fd;
        fd = -1;
        return 0;
}
