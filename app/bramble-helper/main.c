/*
 * bramble-helper: the one privileged program. See bramble-helper(8).
 *
 * Its standard input is a socket to brambled, or listens for it. Each request is carried out by a process of
 * its own, so that a tree that takes minutes keeps nobody waiting; all of them end when brambled does.
 * Exporters do not.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/bramble-helper/exporter.h"
#include "app/bramble-helper/reporter.h"
#include "app/bramble-helper/volumes.h"
#include "base/text.h"

enum {
        EXIT_USAGE = 2,
        AT_ONCE = 16, /* requests: brambled asks for fewer */
        LOCK_MS = 50,
        LOOK_MS = 1000, /* for those that have ended */
        PASSWD_SIZE = 4096
};

#define NBD_USER "bramble-nbd"

/* ---- requests ---- */

struct work {
        const struct helper *helper;
        const struct helper_request *request;
        const struct reporter *reporter;
        struct helper_answer *answer;
        struct error *error;
};

static int do_hello(const struct work *w) {
        struct text missing = {};

        for (size_t kind = 0; kind < VOLUME_KINDS; kind++) {
                struct error error;
                if (exporter_installed((enum volume_kind)kind, &error))
                        w->answer->kinds |= 1U << kind;
                else
                        text_printf(&missing, "%s%s", missing.len ? "; " : "", error.text);
        }
        (void)error_set(w->error, 0, "%s", missing.len ? missing.octets : "");
        text_free(&missing);
        return 0;
}

static int do_list(const struct work *w) {
        volumes_list(w->reporter);
        return 0;
}

static int do_check(const struct work *w) {
        int n = exporter_check(w->helper, w->error);
        if (n > 0)
                (void)error_set(w->error, 0,
                                "%d of the servers of running roots had ended and were started again", n);
        return n < 0 ? n : 0;
}

static int do_make(const struct work *w) {
        if (volumes_is_made(w->request))
                return 0;
        int r = exporter_withdraw(w->helper, &w->request->volume, w->error);
        return r < 0 ? r : volumes_make(w->helper, w->request, w->reporter, w->error);
}

static int do_take(const struct work *w) {
        char name[VOLUME_NAME_SIZE];

        if (!volumes_is_made(w->request) && volumes_is_anothers(w->request))
                return error_set(
                        w->error, -EEXIST,
                        "%s is there for another deployment than the one that is known, and stays as it "
                        "is: the database may be an older one; deploy the machine anew to replace it",
                        volume_export(&w->request->volume, name));
        return do_make(w);
}

static int do_reset(const struct work *w) {
        if (volumes_is_new_for(w->request))
                return 0;
        int r = exporter_withdraw(w->helper, &w->request->volume, w->error);
        return r < 0 ? r : volumes_reset(w->helper, w->request, w->reporter, w->error);
}

static int do_remove(const struct work *w) {
        int r = exporter_withdraw(w->helper, &w->request->volume, w->error);
        return r < 0 ? r : volumes_remove(&w->request->volume, w->error);
}

static int do_offer(const struct work *w) {
        return exporter_offer(w->helper, &w->request->volume, &w->request->server, &w->request->client,
                              w->error);
}

static int do_withdraw(const struct work *w) {
        return exporter_withdraw(w->helper, &w->request->volume, w->error);
}

static int (*const verbs[HELPER_VERBS])(const struct work *w) = {
        [HELPER_HELLO] = do_hello, [HELPER_LIST] = do_list,         [HELPER_CHECK] = do_check,
        [HELPER_MAKE] = do_make,   [HELPER_RESET] = do_reset,       [HELPER_REMOVE] = do_remove,
        [HELPER_OFFER] = do_offer, [HELPER_WITHDRAW] = do_withdraw, [HELPER_TAKE] = do_take,
};

static void carry_out(const struct helper *h, const struct helper_request *q, int fd) {
        const struct reporter reporter = { .fd = fd, .serial = q->serial };
        struct helper_answer a = { .kind = HELPER_DONE };
        struct error error = { .text = "" };

        a.result = verbs[q->verb](&(struct work){
                .helper = h, .request = q, .reporter = &reporter, .answer = &a, .error = &error });
        (void)snprintf(a.text, sizeof(a.text), "%.*s", (int)sizeof(a.text) - 1, error.text);
        report(&reporter, &a);
}

/* ---- the processes that do it ---- */

struct crew {
        pid_t pids[AT_ONCE];
        size_t n;
};

static void dismiss(struct crew *c, bool wait_for_one) {
        do {
                size_t n = 0;
                for (size_t i = 0; i < c->n; i++)
                        if (waitpid(c->pids[i], NULL, WNOHANG) == 0)
                                c->pids[n++] = c->pids[i];
                if (n < c->n)
                        wait_for_one = false;
                c->n = n;
                if (wait_for_one)
                        (void)poll(NULL, 0, 10);
        } while (wait_for_one);
}

static void end_all(struct crew *c) {
        for (size_t i = 0; i < c->n; i++)
                (void)kill(-c->pids[i],
                           SIGKILL); /* and what it started; exporters have groups of their own */
        while (c->n)
                dismiss(c, true);
}

static void begin(struct crew *c, const struct helper *h, const struct helper_request *q, int fd) {
        if (c->n == AT_ONCE)
                dismiss(c, true);
        pid_t pid = fork();
        if (pid == 0) {
                (void)setpgid(0, 0);
                carry_out(h, q, fd);
                _exit(EXIT_SUCCESS);
        }
        if (pid < 0) {
                struct helper_answer a = { .kind = HELPER_DONE,
                                           .result = -EAGAIN,
                                           .text = "there are too many processes" };
                report(&(struct reporter){ .fd = fd, .serial = q->serial }, &a);
                return;
        }
        (void)setpgid(pid, pid); /* whoever of both is first */
        c->pids[c->n++] = pid;
}

