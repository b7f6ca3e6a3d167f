/*
 * What the firmware loads because of a config.txt: the last word on each key, then the defaults and prefixes.
 *
 * Source: Raspberry Pi documentation, config_txt/boot; raspberry-pi.md sections 2 and 3.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "format/config_txt.h"

enum { NUMBER_MAX = 24, CANDIDATES_MAX = 5 };

/* A value as it stands in the text; NULL: the key is not set. */
struct value {
        const char *text;
        size_t len;
};

enum key {
        KEY_KERNEL,
        KEY_INITRAMFS, /* the directive, and ramfsfile= */
        KEY_CMDLINE,
        KEY_DEVICE_TREE,
        KEY_OS_PREFIX,
        KEY_OVERLAY_PREFIX,
        KEY_ARMSTUB,
        KEY_START_FILE,
        KEY_FIXUP_FILE,
        KEY_START_X,
        KEY_START_DEBUG,
        KEY_GPU_MEM,
        KEY_ARM_64BIT,
        KEY_AUTO_INITRAMFS,
        KEY_BOOT_RAMDISK,
        KEY_UPSTREAM_KERNEL,
        N_KEYS
};

static const struct {
        const char *name;
        enum config_txt_kind kind;
        enum key key;
        bool is_first_stage; /* read by what comes before start.elf, which knows no include */
} keys[] = {
        { "kernel", CONFIG_TXT_SETTING, KEY_KERNEL, false },
        { "initramfs", CONFIG_TXT_DIRECTIVE, KEY_INITRAMFS, false },
        { "ramfsfile", CONFIG_TXT_SETTING, KEY_INITRAMFS, false },
        { "cmdline", CONFIG_TXT_SETTING, KEY_CMDLINE, false },
        { "device_tree", CONFIG_TXT_SETTING, KEY_DEVICE_TREE, false },
        { "os_prefix", CONFIG_TXT_SETTING, KEY_OS_PREFIX, false },
        { "overlay_prefix", CONFIG_TXT_SETTING, KEY_OVERLAY_PREFIX, false },
        { "armstub", CONFIG_TXT_SETTING, KEY_ARMSTUB, false },
        { "start_file", CONFIG_TXT_SETTING, KEY_START_FILE, true },
        { "fixup_file", CONFIG_TXT_SETTING, KEY_FIXUP_FILE, true },
        { "start_x", CONFIG_TXT_SETTING, KEY_START_X, true },
        { "start_debug", CONFIG_TXT_SETTING, KEY_START_DEBUG, true },
        { "gpu_mem", CONFIG_TXT_SETTING, KEY_GPU_MEM, true },
        { "gpu_mem_1024", CONFIG_TXT_SETTING, KEY_GPU_MEM, true }, /* of boards with 1 GiB and more */
        { "arm_64bit", CONFIG_TXT_SETTING, KEY_ARM_64BIT, false },
        { "auto_initramfs", CONFIG_TXT_SETTING, KEY_AUTO_INITRAMFS, false },
        { "boot_ramdisk", CONFIG_TXT_SETTING, KEY_BOOT_RAMDISK, true },
        { "upstream_kernel", CONFIG_TXT_SETTING, KEY_UPSTREAM_KERNEL, false },
};

