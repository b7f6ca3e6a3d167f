/*
 * Running dropbear; see sshd.h.
 *
 * It is started for each connection by the loader that lies beside it, so that it meets no libraries of an
 * initrd. As a daemon it would start itself anew from /proc/self/exe, which here is the loader: hence tcpsvd.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/bramble-agent/io/child.h"
#include "app/bramble-agent/io/descent.h"
#include "app/bramble-agent/io/sshd.h"
#include "app/bramble-agent/places.h"

#define HOST_KEY "/run/bramble-host-key"
#define PID_FILE "/run/bramble-sshd.pid"
#define ROOT_HOME "/root"
#define LOADED(program) PLACE_LOADER, "--library-path", PLACE_RESCUE, PLACE_RESCUE "/" program

enum { SESSIONS_MAX = 8, EXEC_FAILED = 127 };

struct said {
        char text[2048];
        size_t len;
};

static void take(void *ctx, enum child_stream stream, const void *data, size_t len) {
        struct said *s = ctx;
        size_t room = sizeof(s->text) - 1 - s->len, n = len < room ? len : room;

        (void)stream;
        memcpy(s->text + s->len, data, n);
        s->len += n;
}

static bool always(void *ctx) {
        (void)ctx;
        return true;
}

static int write_file(const char *path, const char *text, mode_t mode, struct error *reterr) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
        ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
        int r = n == (ssize_t)strlen(text) ? 0 : -errno;

        if (fd >= 0)
                (void)close(fd);
        return r < 0 ? error_set(reterr, r, "%s cannot be written: %s", path, strerror(-r)) : 0;
}

static bool read_line(const char *path, char *buf, size_t size) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

        if (fd >= 0)
                (void)close(fd);
        if (n <= 0)
                return false;
        buf[n] = '\0';
        buf[strcspn(buf, "\n")] = '\0';
        return true;
}

/* A system of one user. Whatever an initrd has there is for its own programs, none of which run here. */
static int make_user(const char *keys, struct error *reterr) {
        static const struct {
                const char *path, *text;
        } files[] = {
                { "/etc/passwd", "root:x:0:0:root:" ROOT_HOME ":" PLACE_TOOLS "/sh\n" },
                { "/etc/group", "root:x:0:\ntty:x:5:\n" },
                { "/etc/shells", PLACE_TOOLS "/sh\n" },
                { ROOT_HOME "/.profile", "export PATH=" PLACE_TOOLS ":/usr/sbin:/usr/bin:/sbin:/bin\n" },
        };
        static const char *const folders[] = { "/etc", ROOT_HOME, ROOT_HOME "/.ssh" };
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
                (void)mkdir(folders[i], 0700);
                (void)chmod(folders[i],
                            i == 0 ? 0755 : 0700); /* dropbear takes no keys from where others could write */
        }
        (void)chmod("/", 0755);
        for (size_t i = 0; i < ARRAY_LEN(files) && r == 0; i++)
                r = write_file(files[i].path, files[i].text, 0644, reterr);
        return r == 0 ? write_file(ROOT_HOME "/.ssh/authorized_keys", keys, 0600, reterr) : r;
}

/* Made at every start: rescue mode has no memory. The key stands in a line of its own in what dropbearkey
 * says. */
static int make_host_key(char host_key[static SSHD_KEY_SIZE], struct error *reterr) {
        const char *const make[] = { LOADED("dropbearkey"), "-t", "ed25519", "-f", HOST_KEY, NULL };
        const char *const show[] = { LOADED("dropbearkey"), "-y", "-f", HOST_KEY, NULL };
        const char *const env[] = { NULL };
        struct said said = { .len = 0 };
        struct child_options options = {
                .argv = show, .env = env, .dir = "/", .take = take, .may_go_on = always, .ctx = &said
        };
        struct child_result result;
        int r = 0;

        if (access(HOST_KEY, R_OK) < 0) {
                options.argv = make;
                r = child_run(&options, &result);
        } else
                r = child_run(&options, &result);
        if (r < 0)
                return error_set(reterr, r, "this agent was packed without an SSH server: %s", strerror(-r));
        said.text[said.len] = '\0';
        const char *key = strstr(said.text, "ssh-ed25519 ");
        if (!key)
                return error_set(reterr, -EIO, "no host key could be made: %.100s", said.text);
        (void)snprintf(host_key, SSHD_KEY_SIZE, "%.*s", (int)strcspn(key, "\n"), key);
        return 0;
}

