/* Options; see options.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/options.h"

const struct option options_rows[] = {
        { "root", required_argument, NULL, 'r' },
        { "url", required_argument, NULL, 'u' },
        { "ca", required_argument, NULL, 'c' },
        { "no-init", no_argument, NULL, 'n' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },
        { NULL, 0, NULL, 0 },
};

void options_usage(void) {
        (void)printf("usage: bramble-agent --no-init [--root DIR] [--url URL [--ca sha256:HEX]]\n"
                     "  --no-init     touch neither the network, the clock nor the power of this machine\n"
                     "  --root DIR    the machine is what lies below DIR: sys/, proc/, dev/ (default /)\n"
                     "  --url URL     the server, as bramble.url= on the kernel's command line\n"
                     "  --ca HASH     what vouches for it, as bramble.ca=\n"
                     "As process 1 it is the machine's init, and takes no options. See bramble-agent(8).\n");
}

int options_parse(int argc, char **argv, int pid, struct options *ret) {
        struct options o = { .root = "/", .is_init = pid == 1 };
        bool is_meant = false;

        /* The kernel hands words that it does not know to its init: they are not for us. */
        for (int c; !o.is_init && (c = getopt_long(argc, argv, "", options_rows, NULL)) != -1;) {
                switch (c) {
                case 'r':
                        o.root = optarg;
                        break;
                case 'u':
                        o.url = optarg;
                        break;
                case 'c':
                        o.ca = optarg;
                        break;
                case 'n':
                        is_meant = true;
                        break;
                case 'h':
                        o.wants_help = true;
                        break;
                case 'v':
                        o.wants_version = true;
                        break;
                default:
                        return -EINVAL; /* getopt has said why */
                }
        }
        if (!o.is_init && optind < argc) {
                (void)fprintf(stderr, "bramble-agent: \"%s\" is one word too many\n", argv[optind]);
                return -EINVAL;
        }
        if (!o.is_init && !is_meant && !o.wants_help && !o.wants_version) {
                (void)fprintf(stderr,
                              "bramble-agent: this is not process 1: say --no-init to try it by hand\n");
                return -EINVAL;
        }
        *ret = o;
        return 0;
}
