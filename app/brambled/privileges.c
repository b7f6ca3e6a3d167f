/* Users, directories, capabilities and limits at start. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/brambled/privileges.h"
#include "base/text.h"

enum { DESCRIPTORS_LEAST = 65536, PASSWD_SIZE = 4096 };

static const struct {
        unsigned capability;
        const char *name, *use;
} kept[] = {
        { CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE", "ports 67 and 69" },
        { CAP_NET_RAW, "CAP_NET_RAW", "answers to clients without an address" },
        { CAP_NET_ADMIN, "CAP_NET_ADMIN", "neighbour entries" },
};

int privileges_user(const char *name, struct privileges_user *ret, struct error *reterr) {
        char room[PASSWD_SIZE];
        struct passwd entry, *found = NULL;
        const bool is_root = geteuid() == 0;
        const int e = is_root ? getpwnam_r(name, &entry, room, sizeof(room), &found)
                              : getpwuid_r(geteuid(), &entry, room, sizeof(room), &found);

        if (!found && !is_root) { /* a user without a name, as containers have */
                *ret = (struct privileges_user){ .name = "this user", .uid = geteuid(), .gid = getegid() };
                return 0;
        }
        if (!found)
                return error_set(reterr, e ? -e : -ENOENT,
                                 "there is no user '%s' to become: make it with `useradd --system "
                                 "--user-group %s`, or name "
                                 "another with --user",
                                 name, name);
        *ret = (struct privileges_user){ .uid = entry.pw_uid, .gid = is_root ? entry.pw_gid : getegid() };
        return text_copy(ret->name, sizeof(ret->name), entry.pw_name) < 0
                       ? error_set(reterr, -ENAMETOOLONG, "the name of user '%s' is too long", name)
                       : 0;
}

static int make_parents(char *path) {
        for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
                *slash = '\0';
                const int r = mkdir(path, 0755);
                *slash = '/';
                if (r < 0 && errno != EEXIST)
                        return -errno;
        }
        return 0;
}

/* Below the state directory: bramble-helper's own, whose files belong to whom the systems in it say. */
#define ROOTS "roots"

/* All that lies in a directory. A file with several names is left alone: one of them may lie elsewhere. */
static int hand_over(char *path, const struct privileges_user *user) {
        FTS *walk = fts_open((char *[]){ path, NULL }, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
        int r = 0;

        if (!walk)
                return -errno;
        for (FTSENT *at; r == 0 && (at = fts_read(walk));) {
                if (at->fts_level == 1 && strcmp(at->fts_name, ROOTS) == 0) {
                        (void)fts_set(walk, at, FTS_SKIP);
                        continue;
                }
                if (at->fts_info == FTS_DP || (at->fts_info == FTS_F && at->fts_statp->st_nlink > 1))
                        continue;
                if (lchown(at->fts_path, user->uid, user->gid) < 0)
                        r = -errno;
        }
        (void)fts_close(walk);
        return r;
}

int privileges_own_dir(const char *path, mode_t mode, const struct privileges_user *user,
                       struct error *reterr) {
        CLEANUP(free_at) char *copy = strdup(path);
        struct stat status;
        int r;

        if (!copy)
                return error_set(reterr, -ENOMEM, "out of memory");
        if ((r = make_parents(copy)) < 0 || (mkdir(path, mode) < 0 && errno != EEXIST && (r = -errno)))
                return error_set(reterr, r, "cannot make the directory %s: %s", path, strerror(-r));
        if (lstat(path, &status) < 0)
                return error_set(reterr, -errno, "cannot look at %s: %s", path, strerror(errno));
        if (!S_ISDIR(status.st_mode))
                return error_set(reterr, -ENOTDIR, "%s is no directory", path);
        if (geteuid() == 0 && status.st_uid != user->uid && (r = hand_over(copy, user)) < 0)
                return error_set(reterr, r, "cannot give %s to user %s: %s", path, user->name, strerror(-r));
        return 0;
}

unsigned privileges_raise_limits(void) {
        struct rlimit now, more;

        if (getrlimit(RLIMIT_NOFILE, &now) < 0)
                return 0;
        more = (struct rlimit){ .rlim_cur = DESCRIPTORS_LEAST, .rlim_max = DESCRIPTORS_LEAST };
        if (now.rlim_max >= DESCRIPTORS_LEAST || setrlimit(RLIMIT_NOFILE, &more) < 0)
                more = (struct rlimit){ .rlim_cur = now.rlim_max, .rlim_max = now.rlim_max };
        if (setrlimit(RLIMIT_NOFILE, &more) < 0)
                more = now;
        return more.rlim_cur > UINT_MAX ? UINT_MAX : (unsigned)more.rlim_cur;
}

static int check_kept(struct error *reterr) {
        if (capng_get_caps_process() < 0)
                return error_set(reterr, -EPERM, "cannot read our capabilities");
        for (size_t i = 0; i < ARRAY_LEN(kept); i++)
                if (!capng_have_capability(CAPNG_PERMITTED, kept[i].capability))
                        return error_set(reterr, -EPERM,
                                         "%s is missing, which %s need: start brambled as root or from its "
                                         "systemd unit",
                                         kept[i].name, kept[i].use);
        return 0;
}

/* Leaves the three in our own sets, and none in those that programs we start would inherit. */
static int keep_three(const struct privileges_user *user, struct error *reterr) {
        const bool changes_user = geteuid() == 0;
        int r;

        capng_clear(CAPNG_SELECT_ALL);
        for (size_t i = 0; i < ARRAY_LEN(kept); i++)
                if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, kept[i].capability) < 0)
                        return error_set(reterr, -EPERM, "cannot set our capabilities");
        if (changes_user && user->uid != 0)
                r = capng_change_id((int)user->uid, (int)user->gid,
                                    CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT);
        else
                r = capng_apply(changes_user ? CAPNG_SELECT_ALL : CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT);
        if (r < 0)
                return error_set(reterr, -EPERM, "cannot become user %s (libcap-ng says %d)", user->name, r);
        return 0;
}

int privileges_drop(const struct privileges_user *user, struct error *reterr) {
        int r;

        if ((r = check_kept(reterr)) < 0 || (r = keep_three(user, reterr)) < 0)
                return r;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return error_set(reterr, -errno, "cannot set no_new_privs: %s", strerror(errno));
        return 0;
}
