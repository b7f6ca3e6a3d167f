/* Making a disk image; see image_disk.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/build/image_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble/build/pack.h"

/* A disk image under way. */
struct disk {
        struct build *b;
        const char *part;
        char *image, *tree;
        struct disk_ids ids;
        struct disk_layout layout;
};

static void disk_free(struct disk *d) {
        free(d->image);
        free(d->tree);
}

/* Which of its files differ from the root's that knows no disk. */
static int write_disk_texts(const struct disk *d, struct error *reterr) {
        CLEANUP(free_at) char *path = build_path(d->part, "texts.tar");
        CLEANUP(text_free) struct text fstab = {}, other = {};
        CLEANUP(pack_drop) struct pack pack = {};
        const struct recipe *recipe = d->b->wish.recipe;
        const bool is_pi = recipe->boot_tree;
        CLEANUP(free_at) char *initrd = NULL, *inside = NULL;
        int r = build_find_one(d->b->done[STEP_BOOT], "boot/initrd.img-*", &initrd, reterr);

        if (r < 0)
                return r;
        disk_fstab(recipe, &d->ids, &fstab);
        if (is_pi)
                pi_defaults(recipe, &d->ids, &other);
        else
                disk_grub_cfg(&d->b->wish, &d->ids, &other);
        if (asprintf(&inside, "boot%s", strrchr(initrd, '/')) < 0)
                inside = NULL;
        if (!path || !inside || fstab.failed || other.failed)
                return build_no_memory(reterr);
        r = pack_begin(path, PACK_TAR, &pack, reterr);
        if (r == 0)
                r = pack_dir(&pack, recipe->boot_mount, reterr);
        if (r == 0)
                r = pack_text(&pack, "etc/fstab", fstab.octets, reterr);
        if (r == 0)
                r = pack_text(&pack, is_pi ? "etc/default/raspi-firmware" : "boot/grub/grub.cfg",
                              other.octets, reterr);
        if (r == 0)
                r = pack_file(&pack, inside, initrd, reterr);
        return r < 0 ? r : pack_end(&pack, reterr);
}

/* As the owner of all users: see child_as_root(). */
static int in_tree(const struct disk *d, const char *const *words, const char *input, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};

        child_as_root(&argv);
        argv_add_all(&argv, words);
        return build_tool(d->b, (struct child){ .argv = &argv, .dir = d->tree, .input = input }, reterr);
}

/*
 * The folder that we make belongs to the caller, who is nobody in the namespace, so the root is one of its
 * own in it. Device files, which a namespace may not make, are the running kernel's to give.
 */
static int fill_tree(const struct disk *d, struct error *reterr) {
        static const char *const make[] = { "mkdir", DISK_ROOT, NULL };
        static const char *const unpack[] = { "tar",
                                              "-x",
                                              "-p",
                                              "-C",
                                              DISK_ROOT,
                                              "--numeric-owner",
                                              "--xattrs",
                                              "--xattrs-include=*",
                                              "--exclude=./dev/?*",
                                              NULL };
        static const char *const lay_over[] = {
                "tar", "-x", "-C", DISK_ROOT, "--no-overwrite-dir", "--numeric-owner", NULL
        };
        CLEANUP(free_at) char *root = build_path(d->b->done[STEP_ROOT], ROOT_TAR);
        CLEANUP(free_at) char *texts = build_path(d->part, "texts.tar");
        int r;

        if (!root || !texts)
                return build_no_memory(reterr);
        /* Who is root in the namespace is somebody else here. */
        if (mkdir(d->tree, 0755) < 0 || (geteuid() != 0 && chmod(d->tree, 0777) < 0))
                return error_set(reterr, -errno, "cannot make %s: %s", d->tree, strerror(errno));
        if ((r = in_tree(d, make, NULL, reterr)) < 0 || (r = in_tree(d, unpack, root, reterr)) < 0)
                return r;
        if ((r = in_tree(d, lay_over, texts, reterr)) < 0 || !d->b->wish.recipe->boot_tree)
                return r;
        CLEANUP(free_at) char *hidden = build_path(DISK_ROOT, d->b->wish.recipe->boot_tree);
        const char *const empty[] = { "find", hidden, "-mindepth", "1", "-delete", NULL };
        return hidden ? in_tree(d, empty, NULL, reterr) : build_no_memory(reterr);
}

