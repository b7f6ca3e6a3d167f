/* bramble image build-agent */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/build/agent_steps.h"
#include "app/bramble/built.h"
#include "app/bramble/cmd.h"
#include "app/bramble/noun.h"

#define INSTALLED "/usr/lib/bramble/agent"

/* Folders where agents may lie, one after another: the one that was named, or the usual ones. */
static void places_of(const char *dir, struct argv *out) {
        CLEANUP(free_at) char *self = realpath("/proc/self/exe", NULL);
        const char *slash = self ? strrchr(self, '/') : NULL;

        if (dir) {
                argv_add(out, dir);
                return;
        }
        if (slash)
                argv_printf(out, "%.*s/agent", (int)(slash - self), self);
        argv_add(out, INSTALLED);
}

/* The archive of an architecture's agent, which is appended to an initrd; NULL: it is nowhere. */
static char *find_agent(const char *dir, const char *arch) {
        CLEANUP(argv_free) struct argv places = {};

        places_of(dir, &places);
        for (size_t i = 0; i < places.n; i++) {
                char *path = NULL;
                if (asprintf(&path, "%s/bramble-agent-%s.cpio.gz", places.words[i], arch) < 0)
                        return NULL;
                if (access(path, R_OK) == 0)
                        return path;
                free(path);
        }
        return NULL;
}

static int collect_agent(struct collection *c, const struct build *b, const char *agent,
                         struct error *reterr) {
        CLEANUP(free_at) char *initrd = build_path(b->done[STEP_INITRD], AGENT_INITRD), *name = NULL;
        const char *packages = b->done[STEP_PACKAGES];
        int r;

        if (!initrd || asprintf(&name, "bramble/agent-%s.cpio", b->wish.arch) < 0) {
                name = NULL;
                return build_no_memory(reterr);
        }
        r = built_collect_boot(c, b->wish.arch, packages, initrd, packages, reterr);
        return r == 0 ? collect_file(c, agent, name, "agent", reterr) : r;
}

/* The old one goes only when the new one is there to take its place. */
static int replace(struct cli *cli, const char *name, const struct build *b, struct collection *files,
                   bool is_there) {
        CLEANUP(free_at) char *path = api_path("images", name, NULL);
        const int code = is_there ? noun_delete(cli, path) : CLI_OK;

        if (code != CLI_OK)
                return code;
        return built_import(cli,
                            json_pack("{s:s, s:s, s:s, s:s}", "name", name, "kind", "parts", "arch",
                                      b->wish.arch, "cmdline", agent_kernel_find(b->wish.arch)->cmdline),
                            files);
}

static int build_agent(struct cli *cli, const char *arch, const char *agent) {
        CLEANUP(build_end) struct build b = {};
        CLEANUP(collection_free) struct collection files = {};
        const struct build_wish wish = { .distribution = &distributions[0], .arch = arch };
        char name[64];
        struct error err = {};
        bool is_there;
        int code;

        (void)snprintf(name, sizeof(name), "agent-%s", arch);
        if ((code = built_is_there(cli, name, &is_there)) != CLI_OK ||
            (code = built_begin(cli, &wish, &b)) != CLI_OK)
                return code;
        if (build_run(&b, agent_steps, AGENT_STEPS, &err) < 0)
                return built_fail(&b, &err);
        if (collect_agent(&files, &b, agent, &err) < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        return replace(cli, name, &b, &files, is_there);
}

int cmd_image_build_agent(struct cli *cli, const struct args *args) {
        const char *archs[ARGS_OPTIONS_MAX + 1], *dir = args_value(args, "agent");
        struct error err = {};
        int code = CLI_OK;

        if (args_values(args, "arch", archs) == 0)
                for (size_t i = 0; (archs[i] = agent_kernels[i].arch); i++)
                        ; /* all that there are, and the NULL behind them */
        if (build_check_tools(agent_tools, child_has, &err) < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        for (const char *const *arch = archs; code == CLI_OK && *arch; arch++) {
                CLEANUP(free_at) char *agent = find_agent(dir, *arch);
                code = agent ? build_agent(cli, *arch, agent)
                             : cli_fail(CLI_LOCAL,
                                        "there is no bramble-agent-%s.cpio.gz in %s: build it, or say where "
                                        "by --agent",
                                        *arch, dir ? dir : "agent/ beside this program or " INSTALLED);
        }
        return code;
}
