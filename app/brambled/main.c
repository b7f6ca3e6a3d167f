/* brambled: the program. See brambled(8). */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/brambled/config.h"
#include "app/brambled/daemon.h"
#include "app/brambled/helper_start.h"
#include "app/brambled/options.h"
#include "app/brambled/privileges.h"
#include "app/brambled/probe.h"
#include "app/brambled/reach.h"
#include "app/brambled/single.h"
#include "base/text.h"
#include "io/log.h"

enum { EXIT_USAGE = 2 };

static int fail(const struct error *err) {
        (void)fprintf(stderr, "brambled: %s\n", err->text);
        return EXIT_FAILURE;
}

/* A directory that holds the API's socket. */
static int own_socket_dir(const char *socket, const struct privileges_user *user, struct error *reterr) {
        char dir[CONFIG_TEXT_MAX + 1];

        if (text_copy(dir, sizeof(dir), socket) < 0)
                return error_set(reterr, -ENAMETOOLONG, "api.socket is too long");
        return privileges_own_dir(dirname(dir), 0755, user, reterr);
}

/* Everything that needs root, then root no more. */
static int drop(const struct options *o, const struct config *c, int *ret_helper, struct error *reterr) {
        struct privileges_user user;

        (void)privileges_raise_limits();
        int error = privileges_user(o->user, &user, reterr);
        if (error == 0)
                error = privileges_own_dir(c->state_dir, 0750, &user, reterr);
        if (error == 0)
                error = own_socket_dir(c->api_socket, &user, reterr);
        if (error == 0)
                *ret_helper = helper_start(c->state_dir);
        if (error == 0)
                error = privileges_drop(&user, reterr);
        return error;
}

static int serve(const struct options *o, struct daemon_source *from, struct config *c,
                 struct error *reterr) {
        int lock;
        int error = drop(o, c, &from->helper, reterr);
        if (error == 0)
                error = single_take(c->state_dir, &lock, reterr);
        if (error < 0) {
                config_free(c);
                return error;
        }
        (void)umask(0077);
        (void)signal(SIGPIPE, SIG_IGN);
        log_set_debug(o->debug);
        reach_limit(c, from);
        error = daemon_run(c, from, reterr);
        (void)close(lock);
        return error;
}

int main(int argc, char *argv[]) {
        struct options o;
        struct config *c;
        struct error err;

        if (options_parse(argc, argv, &o, &err) < 0) {
                (void)fail(&err);
                return EXIT_USAGE;
        }
        if (o.help) {
                options_help(stdout);
                return EXIT_SUCCESS;
        }
        if (o.version) {
                (void)printf("brambled %s\n", BRAMBLE_VERSION);
                return EXIT_SUCCESS;
        }
        if (o.probe_dhcp)
                return probe_run(o.probe_dhcp);

        struct daemon_source from = { .path = o.config ? o.config : CONFIG_FILE_DEFAULT,
                                      .may_lack = !o.config,
                                      .state_dir = o.state_dir,
                                      .helper = -1 };
        if (daemon_config(&from, &c, &err) < 0)
                return fail(&err);
        if (o.check_config) {
                CLEANUP(free_at) char *yaml = config_print(c);
                config_free(c);
                (void)fputs(yaml ? yaml : "", stdout);
                return yaml ? EXIT_SUCCESS : EXIT_FAILURE;
        }
        return serve(&o, &from, c, &err) < 0 ? fail(&err) : EXIT_SUCCESS;
}
