/* Seccomp, namespaces and Landlock for a child; see confine.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers of calls mean something else to a program of another architecture: such calls are refused. */
#if defined(__x86_64__)
enum { OWN_ARCH = (int)AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { OWN_ARCH = (int)AUDIT_ARCH_AARCH64 };
#elif defined(__arm__)
enum { OWN_ARCH = (int)AUDIT_ARCH_ARM };
#elif defined(__riscv)
enum { OWN_ARCH = (int)AUDIT_ARCH_RISCV64 };
#endif

/* Any call of these answers EPERM: what a program needs to reach beyond files. */
static const struct sock_filter no_sockets[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)OWN_ARCH, 0, 7),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socketpair, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_ptrace, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_bpf, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
};

int confine_privileges(void) {
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

void confine_network(void) {
        struct sock_fprog program = { .len = ARRAY_LEN(no_sockets),
                                      .filter = (struct sock_filter *)no_sockets };

        /* Who may not make a namespace alone makes one inside a user namespace. */
        if (unshare(CLONE_NEWNET) < 0)
                (void)unshare(CLONE_NEWUSER | CLONE_NEWNET);
        (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

void confine_capabilities_to(uint64_t kept) {
        (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        /* Ends behind the last that the kernel knows, or at once without the right to drop them. */
        for (unsigned long cap = 0; cap < 64 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
                if (!(kept & UINT64_C(1) << cap) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
                        break;
}

void confine_capabilities(void) {
        confine_capabilities_to(0);
}

enum {
        READ = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
        READ_ONE = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE,
        WRITE = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG,
        /* Refused everywhere: neither is in a rule. */
        NEVER = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM
};

static void allow(int ruleset, const char *path, uint64_t dir_access, uint64_t file_access) {
        struct landlock_path_beneath_attr rule = { .parent_fd = open(path, O_PATH | O_CLOEXEC) };
        struct stat status;

        if (rule.parent_fd < 0)
                return;
        if (fstat(rule.parent_fd, &status) == 0) {
                rule.allowed_access = S_ISDIR(status.st_mode) ? dir_access : file_access;
                (void)syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
        }
        (void)close(rule.parent_fd);
}

void confine_files(const char *work_dir, const char *const *readable) {
        struct landlock_ruleset_attr attr = { .handled_access_fs = READ | WRITE | NEVER };
        long ruleset = syscall(__NR_landlock_create_ruleset, &attr, sizeof(attr), 0);

        if (ruleset < 0)
                return; /* the kernel has no Landlock */
        for (; *readable; readable++)
                allow((int)ruleset, *readable, READ, READ_ONE);
        if (work_dir)
                allow((int)ruleset, work_dir, READ | WRITE, 0);
        allow((int)ruleset, "/dev/null", 0, READ_ONE | LANDLOCK_ACCESS_FS_WRITE_FILE);
        (void)syscall(__NR_landlock_restrict_self, ruleset, 0);
        (void)close((int)ruleset);
}

bool confine_tree(const char *work_dir, const char *const *readable) {
        enum { TO_MOVE = LANDLOCK_ACCESS_FS_REFER, ALL = READ | WRITE | NEVER | TO_MOVE };
        const struct landlock_ruleset_attr attr = { .handled_access_fs = ALL };
        /* Before its second version links between folders are refused whatever a rule says. */
        long version = syscall(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
        long ruleset = version < 2 ? -1 : syscall(__NR_landlock_create_ruleset, &attr, sizeof(attr), 0);

        if (ruleset < 0)
                return false;
        for (; *readable; readable++)
                allow((int)ruleset, *readable, READ, READ_ONE);
        allow((int)ruleset, work_dir, ALL, 0);
        allow((int)ruleset, "/dev/null", 0, READ_ONE | LANDLOCK_ACCESS_FS_WRITE_FILE);
        bool holds = syscall(__NR_landlock_restrict_self, ruleset, 0) == 0;
        (void)close((int)ruleset);
        return holds;
}

bool confine_process(const struct confine_path *paths, size_t n) {
        enum {
                TO_MOVE = LANDLOCK_ACCESS_FS_REFER,
                WRITE_ALL = READ | WRITE | TO_MOVE | LANDLOCK_ACCESS_FS_MAKE_SOCK,
                WRITE_ONE = READ_ONE | LANDLOCK_ACCESS_FS_WRITE_FILE
        };
        const struct landlock_ruleset_attr attr = { .handled_access_fs = READ | WRITE | NEVER | TO_MOVE };
        long version = syscall(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
        long ruleset = version < 2 ? -1 : syscall(__NR_landlock_create_ruleset, &attr, sizeof(attr), 0);

        if (ruleset < 0)
                return false;
        for (size_t i = 0; i < n; i++) {
                if (paths[i].path)
                        allow((int)ruleset, paths[i].path, paths[i].may_write ? WRITE_ALL : READ,
                              paths[i].may_write ? WRITE_ONE : READ_ONE);
        }
        bool holds = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                     syscall(__NR_landlock_restrict_self, ruleset, 0) == 0;
        (void)close((int)ruleset);
        return holds;
}