/* Kernels that are tried without kernel=, by what arm_64bit says. */
static const struct family {
        const char *unset[CANDIDATES_MAX], *bits_32[CANDIDATES_MAX], *bits_64[CANDIDATES_MAX];
        struct start_files {
                const char *start, *fixup;
        } plain, cut_down, camera, debug; /* empty: the family has none */
} families[] = {
        [CONFIG_TXT_ROM] = {
                .unset = { "kernel7.img", "kernel.img", "kernel8.img" },
                .bits_32 = { "kernel7.img", "kernel.img" },
                .bits_64 = { "kernel8.img" },
                .plain = { "start.elf", "fixup.dat" },
                .cut_down = { "start_cd.elf", "fixup_cd.dat" },
                .camera = { "start_x.elf", "fixup_x.dat" },
                .debug = { "start_db.elf", "fixup_db.dat" },
        },
        [CONFIG_TXT_2711] = {
                .unset = { "kernel8.img", "kernel7l.img", "kernel7.img", "kernel.img" },
                .bits_32 = { "kernel7l.img", "kernel7.img", "kernel.img" },
                .bits_64 = { "kernel8.img" },
                .plain = { "start4.elf", "fixup4.dat" },
                .cut_down = { "start4cd.elf", "fixup4cd.dat" },
                .camera = { "start4x.elf", "fixup4x.dat" },
                .debug = { "start4db.elf", "fixup4db.dat" },
        },
        [CONFIG_TXT_2712] = {
                .unset = { "kernel_2712.img", "kernel8.img" },
                .bits_32 = { "kernel_2712.img", "kernel8.img" }, /* it has no 32-bit start */
                .bits_64 = { "kernel_2712.img", "kernel8.img" },
                .plain = { "", "" },
                .cut_down = { "", "" },
                .camera = { "", "" },
                .debug = { "", "" },
        },
};

struct choosing {
        const struct config_txt_board *board;
        const struct config_txt_tree *tree;
        struct value values[N_KEYS];
        struct config_txt_choice *choice;
};

static int note_line(void *ctx, const struct config_txt_line *line) {
        struct choosing *c = ctx;

        if (line->match != CONFIG_TXT_YES)
                return 0;
        if (line->is_long && line->kind >= CONFIG_TXT_SETTING)
                c->choice->n_long_lines++;
        for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
                if (line->kind != keys[i].kind || !config_txt_key_is(line, keys[i].name))
                        continue;
                if (keys[i].is_first_stage && line->depth > 0 && c->board->family != CONFIG_TXT_2712)
                        continue;
                c->values[keys[i].key] = (struct value){ line->value, line->value_len };
        }
        return 0;
}

static bool is_set(const struct choosing *c, enum key key) {
        return c->values[key].text != NULL;
}

static uint64_t number(const struct choosing *c, enum key key, uint64_t otherwise) {
        const struct value *v = &c->values[key];
        char copy[NUMBER_MAX];
        uint64_t n;

        if (!v->text || v->len == 0 || v->len >= sizeof(copy))
                return otherwise;
        memcpy(copy, v->text, v->len);
        copy[v->len] = '\0';
        return text_parse_u64(copy, UINT32_MAX, &n) == 0 ? n : otherwise;
}

/* @prefix and a name, which leaves the prefix out when it begins with '/'. */
static int join(char ret[CONFIG_TXT_PATH_MAX + 1], const char *prefix, const char *name, size_t name_len) {
        size_t prefix_len = strlen(prefix);

        if (name_len > 0 && *name == '/') {
                prefix_len = 0;
                name++;
                name_len--;
        }
        if (prefix_len > CONFIG_TXT_PATH_MAX || name_len > CONFIG_TXT_PATH_MAX - prefix_len)
                return -ENAMETOOLONG;
        memmove(ret, prefix, prefix_len);
        memcpy(ret + prefix_len, name, name_len);
        ret[prefix_len + name_len] = '\0';
        return 0;
}

static int set(const struct choosing *c, enum key key, const char *otherwise, const char *prefix,
               char ret[CONFIG_TXT_PATH_MAX + 1]) {
        const struct value *v = &c->values[key];

        return v->text && v->len > 0 ? join(ret, prefix, v->text, v->len)
                                     : join(ret, prefix, otherwise, strlen(otherwise));
}

static bool exists(const struct choosing *c, const char *path) {
        return c->tree->exists(c->tree->ctx, path);
}

/* The first of some names that is there, else the first; 1 when one is there, 0 when none is, or
 * -ENAMETOOLONG. */
static int first_of(const struct choosing *c, const char *const *names, size_t max, const char *prefix,
                    char ret[CONFIG_TXT_PATH_MAX + 1]) {
        for (size_t i = 0; i < max && names[i]; i++) {
                int r = join(ret, prefix, names[i], strlen(names[i]));
                if (r < 0)
                        return r;
                if (exists(c, ret))
                        return 1;
        }
        return max > 0 && names[0] ? join(ret, prefix, names[0], strlen(names[0])) : 0;
}

