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

enum { PROCESSES_MAX = 1024, ROUNDS = 100, ROUND_US = 50000 };

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

static size_t list(struct process ret[static PROCESSES_MAX]) {
        DIR *dir = opendir("/proc");
        size_t n = 0;

        for (const struct dirent *e; dir && n < PROCESSES_MAX && (e = readdir(dir));)
                n += read_process(e->d_name, &ret[n]);
        if (dir)
                (void)closedir(dir);
        return n;
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

/* Kills what is below @pid; how many of them were alive. */
static size_t kill_below(struct process *all, pid_t pid) {
        const size_t n = list(all);
        size_t n_alive = 0;

        mark(all, n, pid);
        for (size_t i = 0; i < n; i++) {
                if (!all[i].is_meant || all[i].is_dead)
                        continue;
                (void)kill(all[i].pid, SIGKILL);
                n_alive++;
        }
        return n_alive;
}

int descent_end(pid_t pid) {
        CLEANUP(free_at) struct process *all = calloc(PROCESSES_MAX, sizeof(*all));

        if (!all)
                return -ENOMEM;
        /* It stays to the end, for the others to become its children; and starts no more meanwhile. */
        if (kill(pid, SIGSTOP) < 0)
                return errno == ESRCH ? 0 : -errno;
        unsigned round = 0;
        while (kill_below(all, pid) > 0 && ++round < ROUNDS)
                (void)usleep(ROUND_US);
        (void)kill(pid, SIGKILL);
        /* Whose child it is notices: this process, or the first one. */
        for (unsigned i = 0; i < ROUNDS && kill(pid, 0) == 0; i++) {
                if (waitpid(pid, NULL, WNOHANG) == pid)
                        break;
                (void)usleep(ROUND_US);
        }
        return round < ROUNDS ? 0 : -EBUSY;
}
