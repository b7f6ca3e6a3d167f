/* config.txt and cmdline.txt of one Raspberry Pi; see pi_files.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/boot/agent.h"
#include "core/boot/pi_files.h"
#include "format/cmdline.h"

/* How a board loads; false: it is no Raspberry Pi. */
static bool board_family(const struct board *b, enum config_txt_family *ret) {
        static const struct {
                enum board_family board;
                enum config_txt_family family;
        } rows[] = {
                { BOARD_PI_ROM, CONFIG_TXT_ROM },
                { BOARD_PI_2711, CONFIG_TXT_2711 },
                { BOARD_PI_2712, CONFIG_TXT_2712 },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                if (rows[i].board != b->family)
                        continue;
                *ret = rows[i].family;
                return true;
        }
        return false;
}

enum config_txt_family pi_files_family(const struct boot_plan *p) {
        enum config_txt_family family;

        if (p->board && board_family(p->board, &family))
                return family;
        switch (p->client->id) {
        case CLIENT_PI_ROM:
        case CLIENT_PI3:
                return CONFIG_TXT_ROM;
        case CLIENT_PI5:
                return CONFIG_TXT_2712;
        case CLIENT_PI4:
                return CONFIG_TXT_2711;
        default:
                return board_families_of_mac(site_boards(p->site), &p->ask.mac) == 1U << BOARD_PI_ROM
                               ? CONFIG_TXT_ROM
                               : CONFIG_TXT_2711;
        }
}

bool pi_files_serve(const struct boot_plan *p, const struct image *image) {
        enum config_txt_family family;

        for (char **name = image->boards; name && *name; name++) {
                const struct board *b = board_find(site_boards(p->site), *name);
                if (p->board ? b == p->board : b && board_family(b, &family) && family == pi_files_family(p))
                        return true;
        }
        return false;
}

static bool tree_exists(void *ctx, const char *path) {
        const struct boot_plan *p = ctx;
        return image_find_folded(p->image, path) != NULL;
}

static const char *tree_read(void *ctx, const char *path, size_t *ret_len) {
        const struct boot_plan *p = ctx;
        const struct image_file *f = image_find_folded(p->image, path);

        if (!f || !f->octets)
                return NULL;
        *ret_len = f->size;
        return (const char *)f->octets;
}

static struct config_txt_tree tree_of(const struct boot_plan *p) {
        return (struct config_txt_tree){ .exists = tree_exists, .read = tree_read, .ctx = (void *)p };
}

/* The revision that it said counts more than the board that was named. */
struct config_txt_board pi_files_board(const struct boot_plan *p) {
        const struct machine *m = p->machine;
        struct config_txt_board b = { .family = pi_files_family(p), .type = CONFIG_TXT_TYPE_UNKNOWN };

        if (p->ask.revision)
                b.type = (int)(p->ask.revision >> 4 & 0xff);
        else if (p->board && p->board->n_types == 1)
                b.type = p->board->types[0];
        b.has_serial = p->ask.has_serial || (m && m->has_serial);
        b.serial = p->ask.has_serial ? p->ask.serial : m ? m->serial : 0;
        if (p->board) {
                b.dtbs = p->board->dtbs;
                b.upstream_dtbs = p->board->upstream_dtbs;
        }
        return b;
}

/* The image's config.txt: by its role, or a set of parts brought one by that name. */
static const struct image_file *config_file(const struct boot_plan *p) {
        const struct image_file *f = boot_plan_role(p, IMAGE_FILE_CONFIG_TXT);
        return f ? f : image_find_folded(p->image, "config.txt");
}

static const struct image_file *cmdline_file(const struct boot_plan *p) {
        const struct image_file *f = boot_plan_role(p, IMAGE_FILE_CMDLINE_TXT);
        return f ? f : image_find_folded(p->image, "cmdline.txt");
}

/* A set of parts has no config.txt of its own: say in it what the parts are. */
static void put_parts(const struct boot_plan *p, struct text *ours) {
        struct boot_kernel k;

        if (!boot_kernel_of(p, &k))
                return;
        text_printf(ours, "kernel=%s\n", k.kernel->path);
        if (k.initrd)
                text_printf(ours, "initramfs %s followkernel\n", k.initrd);
}

/* The mode that the machine's kernel shall be started in; ARCH_NONE: as config.txt says. */
static enum arch wanted_arch(const struct boot_plan *p, const char *base, enum config_txt_family family) {
        if (family == CONFIG_TXT_2712) /* which runs nothing but arm64 */
                return ARCH_NONE;
        if (p->machine && p->machine->arch != ARCH_NONE)
                return p->machine->arch;
        return base[0] ? ARCH_NONE : p->image->arch;
}

