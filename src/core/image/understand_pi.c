/* Raspberry Pi boot directories; see understand.h. The firmware's rules are format/config_txt's. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/image/look.h"
#include "core/image/understand.h"
#include "format/config_txt.h"

/* How far a board gets. */
enum stage { STAGE_FIRMWARE, STAGE_RAMDISK, STAGE_KERNEL, STAGE_DTB, STAGE_ARCH, STAGE_INITRD, STAGE_SERVED };

struct understanding {
        struct image *image;
        const struct blob_source *blobs;
        struct error best; /* of the board that was most likely meant */
        unsigned best_rank;
        bool has_64bit;
        size_t n_boards;
        int failed; /* -errno of reading an included text */
};

static struct image_file *find(const struct understanding *u, const char *path) {
        return (struct image_file *)(uintptr_t)image_find_folded(u->image, path);
}

static bool tree_exists(void *ctx, const char *path) {
        return find(ctx, path) != NULL;
}

/* Keeps the text of a file with the image, as pure readers of the plan need it. */
static int keep_text(struct understanding *u, struct image_file *f) {
        return f->octets ? 0 : image_read_text(u->blobs, &f->blob, UNDERSTAND_TEXT_MAX, &f->octets);
}

static const char *tree_read(void *ctx, const char *path, size_t *ret_len) {
        struct understanding *u = ctx;
        struct image_file *f = find(u, path);

        if (!f)
                return NULL;
        int r = keep_text(u, f);
        if (r < 0) {
                u->failed = r;
                return NULL;
        }
        *ret_len = (size_t)f->size;
        return (const char *)f->octets;
}

/* Directories one level too high are a common slip. */
static int no_config(const struct image *i, struct error *reterr) {
        for (size_t n = 0; n < i->n_files; n++) {
                const char *path = i->files[n].path, *slash = strrchr(path, '/');
                if (slash && strcasecmp(slash + 1, "config.txt") == 0)
                        return error_set(
                                reterr, -ENOENT,
                                "there is no config.txt at the top, but one in %.*s/: import that directory",
                                (int)(slash - path), path);
        }
        return error_set(reterr, -ENOENT, "there is no config.txt: this is no Raspberry Pi boot directory");
}

static int load_config(struct understanding *u, struct error *reterr) {
        struct image_file *f = find(u, "config.txt");

        if (!f)
                return no_config(u->image, reterr);
        int r = keep_text(u, f);
        if (r == -EFBIG)
                return error_set(reterr, r,
                                 "config.txt is too large: %llu octets, and firmware reads less than %d",
                                 (unsigned long long)f->size, CONFIG_TXT_SIZE_MAX + 1);
        if (r < 0)
                return error_set(reterr, r, "config.txt: %s", strerror(-r));
        if (memchr(f->octets, 0, f->size))
                return error_set(reterr, -EBADMSG, "config.txt is no text");
        f->role = IMAGE_FILE_CONFIG_TXT;
        return 0;
}

static int choose(struct understanding *u, const struct config_txt_board *b, struct config_txt_choice *ret,
                  struct error *reterr) {
        struct config_txt_tree tree = { .exists = tree_exists, .read = tree_read, .ctx = u };
        const struct image_file *f = find(u, "config.txt");

        int r = config_txt_choose((const char *)f->octets, (size_t)f->size, b, &tree, ret);
        if (u->failed < 0)
                return error_set(reterr, u->failed, "a file that config.txt includes cannot be read: %s",
                                 strerror(-u->failed));
        switch (r) {
        case 0:
                return 0;
        case -ELOOP:
                return error_set(reterr, r,
                                 "config.txt includes too many files, or a file that includes itself");
        case -E2BIG:
                return error_set(reterr, r, "config.txt and what it includes have more than %d lines",
                                 CONFIG_TXT_LINES_MAX);
        case -ENAMETOOLONG:
                return error_set(reterr, r, "config.txt names a file whose path is longer than %d octets",
                                 CONFIG_TXT_PATH_MAX);
        default:
                return error_set(reterr, r, "config.txt: %s", strerror(-r));
        }
}

static enum stage check_firmware(struct understanding *u, const struct board *board,
                                 const struct config_txt_choice *c, struct error *why) {
        const char *needed[] = { board->family == BOARD_PI_ROM ? "bootcode.bin" : "", c->start_file,
                                 c->fixup_file };

        if (c->boot_ramdisk) {
                (void)error_set(why, -ENOTSUP,
                                "config.txt says boot_ramdisk=1: what starts lies inside boot.img; import "
                                "the files of boot.img instead");
                return STAGE_RAMDISK;
        }
        for (size_t i = 0; i < ARRAY_LEN(needed); i++)
                if (*needed[i] && !find(u, needed[i])) {
                        (void)error_set(why, -ENOENT, "%s is not there, which a %s needs to start", needed[i],
                                        board->title);
                        return STAGE_FIRMWARE;
                }
        return STAGE_SERVED;
}