static int choose_kernel(const struct choosing *c, const char *prefix, char ret[CONFIG_TXT_PATH_MAX + 1]) {
        const struct family *f = &families[c->board->family];
        const struct value *v = &c->values[KEY_KERNEL];

        if (v->text && v->len > 0) {
                int r = join(ret, prefix, v->text, v->len);
                return r < 0 ? r : exists(c, ret);
        }
        const char *const *names = !is_set(c, KEY_ARM_64BIT)     ? f->unset
                                   : number(c, KEY_ARM_64BIT, 0) ? f->bits_64
                                                                 : f->bits_32;
        return first_of(c, names, CANDIDATES_MAX, prefix, ret);
}

static int choose_dtb(const struct choosing *c, const char *prefix, char ret[CONFIG_TXT_PATH_MAX + 1]) {
        const struct value *v = &c->values[KEY_DEVICE_TREE];
        const struct config_txt_board *b = c->board;

        *ret = '\0';
        if (v->text) {
                if (v->len == 0)
                        return 0; /* "device_tree=": none is loaded */
                int r = join(ret, prefix, v->text, v->len);
                return r < 0 ? r : exists(c, ret);
        }
        if (b->upstream_dtbs && number(c, KEY_UPSTREAM_KERNEL, 0)) {
                int r = first_of(c, b->upstream_dtbs, SIZE_MAX, prefix, ret);
                if (r != 0)
                        return r;
        }
        return b->dtbs ? first_of(c, b->dtbs, SIZE_MAX, prefix, ret) : 0;
}

/* Sets prefix, kernel and device tree; a prefix counts only when both are found under it. */
static int choose_system(const struct choosing *c, struct config_txt_choice *ret) {
        int r = set(c, KEY_OS_PREFIX, number(c, KEY_UPSTREAM_KERNEL, 0) ? "upstream/" : "", "",
                    ret->os_prefix);
        if (r < 0)
                return r;
        for (;;) {
                int kernel = choose_kernel(c, ret->os_prefix, ret->kernel);
                if (kernel < 0)
                        return kernel;
                int dtb = choose_dtb(c, ret->os_prefix, ret->dtb);
                if (dtb < 0)
                        return dtb;
                ret->has_kernel = kernel > 0;
                ret->has_dtb = dtb > 0;
                if (*ret->os_prefix == '\0' || (ret->has_kernel && (ret->has_dtb || *ret->dtb == '\0')))
                        return 0;
                ret->is_os_prefix_ignored = true;
                *ret->os_prefix = '\0';
        }
}

/* kernel8.img goes with initramfs8, kernel_2712.img with initramfs_2712, wherever the kernel lies. */
static int choose_auto_initramfs(const struct choosing *c, struct config_txt_choice *ret) {
        const char *slash = strrchr(ret->kernel, '/');
        const char *name = slash ? slash + 1 : ret->kernel;
        size_t name_len = strlen(name), dir_len = (size_t)(name - ret->kernel);
        char own[CONFIG_TXT_PATH_MAX + 1];

        if (!ret->auto_initramfs || !text_starts_with(name, "kernel"))
                return 0;
        if (text_ends_with(name, ".img"))
                name_len -= strlen(".img");
        memcpy(own, ret->kernel, dir_len);
        own[dir_len] = '\0';
        int r = join(own, own, "initramfs", strlen("initramfs"));
        if (r == 0)
                r = join(own, own, name + strlen("kernel"), name_len - strlen("kernel"));
        if (r < 0 || !exists(c, own))
                return r;
        memcpy(ret->initramfs[0], own, sizeof(own));
        ret->n_initramfs = 1;
        return 0;
}

