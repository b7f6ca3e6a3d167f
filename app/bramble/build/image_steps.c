/* Building an image, step by step; see image_steps.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/build/image_steps.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble/build/drivers.h"
#include "app/bramble/build/image_disk.h"
#include "app/bramble/build/view.h"
#include "app/bramble/loaders.h"

const struct tool_need image_tools[] = {
        { "mmdebstrap", "mmdebstrap" },
        { "apt-get", "apt" },
        { "dpkg-deb", "dpkg" },
        { "tar", "tar" },
        { "find", "findutils" },
        { "tar2sqfs", "squashfs-tools-ng" },
        { "mke2fs", "e2fsprogs" },
        { "sfdisk", "fdisk" },
        { "mkfs.fat", "dosfstools" },
        { "mcopy", "mtools" },
        { "arch-test", "arch-test" },
        { "depmod", "kmod" },
        {},
};

int image_check_machine(const char *arch, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};
        struct error fault;

        argv_add(&argv, "arch-test");
        argv_add(&argv, arch);
        if (child_run(&(struct child){ .argv = &argv }, &fault) == 0)
                return 0;
        return error_set(
                reterr, -ENOEXEC,
                "this machine cannot run programs for %s: install qemu-user-static and binfmt-support, and "
                "see that "
                "binfmt_misc is mounted on /proc/sys/fs/binfmt_misc (then `update-binfmts --enable`)",
                arch);
}

/* ---- boot loaders ---- */

static int make_loaders(struct build *b, const char *part, struct error *reterr) {
        CLEANUP(argv_free) struct argv names = {};

        for (const struct loader *l = loaders; l->arch; l++)
                if (image_needs_loader(&b->wish, l)) /* without its architecture: the view has but one */
                        argv_printf(&names, "%.*s", (int)strcspn(l->package, ":"), l->package);
        if (names.failed)
                return build_no_memory(reterr);
        return names.n ? view_unpack(b, (const char *const *)names.words, part, reterr) : 0;
}

/* ---- the root ---- */

static int write_root_texts(const struct build *b, const char *part, struct error *reterr) {
        const struct recipe *recipe = b->wish.recipe;
        int r = build_write_text(part, "sources.sources", b->sources, reterr);

        for (const struct root_text *t = root_texts; r == 0 && t->name; t++)
                r = build_write_text(part, t->name, t->text, reterr);
        if (r == 0 && recipe->debconf)
                r = build_write_text(part, DEBCONF_ANSWERS, recipe->debconf, reterr);
        return r;
}

static int make_root(struct build *b, const char *part, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};
        const int r = write_root_texts(b, part, reterr);

        if (r < 0)
                return r;
        image_root_argv(&b->wish, &argv);
        /* What an end by force leaves of root's tree is then found and removed. For others the way to it
         * would be closed. */
        return build_tool(
                b, (struct child){ .argv = &argv, .dir = part, .temporary = geteuid() == 0 ? part : NULL },
                reterr);
}

/* ---- what boots ---- */

/* The kernel unpacks one archive after another; each begins at a multiple of four. */
static int append_file(const char *path, const char *more, struct error *reterr) {
        static const char zeros[4];
        char piece[1 << 16];
        FILE *to = fopen(path, "ae"), *from = fopen(more, "re");
        bool is_whole = to && from && fseek(to, 0, SEEK_END) == 0;

        if (is_whole && ftell(to) % 4)
                is_whole = fwrite(zeros, 1, 4 - (size_t)ftell(to) % 4, to) > 0;
        for (size_t n; is_whole && (n = fread(piece, 1, sizeof(piece), from)) > 0;)
                is_whole = fwrite(piece, 1, n, to) == n;
        is_whole = is_whole && !ferror(from);
        if (from)
                (void)fclose(from);
        if (to && fclose(to) == EOF)
                is_whole = false;
        return is_whole ? 0 : error_set(reterr, -EIO, "cannot append %s to %s", more, path);
}

