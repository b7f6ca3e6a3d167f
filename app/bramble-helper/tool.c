/* Starting other people's programs; see tool.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-helper/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "io/confine.h"

enum { OUTPUT_MAX = 4096, REPORT_MS = 500, STATUS_NO_START = 127 };

char *tool_find(const char *name) {
        static const char *const places[] = { "/usr/bin", "/usr/sbin", "/bin", "/sbin" };

        for (size_t i = 0; i < ARRAY_LEN(places); i++) {
                char *path = helper_join(places[i], name, NULL);
                if (access(path, X_OK) == 0)
                        return path;
                free(path);
        }
        return NULL;
}

/* In the child. What cannot be given up ends it. */
static void give_up_rights(const struct tool *t) {
        const char *readable[] = { "/usr", "/lib",       "/lib64",    "/bin", "/sbin",
                                   "/etc", "/proc/self", t->readable, NULL };

        confine_network();
        confine_capabilities_to(t->capabilities);
        if (t->as_nbd &&
            (setgroups(0, NULL) < 0 || setgid(t->as_nbd->nbd_gid) < 0 || setuid(t->as_nbd->nbd_uid) < 0))
                _exit(STATUS_NO_START);
        if (confine_privileges() < 0)
                _exit(STATUS_NO_START);
        (void)confine_tree(".", readable); /* where the kernel can */
}

static void become(const struct tool *t, const char *program, int output) {
        static char *const environment[] = { "LC_ALL=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
        int null = open("/dev/null", O_RDONLY);

        if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0 || chdir(t->dir) < 0)
                _exit(STATUS_NO_START);
        give_up_rights(t);
        (void)execve(program, (char *const *)t->argv, environment);
        _exit(STATUS_NO_START);
}

/* How many octets it has read by now; 0: not known. */
static uint64_t read_by(pid_t pid) {
        CLEANUP(free_at) char *path = NULL;
        unsigned long long n = 0;

        if (asprintf(&path, "/proc/%d/io", (int)pid) < 0)
                return 0;
        CLEANUP(free_at) char *text = helper_read_file(path, OUTPUT_MAX, NULL);
        return text && sscanf(text, "rchar: %llu", &n) == 1 ? n : 0;
}

static void tell(const struct tool *t, pid_t pid) {
        if (!t->reporter)
                return;
        uint64_t done = read_by(pid);
        report_progress(t->reporter, done < t->reads ? done : t->reads, t->reads);
}

/* Keeps the last of what it says. */
static void listen_to(const struct tool *t, pid_t pid, int fd, char text[static OUTPUT_MAX]) {
        size_t len = 0;

        for (;;) {
                struct pollfd p = { .fd = fd, .events = POLLIN };
                if (poll(&p, 1, REPORT_MS) <= 0) {
                        tell(t, pid);
                        continue;
                }
                if (len == OUTPUT_MAX - 1) {
                        len = OUTPUT_MAX / 2;
                        memmove(text, text + OUTPUT_MAX - 1 - len, len);
                }
                ssize_t n = read(fd, text + len, OUTPUT_MAX - 1 - len);
                if (n == 0 || (n < 0 && errno != EINTR))
                        break;
                len += n > 0 ? (size_t)n : 0;
        }
        text[len] = 0;
}

/* The last line, without what no sentence has. */
static const char *last_line(char *text) {
        size_t len = strlen(text);

        while (len > 0 && (unsigned char)text[len - 1] <= ' ')
                text[--len] = 0;
        char *newline = strrchr(text, '\n');
        char *line = newline ? newline + 1 : text;
        for (char *at = line; *at; at++)
                if ((unsigned char)*at < ' ' || *at == 0x7f)
                        *at = ' ';
        return *line ? line : "no reason was given";
}

int tool_run(const struct tool *t, struct error *reterr) {
        CLEANUP(free_at) char *program = tool_find(t->argv[0]);
        char text[OUTPUT_MAX];
        int output[2], status = 0;

        if (!program)
                return error_set(reterr, -ENOENT, "%s is not installed: install the package %s", t->argv[0],
                                 t->package);
        if (pipe2(output, O_CLOEXEC) < 0)
                return error_set(reterr, -errno, "cannot start %s: %s", t->argv[0], strerror(errno));
        pid_t pid = fork();
        if (pid == 0)
                become(t, program, output[1]);
        (void)close(output[1]);
        if (pid > 0)
                listen_to(t, pid, output[0], text);
        (void)close(output[0]);
        if (pid < 0)
                return error_set(reterr, -EAGAIN, "cannot start %s: there are too many processes",
                                 t->argv[0]);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                return 0;
        if (WIFSIGNALED(status))
                return error_set(reterr, -EIO, "%s was ended by signal %d", t->argv[0], WTERMSIG(status));
        return error_set(reterr, -EIO, "%s: %s", t->argv[0], last_line(text));
}
