/*
 * Trees by nfs-ganesha: one process for each address, told by its configuration and SIGHUP what it offers.
 *
 * It is root's, because what it writes belongs to whom the client says; of root's rights it has those over
 * files, and no others.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/bramble-helper/exporter.h"
#include "base/text.h"
#include "io/confine.h"

enum { REREAD_MS = 10000, STEP_MS = 10, LOG_TAIL = 64 * 1024 };

#define CAP(name) (UINT64_C(1) << (name))
#define CAPS \
        (CAP(CAP_CHOWN) | CAP(CAP_DAC_OVERRIDE) | CAP(CAP_DAC_READ_SEARCH) | CAP(CAP_FOWNER) | \
         CAP(CAP_FSETID) | CAP(CAP_MKNOD) | CAP(CAP_SETUID) | CAP(CAP_SETGID) | CAP(CAP_SYS_RESOURCE))

/* What it says when it has read its configuration again. */
#define REREAD "Reread exports complete"

static int write_configuration(const struct exporter *e, struct error *reterr) {
        CLEANUP(free_at) char *path = helper_join(e->dir, "ganesha.conf", NULL);
        CLEANUP(free_at) char *trees = helper_join(e->helper->dir, volume_kind_name(e->kind), NULL);
        CLEANUP(free_at) char *state = helper_join(e->helper->dir, e->dir, "clients", NULL);
        CLEANUP(text_free) struct text out = {};

        offers_ganesha(&e->offers, &e->at, trees, state, &out);
        return out.failed ? error_set(reterr, -ENOMEM, "out of memory")
                          : helper_write_file(path, out.octets, out.len, reterr);
}

/* Whether it has read it again, by what it said after @from. */
static bool has_reread(const char *log, off_t from) {
        char tail[LOG_TAIL + 1];
        int fd = open(log, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        ssize_t n = fd < 0 ? -1 : pread(fd, tail, LOG_TAIL, from);

        if (fd >= 0)
                (void)close(fd);
        if (n < 0)
                return false;
        tail[n] = 0;
        return strstr(tail, REREAD) != NULL;
}

static int reload(const struct exporter *e, struct error *reterr) {
        CLEANUP(free_at) char *log = helper_join(e->dir, "log", NULL);
        struct stat status = {};
        pid_t pid = exporter_pid(e);

        int r = write_configuration(e, reterr);
        if (r < 0)
                return r;
        (void)stat(log, &status);
        if (!pid || kill(pid, SIGHUP) < 0)
                return error_set(reterr, -ESRCH, "ganesha.nfsd has just ended");
        for (int ms = 0; ms < REREAD_MS; ms += STEP_MS) {
                if (has_reread(log, status.st_size))
                        return 0;
                (void)nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
        }
        return error_set(reterr, -ETIMEDOUT, "ganesha.nfsd does not read its configuration");
}

static int changed(const struct exporter *e, const struct volume *v, struct error *reterr) {
        (void)v;
        return reload(e, reterr);
}

/* It had all of it when it started. */
static int started(const struct exporter *e, struct error *reterr) {
        (void)e;
        (void)reterr;
        return 0;
}

static int become(const struct exporter *e, const char *program, int listener) {
        static char *const environment[] = { "LC_ALL=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
        CLEANUP(free_at) char *configuration = helper_join(e->dir, "ganesha.conf", NULL);
        CLEANUP(free_at) char *pid = helper_join(e->dir, "pid", NULL);
        CLEANUP(free_at) char *clients = helper_join(e->dir, "clients", NULL);
        struct error error;
        (void)listener;

        if ((mkdir(clients, 0700) < 0 && errno != EEXIST) || write_configuration(e, &error) < 0)
                return -EIO;
        confine_capabilities_to(CAPS);
        if (confine_privileges() < 0)
                return -EPERM;
        const char *const argv[] = { "ganesha.nfsd", "-F",     "-f", configuration, "-p", pid,
                                     "-L",           "STDERR", "-N", "NIV_EVENT",   NULL };
        (void)execve(program, (char *const *)argv, environment);
        return -errno;
}

const struct exporter_kind exporter_nfs = {
        .program = "ganesha.nfsd",
        .package = "nfs-ganesha-vfs",
        .become = become,
        .started = started,
        .add = changed,
        .remove = changed,
        .knows_clients = true,
        .port = 2049,
};
