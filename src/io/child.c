/*
 * Starting a confined child and waiting for it; see child.h.
 *
 * Between fork and exec only system calls are made: other threads may have held any lock at the fork.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/confine.h"
#include "io/fd.h"

enum { TICK_MS = 100, EXEC_FAILED = 127 };

static const char *const no_env[] = { NULL };

/* All that the child needs, made ready before the fork. */
struct start {
        const struct child_options *options;
        const char *readable[CHILD_READABLE_MAX + 6];
        char path[PATH_MAX];
        int input;     /* what the child reads */
        int output[2]; /* a pipe; what the child writes */
        int fault[2];  /* a pipe; -errno when it could not start, else closed by exec */
};

static void set_limit(int what, uint64_t value) {
        struct rlimit limit = { .rlim_cur = (rlim_t)value, .rlim_max = (rlim_t)value };

        if (value != 0)
                (void)setrlimit((__rlimit_resource_t)what, &limit);
}

static int prepare_self(const struct start *s) {
        const struct child_options *o = s->options;
        sigset_t none;

        if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                return -errno;
        (void)signal(SIGPIPE, SIG_DFL);
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        if (dup2(s->input, 0) < 0 || dup2(s->output[1], 1) < 0 || dup2(s->output[1], 2) < 0)
                return -errno;
        if (chdir(o->work_dir ? o->work_dir : "/") < 0)
                return -errno;
        set_limit(RLIMIT_CPU, o->cpu_s);
        set_limit(RLIMIT_FSIZE, o->file_octets);
        set_limit(RLIMIT_AS, o->memory_octets);
        int r = confine_privileges();
        if (r < 0)
                return r;
        if (!o->has_network)
                confine_network();
        confine_capabilities();
        if (!o->sees_files)
                confine_files(o->work_dir, s->readable);
        /* Whatever was open without close-on-exec; the fault pipe has it, and is needed until then. */
        (void)close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        return 0;
}

__attribute__((noreturn)) static void become(const struct start *s) {
        const struct child_options *o = s->options;
        int r = prepare_self(s);

        if (r == 0) {
                (void)execve(s->path, (char *const *)(uintptr_t)o->argv,
                             (char *const *)(uintptr_t)(o->env ? o->env : no_env));
                r = -errno;
        }
        (void)!write(s->fault[1], &r, sizeof(r));
        _exit(EXEC_FAILED);
}

static int find_program(const char *name, char path[static PATH_MAX]) {
        static const char *const dirs[] = { "", "/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/" };

        for (size_t i = strchr(name, '/') ? 0 : 1; i < ARRAY_LEN(dirs); i++) {
                int n = snprintf(path, PATH_MAX, "%s%s", dirs[i], name);
                if (n > 0 && n < PATH_MAX && access(path, X_OK) == 0)
                        return 0;
        }
        return -ENOENT;
}

static void list_readable(struct start *s) {
        static const char *const always[] = { "/usr", "/lib", "/lib64", "/bin", "/etc" };
        size_t n = 0;

        for (size_t i = 0; i < ARRAY_LEN(always); i++)
                s->readable[n++] = always[i];
        for (size_t i = 0; i < CHILD_READABLE_MAX && s->options->readable[i]; i++)
                s->readable[n++] = s->options->readable[i];
        s->readable[n] = NULL;
}

static void close_one(int *fd) {
        fd_close(*fd);
        *fd = -1;
}

static void close_all(struct start *s) {
        close_one(&s->input);
        for (int i = 0; i < 2; i++) {
                close_one(&s->output[i]);
                close_one(&s->fault[i]);
        }
}

/* Takes what waits in the pipe; false at its end. What does not fit is read and thrown away: a child must not
 * hang on us. */
static bool take_output(int fd, struct child_result *ret, size_t *len) {
        char waste[1024];

        for (;;) {
                size_t room = sizeof(ret->output) - 1 - *len;
                ssize_t n = room ? read(fd, ret->output + *len, room) : read(fd, waste, sizeof(waste));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno == EAGAIN;
                if (n == 0)
                        return false;
                if (room)
                        *len += (size_t)n;
        }
}

static bool has_ended(pid_t pid) {
        siginfo_t info = { 0 };

        return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == pid;
}

/* Why the child must end now, or CHILD_EXITED: it may go on. */
static enum child_end judge(const struct child_options *o, uint64_t start_ms) {
        if (o->timeout_ms && clock_now_ms() - start_ms >= o->timeout_ms)
                return CHILD_TIMEOUT;
        return o->may_go_on && !o->may_go_on(o->ctx) ? CHILD_STOPPED : CHILD_EXITED;
}

static void wait_end(pid_t pid, int output_fd, const struct child_options *o, struct child_result *ret) {
        uint64_t start_ms = clock_now_ms();
        enum child_end end = CHILD_EXITED;
        bool is_open = true;
        size_t len = 0;
        int status = 0;

        while (!has_ended(pid) && end == CHILD_EXITED) {
                struct pollfd p = { .fd = is_open ? output_fd : -1, .events = POLLIN };
                (void)poll(&p, 1, is_open ? TICK_MS : TICK_MS / 10);
                is_open = is_open && take_output(output_fd, ret, &len);
                end = judge(o, start_ms);
        }
        /* Its group too, before the number is free for others. */
        (void)kill(-pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        if (is_open)
                (void)take_output(output_fd, ret, &len);
        ret->output[len] = '\0';
        ret->end = end != CHILD_EXITED ? end : WIFSIGNALED(status) ? CHILD_KILLED : CHILD_EXITED;
        ret->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        ret->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* A file that is nowhere: the child can read it at any speed, and rewind, and nobody has to feed a pipe. */
static int make_input(struct start *s) {
        const struct child_options *o = s->options;

        if (o->input_len == 0) {
                s->input = open("/dev/null", O_RDONLY | O_CLOEXEC);
                return s->input < 0 ? -errno : 0;
        }
        s->input = memfd_create("input", MFD_CLOEXEC);
        if (s->input < 0)
                return -errno;
        for (size_t done = 0; done < o->input_len;) {
                ssize_t n = write(s->input, (const char *)o->input + done, o->input_len - done);
                if (n < 0 && errno != EINTR)
                        return -errno;
                done += n > 0 ? (size_t)n : 0;
        }
        return lseek(s->input, 0, SEEK_SET) < 0 ? -errno : 0;
}

static int run(struct start *s, struct child_result *ret) {
        int r = make_input(s);
        if (r < 0)
                return r;
        if (pipe2(s->output, O_CLOEXEC) < 0 || pipe2(s->fault, O_CLOEXEC) < 0 ||
            fcntl(s->output[0], F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        pid_t pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                become(s);
        close_one(&s->output[1]);
        close_one(&s->fault[1]);

        int fault = 0;
        ssize_t n;
        do
                n = read(s->fault[0], &fault, sizeof(fault));
        while (n < 0 && errno == EINTR);
        wait_end(pid, s->output[0], s->options, ret);
        return n == (ssize_t)sizeof(fault) ? fault : 0;
}

int child_run(const struct child_options *options, struct child_result *ret) {
        struct start s = { .options = options, .input = -1, .output = { -1, -1 }, .fault = { -1, -1 } };
        struct child_result result = { 0 };

        int r = find_program(options->argv[0], s.path);
        if (r < 0)
                return r;
        list_readable(&s);
        r = run(&s, &result);
        close_all(&s);
        if (r == 0)
                *ret = result;
        return r;
}