/* Octets that the tar has are what its files need, and a little more. */
static int lay_out(struct disk *d, struct error *reterr) {
        CLEANUP(free_at) char *root = build_path(d->b->done[STEP_ROOT], ROOT_TAR);
        struct stat status;

        if (!root)
                return build_no_memory(reterr);
        if (stat(root, &status) < 0)
                return error_set(reterr, -errno, "cannot read %s: %s", root, strerror(errno));
        return disk_layout_make(d->b->wish.recipe, d->b->wish.disk_octets, (uint64_t)status.st_size,
                                &d->layout, reterr);
}

static int make_table(const struct disk *d, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};
        CLEANUP(text_free) struct text table = {};
        CLEANUP(free_at) char *script = build_path(d->part, "table");
        int r;

        disk_table(d->b->wish.recipe, &d->layout, &d->ids, &table);
        if (!script)
                return build_no_memory(reterr);
        if ((r = build_write_text(d->part, "table", table.octets, reterr)) < 0)
                return r;
        const int fd = open(d->image, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (fd < 0 || ftruncate(fd, (off_t)d->layout.size) < 0)
                r = error_set(reterr, -errno, "cannot make %s: %s", d->image, strerror(errno));
        if (fd >= 0)
                (void)close(fd);
        argv_add_all(&argv, WORDS("sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", d->image));
        return r < 0 ? r : build_tool(d->b, (struct child){ .argv = &argv, .input = script }, reterr);
}

/* mtools: one file, or all in a folder. */
static int copy_to_boot(const struct disk *d, const char *const *sources, const char *to,
                        struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};

        argv_add(&argv, "mcopy");
        argv_add(&argv, "-i");
        argv_printf(&argv, DISK_IMAGE "@@%llu", (unsigned long long)d->layout.boot_start);
        argv_add_all(&argv, WORDS("-s", "-Q"));
        argv_add_all(&argv, sources);
        argv_printf(&argv, "::/%s", to);
        return build_tool(d->b, (struct child){ .argv = &argv, .dir = d->part }, reterr);
}

/* The boot volume as a folder, to be copied whole: an EFI's of files and our first grub.cfg … */
static int stage_efi(const struct disk *d, const char *stage, struct error *reterr) {
        static const char *const folders[] = { "EFI", "EFI/BOOT", "EFI/debian" };
        CLEANUP(text_free) struct text first = {};
        const struct boot_file *files = d->b->wish.recipe->boot_files;

        for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
                CLEANUP(free_at) char *folder = build_path(stage, folders[i]);
                if (!folder)
                        return build_no_memory(reterr);
                if (mkdir(folder, 0755) < 0)
                        return error_set(reterr, -errno, "cannot make %s: %s", folder, strerror(errno));
        }
        for (size_t i = 0; i < RECIPE_BOOT_FILES_MAX && files[i].from; i++) {
                CLEANUP(free_at) char *from = build_path(d->b->done[STEP_BOOT], files[i].from);
                CLEANUP(free_at) char *to = build_path(stage, files[i].to);
                if (!from || !to)
                        return build_no_memory(reterr);
                const int r = build_words(d->b, NULL, WORDS("cp", from, to), reterr);
                if (r < 0)
                        return r;
        }
        disk_grub_first(&d->ids, &first);
        return build_write_text(stage, "EFI/debian/grub.cfg", first.octets, reterr);
}

