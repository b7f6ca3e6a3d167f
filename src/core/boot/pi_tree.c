/* The files that one Raspberry Pi reads; see pi_tree.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/pi_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/boot/agent.h"
#include "core/boot/pi_files.h"

/* Paths that are wanted; some more than once. */
struct wanted {
        const struct boot_plan *plan;
        const char **paths; /* in the plan's arena, or as long as it */
        size_t n, room;
};

static void want(struct wanted *w, const char *path) {
        if (path && *path && w->n < w->room)
                w->paths[w->n++] = path;
}

/* A path of a choice, which goes with the call. */
static void want_copy(struct wanted *w, const char *path) {
        want(w, *path ? arena_strdup(w->plan->arena, path) : NULL);
}

static bool is_below(const char *path, const char *folder) {
        size_t len = strlen(folder);
        return len > 0 && strncasecmp(path, folder, len) == 0;
}

/* Included texts are those that import kept, beside config.txt and the command lines. */
static bool is_text(const struct image_file *f) {
        return f->octets && f->role == IMAGE_FILE_OTHER;
}

static void want_image_files(struct wanted *w, const struct config_txt_choice *c) {
        const struct image *image = w->plan->image;

        for (size_t i = 0; i < image->n_files; i++) {
                const struct image_file *f = &image->files[i];
                if (is_text(f) || is_below(f->path, c->overlay_prefix))
                        want(w, f->path);
        }
}

/* A board asks for the name of its stepping, and which that is it does not tell; nor is a board always known.
 */
static void want_dtbs(struct wanted *w, const struct config_txt_choice *c) {
        const struct boot_plan *p = w->plan;

        want_copy(w, c->dtb);
        for (size_t i = 0; p->board && p->board->dtbs[i]; i++)
                want(w, arena_printf(p->arena, "%s%s", c->os_prefix, p->board->dtbs[i]));
        for (size_t i = 0; !p->board && i < p->image->n_files; i++)
                if (p->image->files[i].role == IMAGE_FILE_DTB)
                        want(w, p->image->files[i].path);
}

static void want_all(struct wanted *w, const struct config_txt_choice *c) {
        want(w, "config.txt");
        want_copy(w, c->cmdline);
        want_copy(w, c->start_file);
        want_copy(w, c->fixup_file);
        want_copy(w, c->kernel);
        want_copy(w, c->armstub);
        for (size_t i = 0; i < c->n_initramfs; i++)
                want_copy(w, c->initramfs[i]);
        want_dtbs(w, c);
        want_image_files(w, c);
}

static int compare_paths(const void *a, const void *b) {
        return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static void wanted_free(struct wanted *w) {
        free(w->paths);
}

/* Sorted; some more than once. */
static int list_wanted(const struct boot_plan *p, const struct blob_source *blobs, struct wanted *ret) {
        CLEANUP(free_at) struct config_txt_choice *choice = calloc(1, sizeof(*choice));
        enum { OTHERS = 8 + CONFIG_TXT_INITRAMFS_MAX + BOARD_DTBS_MAX };

        *ret = (struct wanted){ .plan = p };
        if (!p->method || !p->image || !boot_client_is_pi(p->client->id))
                return -ENOENT;
        ret->room = OTHERS + 2 * p->image->n_files;
        ret->paths = calloc(ret->room, sizeof(*ret->paths));
        if (!choice || !ret->paths)
                return -ENOMEM;
        int r = pi_files_choose(p, blobs, choice);
        if (r < 0)
                return r;
        want_all(ret, choice);
        qsort(ret->paths, ret->n, sizeof(*ret->paths), compare_paths);
        return 0;
}

static bool is_twice(const struct wanted *w, size_t i) {
        return i > 0 && strcasecmp(w->paths[i - 1], w->paths[i]) == 0;
}

int pi_tree_each(const struct boot_plan *p, const struct blob_source *blobs,
                 int (*fn)(void *ctx, const char *path, struct boot_file *file), void *ctx) {
        CLEANUP(wanted_free) struct wanted w;

        int r = list_wanted(p, blobs, &w);
        for (size_t i = 0; r == 0 && i < w.n; i++) {
                CLEANUP(boot_file_drop_at) struct boot_file *file = NULL;
                if (is_twice(&w, i))
                        continue;
                r = boot_plan_file(p, w.paths[i], blobs, &file, NULL);
                if (r == BOOT_FILE_FOUND)
                        r = fn(ctx, w.paths[i], file);
                else if (r == BOOT_FILE_MISSING)
                        r = 0;
        }
        return r;
}

/* Texts are in memory and made of it; of all else the image knows how large it is. */
static int size_of(const struct boot_plan *p, const char *path, uint64_t *ret) {
        CLEANUP(boot_file_drop_at) struct boot_file *made = NULL;
        const struct image_file *f = image_find_folded(p->image, path);
        const bool is_agents = strcasecmp(path, BOOT_AGENT_INITRD) == 0;

        if (p->agent && (is_agents || (f && f->role == IMAGE_FILE_INITRD))) {
                *ret = boot_initrd_size(p, is_agents ? boot_plan_role(p, IMAGE_FILE_INITRD) : f);
                return BOOT_FILE_FOUND;
        }
        int r = boot_plan_file(p, path, &boot_no_blobs, &made, NULL);
        if (r != BOOT_FILE_FOUND && !(r == -ENODATA && f))
                return r;
        *ret = made ? made->size : f->size;
        return BOOT_FILE_FOUND;
}

int pi_tree_each_size(const struct boot_plan *p, int (*fn)(void *ctx, const char *path, uint64_t size),
                      void *ctx) {
        CLEANUP(wanted_free) struct wanted w;

        int r = list_wanted(p, &boot_no_blobs, &w);
        for (size_t i = 0; r == 0 && i < w.n; i++) {
                uint64_t size = 0;
                if (is_twice(&w, i))
                        continue;
                r = size_of(p, w.paths[i], &size);
                if (r == BOOT_FILE_FOUND)
                        r = fn(ctx, w.paths[i], size);
                else if (r == BOOT_FILE_MISSING)
                        r = 0;
        }
        return r;
}
