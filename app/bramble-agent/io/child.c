/* Running programs; see child.h. Between fork and exec only system calls are made: there are other threads.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/bramble-agent/io/child.h"
#include "app/bramble-agent/io/clock.h"

enum { GLANCE_MS = 100, MERCY_MS = 2000, EXEC_FAILED = 127 };

struct pipes {
        int out[2], err[2], fault[2];
};

static void become(const struct child_options *o, const struct pipes *p) {
        int null_fd = open("/dev/null", O_RDONLY), r;
        sigset_t none;

        (void)setpgid(0, 0);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)signal(SIGPIPE, SIG_DFL);
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        (void)dup2(null_fd, 0);
        (void)dup2(p->out[1], 1);
        (void)dup2(p->err[1], 2);
        if (chdir(o->dir) == 0)
                (void)execve(o->argv[0], (char *const *)(uintptr_t)o->argv, (char *const *)(uintptr_t)o->env);
        r = -errno;
        (void)!write(p->fault[1], &r, sizeof(r));
        _exit(EXEC_FAILED);
}

static void close_all(struct pipes *p) {
        int *ends[] = { &p->out[0], &p->out[1], &p->err[0], &p->err[1], &p->fault[0], &p->fault[1] };

        for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
                if (*ends[i] >= 0)
                        (void)close(*ends[i]);
                *ends[i] = -1;
        }
}

/* Takes what waits; false at the end of the stream. */
static bool drain(const struct child_options *o, int fd, enum child_stream stream) {
        uint8_t buf[4096];

        for (;;) {
                ssize_t n = read(fd, buf, sizeof(buf));
                if (n > 0)
                        o->take(o->ctx, stream, buf, (size_t)n);
                else if (n == 0)
                        return false;
                else if (errno != EINTR)
                        return errno == EAGAIN;
        }
}

static bool has_ended(pid_t pid) {
        siginfo_t info = { 0 };
        return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == pid;
}

static void wait_end(const struct child_options *o, pid_t pid, struct pipes *p, struct child_result *ret) {
        struct pollfd streams[] = { { .fd = p->out[0], .events = POLLIN },
                                    { .fd = p->err[0], .events = POLLIN } };
        uint64_t begin_ms = clock_now_ms(), mercy_ms = 0;
        int status = 0;

        ret->end = CHILD_EXITED;
        while (!has_ended(pid)) {
                (void)poll(streams, 2, GLANCE_MS);
                for (int i = 0; i < 2; i++)
                        if (streams[i].revents && !drain(o, streams[i].fd, (enum child_stream)i))
                                streams[i].fd = -1;
                uint64_t now_ms = clock_now_ms();
                if (ret->end == CHILD_EXITED && !o->may_go_on(o->ctx))
                        ret->end = CHILD_STOPPED;
                if (ret->end == CHILD_EXITED && o->timeout_s &&
                    now_ms - begin_ms >= (uint64_t)o->timeout_s * 1000)
                        ret->end = CHILD_TIMED_OUT;
                /* Asked to end first, so that it can put away what it has begun. */
                if (ret->end != CHILD_EXITED && mercy_ms == 0) {
                        (void)kill(-pid, SIGTERM);
                        mercy_ms = now_ms + MERCY_MS;
                } else if (mercy_ms != 0 && now_ms >= mercy_ms)
                        (void)kill(-pid, SIGKILL);
        }
        ret->seconds = (double)(clock_now_ms() - begin_ms) / 1000;
        (void)kill(-pid, SIGKILL); /* whatever it left behind, before its number is free for others */
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        for (int i = 0; i < 2; i++)
                if (streams[i].fd >= 0)
                        (void)drain(o, streams[i].fd, (enum child_stream)i);
        if (ret->end == CHILD_EXITED && WIFSIGNALED(status))
                ret->end = CHILD_KILLED;
        ret->status = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static int run(const struct child_options *o, struct pipes *p, struct child_result *ret) {
        int fault = 0;

        if (pipe2(p->out, O_CLOEXEC) < 0 || pipe2(p->err, O_CLOEXEC) < 0 || pipe2(p->fault, O_CLOEXEC) < 0 ||
            fcntl(p->out[0], F_SETFL, O_NONBLOCK) < 0 || fcntl(p->err[0], F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        pid_t pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                become(o, p);
        int *ours[] = { &p->out[1], &p->err[1], &p->fault[1] };
        for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
                (void)close(*ours[i]);
                *ours[i] = -1;
        }
        ssize_t n;
        while ((n = read(p->fault[0], &fault, sizeof(fault))) < 0 && errno == EINTR)
                ;
        wait_end(o, pid, p, ret);
        return n == (ssize_t)sizeof(fault) ? fault : 0;
}

int child_run(const struct child_options *options, struct child_result *ret) {
        struct pipes p = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
        struct child_result result = { 0 };

        int r = run(options, &p, &result);
        close_all(&p);
        if (r == 0)
                *ret = result;
        return r;
}