/* … a Pi's as Debian's hook filled it, with the root's name in cmdline.txt. */
static int stage_pi(const struct disk *d, const char *stage, struct error *reterr) {
        CLEANUP(free_at) char *from = build_path(d->b->done[STEP_BOOT], d->b->wish.recipe->boot_tree);
        CLEANUP(text_free) struct text cmdline = {};

        if (!from)
                return build_no_memory(reterr);
        const int r = build_words(d->b, NULL, WORDS("cp", "-rT", from, stage), reterr);
        if (r < 0)
                return r;
        pi_cmdline(d->b->wish.recipe, &d->ids, &cmdline);
        return build_write_text(stage, "cmdline.txt", cmdline.octets, reterr);
}

/* Names of all that lies at the top of the staged folder, as mcopy takes them. */
static int copy_stage(const struct disk *d, const char *stage, struct error *reterr) {
        CLEANUP(free_at) char *pattern = build_path(stage, "*");
        glob_t found = {};
        int r;

        if (!pattern)
                return build_no_memory(reterr);
        if (glob(pattern, 0, NULL, &found) != 0)
                r = error_set(reterr, -ENOENT, "there is nothing for the boot volume in %s", stage);
        else
                r = copy_to_boot(d, (const char *const *)found.gl_pathv, "", reterr);
        globfree(&found);
        return r;
}

static int fill_boot(const struct disk *d, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};
        CLEANUP(free_at) char *stage = build_path(d->part, "stage");
        int r;

        if (!stage)
                return build_no_memory(reterr);
        if (mkdir(stage, 0755) < 0)
                return error_set(reterr, -errno, "cannot make %s: %s", stage, strerror(errno));
        r = d->b->wish.recipe->boot_tree ? stage_pi(d, stage, reterr) : stage_efi(d, stage, reterr);
        if (r < 0)
                return r;
        disk_mkfs_fat_argv(&d->layout, &d->ids, &argv);
        if ((r = build_tool(d->b, (struct child){ .argv = &argv, .dir = d->part }, reterr)) < 0)
                return r;
        return copy_stage(d, stage, reterr);
}

static int fill_root(const struct disk *d, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};

        /* Who is root in the namespace opens it anew. */
        if (geteuid() != 0 && chmod(d->image, 0666) < 0)
                return error_set(reterr, -errno, "cannot change %s: %s", d->image, strerror(errno));
        child_as_root(&argv);
        disk_mke2fs_argv(&d->layout, &d->ids, &argv);
        const int r =
                build_tool(d->b, (struct child){ .argv = &argv, .dir = d->tree, .output = d->image }, reterr);
        return r == 0 && chmod(d->image, 0644) < 0 ? -errno : r;
}

/* What was only on the way. */
static int tidy(const struct disk *d, struct error *reterr) {
        const int r = cache_clear_tree(d->tree, reterr);
        return r < 0 ? r
                     : build_words(d->b, d->part, WORDS("rm", "-r", "stage", "table", "texts.tar"), reterr);
}

int image_disk_make(struct build *b, const char *part, struct error *reterr) {
        CLEANUP(disk_free) struct disk d = { .b = b, .part = part };
        CLEANUP(text_free) struct text inputs = {};
        int r;

        d.image = build_path(part, DISK_IMAGE);
        d.tree = build_path(part, CACHE_TREE);
        image_disk_inputs(b, &inputs);
        if (!d.image || !d.tree || inputs.failed)
                return build_no_memory(reterr);
        disk_ids_make(inputs.octets, &d.ids);
        if ((r = lay_out(&d, reterr)) < 0 || (r = make_table(&d, reterr)) < 0 ||
            (r = fill_boot(&d, reterr)) < 0 || (r = write_disk_texts(&d, reterr)) < 0 ||
            (r = fill_tree(&d, reterr)) < 0 || (r = fill_root(&d, reterr)) < 0)
                return r;
        return tidy(&d, reterr);
}
