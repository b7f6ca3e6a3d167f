/*
 * Any text as config.txt, and what is left of it when it is shortened to fit: the firmware must choose the
 * same files.
 *
 * Octet 0 picks the board, octet 1 how much room there is; a NUL parts config.txt from the file "a" that it
 * may include.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/config_txt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct included {
        const char *text;
        size_t len;
};

static bool exists(void *ctx, const char *path) {
        (void)ctx;
        return strlen(path) % 2 == 0;
}

static const char *read_included(void *ctx, const char *path, size_t *ret_len) {
        const struct included *i = ctx;

        *ret_len = i->len;
        return strcmp(path, "a") == 0 ? i->text : NULL;
}

static const char *const dtbs[] = { "odd", "even", NULL };
static const struct config_txt_variable variables[] = { { "boot_partition", 1 } };
static const struct config_txt_board boards[] = {
        { CONFIG_TXT_ROM, 0x08, false, 0, false, dtbs, dtbs, NULL, 0 },
        { CONFIG_TXT_2711, 0x11, true, 0xa1b2c3d4, false, dtbs, NULL, variables, 1 },
        { CONFIG_TXT_2711, CONFIG_TXT_TYPE_UNKNOWN, false, 0, true, NULL, NULL, NULL, 0 },
        { CONFIG_TXT_2712, 0x18, false, 0, false, dtbs, NULL, NULL, 0 },
};

static const char ours[] = "cmdline=ours\n";

/* What the firmware would do with the whole text, if it could read it. */
static int choose_whole(const char *base, size_t len, const struct config_txt_board *board,
                        const struct config_txt_tree *tree, struct config_txt_choice *ret) {
        static const char all[] = "\n[all]\n";
        char *whole = malloc(len + sizeof(all) + sizeof(ours));
        if (!whole)
                abort();
        memcpy(whole, base, len);
        memcpy(whole + len, all, sizeof(all) - 1);
        memcpy(whole + len + sizeof(all) - 1, ours, sizeof(ours) - 1);
        int r = config_txt_choose(whole, len + sizeof(all) + sizeof(ours) - 2, board, tree, ret);
        free(whole);
        return r;
}

static bool is_same(const struct config_txt_choice *a, const struct config_txt_choice *b) {
        if (a->n_initramfs != b->n_initramfs || a->has_kernel != b->has_kernel || a->has_dtb != b->has_dtb ||
            a->arm_64bit != b->arm_64bit || a->boot_ramdisk != b->boot_ramdisk)
                return false;
        for (size_t i = 0; i < a->n_initramfs; i++)
                if (strcmp(a->initramfs[i], b->initramfs[i]) != 0)
                        return false;
        return strcmp(a->kernel, b->kernel) == 0 && strcmp(a->dtb, b->dtb) == 0 &&
               strcmp(a->cmdline, b->cmdline) == 0 && strcmp(a->os_prefix, b->os_prefix) == 0 &&
               strcmp(a->overlay_prefix, b->overlay_prefix) == 0 && strcmp(a->armstub, b->armstub) == 0 &&
               strcmp(a->start_file, b->start_file) == 0 && strcmp(a->fixup_file, b->fixup_file) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        if (len < 2)
                return 0;
        const struct config_txt_board *board = &boards[data[0] % ARRAY_LEN(boards)];
        size_t room = (size_t)data[1] * 16;
        const char *base = (const char *)data + 2, *nul = memchr(base, 0, len - 2);
        size_t base_len = nul ? (size_t)(nul - base) : len - 2;
        struct included included = { nul ? nul + 1 : NULL, nul ? len - 3 - base_len : 0 };
        struct config_txt_tree tree = { .exists = exists, .read = read_included, .ctx = &included };
        struct config_txt_choice whole, composed;
        char buf[CONFIG_TXT_SIZE_MAX];
        size_t got;

        int r = choose_whole(base, base_len, board, &tree, &whole);
        if (r < 0 || config_txt_compose(base, base_len, board, &tree, ours, buf, room, &got) < 0)
                return 0;
        if (got > room || config_txt_choose(buf, got, board, &tree, &composed) < 0)
                abort();
        if (!is_same(&whole, &composed))
                abort();
        return 0;
}
