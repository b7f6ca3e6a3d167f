/*
 * bramble-agent: works on a machine for its Bramble server: inspects it, tests it, writes its disk, erases
 * it.
 *
 * It is the init of an initramfs (rdinit=/bramble/agent) under whatever kernel the machine's image brings,
 * and under other names four small helpers of its own. See bramble-agent(8).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble-agent/agent.h"
#include "app/bramble-agent/init.h"
#include "app/bramble-agent/io/dhcp.h"
#include "app/bramble-agent/io/module.h"
#include "app/bramble-agent/io/nbd.h"
#include "app/bramble-agent/io/sshd.h"
#include "app/bramble-agent/options.h"

enum { EXIT_USAGE = 2 };

static int agent(void *ctx) {
        return agent_run(ctx);
}

static int agent_main(int argc, char **argv) {
        struct options options;

        if (options_parse(argc, argv, getpid(), &options) < 0)
                return EXIT_USAGE;
        if (options.wants_help)
                options_usage();
        else if (options.wants_version)
                (void)printf("bramble-agent %s\n", BRAMBLE_VERSION);
        else if (options.is_init)
                init_run(agent, &options);
        else
                return agent_run(&options);
        return EXIT_SUCCESS;
}

/* udhcpc says what became of a lease. */
static int lease_main(int argc, char **argv) {
        return argc > 1 ? dhcp_event_main(argv[1]) : EXIT_USAGE;
}

/* The kernel wants a module: modprobe -q -- NAME. */
static int modprobe_main(int argc, char **argv) {
        struct tree root;

        if (argc < 2 || tree_open(&root, "/") < 0)
                return EXIT_USAGE;
        CLEANUP(module_set_free_at) struct module_set *modules = module_set_open(&root);
        return modules && module_load_by_name(modules, argv[argc - 1]) ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Rescue mode listens. */
static int rescue_main(int argc, char **argv) {
        (void)argc;
        (void)argv;
        return sshd_main();
}

int main(int argc, char **argv) {
        static const struct {
                const char *name;
                int (*run)(int argc, char **argv);
        } programs[] = { { "lease", lease_main },
                         { "modprobe", modprobe_main },
                         { "sshd", rescue_main },
                         { NBD_PROGRAM, nbd_main } };
        const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL, *name = slash ? slash + 1 : argv[0];

        for (size_t i = 0; i < ARRAY_LEN(programs); i++)
                if (name && strcmp(programs[i].name, name) == 0)
                        return programs[i].run(argc, argv);
        return agent_main(argc, argv);
}
