/*
 * Disks by qemu-storage-daemon: one process for each address, told by QMP what it offers.
 *
 * It runs as a user of its own, without capabilities, and sees no more of the file system than its disks
 * (where the kernel can do that). Its sockets are opened for it. What it says is read by a process of the
 * same user, never by root: a client may have taken it over.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/bramble-helper/exporter.h"
#include "base/text.h"
#include "core/export/qmp.h"
#include "io/confine.h"

enum { ANSWER_S = 30, BACKLOG = 4, START_MS = 5000, STEP_MS = 20 };

static char *socket_path(const struct exporter *e) {
        return helper_join(e->dir, "qmp", NULL);
}

static int take_user(const struct helper *h) {
        return setgroups(0, NULL) < 0 || setgid(h->nbd_gid) < 0 || setuid(h->nbd_uid) < 0
                       ? -errno
                       : confine_privileges();
}

/* ---- to it ---- */

struct talk {
        FILE *in;
        int fd;
        char *line;
        size_t room;
};

static void hang_up(struct talk *t) {
        if (t->in)
                (void)fclose(t->in);
        else if (t->fd >= 0)
                (void)close(t->fd);
        free(t->line);
}

/* One that has just been started makes its socket in a moment. */
static int connect_to(int fd, const struct sockaddr_un *at) {
        for (int ms = 0;; ms += STEP_MS) {
                if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0)
                        return 0;
                if ((errno != ENOENT && errno != ECONNREFUSED) || ms >= START_MS)
                        return -errno;
                (void)nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
        }
}

