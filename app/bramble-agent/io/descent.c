/* Ending processes with all that they started; see descent.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/bramble-agent/io/descent.h"

enum { ROUNDS = 100, ROUND_US = 50000 };

struct process {
        pid_t pid, parent;
        bool is_dead; /* and waits for its parent to notice */
        bool is_meant;
};

void descent_keep(void) {
        (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* "7 (name, with anything in it) S 1 …" */
static bool read_process(const char *name, struct process *ret) {
        char path[64], text[512];
        char *end;

        ret->pid = (pid_t)strtol(name, &end, 10);
        if (*end || ret->pid < 1)
                return false;
        (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)ret->pid);
        FILE *file = fopen(path, "re");
        size_t n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
        if (file)
                (void)fclose(file);
        text[n] = '\0';
        const char *behind = strrchr(text, ')');
        if (!behind || strlen(behind) < 5)
                return false;
        ret->is_dead = behind[2] == 'Z' || behind[2] == 'X';
        ret->parent = (pid_t)strtol(behind + 4, NULL, 10);
        ret->is_meant = false;
        return true;
}

struct processes {
        struct process *all;
        size_t n, room;
};

static void processes_free(struct processes *p) {
        free(p->all);
}

/* One more; NULL when out of memory. */
static struct process *next_of(struct processes *p) {
        if (p->n == p->room) {
                const size_t room = p->room ? 2 * p->room : 256;
                struct process *all = reallocarray(p->all, room, sizeof(*all));
                if (!all)
                        return NULL;
                p->all = all;
                p->room = room;
        }
        return &p->all[p->n];
}

/* All that there are: a machine with many processors has more threads of its kernel than one would think. */
static int list(struct processes *ret) {
        DIR *dir = opendir("/proc");
        int r = dir ? 0 : -errno;

        ret->n = 0;
        for (const struct dirent *e; r == 0 && (e = readdir(dir));) {
                struct process *p = next_of(ret);
                r = p ? 0 : -ENOMEM;
                ret->n += p && read_process(e->d_name, p);
        }
        if (dir)
                (void)closedir(dir);
        return r;
}

/* Children of @pid, and theirs. */
static void mark(struct process *all, size_t n, pid_t pid) {
        for (size_t i = 0; i < n; i++) {
                if (all[i].parent != pid || all[i].is_meant)
                        continue;
                all[i].is_meant = true;
                mark(all, n, all[i].pid);
        }
}

/* Kills what is below @pid: 0 when nothing of it was alive, -EBUSY when something was, or -errno. */
static int kill_below(struct processes *p, pid_t pid) {
        int r = list(p);

        if (r < 0)
                return r;
        mark(p->all, p->n, pid);
        for (size_t i = 0; i < p->n; i++) {
                if (!p->all[i].is_meant || p->all[i].is_dead)
                        continue;
                (void)kill(p->all[i].pid, SIGKILL);
                r = -EBUSY;
        }
        return r;
}

int descent_end(pid_t pid) {
        CLEANUP(processes_free) struct processes p = {};
        int r;

        /* It stays to the end, for the others to become its children; and starts no more meanwhile. */
        if (kill(pid, SIGSTOP) < 0)
                return errno == ESRCH ? 0 : -errno;
        for (unsigned round = 0; (r = kill_below(&p, pid)) == -EBUSY && round < ROUNDS; round++)
                (void)usleep(ROUND_US);
        if (r < 0)
                return r; /* it stays, stopped: who comes next finds what is left below it */
        (void)kill(pid, SIGKILL);
        /* Whose child it is notices: this process, or the first one. */
        for (unsigned i = 0; i < ROUNDS && kill(pid, 0) == 0; i++) {
                if (waitpid(pid, NULL, WNOHANG) == pid)
                        break;
                (void)usleep(ROUND_US);
        }
        return 0;
}
