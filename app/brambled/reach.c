/* Which files brambled can reach; see reach.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/brambled/reach.h"

#include <libgen.h>
#include <stdlib.h>

#include "base/text.h"
#include "io/confine.h"
#include "io/log.h"

/* The folder of a file, in @buf; NULL: there is none that could be named. */
static const char *folder_of(const char *path, char buf[static CONFIG_TEXT_MAX + 1]) {
        return path && text_copy(buf, CONFIG_TEXT_MAX + 1, path) == 0 ? dirname(buf) : NULL;
}

void reach_limit(const struct config *c, const struct daemon_source *from) {
        char database[CONFIG_TEXT_MAX + 1], socket[CONFIG_TEXT_MAX + 1], config[CONFIG_TEXT_MAX + 1],
                linked[CONFIG_TEXT_MAX + 1], own[CONFIG_TEXT_MAX + 1];
        CLEANUP(free_at) char *real = realpath(from->path, NULL);
        CLEANUP(free_at) char *self = realpath("/proc/self/exe", NULL);
        const struct confine_path paths[] = {
                { c->state_dir, true },
                { folder_of(config_database_path(c), database), true },
                { folder_of(c->api_socket, socket), true },
                /* Read again at SIGHUP: editors put a new file in the old one's place. */
                { folder_of(from->path, config), false },
                { folder_of(real, linked), false },
                { c->boards_dir, false },
                /* Programs that switch power: an operator's, ours beside the daemon, and the USB hubs that
                   some of them switch. Names of BMCs are looked up by what /etc/resolv.conf links to. */
                { c->power_dir, false },
                { c->signers_dir, false },
                { folder_of(self, own), false },
                { "/dev/bus/usb", true },
                { "/run/systemd/resolve", false },
                /* Programs that unpack images, their libraries, time zones, and what libraries read at any
                   time. */
                { "/usr", false },
                { "/bin", false },
                { "/sbin", false },
                { "/lib", false },
                { "/lib64", false },
                { "/etc", false },
                { "/proc", false },
                { "/sys", false },
                { "/dev/null", true },
                { "/dev/urandom", false },
        };

        if (!confine_process(paths, ARRAY_LEN(paths)))
                log_debug(
                        "brambled: this kernel cannot keep us from other files (Landlock), going on without");
}