/* "initramfs A,B followkernel": the files before the address. */
static int choose_initramfs(const struct choosing *c, struct config_txt_choice *ret) {
        const struct value *v = &c->values[KEY_INITRAMFS];
        size_t at = 0, end = 0;

        if (!v->text || v->len == 0)
                return choose_auto_initramfs(c, ret);
        while (end < v->len && v->text[end] != ' ' && v->text[end] != '\t')
                end++;
        while (at < end && ret->n_initramfs < CONFIG_TXT_INITRAMFS_MAX) {
                const char *comma = memchr(v->text + at, ',', end - at);
                size_t len = comma ? (size_t)(comma - v->text) - at : end - at;
                if (len > 0) {
                        int r = join(ret->initramfs[ret->n_initramfs], ret->os_prefix, v->text + at, len);
                        if (r < 0)
                                return r;
                        ret->n_initramfs++;
                }
                at += len + 1;
        }
        return 0;
}

static int choose_overlay_prefix(const struct choosing *c, struct config_txt_choice *ret) {
        char readme[CONFIG_TXT_PATH_MAX + 1];

        int r = set(c, KEY_OVERLAY_PREFIX, "overlays/", ret->os_prefix, ret->overlay_prefix);
        if (r < 0 || *ret->os_prefix == '\0')
                return r;
        r = join(readme, ret->overlay_prefix, "README", strlen("README"));
        if (r < 0 || exists(c, readme))
                return r;
        return set(c, KEY_OVERLAY_PREFIX, "overlays/", "", ret->overlay_prefix);
}

static int choose_firmware(const struct choosing *c, struct config_txt_choice *ret) {
        const struct family *f = &families[c->board->family];
        const struct start_files *files = &f->plain;

        if (*f->plain.start == '\0')
                return 0;
        if (number(c, KEY_START_X, 0))
                files = &f->camera;
        else if (number(c, KEY_START_DEBUG, 0))
                files = &f->debug;
        else if (number(c, KEY_GPU_MEM, 0) == 16)
                files = &f->cut_down;

        int r = set(c, KEY_START_FILE, files->start, "", ret->start_file);
        return r < 0 ? r : set(c, KEY_FIXUP_FILE, files->fixup, "", ret->fixup_file);
}

/* Without kernel= the name that was found says what it is; else the setting does, or the family's habit. */
static bool is_64bit(const struct choosing *c, const struct config_txt_choice *choice) {
        static const char *const names_32[] = { "kernel7l.img", "kernel7.img", "kernel.img" };

        if (c->board->family == CONFIG_TXT_2712)
                return true;
        if (is_set(c, KEY_ARM_64BIT))
                return number(c, KEY_ARM_64BIT, 0) != 0;
        if (choice->is_kernel_named)
                return c->board->family == CONFIG_TXT_2711;
        for (size_t i = 0; i < ARRAY_LEN(names_32); i++)
                if (text_ends_with(choice->kernel, names_32[i]))
                        return false;
        return true;
}

int config_txt_choose(const char *text, size_t len, const struct config_txt_board *board,
                      const struct config_txt_tree *tree, struct config_txt_choice *ret) {
        struct config_txt_choice choice = { 0 };
        struct choosing c = { .board = board, .tree = tree, .choice = &choice };

        int r = config_txt_each(text, len, board, tree, note_line, &c);
        if (r < 0)
                return r;
        choice.is_kernel_named = c.values[KEY_KERNEL].len > 0;
        choice.auto_initramfs = number(&c, KEY_AUTO_INITRAMFS, 0) != 0;
        choice.boot_ramdisk = number(&c, KEY_BOOT_RAMDISK, 0) != 0;
        r = choose_system(&c, &choice);
        if (r == 0)
                r = choose_initramfs(&c, &choice);
        if (r == 0)
                r = set(&c, KEY_CMDLINE, "cmdline.txt", choice.os_prefix, choice.cmdline);
        if (r == 0)
                r = choose_overlay_prefix(&c, &choice);
        if (r == 0)
                r = set(&c, KEY_ARMSTUB, "", "", choice.armstub);
        if (r == 0)
                r = choose_firmware(&c, &choice);
        if (r < 0)
                return r;
        choice.arm_64bit = is_64bit(&c, &choice);
        *ret = choice;
        return 0;
}