/*
 * Drivers for the initrd, which the root was made without: Debian's tool takes a process for each module and
 * more, minutes where each is emulated. What they do together is what its own would do.
 */
static int add_drivers(struct build *b, const char *part, const char *initrd, struct error *reterr) {
        CLEANUP(free_at) char *modules = NULL, *drivers = build_path(part, "drivers.cpio");
        int r = build_find_one(part, "usr/lib/modules/*", &modules, reterr);

        if (r < 0 || !drivers)
                return r < 0 ? r : build_no_memory(reterr);
        if ((r = drivers_pack(b, modules, "usr/", part, drivers, reterr)) < 0 ||
            (r = append_file(initrd, drivers, reterr)) < 0)
                return r;
        return build_words(b, NULL, WORDS("rm", "-r", drivers, modules), reterr);
}

/* What the firmware loads, as Debian's hook put it there: with the whole initrd, and without what it took for
 * the root. */
static int finish_pi(struct build *b, const char *part, const char *initrd, struct error *reterr) {
        CLEANUP(free_at) char *tree = build_path(part, b->wish.recipe->boot_tree);
        CLEANUP(text_free) struct text cmdline = {};
        int r;

        if (!tree)
                return build_no_memory(reterr);
        if ((r = build_words(b, NULL, WORDS("cp", "-f", initrd, tree), reterr)) < 0)
                return r;
        pi_cmdline(b->wish.recipe, NULL, &cmdline);
        return build_write_text(tree, "cmdline.txt", cmdline.octets, reterr);
}

static int make_boot(struct build *b, const char *part, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};
        CLEANUP(free_at) char *tar = build_path(b->done[STEP_ROOT], ROOT_TAR), *initrd = NULL;
        int r;

        if (!tar)
                return build_no_memory(reterr);
        image_boot_argv(&b->wish, tar, part, &argv);
        if ((r = build_tool(b, (struct child){ .argv = &argv }, reterr)) < 0)
                return r;
        if ((r = build_find_one(part, "boot/initrd.img-*", &initrd, reterr)) < 0 ||
            (r = add_drivers(b, part, initrd, reterr)) < 0)
                return r;
        return b->wish.recipe->boot_tree ? finish_pi(b, part, initrd, reterr) : 0;
}

/* The kernel in /boot is of no use to a machine that was booted with it already, and the root may lie in its
 * memory. */
static int make_squashfs(struct build *b, const char *part, struct error *reterr) {
        CLEANUP(argv_free) struct argv squash = {};
        CLEANUP(free_at) char *tar = build_path(b->done[STEP_ROOT], ROOT_TAR);
        CLEANUP(free_at) char *rest = build_path(part, ROOT_TAR);
        int r;

        if (!tar || !rest)
                return build_no_memory(reterr);
        image_squashfs_argv(&squash);
        if ((r = build_words(b, NULL, WORDS("cp", tar, rest), reterr)) < 0 ||
            (r = build_words(b, NULL, WORDS("tar", "--delete", "--wildcards", "-f", rest, "./boot/?*"),
                             reterr)) < 0 ||
            (r = build_tool(b, (struct child){ .argv = &squash, .dir = part, .input = rest }, reterr)) < 0)
                return r;
        return build_words(b, NULL, WORDS("rm", rest), reterr);
}

const struct build_step image_steps[IMAGE_STEPS] = {
        [STEP_LOADERS] = { "loaders", "boot loaders", image_loaders_inputs, make_loaders },
        [STEP_ROOT] = { "root", "root file system", image_root_inputs, make_root },
        [STEP_BOOT] = { "boot", "kernel and initrd", image_boot_inputs, make_boot },
        [STEP_SQUASHFS] = { "squashfs", "squashfs", image_squashfs_inputs, make_squashfs },
        [STEP_DISK] = { "disk", "disk image", image_disk_inputs, image_disk_make },
};
