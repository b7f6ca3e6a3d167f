/* Running the tools; see child.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/bramble/build/child.h"

enum { TICK_MS = 500, LINE_MAX_OCTETS = 1024, EXEC_FAILED = 127 };
#define SBIN "/usr/local/sbin:/usr/sbin:/sbin"

/* One pipe that the child writes to. */
struct stream {
        int fd; /* -1: ended */
        struct text line;
};

/* A child at work. */
struct running {
        const struct child *child;
        pid_t pid;
        struct stream messages, captured;
        char why[LINE_MAX_OCTETS]; /* what it said that a failure is told by */
        bool has_error;
};

static char *search_path(void) {
        const char *path = getenv("PATH");
        char *all = NULL;

        return asprintf(&all, "%s:" SBIN, path && *path ? path : "/usr/local/bin:/usr/bin:/bin") < 0 ? NULL
                                                                                                     : all;
}

bool child_has(const char *program) {
        CLEANUP(free_at) char *path = search_path();
        char *rest = path;

        for (char *dir; path && (dir = strsep(&rest, ":"));) {
                CLEANUP(free_at) char *file = NULL;
                if (asprintf(&file, "%s/%s", dir, program) < 0) {
                        file = NULL;
                        return false;
                }
                if (access(file, X_OK) == 0)
                        return true;
        }
        return false;
}

void child_as_root(struct argv *out) {
        static const char *const words[] = { "mmdebstrap", "--unshare-helper", NULL };

        if (geteuid() != 0)
                argv_add_all(out, words);
}

static int open_as(int fd, const char *path, int flags) {
        const int opened = open(path, flags | O_CLOEXEC);
        return opened < 0 || dup2(opened, fd) < 0 ? -errno : 0;
}

/* In the child. Words for a failure go where its messages go. */
static void become(const struct child *c, const char *path, int messages, int captured) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)signal(SIGPIPE, SIG_DFL);
        if (dup2(messages, STDERR_FILENO) < 0 || dup2(captured < 0 ? messages : captured, STDOUT_FILENO) < 0)
                _exit(EXEC_FAILED);
        if (c->dir && chdir(c->dir) < 0) {
                dprintf(STDERR_FILENO, "cannot enter %s: %s\n", c->dir, strerror(errno));
                _exit(EXEC_FAILED);
        }
        if (open_as(STDIN_FILENO, c->input ? c->input : "/dev/null", O_RDONLY) < 0 ||
            (c->output && open_as(STDOUT_FILENO, c->output, O_RDWR) < 0)) {
                dprintf(STDERR_FILENO, "cannot open its files: %s\n", strerror(errno));
                _exit(EXEC_FAILED);
        }
        /* mmdebstrap tells a shell to write to its next free descriptor, and dash knows no more than ten. */
        (void)close_range(STDERR_FILENO + 1, ~0U, 0);
        if (setenv("PATH", path, 1) < 0 || setenv("LC_ALL", "C.UTF-8", 1) < 0 ||
            (c->temporary && setenv("TMPDIR", c->temporary, 1) < 0) ||
            (c->epoch && (setenv("SOURCE_DATE_EPOCH", c->epoch, 1) < 0 || setenv("TZ", "UTC0", 1) < 0)))
                _exit(EXEC_FAILED);
        (void)execvp(c->argv->words[0], c->argv->words);
        dprintf(STDERR_FILENO, "%s\n", strerror(errno));
        _exit(EXEC_FAILED);
}

static int start(struct running *r) {
        CLEANUP(free_at) char *path = search_path();
        int messages[2], captured[2] = { -1, -1 };

        if (!path)
                return -ENOMEM;
        if (pipe2(messages, O_CLOEXEC) < 0)
                return -errno;
        if (r->child->captured && pipe2(captured, O_CLOEXEC) < 0) {
                const int fault = -errno;
                (void)close(messages[0]);
                (void)close(messages[1]);
                return fault;
        }
        r->pid = fork();
        const int fault = r->pid < 0 ? -errno : 0;
        if (r->pid == 0)
                become(r->child, path, messages[1], captured[1]);
        (void)close(messages[1]);
        if (captured[1] >= 0)
                (void)close(captured[1]);
        r->messages.fd = messages[0];
        r->captured.fd = captured[0];
        return fault;
}

