/* An agent environment on paper; see agent_plan.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble/build/agent_plan.h"
#include "app/bramble/build/modules.h"
#include "app/bramble/loaders.h"

/* Raised when what a step does to the same inputs changes. */
enum { PACKAGES_EDITION = 1, INITRD_EDITION = 1 };

const struct agent_kernel agent_kernels[] = {
        { "arm64", "linux-image-arm64", "console=tty0 console=ttyAMA0,115200" },
        { "armhf", "linux-image-armmp", "console=tty0 console=ttyAMA0,115200" },
        { "amd64", "linux-image-amd64", "console=tty0 console=ttyS0,115200" },
        {},
};

const struct agent_kernel *agent_kernel_find(const char *arch) {
        for (const struct agent_kernel *k = agent_kernels; k->arch; k++)
                if (strcmp(k->arch, arch) == 0)
                        return k;
        return NULL;
}

/* A loader's package stands with its architecture for who installs it; here there is no other. */
void agent_packages(const char *arch, struct argv *out) {
        for (const struct loader *l = loaders; l->arch; l++)
                if (strcmp(l->arch, arch) == 0)
                        argv_printf(out, "%.*s", (int)strcspn(l->package, ":"), l->package);
}

static const char *folder_name(const char *path) {
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

void agent_packages_inputs(const struct build *b, struct text *out) {
        CLEANUP(argv_free) struct argv packages = {};

        agent_packages(b->wish.arch, &packages);
        text_printf(out, "edition %d\nlists %s\n%s\n", PACKAGES_EDITION, b->state,
                    agent_kernel_find(b->wish.arch)->metapackage);
        for (size_t i = 0; i < packages.n; i++)
                text_printf(out, "%s\n", packages.words[i]);
        out->failed |= packages.failed;
}

void agent_initrd_inputs(const struct build *b, struct text *out) {
        text_printf(out, "edition %d\n%s\n", INITRD_EDITION, folder_name(b->done[STEP_PACKAGES]));
        for (const char *const *m = agent_modules; *m; m++)
                text_printf(out, "%s\n", *m);
}