/* Whether a board's processor starts a kernel in the mode that config.txt chooses. */
static enum stage check_arch(const struct board *board, const struct config_txt_choice *c,
                             const struct image_look *look, struct error *why) {
        enum arch mode = c->arm_64bit ? ARCH_ARM64 : ARCH_ARMHF;

        if (look->arch == mode && look->kind != KERNEL_EFI_ZBOOT)
                return STAGE_SERVED;
        if (look->kind == KERNEL_EFI_ZBOOT)
                (void)error_set(
                        why, -ENOTSUP,
                        "%s is a compressed EFI kernel, which the firmware of a %s cannot start: unpack it",
                        c->kernel, board->title);
        else
                (void)error_set(why, -ENOTSUP, "%s is %s, but config.txt makes a %s start in %s bits%s",
                                c->kernel, kernel_kind_name(look->kind), board->title,
                                c->arm_64bit ? "64" : "32",
                                look->arch == ARCH_ARM64 ? ": it lacks arm_64bit=1" : "");
        return STAGE_ARCH;
}

static enum stage check_initramfs(struct understanding *u, const struct config_txt_choice *c,
                                  struct error *why) {
        for (size_t i = 0; i < c->n_initramfs; i++)
                if (!find(u, c->initramfs[i])) {
                        (void)error_set(why, -ENOENT, "config.txt names the initramfs %s, which is not there",
                                        c->initramfs[i]);
                        return STAGE_INITRD;
                }
        return STAGE_SERVED;
}

static void set_role(struct understanding *u, const char *path, enum image_role role) {
        struct image_file *f = *path ? find(u, path) : NULL;

        if (f)
                f->role = role;
}

static void set_roles(struct understanding *u, const struct config_txt_choice *c) {
        set_role(u, c->kernel, IMAGE_FILE_KERNEL);
        set_role(u, c->dtb, IMAGE_FILE_DTB);
        set_role(u, c->cmdline, IMAGE_FILE_CMDLINE_TXT);
        for (size_t i = 0; i < c->n_initramfs; i++)
                set_role(u, c->initramfs[i], IMAGE_FILE_INITRD);
}

/*
 * The stage that the kernel lets a board reach, or -errno when what is there in its name is none. @look:
 * KERNEL_UNKNOWN where there need be no kernel.
 */
static int check_kernel(struct understanding *u, const struct board *board, const struct config_txt_choice *c,
                        struct image_look *look, struct error *why) {
        if (!c->has_kernel) {
                /* UEFI and the like stand in the place of the ARM stub and need no kernel. */
                if (*c->armstub && find(u, c->armstub))
                        return STAGE_SERVED;
                if (c->is_kernel_named)
                        (void)error_set(why, -ENOENT, "config.txt names the kernel %s, which is not there",
                                        c->kernel);
                else
                        (void)error_set(why, -ENOENT, "there is no kernel for a %s (%s)", board->title,
                                        c->kernel);
                return STAGE_KERNEL;
        }
        int r = image_look(u->blobs, &find(u, c->kernel)->blob, look);
        if (r < 0)
                return error_set(why, r, "%s: %s", c->kernel, strerror(-r));
        return kernel_is_linux(look->kind) ? STAGE_SERVED
                                           : image_look_refuse(look, c->kernel, "Linux kernel", why);
}

static int check_dtb(struct understanding *u, const struct board *board, const struct config_txt_choice *c,
                     struct error *why) {
        struct image_look look;

        if (*c->dtb == '\0')
                return STAGE_SERVED; /* config.txt wants none */
        if (!c->has_dtb) {
                (void)error_set(why, -ENOENT, "the device tree of a %s, %s, is not there", board->title,
                                c->dtb);
                return STAGE_DTB;
        }
        int r = image_look(u->blobs, &find(u, c->dtb)->blob, &look);
        if (r < 0)
                return error_set(why, r, "%s: %s", c->dtb, strerror(-r));
        return look.kind == KERNEL_DTB ? STAGE_SERVED : image_look_refuse(&look, c->dtb, "device tree", why);
}

/* One board of one revision type: the stage it reaches, or -errno. */
static int judge(struct understanding *u, const struct board *board, int type, struct config_txt_choice *c,
                 struct error *why) {
        static const enum config_txt_family families[] = { [BOARD_PI_ROM] = CONFIG_TXT_ROM,
                                                           [BOARD_PI_2711] = CONFIG_TXT_2711,
                                                           [BOARD_PI_2712] = CONFIG_TXT_2712 };
        struct config_txt_board facts = { .family = families[board->family],
                                          .type = type,
                                          .dtbs = board->dtbs,
                                          .upstream_dtbs = board->upstream_dtbs };
        struct image_look look = { .kind = KERNEL_UNKNOWN };

        int r = choose(u, &facts, c, why);
        if (r < 0)
                return r;
        int stage = (int)check_firmware(u, board, c, why);
        if (stage == STAGE_SERVED)
                stage = check_kernel(u, board, c, &look, why);
        if (stage == STAGE_SERVED)
                stage = check_dtb(u, board, c, why);
        if (stage == STAGE_SERVED && look.kind != KERNEL_UNKNOWN)
                stage = (int)check_arch(board, c, &look, why);
        if (stage == STAGE_SERVED)
                stage = (int)check_initramfs(u, c, why);
        return stage;
}

