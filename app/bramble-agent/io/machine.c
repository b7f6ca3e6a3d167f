/* Mounts, tools and the end; see machine.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/machine.h"
#include "app/bramble-agent/places.h"
#include "base/cleanup.h"

enum { COMMAND_LINE_SIZE = 4096 };

struct mount {
        const char *type, *where, *options;
        unsigned long flags;
};

static const struct mount mounts[] = {
        { "proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
        { "sysfs", "/sys", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC },
        { "devtmpfs", "/dev", "mode=0755", MS_NOSUID },
        { "devpts", "/dev/pts", "mode=0620,ptmxmode=0666", MS_NOSUID | MS_NOEXEC },
        { "tmpfs", "/run", "mode=0755", MS_NOSUID | MS_NODEV },
        { "tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV },
};

/* Often a module, which the kernel asks for as soon as it knows how. */
static const struct mount efi_variables = { "efivarfs", "/sys/firmware/efi/efivars", NULL,
                                            MS_NOSUID | MS_NODEV | MS_NOEXEC };

static void mount_one(const struct mount *m) {
        (void)mkdir(m->where, 0755);
        if (mount(m->type, m->where, m->type, m->flags, m->options) < 0 && errno != EBUSY &&
            errno != ENOENT && errno != ENODEV)
                log_line("%s cannot be mounted: %s", m->where, strerror(errno));
}

/* The kernel opened /dev/console for us if there was one in its rootfs; now there is one for sure. */
static void open_console(void) {
        int fd = open("/dev/console", O_RDWR | O_NOCTTY);

        if (fd < 0)
                return;
        for (int i = 0; i < 3; i++)
                (void)dup2(fd, i);
        if (fd > 2)
                (void)close(fd);
}

static void install_tools(void) {
        (void)mkdir(PLACE_TOOLS, 0755);
        pid_t pid = fork();
        if (pid == 0) {
                const char *const argv[] = { "busybox", "--install", "-s", PLACE_TOOLS, NULL };
                (void)execv(PLACE_BUSYBOX, (char *const *)(uintptr_t)argv);
                _exit(127);
        }
        while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
}

static void write_line(const char *path, const char *line) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);

        if (fd < 0)
                return;
        (void)!write(fd, line,
                     strlen(line)); /* without it file systems that are modules stay unknown, which shows */
        (void)close(fd);
}

void machine_prepare(void) {
        for (size_t i = 0; i < ARRAY_LEN(mounts); i++)
                mount_one(&mounts[i]);
        open_console();
        install_tools();
        write_line("/proc/sys/kernel/modprobe", PLACE_MODPROBE);
        mount_one(&efi_variables);
        /* A kernel that panics under an agent shall not come back by itself: that would be a loop of reboots.
         */
        write_line("/proc/sys/kernel/panic", "0");
        (void)setenv("PATH", PLACE_TOOLS ":/usr/sbin:/usr/bin:/sbin:/bin", 1);
}

/* What the command line says of a panic, as it was before machine_prepare(). */
static void restore_panic(void) {
        static const char word[] = "panic=";
        char line[COMMAND_LINE_SIZE], value[16];
        int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

        if (fd >= 0)
                (void)close(fd);
        line[n > 0 ? n : 0] = '\0';
        for (const char *at = line; (at = strstr(at, word)); at += strlen(word)) {
                if (at != line && at[-1] != ' ')
                        continue;
                (void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(at + strlen(word), " \n"),
                               at + strlen(word));
                write_line("/proc/sys/kernel/panic", value);
        }
}

void machine_hand_over(void) {
        write_line("/proc/sys/kernel/modprobe", "/sbin/modprobe");
        restore_panic();
}

static void end(int how) {
        sync();
        (void)reboot(how);
        for (;;) /* nothing is left that could go on */
                (void)pause();
}

void machine_reboot(void) {
        end(RB_AUTOBOOT);
        __builtin_unreachable();
}

void machine_poweroff(void) {
        end(RB_POWER_OFF);
        __builtin_unreachable();
}