static void become_dropbear(int fd) {
        const char *const argv[] = { LOADED("dropbear"), "-i", "-s", "-r", HOST_KEY, NULL };
        const char *const env[] = { "PATH=" PLACE_TOOLS, NULL };

        (void)dup2(fd, 0);
        (void)dup2(fd, 1);
        (void)execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
        _exit(EXEC_FAILED);
}

static int listen_on(uint16_t port) {
        const struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
        const int yes = 1;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
            bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, SESSIONS_MAX) < 0)
                return -errno;
        return fd;
}

/* What sessions left behind ends here as well, and is none of them. */
static unsigned forget(pid_t sessions[static SESSIONS_MAX], unsigned n, pid_t pid) {
        for (unsigned i = 0; i < n; i++) {
                if (sessions[i] != pid)
                        continue;
                sessions[i] = sessions[n - 1];
                return n - 1;
        }
        return n;
}

int sshd_main(void) {
        const int listener = 0; /* as for inetd's programs that wait */
        pid_t sessions[SESSIONS_MAX], ended;
        unsigned n = 0;

        (void)signal(SIGPIPE, SIG_DFL);
        descent_keep();
        for (;;) {
                /* Whoever comes when there are too many waits until one has gone. */
                while ((ended = waitpid(-1, NULL, n < SESSIONS_MAX ? WNOHANG : 0)) > 0)
                        n = forget(sessions, n, ended);
                int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
                pid_t pid = fd < 0 ? -1 : fork();
                if (pid == 0)
                        become_dropbear(fd);
                if (pid > 0)
                        sessions[n++] = pid;
                if (fd >= 0)
                        (void)close(fd);
                else if (errno == ENOTSOCK || errno == EINVAL)
                        return EXIT_FAILURE; /* started by hand, without a socket */
                else if (errno != EINTR && errno != ECONNABORTED)
                        (void)sleep(1); /* no memory, no descriptors: it may get better */
        }
}

/* Itself under another name, so that nothing of this process' threads and descriptors goes along. It does not
 * die with the thread that starts it. */
static void become_listener(int listener) {
        const char *const argv[] = { PLACE_SSHD, NULL };
        const char *const env[] = { NULL };

        (void)setsid();
        (void)dup2(listener, 0);
        (void)execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
        _exit(EXEC_FAILED);
}

/* The server outlives the job that started it, and the agent proper: a file remembers it. Its number may be
 * another's by now, its name is not. 0: it does not run. */
static pid_t running(void) {
        char text[16], path[64], name[16];
        const char *const own = strrchr(PLACE_SSHD, '/') + 1;

        if (!read_line(PID_FILE, text, sizeof(text)))
                return 0;
        pid_t pid = (pid_t)strtol(text, NULL, 10);
        (void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
        return pid > 1 && read_line(path, name, sizeof(name)) && strcmp(name, own) == 0 ? pid : 0;
}

int sshd_start(const char *keys, char host_key[static SSHD_KEY_SIZE], struct error *reterr) {
        char text[16];

        int r = make_user(keys, reterr);
        if (r == 0)
                r = make_host_key(host_key, reterr);
        if (r < 0 || running() > 0)
                return r;
        int listener = listen_on(SSHD_PORT);
        if (listener < 0)
                return error_set(reterr, listener, "nobody can log in: port %d: %s", SSHD_PORT,
                                 strerror(-listener));
        pid_t pid = fork();
        if (pid == 0)
                become_listener(listener);
        (void)close(listener);
        if (pid < 0)
                return error_set(reterr, -errno, "the SSH server cannot be started: %s", strerror(errno));
        (void)snprintf(text, sizeof(text), "%d\n", (int)pid);
        return write_file(PID_FILE, text, 0644, reterr);
}

int sshd_stop(struct error *reterr) {
        const pid_t pid = running();

        if (access(PID_FILE, F_OK) < 0)
                return 0; /* none was ever started, and what else is in these places is not ours */
        (void)unlink(ROOT_HOME "/.ssh/authorized_keys");
        int r = pid > 0 ? descent_end(pid) : 0;
        if (r < 0)
                return error_set(reterr, r,
                                 "somebody who logged in by SSH is still there: start the machine anew");
        (void)unlink(PID_FILE);
        return 0;
}
