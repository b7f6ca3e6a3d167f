/* From a build to an image of the daemon's; see built.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/built.h"
#include "app/bramble/imported.h"
#include "app/bramble/loaders.h"
#include "app/bramble/print.h"
#include "app/bramble/upload.h"

int built_is_there(struct cli *cli, const char *name, bool *ret_is_there) {
        CLEANUP(json_decref_at) json_t *images = NULL;
        const json_t *image;
        size_t i;
        const int code = api_list(cli, "/api/v1/images", &images);

        *ret_is_there = false;
        if (code != CLI_OK)
                return code;
        json_array_foreach(images, i, image) {
                if (strcmp(json_text_at(image, "name"), name) == 0)
                        *ret_is_there = true;
        }
        return CLI_OK;
}

int built_begin(struct cli *cli, const struct build_wish *wish, struct build *b) {
        CLEANUP(free_at) char *cache = cache_dir_choose();
        struct error err = {};

        if (!cache)
                return cli_fail(CLI_LOCAL, "there is no home for the cache: set BRAMBLE_CACHE to a folder");
        if (build_begin(b, wish, cache, cli->has_progress, &err) < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        return CLI_OK;
}

int built_fail(const struct build *b, const struct error *err) {
        if (err->code == -ECHILD)
                return cli_fail(CLI_LOCAL, "%s (all that was said is in %s)", err->text, b->log_path);
        return cli_fail_with(CLI_LOCAL, err);
}

int built_collect(struct collection *c, const char *dir, const char *below, const char *name,
                  const char *role, struct error *reterr) {
        CLEANUP(free_at) char *path = build_path(dir, below);

        if (!path)
                return build_no_memory(reterr);
        return collect_file(c, path, name, role, reterr);
}

/* Which loaders were taken is no news: those of the image's own packages. */
static void no_note(void *ctx, const char *line) {
        (void)ctx;
        (void)line;
}

int built_collect_boot(struct collection *c, const char *arch, const char *packages, const char *initrd,
                       const char *loaders_dir, struct error *reterr) {
        CLEANUP(free_at) char *kernel = NULL, *dtbs = NULL;
        int r = build_find_one(packages, "boot/vmlinuz-*", &kernel, reterr);

        if (r == 0)
                r = collect_file(c, kernel, "vmlinuz", "kernel", reterr);
        if (r == 0)
                r = collect_file(c, initrd, "initrd.img", "initrd", reterr);
        if (r == 0 && recipe_has_dtbs(arch))
                r = build_find_one(packages, "usr/lib/linux-image-*", &dtbs, reterr);
        if (r == 0 && dtbs) /* under the names of the folders that they are in */
                r = collect_dir(c, dtbs, "dtbs/", ".dtb", "dtb", reterr);
        return r == 0 ? loaders_collect(c, arch, loaders_dir, no_note, NULL, reterr) : r;
}

int built_import(struct cli *cli, json_t *about, struct collection *files) {
        CLEANUP(json_decref_at) json_t *image = NULL, *owned = about;

        if (!owned)
                return cli_fail(CLI_LOCAL, "out of memory");
        collection_sort(files);
        const int code = upload(cli, owned, files, &image);
        if (code != CLI_OK)
                return code;
        if (cli->json)
                return print_json(image);
        tell_imported(image);
        return CLI_OK;
}