static int call_up(const char *path, struct talk *t) {
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        const struct timeval wait = { .tv_sec = ANSWER_S };

        if (text_copy(at.sun_path, sizeof(at.sun_path), path) < 0)
                return -ENAMETOOLONG;
        t->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (t->fd < 0 || setsockopt(t->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0)
                return -errno;
        int r = connect_to(t->fd, &at);
        if (r == 0 && !(t->in = fdopen(t->fd, "r")))
                r = -errno;
        return r;
}

static int say(const struct talk *t, const char *line, size_t len) {
        return send(t->fd, line, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -EIO;
}

/* Reads until one of @ends, bits 1 << enum qmp_answer, was said. */
static int hear(struct talk *t, unsigned ends, struct error *reterr) {
        for (;;) {
                ssize_t n = getline(&t->line, &t->room, t->in);
                int r = n <= 0 || n > QMP_LINE_MAX ? -EIO : qmp_read(t->line, (size_t)n, reterr);
                if (r < 0)
                        return error_set(reterr, r, "qemu-storage-daemon does not answer");
                if (r == QMP_REFUSED)
                        return -EIO;
                if (ends & 1U << r)
                        return r;
        }
}

/* All of @lines, one after another; after a withdrawal its end is waited for, before or after its answer. */
static int tell(const char *path, const char *lines, struct error *reterr) {
        CLEANUP(hang_up) struct talk t = { .fd = -1 };

        int r = call_up(path, &t);
        if (r < 0)
                return error_set(reterr, r, "cannot reach qemu-storage-daemon: %s", strerror(-r));
        for (const char *end; (end = strchr(lines, '\n')); lines = end + 1) {
                const size_t len = (size_t)(end + 1 - lines);
                const bool is_withdrawal =
                        memmem(lines, len, "block-export-del", strlen("block-export-del")) != NULL;
                r = say(&t, lines, len);
                if (r == 0)
                        r = hear(&t, 1U << QMP_DONE | (is_withdrawal ? 1U << QMP_WITHDRAWN : 0), reterr);
                if (r >= 0 && is_withdrawal)
                        r = hear(&t, 1U << (r == QMP_DONE ? QMP_WITHDRAWN : QMP_DONE), reterr);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The same in a process of its user. */
static int tell_apart(const struct exporter *e, const char *lines, struct error *reterr) {
        CLEANUP(free_at) char *path = socket_path(e);
        struct error error = { .text = "the process that speaks to qemu-storage-daemon ended" };
        int wire[2], status;

        if (pipe(wire) < 0)
                return error_set(reterr, -errno, "cannot make a pipe: %s", strerror(errno));
        pid_t pid = fork();
        if (pid == 0) {
                int r = take_user(e->helper);
                r = r < 0 ? error_set(&error, r, "cannot become its user") : tell(path, lines, &error);
                if (r < 0)
                        r = write(wire[1], error.text, sizeof(error.text)) < 0 ? -EIO : r;
                _exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }
        (void)close(wire[1]);
        if (pid > 0 && read(wire[0], error.text, sizeof(error.text)) > 0)
                error.text[sizeof(error.text) - 1] = 0;
        (void)close(wire[0]);
        if (pid < 0)
                return error_set(reterr, -EAGAIN, "there are too many processes");
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS
                       ? 0
                       : error_set(reterr, -EIO, "%s", error.text);
}

static int tell_text(const struct exporter *e, const struct text *lines, struct error *reterr) {
        return lines->failed ? error_set(reterr, -ENOMEM, "out of memory")
                             : tell_apart(e, lines->octets, reterr);
}

static int add(const struct exporter *e, const struct volume *v, struct error *reterr) {
        CLEANUP(text_free) struct text lines = {};

        qmp_say_hello(&lines);
        qmp_say_open(&lines, v);
        qmp_say_export(&lines, v);
        return tell_text(e, &lines, reterr);
}

static int take_away(const struct exporter *e, const struct volume *v, struct error *reterr) {
        CLEANUP(text_free) struct text lines = {};

        qmp_say_hello(&lines);
        qmp_say_withdraw(&lines, v);
        qmp_say_close(&lines, v);
        return tell_text(e, &lines, reterr);
}

/* One disk that cannot be opened does not keep the others' machines waiting. */
static int started(const struct exporter *e, struct error *reterr) {
        CLEANUP(text_free) struct text hello = {};

        qmp_say_hello(&hello);
        int r = tell_text(e, &hello, reterr);
        for (size_t i = 0; r == 0 && i < e->offers.n; i++) {
                struct error error;
                char name[VOLUME_NAME_SIZE];
                if (add(e, &e->offers.all[i].volume, &error) < 0)
                        (void)fprintf(stderr, "bramble-helper: %s is not served: %s\n",
                                      volume_export(&e->offers.all[i].volume, name), error.text);
        }
        return r;
}

/* ---- it ---- */

/* It gets its name when its user may connect to it: who waits for it tries again only until it is there. */
static int open_monitor(const struct exporter *e) {
        CLEANUP(free_at) char *path = socket_path(e);
        CLEANUP(free_at) char *unnamed = helper_join(e->dir, "qmp.new", NULL);
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        if (fd < 0 || text_copy(at.sun_path, sizeof(at.sun_path), unnamed) < 0)
                return -EINVAL;
        (void)unlink(unnamed);
        if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
            lchown(unnamed, e->helper->nbd_uid, e->helper->nbd_gid) < 0 || chmod(unnamed, 0600) < 0 ||
            listen(fd, BACKLOG) < 0 || rename(unnamed, path) < 0)
                return -errno;
        return fd;
}

static int become(const struct exporter *e, const char *program, int listener) {
        static const char *const readable[] = { "/usr", "/lib", "/lib64", "/etc", NULL };
        static char *const environment[] = { "LC_ALL=C.UTF-8", NULL };
        char monitor[64], server[64];

        int fd = open_monitor(e);
        if (fd < 0)
                return fd;
        (void)snprintf(monitor, sizeof(monitor), "socket,id=m,fd=%d,server=on,wait=off", fd);
        (void)snprintf(server, sizeof(server), "addr.type=fd,addr.str=%d,max-connections=0", listener);
        if (chdir(volume_kind_name(e->kind)) < 0)
                return -errno;
        confine_capabilities();
        int r = take_user(e->helper);
        if (r < 0)
                return r;
        (void)confine_tree(".", readable);
        const char *const argv[] = { "qemu-storage-daemon", "--chardev",    monitor, "--monitor",
                                     "chardev=m",           "--nbd-server", server,  NULL };
        (void)execve(program, (char *const *)argv, environment);
        return -errno;
}

const struct exporter_kind exporter_nbd = {
        .program = "qemu-storage-daemon",
        .package = "qemu-system-common",
        .become = become,
        .started = started,
        .add = add,
        .remove = take_away,
        .is_bound_for = true,
        .port = 10809,
};