static int add_board(struct understanding *u, const char *name) {
        char **grown = reallocarray((void *)u->image->boards, u->n_boards + 2, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        u->image->boards = grown;
        grown[u->n_boards] = strdup(name);
        grown[u->n_boards + 1] = NULL;
        return grown[u->n_boards++] ? 0 : -ENOMEM;
}

/* Whether there is a file that only this family of boards has a use for. */
static bool has_sign(const struct understanding *u, enum board_family family) {
        static const struct {
                enum board_family family;
                const char *begin;
        } signs[] = {
                { BOARD_PI_ROM, "bootcode.bin" }, { BOARD_PI_ROM, "start.elf" },
                { BOARD_PI_ROM, "bcm2709" },      { BOARD_PI_ROM, "bcm2710" },
                { BOARD_PI_2711, "start4" },      { BOARD_PI_2711, "bcm2711" },
                { BOARD_PI_2712, "bcm2712" },     { BOARD_PI_2712, "kernel_2712" },
        };

        for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
                const size_t len = strlen(signs[i].begin);
                for (size_t n = 0; signs[i].family == family && n < u->image->n_files; n++)
                        if (strncasecmp(u->image->files[n].path, signs[i].begin, len) == 0)
                                return true;
        }
        return false;
}

/*
 * Of the boards that do not start, the one whose reason helps most: of a family that the files are meant for,
 * the farther it got the better, and rather the one that most people have.
 */
static unsigned rank_of(const struct understanding *u, const struct board *board, enum stage stage) {
        static const char *const usual[] = {
                [BOARD_PI_ROM] = "pi3b", [BOARD_PI_2711] = "pi4b", [BOARD_PI_2712] = "pi5"
        };
        const unsigned is_usual = strcmp(board->name, usual[board->family]) == 0;

        return 1 + (has_sign(u, board->family) ? 4u * STAGE_SERVED : 0) + 2 * (unsigned)stage + is_usual;
}

static int try_board(struct understanding *u, const struct board *board, struct error *reterr) {
        for (size_t t = 0; t < board->n_types; t++) {
                struct config_txt_choice c;
                struct error why = { 0 };
                int stage = judge(u, board, board->types[t], &c, &why);
                if (stage < 0) {
                        *reterr = why;
                        return stage;
                }
                if (stage == STAGE_SERVED) {
                        set_roles(u, &c);
                        u->has_64bit |= c.arm_64bit;
                        return add_board(u, board->name) < 0 ? error_set(reterr, -ENOMEM, "out of memory")
                                                             : 0;
                }
                const unsigned rank = rank_of(u, board, (enum stage)stage);
                if (rank > u->best_rank) {
                        u->best = why;
                        u->best_rank = rank;
                }
        }
        return 0;
}

/* What the firmware reads besides what config.txt names; then the texts that pure readers need. */
static int finish_roles(struct understanding *u, struct error *reterr) {
        for (size_t n = 0; n < u->image->n_files; n++) {
                struct image_file *f = &u->image->files[n];
                if (f->role == IMAGE_FILE_OTHER && text_ends_with(f->path, ".dtb"))
                        f->role = IMAGE_FILE_DTB;
                if (f->role != IMAGE_FILE_CMDLINE_TXT)
                        continue;
                int r = keep_text(u, f);
                if (r == -EFBIG)
                        return error_set(reterr, r, "%s is too large for a command line: %llu octets",
                                         f->path, (unsigned long long)f->size);
                if (r < 0)
                        return error_set(reterr, r, "%s: %s", f->path, strerror(-r));
        }
        return 0;
}

int understand_pi(struct image *i, const struct board_set *boards, const struct blob_source *blobs,
                  enum arch wanted, struct error *reterr) {
        struct understanding u = { .image = i, .blobs = blobs };

        int r = load_config(&u, reterr);
        for (size_t n = 0; r == 0 && n < board_set_len(boards); n++)
                if (board_set_item(boards, n)->family != BOARD_OTHER)
                        r = try_board(&u, board_set_item(boards, n), reterr);
        if (r < 0)
                return r;
        if (u.n_boards == 0) {
                if (reterr)
                        *reterr = u.best;
                (void)error_prefix(reterr, "no Raspberry Pi starts from these files");
                return u.best.code;
        }
        i->arch = u.has_64bit ? ARCH_ARM64 : ARCH_ARMHF;
        if (wanted != ARCH_NONE && wanted != i->arch)
                return error_set(reterr, -EINVAL, "its kernel is for %s, not for %s", arch_name(i->arch),
                                 arch_name(wanted));
        return finish_roles(&u, reterr);
}
