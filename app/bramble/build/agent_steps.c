/* Building an agent environment, step by step; see agent_steps.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/build/agent_steps.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble/build/drivers.h"
#include "app/bramble/build/view.h"

const struct tool_need agent_tools[] = {
        { "apt-get", "apt" }, { "dpkg-deb", "dpkg" }, { "depmod", "kmod" }, { "cp", "coreutils" }, {},
};

/* The kernel's release is the name of its folder of modules. */
static int run_depmod(struct build *b, const char *root, struct error *reterr) {
        CLEANUP(free_at) char *modules = NULL;
        const int r = build_find_one(root, "lib/modules/*", &modules, reterr);

        return r < 0 ? r
                     : build_words(b, NULL, WORDS("depmod", "-b", root, strrchr(modules, '/') + 1), reterr);
}

static int make_packages(struct build *b, const char *part, struct error *reterr) {
        CLEANUP(argv_free) struct argv names = {};
        CLEANUP(free_at) char *kernel = NULL;
        int r;

        agent_packages(b->wish.arch, &names);
        if ((r = view_kernel(b, agent_kernel_find(b->wish.arch)->metapackage, &kernel, reterr)) < 0)
                return r;
        argv_add(&names, kernel);
        if (names.failed)
                return build_no_memory(reterr);
        r = view_unpack(b, (const char *const *)names.words, part, reterr);
        return r < 0 ? r : run_depmod(b, part, reterr);
}

static int make_initrd(struct build *b, const char *part, struct error *reterr) {
        CLEANUP(free_at) char *modules = NULL, *path = build_path(part, AGENT_INITRD);
        const int r = build_find_one(b->done[STEP_PACKAGES], "lib/modules/*", &modules, reterr);

        if (r < 0 || !path)
                return r < 0 ? r : build_no_memory(reterr);
        return drivers_pack(b, modules, "", part, path, reterr);
}

const struct build_step agent_steps[AGENT_STEPS] = {
        [STEP_PACKAGES] = { "packages", "packages", agent_packages_inputs, make_packages },
        [STEP_INITRD] = { "initrd", "initrd of drivers", agent_initrd_inputs, make_initrd },
};