/* What is told when the child fails: its first error, for others follow from it; else what it said last. */
static void hear(struct running *r, const char *line) {
        const bool is_error = strncmp(line, "E: ", 3) == 0 || strstr(line, "rror:");

        if (!*line)
                return;
        if (!r->has_error)
                (void)snprintf(r->why, sizeof(r->why), "%s", line);
        r->has_error |= is_error;
        if (r->child->line)
                r->child->line(r->child->ctx, line);
}

static void hear_octets(struct running *r, const char *octets, size_t n) {
        struct text *line = &r->messages.line;

        if (r->child->log)
                (void)fwrite(octets, 1, n, r->child->log);
        for (size_t i = 0; i < n; i++) {
                if (octets[i] != '\n' && octets[i] != '\r') {
                        if (line->len < LINE_MAX_OCTETS - 1)
                                text_append_octets(line, &octets[i], 1);
                        continue;
                }
                hear(r, line->octets ? line->octets : "");
                text_free(line);
        }
}

/* What is there on one pipe. */
static void take(struct running *r, struct stream *s) {
        char buf[4096];
        const ssize_t n = read(s->fd, buf, sizeof(buf));

        if (n < 0 && errno == EINTR)
                return;
        if (n <= 0) {
                (void)close(s->fd);
                s->fd = -1;
        } else if (s == &r->messages) {
                hear_octets(r, buf, (size_t)n);
        } else {
                text_append_octets(r->child->captured, buf, (size_t)n);
        }
}

static void listen_to(struct running *r) {
        struct stream *streams[] = { &r->messages, &r->captured };

        while (r->messages.fd >= 0 || r->captured.fd >= 0) {
                struct pollfd fds[] = { { .fd = r->messages.fd, .events = POLLIN },
                                        { .fd = r->captured.fd, .events = POLLIN } };
                const int n = poll(fds, ARRAY_LEN(fds), TICK_MS);
                if (n == 0 && r->child->line)
                        r->child->line(r->child->ctx, NULL);
                for (size_t i = 0; n > 0 && i < ARRAY_LEN(fds); i++)
                        if (fds[i].revents)
                                take(r, streams[i]);
        }
        hear(r, r->messages.line.octets ? r->messages.line.octets : "");
        text_free(&r->messages.line);
}

static int judge(const struct running *r, int status, struct error *reterr) {
        const char *name = r->child->argv->words[0], *said = *r->why ? r->why : "it did not say why";

        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                return r->child->captured && r->child->captured->failed
                               ? error_set(reterr, -ENOMEM, "out of memory")
                               : 0;
        if (WIFSIGNALED(status))
                return error_set(reterr, -ECHILD, "%s was ended by signal %d", name, WTERMSIG(status));
        if (WEXITSTATUS(status) == EXEC_FAILED)
                return error_set(reterr, child_has(name) ? -ECHILD : -ENOENT, "cannot run %s: %s", name,
                                 said);
        return error_set(reterr, -ECHILD, "%s failed (status %d): %s", name, WEXITSTATUS(status), said);
}

int child_run(const struct child *c, struct error *reterr) {
        struct running r = { .child = c, .messages.fd = -1, .captured.fd = -1 };
        int status;

        if (c->argv->failed || c->argv->n == 0)
                return error_set(reterr, -ENOMEM, "out of memory");
        const int fault = start(&r);
        if (fault < 0)
                return error_set(reterr, fault, "cannot start %s: %s", c->argv->words[0], strerror(-fault));
        listen_to(&r);
        while (waitpid(r.pid, &status, 0) < 0)
                if (errno != EINTR)
                        return error_set(reterr, -errno, "%s is lost: %s", c->argv->words[0],
                                         strerror(errno));
        return judge(&r, status, reterr);
}