static void put_operators(const struct boot_plan *p, struct text *ours) {
        site_put_config_txt(p->site, p->board, p->machine, p->machine ? p->machine->config_txt_extra : NULL,
                            ours);
}

/* @base, and behind it @over, as the firmware would read both. */
static int join_texts(const char *base, const struct text *over, struct text *ret) {
        text_append(ret, base);
        if (over->len > 0)
                text_printf(ret, "\n[all]\n%s", over->octets);
        return ret->failed || over->failed ? -ENOMEM : 0;
}

enum arch pi_files_arch(const struct boot_plan *p) {
        CLEANUP(text_free) struct text over = {};
        CLEANUP(text_free) struct text whole = {};
        const struct image_file *f = config_file(p);
        struct config_txt_board board = pi_files_board(p);
        struct config_txt_tree tree = tree_of(p);
        struct config_txt_choice choice;

        enum arch wanted = wanted_arch(p, f ? "?" : "", board.family);
        if (board.family == CONFIG_TXT_2712 || wanted != ARCH_NONE)
                return wanted != ARCH_NONE ? wanted : ARCH_ARM64;
        put_operators(p, &over);
        if (!f || !f->octets || join_texts((const char *)f->octets, &over, &whole) < 0 ||
            config_txt_choose(whole.octets, whole.len, &board, &tree, &choice) < 0)
                return p->image->arch;
        return choice.arm_64bit ? ARCH_ARM64 : ARCH_ARMHF;
}

/* Whether the agent lies behind an initramfs that the firmware loads anyway: for the kernel that is started
 * with @ours laid over @base. -errno: cannot be said. */
static int loads_initramfs(const struct boot_plan *p, const char *base, const struct config_txt_board *board,
                           const char *ours, struct config_txt_choice *choice) {
        CLEANUP(text_free) struct text whole = {};
        struct config_txt_tree tree = tree_of(p);

        text_printf(&whole, "%s\n[all]\n%s", base, ours);
        if (whole.failed)
                return -ENOMEM;
        int r = config_txt_choose(whole.octets, whole.len, board, &tree, choice);
        if (r < 0)
                return r;
        for (size_t i = 0; i < choice->n_initramfs; i++) {
                const struct image_file *f = image_find_folded(p->image, choice->initramfs[i]);
                if (f && f->role == IMAGE_FILE_INITRD)
                        return true;
        }
        return false;
}

/* What this machine needs and @whole, which begins with @base, does not say already. */
static int put_needed(const struct boot_plan *p, const char *base, const char *whole,
                      const struct config_txt_board *board, struct text *needed) {
        struct config_txt_tree tree = tree_of(p);
        struct config_txt_choice choice;
        enum arch wanted = wanted_arch(p, base, board->family);
        bool adds_agent = p->agent && base[0];

        if (wanted == ARCH_NONE && !adds_agent)
                return 0;
        int r = config_txt_choose(whole, strlen(whole), board, &tree, &choice);
        if (r < 0)
                return r;
        if (wanted != ARCH_NONE && choice.arm_64bit != (wanted == ARCH_ARM64))
                text_printf(needed, "arm_64bit=%d\n", wanted == ARCH_ARM64);
        if (adds_agent)
                r = loads_initramfs(p, whole, board, needed->octets ? needed->octets : "", &choice);
        if (r < 0)
                return r;
        /* An absolute name, where the firmware would put a folder in front of any other. */
        if (adds_agent && r == 0)
                text_printf(needed, "initramfs %s%s followkernel\n", choice.os_prefix[0] ? "/" : "",
                            BOOT_AGENT_INITRD);
        return needed->failed ? -ENOMEM : 0;
}

/* All that is laid over @base: the operator's lines, and what this machine needs in spite of them. */
static int put_ours(const struct boot_plan *p, const char *base, const struct config_txt_board *board,
                    struct text *ours) {
        CLEANUP(text_free) struct text whole = {};
        CLEANUP(text_free) struct text needed = {};

        if (!base[0])
                put_parts(p, ours);
        put_operators(p, ours);
        int r = join_texts(base, ours, &whole);
        if (r == 0)
                r = put_needed(p, base, whole.octets, board, &needed);
        if (r < 0)
                return r;
        if (p->machine && p->machine->as_ramdisk && !p->is_in_ramdisk)
                text_append(&needed, "boot_ramdisk=1\n");
        config_lines_put(needed.octets, ours);
        return ours->failed || needed.failed ? -ENOMEM : 0;
}