/* Until brambled is gone, or says what is no request. */
static void serve(const struct helper *h, int fd) {
        struct crew crew = {};

        for (;;) {
                uint8_t octets[HELPER_REQUEST_SIZE + 1];
                struct helper_request q;
                struct pollfd p = { .fd = fd, .events = POLLIN };

                dismiss(&crew, false);
                if (poll(&p, 1, crew.n ? LOOK_MS : -1) <= 0)
                        continue;
                ssize_t n = recv(fd, octets, sizeof(octets), 0);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        break;
                if (helper_request_parse(octets, (size_t)n, &q) < 0) {
                        (void)fputs("bramble-helper: what came is no request: hanging up\n", stderr);
                        break;
                }
                begin(&crew, h, &q, fd);
        }
        end_all(&crew);
}

/* ---- its start ---- */

static const struct option known[] = {
        { "dir", required_argument, NULL, 'd' },
        { "store", required_argument, NULL, 's' },
        { "nbd-user", required_argument, NULL, 'u' },
        { "version", no_argument, NULL, 'V' },
        {},
};

static int find_user(struct helper *h, const char *name, struct error *reterr) {
        char room[PASSWD_SIZE];
        struct passwd entry, *found = NULL;

        (void)getpwnam_r(name, &entry, room, sizeof(room), &found);
        if (!found || found->pw_uid == 0)
                return error_set(reterr, -ENOENT,
                                 "there is no user '%s' to serve disks as: make it with `useradd --system "
                                 "--user-group %s`",
                                 name, name);
        h->nbd_uid = found->pw_uid;
        h->nbd_gid = found->pw_gid;
        return 0;
}

/* Its working directory is root's own: nobody else can put a link at a name in it. */
static int enter_dir(const struct helper *h, struct error *reterr) {
        struct stat status;

        if (mkdir(h->dir, 0711) < 0 && errno != EEXIST)
                return error_set(reterr, -errno, "cannot make %s: %s", h->dir, strerror(errno));
        int fd = open(h->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &status) < 0 || fchdir(fd) < 0)
                return error_set(reterr, -errno, "cannot use %s: %s", h->dir, strerror(errno));
        (void)close(fd);
        if (status.st_uid != 0 || status.st_mode & 022)
                return error_set(reterr, -EPERM, "%s must belong to root, and be written by root alone",
                                 h->dir);
        return 0;
}

static bool is_usable(const char *path) {
        return path && path[0] == '/' && !strpbrk(path, "\"\\\n");
}

static int prepare(struct helper *h, const char *user, struct error *reterr) {
        if (!is_usable(h->dir) || !is_usable(h->store))
                return error_set(reterr, -EINVAL, "--dir and --store want absolute paths without quotes");
        if (geteuid() != 0)
                return error_set(reterr, -EPERM, "must be started by root");
        int r = find_user(h, user, reterr);
        return r < 0 ? r : enter_dir(h, reterr);
}

static bool is_listening(int fd) {
        int is = 0;
        socklen_t len = sizeof(is);
        return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is, &len) == 0 && is;
}

static bool is_alone(void) {
        struct pollfd p = { .fd = STDIN_FILENO, .events = POLLRDHUP };
        return !is_listening(STDIN_FILENO) && poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLRDHUP));
}

/* One helper works at a time: an earlier one may be ending still. Who waits for nobody any more does not
 * wait. */
static int take_over(int *ret_lock, struct error *reterr) {
        *ret_lock = open("lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (*ret_lock < 0)
                return error_set(reterr, -errno, "cannot lock its directory: %s", strerror(errno));
        while (flock(*ret_lock, LOCK_EX | LOCK_NB) < 0) {
                if (is_alone())
                        return error_set(reterr, -EPIPE,
                                         "another one works here, and nobody waits for this one any more");
                (void)poll(NULL, 0, LOCK_MS);
        }
        return volumes_begin(reterr);
}

static void run(const struct helper *h) {
        if (!is_listening(STDIN_FILENO)) {
                serve(h, STDIN_FILENO);
                return;
        }
        for (int fd; (fd = accept4(STDIN_FILENO, NULL, NULL, SOCK_CLOEXEC)) >= 0 || errno == EINTR;) {
                if (fd < 0)
                        continue;
                serve(h, fd);
                (void)close(fd);
        }
}

static int fail(const struct error *e) {
        (void)fprintf(stderr, "bramble-helper: %s\n", e->text);
        return EXIT_FAILURE;
}

int main(int argc, char *argv[]) {
        struct helper h = {};
        struct error error = {};
        const char *user = NBD_USER;
        int lock;

        for (int c; (c = getopt_long(argc, argv, "", known, NULL)) >= 0;) {
                if (c == 'd')
                        h.dir = optarg;
                else if (c == 's')
                        h.store = optarg;
                else if (c == 'u')
                        user = optarg;
                else if (c == 'V')
                        return printf("bramble-helper %s\n", BRAMBLE_VERSION) < 0;
                else
                        return EXIT_USAGE;
        }
        (void)umask(0022);
        (void)fcntl(STDIN_FILENO, F_SETFD, FD_CLOEXEC);
        if (prepare(&h, user, &error) < 0 || take_over(&lock, &error) < 0)
                return fail(&error);
        run(&h);
        (void)close(lock);
        return EXIT_SUCCESS;
}
