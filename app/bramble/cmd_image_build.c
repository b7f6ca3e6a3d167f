/* bramble image build */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/utsname.h>

#include "app/bramble/args.h"
#include "app/bramble/build/image_steps.h"
#include "app/bramble/built.h"
#include "app/bramble/cmd.h"
#include "app/bramble/upload.h"

/* Debian's name of what this machine is. */
static const char *machine_arch(void) {
        static const struct {
                const char *machine, *arch;
        } rows[] = {
                { "x86_64", "amd64" }, { "aarch64", "arm64" }, { "armv7l", "armhf" }, { "armv8l", "armhf" }
        };
        struct utsname name;

        for (size_t i = 0; uname(&name) == 0 && i < ARRAY_LEN(rows); i++)
                if (strcmp(rows[i].machine, name.machine) == 0)
                        return rows[i].arch;
        return NULL;
}

static int collect_parts(struct collection *c, const struct build *b, struct error *reterr) {
        const char *boot = b->done[STEP_BOOT];
        CLEANUP(free_at) char *initrd = NULL;
        const int r = build_find_one(boot, "boot/initrd.img-*", &initrd, reterr);

        return r < 0 ? r : built_collect_boot(c, b->wish.arch, boot, initrd, b->done[STEP_LOADERS], reterr);
}

static int collect_pi(struct collection *c, const struct build *b, struct error *reterr) {
        CLEANUP(free_at) char *tree = build_path(b->done[STEP_BOOT], b->wish.recipe->boot_tree);
        return tree ? collect_dir(c, tree, "", NULL, NULL, reterr) : build_no_memory(reterr);
}

static int collect_image(struct collection *c, const struct build *b, struct error *reterr) {
        int r = b->wish.recipe->boot_tree ? collect_pi(c, b, reterr) : collect_parts(c, b, reterr);

        if (r == 0)
                r = built_collect(c, b->done[STEP_SQUASHFS], ROOT_SQUASHFS, ROOT_SQUASHFS, "root-squashfs",
                                  reterr);
        if (r == 0)
                r = built_collect(c, b->done[STEP_DISK], DISK_IMAGE, UPLOAD_SOURCE, NULL, reterr);
        return r;
}

static json_t *about_image(const char *name, const struct build *b) {
        const struct recipe *recipe = b->wish.recipe;
        json_t *about =
                json_pack("{s:s, s:s, s:s}", "name", name, "kind", recipe->kind, "arch", recipe->arch);

        if (about && !recipe->boot_tree)
                (void)json_object_set_new(about, "cmdline", json_string(recipe->cmdline));
        return about;
}

static int build_and_import(struct cli *cli, const struct build_wish *wish, const char *name) {
        CLEANUP(build_end) struct build b = {};
        CLEANUP(collection_free) struct collection files = {};
        struct error err = {};
        const int code = built_begin(cli, wish, &b);

        if (code != CLI_OK)
                return code;
        if (build_run(&b, image_steps, IMAGE_STEPS, &err) < 0)
                return built_fail(&b, &err);
        if (collect_image(&files, &b, &err) < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        return built_import(cli, about_image(name, &b), &files);
}

int cmd_image_build(struct cli *cli, const struct args *args) {
        const char *included[ARGS_OPTIONS_MAX + 1];
        const char *variant = args_value(args, "variant"), *arch = args_value(args, "arch");
        const char *size = args_value(args, "size"), *name = args_value(args, "name");
        struct build_wish wish = { .arch = arch ? arch : machine_arch(), .packages = included };
        char made[64];
        struct error err = {};
        bool is_there;

        (void)args_values(args, "include", included);
        if (!wish.arch)
                return cli_fail(CLI_USAGE, "image build: give --arch arm64, armhf or amd64");
        wish.disk_octets = (uint64_t)RECIPE_DISK_MIB << 20;
        if ((size && recipe_size_parse(size, &wish.disk_octets, &err) < 0) ||
            !(wish.distribution = distribution_find(args->words[0], &err)) ||
            !(wish.recipe = recipe_find(variant ? variant : recipes[0].variant, wish.arch, &err)))
                return cli_fail_with(CLI_USAGE, &err);
        if (!name && recipe_name(wish.distribution, wish.recipe, made, sizeof(made)) < 0)
                return cli_fail(CLI_USAGE, "image build: give a --name");
        name = name ? name : made;

        const int code = built_is_there(cli, name, &is_there);
        if (code != CLI_OK)
                return code;
        if (is_there)
                return cli_fail(CLI_REFUSED,
                                "there is an image %s already: delete it, or give another --name", name);
        if (build_check_tools(image_tools, child_has, &err) < 0 || image_check_machine(wish.arch, &err) < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        return build_and_import(cli, &wish, name);
}
