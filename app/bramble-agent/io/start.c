/* Switching roots; see start.h. As switch_root(8) and systemd do it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/machine.h"
#include "app/bramble-agent/io/nic.h"
#include "app/bramble-agent/io/start.h"
#include "app/bramble-agent/io/tree.h"
#include "app/bramble-agent/io/volume.h"
#include "app/bramble-agent/places.h"
#include "base/text.h"

enum {
        INIT_SIZE = 256,
        END_MS = 2000, /* how long what runs may take to end */
        LOOK_MS = 20,
        OPEN_FOLDERS = 32,   /* of nftw(3) at one time */
        STAND_STILL_S = 300, /* before a machine whose init cannot run begins anew */
};

int start_prepare(const char *init, const char *nic, struct error *reterr) {
        CLEANUP(volume_free_at) struct volume *root = NULL, *own = NULL;

        int r = volume_open(PLACE_ROOT, &root);
        if (r < 0 || !volume_exists(root, init))
                return error_set(reterr, -ENOENT,
                                 "there is no %s in the root: it holds no system that could be started",
                                 init);
        r = volume_open("/", &own);
        if (r < 0)
                return error_set(reterr, r, "/: %s", strerror(-r));
        r = volume_write(own, PLACE_NIC, nic, 0600, reterr);
        return r < 0 ? r : volume_write(own, PLACE_INIT, init, 0600, reterr);
}

/* A process that must go: not the kernel's own, which have no arguments, nor who keeps the root alive, whose
 * name begins with '@' (systemd's rule, for the same). */
static bool must_end(const struct tree *proc, const char *pid) {
        char first = 0;
        int n = tree_read(proc, &first, 1, "%s/cmdline", pid);
        return n == 1 && first != '@';
}

static unsigned tell_all(const struct tree *proc, int signal) {
        CLEANUP(tree_names_free) struct tree_names names = tree_list(proc, ".");
        unsigned n = 0;

        for (size_t i = 0; i < names.n; i++) {
                uint64_t pid;
                if (text_parse_u64(names.items[i], INT32_MAX, &pid) < 0 || pid <= 1 ||
                    !must_end(proc, names.items[i]))
                        continue;
                n += kill((pid_t)pid, signal) == 0;
        }
        while (waitpid(-1, NULL, WNOHANG) > 0)
                ;
        return n;
}

/* Whatever still runs has files of the initramfs open, or a lease of its own. */
static void end_all(void) {
        struct tree proc;

        if (tree_open(&proc, "/proc") < 0)
                return;
        (void)tell_all(&proc, SIGTERM);
        for (unsigned ms = 0; ms < END_MS && tell_all(&proc, 0) > 0; ms += LOOK_MS)
                (void)nanosleep(&(struct timespec){ .tv_nsec = (long)LOOK_MS * 1000000 }, NULL);
        (void)tell_all(&proc, SIGKILL);
        tree_close(&proc);
}

/* A system finds its cards as firmware leaves them, without address and down: only then it can name them, and
 * it asks anew. But not the one that its files come by. */
static void release_cards(const struct tree *own) {
        struct nic nics[NICS_MAX];
        const unsigned n = nic_list(own, nics);
        char kept[NIC_NAME_SIZE] = "";

        (void)tree_text(own, kept, sizeof(kept), "%s", &PLACE_NIC[1]);
        for (unsigned i = 0; i < n; i++)
                if (strcmp(nics[i].name, kept) != 0)
                        nic_down(nics[i].name);
}

/* What the system finds mounted, as from any initramfs. */
static void move_mounts(void) {
        static const char *const mounts[] = { "/dev", "/proc", "/sys", "/run" };
        char to[64];

        for (size_t i = 0; i < ARRAY_LEN(mounts); i++) {
                (void)snprintf(to, sizeof(to), PLACE_ROOT "%s", mounts[i]);
                (void)mkdir(to, 0755); /* a root may be without; a read-only one has them or goes without */
                if (mount(mounts[i], to, NULL, MS_MOVE, NULL) < 0)
                        (void)umount2(mounts[i], MNT_DETACH);
        }
        (void)umount2("/tmp", MNT_DETACH);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at) {
        (void)status;
        (void)at;
        (void)(type == FTW_DP ? rmdir(path) : unlink(path));
        return 0; /* what is a mount point stays, and what is open goes with its last user */
}

static void reopen_console(void) {
        int fd = open("/dev/console", O_RDWR | O_NOCTTY);

        for (int i = 0; fd >= 0 && i < 3; i++)
                (void)dup2(fd, i);
        if (fd > 2)
                (void)close(fd);
}

static void become_init(const char *init) {
        const char *const argv[] = { init, NULL };
        const char *const env[] = { "HOME=/", "TERM=linux", NULL };
        sigset_t none;

        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        (void)signal(SIGPIPE, SIG_DFL);
        (void)execve(init, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
}

void start_root(struct error *reterr) {
        char init[INIT_SIZE] = "";
        struct tree own;
        int r = tree_open(&own, "/");

        if (r == 0)
                (void)tree_text(&own, init, sizeof(init), "%s", &PLACE_INIT[1]);
        if (!init[0] || chdir(PLACE_ROOT) < 0) {
                if (r == 0)
                        tree_close(&own);
                (void)error_set(reterr, -ENOENT, "no root is there that could be started");
                return;
        }
        end_all();
        release_cards(&own);
        tree_close(&own);
        machine_hand_over();
        move_mounts();
        (void)nftw("/", remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_MOUNT | FTW_PHYS);
        if (mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
                log_line("the root cannot be made the machine's: %s", strerror(errno));
        reopen_console();
        become_init(init);
        /* The initramfs is gone: there is nothing left to do but to say so, and to begin anew, slowly. */
        log_line("%s of the machine's system cannot be run: %s; rebooting in %d s", init, strerror(errno),
                 STAND_STILL_S);
        (void)sleep(STAND_STILL_S);
        machine_reboot();
}