static int compose_text(const struct boot_plan *p, const char *base, bool is_tryboot,
                        char config[CONFIG_TXT_SIZE_MAX], size_t *ret_len) {
        CLEANUP(text_free) struct text ours = {};
        struct config_txt_board board = pi_files_board(p);
        struct config_txt_tree tree = tree_of(p);

        board.is_tryboot = is_tryboot;
        int r = put_ours(p, base, &board, &ours);
        return r < 0 ? r
                     : config_txt_compose(base, strlen(base), &board, &tree, ours.octets ? ours.octets : "",
                                          config, CONFIG_TXT_SIZE_MAX, ret_len);
}

static int compose_config(const struct boot_plan *p, const char *base, bool is_tryboot,
                          struct boot_file **ret) {
        char config[CONFIG_TXT_SIZE_MAX];
        size_t len;

        int r = compose_text(p, base, is_tryboot, config, &len);
        if (r < 0)
                return r;
        *ret = boot_file_of_octets(config, len);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

int pi_files_choose(const struct boot_plan *p, const struct blob_source *blobs,
                    struct config_txt_choice *ret) {
        const struct image_file *f = config_file(p);
        struct config_txt_board board = pi_files_board(p);
        struct config_txt_tree tree = tree_of(p);
        char config[CONFIG_TXT_SIZE_MAX];
        int error = -EIO;
        size_t len;

        const char *base = f ? boot_file_text(p, blobs, f, &error) : "";
        if (!base)
                return error;
        int r = compose_text(p, base, false, config, &len);
        return r < 0 ? r : config_txt_choose(config, len, &board, &tree, ret);
}

bool pi_files_has_lines(const struct boot_plan *p) {
        CLEANUP(text_free) struct text operators = {};

        put_operators(p, &operators);
        return operators.len > 0;
}

int pi_files_check_config(const struct boot_plan *p) {
        const struct image_file *f = config_file(p);
        char config[CONFIG_TXT_SIZE_MAX];
        int error = -EIO;
        size_t len;

        const char *base = f ? boot_file_text(p, &boot_no_blobs, f, &error) : "";
        if (!base)
                return error == -ENODATA ? 0 : error;
        return compose_text(p, base, false, config, &len);
}

static int compose_cmdline(const struct boot_plan *p, const char *base, struct boot_file **ret) {
        char line[CMDLINE_MAX + 2];

        int n = boot_kernel_cmdline(p, base, line, sizeof(line) - 1);
        if (n < 0)
                return n;
        line[n] = '\n';
        *ret = boot_file_of_octets(line, (size_t)n + 1);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

static bool is_config(const struct boot_plan *p, const struct image_file *f) {
        return f == config_file(p);
}

/* What firmware reads in the place of config.txt for the one boot after `reboot "0 tryboot"`. */
static bool is_tryboot(const struct image_file *f) {
        return strcasecmp(f->path, "tryboot.txt") == 0;
}

/* The agent is found behind whatever initramfs config.txt names for this board. */
static bool is_for_agent(const struct boot_plan *p, const struct image_file *f) {
        return p->agent && f->role == IMAGE_FILE_INITRD;
}

bool pi_files_is_laid_over(const struct boot_plan *p, const struct image_file *f) {
        if (is_for_agent(p, f))
                return true;
        /* Boards may have command lines of their own, each named by a section of config.txt. */
        return f->role == IMAGE_FILE_CONFIG_TXT || f->role == IMAGE_FILE_CMDLINE_TXT ||
               (f->role == IMAGE_FILE_OTHER && (is_config(p, f) || is_tryboot(f) || f == cmdline_file(p)));
}

int pi_files_lay_over(const struct boot_plan *p, const struct image_file *f, const struct blob_source *blobs,
                      struct boot_file **ret) {
        int error = -EIO;

        if (is_for_agent(p, f))
                return boot_initrd_lay_over(p, f, blobs, ret);
        const char *base = boot_file_text(p, blobs, f, &error);
        if (!base)
                return error;
        return is_config(p, f) || is_tryboot(f) ? compose_config(p, base, is_tryboot(f), ret)
                                                : compose_cmdline(p, base, ret);
}

static int make_config(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret) {
        (void)blobs;
        return compose_config(p, "", false, ret);
}

static int make_cmdline(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret) {
        (void)blobs;
        return compose_cmdline(p, "", ret);
}

static bool has_words(const struct boot_plan *p) {
        return p->agent || (p->image->cmdline && p->image->cmdline[0]) ||
               (p->machine && (p->machine->cmdline_extra || p->machine->seed));
}

size_t pi_files_generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]) {
        size_t n = 0;

        if (!config_file(p))
                list[n++] = (struct boot_generated){
                        .path = "config.txt",
                        .why = "made from the parts of the image",
                        .make = make_config,
                };
        if (!cmdline_file(p) && has_words(p))
                list[n++] = (struct boot_generated){
                        .path = "cmdline.txt",
                        .why = "made from the image's command line and the machine's extra words",
                        .make = make_cmdline,
                };
        return n;
}
