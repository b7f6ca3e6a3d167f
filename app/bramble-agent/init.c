/* The first process; see init.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/bramble-agent/init.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/machine.h"
#include "app/bramble-agent/io/start.h"

enum { AGAIN_MAX_S = 60 };

/* Waits for one child among all orphans of the machine, which are its children, too. */
static int wait_for(pid_t pid) {
        for (;;) {
                int status;
                pid_t ended = waitpid(-1, &status, 0);
                if (ended == pid)
                        return status;
                if (ended < 0 && errno == ECHILD)
                        (void)sleep(1); /* cannot be, with a child there: but a first process may not spin */
        }
}

static void tell_end(int status, unsigned wait_s) {
        if (WIFSIGNALED(status))
                log_line("the agent died of %s; starting it again in %u s", strsignal(WTERMSIG(status)),
                         wait_s);
        else
                log_line("the agent ended with status %d; starting it again in %u s", WEXITSTATUS(status),
                         wait_s);
}

/* Comes back only as long as the agent can go on. */
static void start_system(void) {
        struct error error = { 0 };

        start_root(&error);
        log_line("%s; trying again", error.text);
}

void init_run(int (*agent)(void *ctx), void *ctx) {
        machine_prepare();
        for (unsigned wait_s = 1;; wait_s = wait_s < AGAIN_MAX_S / 2 ? 2 * wait_s : AGAIN_MAX_S) {
                pid_t pid = fork();
                if (pid == 0) {
                        (void)setsid();
                        _exit(agent(ctx));
                }
                int status = pid < 0 ? 0 : wait_for(pid);
                if (WIFEXITED(status) && WEXITSTATUS(status) == INIT_EXIT_REBOOT)
                        machine_reboot();
                if (WIFEXITED(status) && WEXITSTATUS(status) == INIT_EXIT_POWEROFF)
                        machine_poweroff();
                if (WIFEXITED(status) && WEXITSTATUS(status) == INIT_EXIT_START)
                        start_system();
                else
                        tell_end(status, wait_s);
                (void)sleep(wait_s);
        }
}
