/* Packing drivers; see drivers.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/build/drivers.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "app/bramble/build/modules.h"
#include "app/bramble/build/pack.h"

#define STAGE "drivers"

static int read_text(const char *path, struct text *out, struct error *reterr) {
        char piece[4096];
        FILE *f = fopen(path, "re");

        if (!f)
                return error_set(reterr, -errno, "cannot read %s: %s", path, strerror(errno));
        for (size_t n; (n = fread(piece, 1, sizeof(piece), f)) > 0 && out->len <= MODULES_DEP_MAX;)
                text_append_octets(out, piece, n);
        const int r = ferror(f) ? error_set(reterr, -EIO, "cannot read %s", path) : 0;
        (void)fclose(f);
        return r < 0 || !out->failed ? r : build_no_memory(reterr);
}

/* Links, not copies: they are in the cache for a moment. What depmod reads beside the modules comes too. */
static int stage_modules(struct build *b, const char *modules, const char *stage, const struct argv *chosen,
                         struct error *reterr) {
        static const char *const beside[] = { "modules.order", "modules.builtin", "modules.builtin.modinfo",
                                              NULL };
        CLEANUP(argv_free) struct argv argv = {};

        argv_add_all(&argv, WORDS("cp", "-l", "--parents", "-t", stage));
        argv_add_all(&argv, beside);
        argv_add_all(&argv, (const char *const *)chosen->words);
        return build_tool(b, (struct child){ .argv = &argv, .dir = modules }, reterr);
}

static int make_folders(char *path, size_t from, struct error *reterr) {
        for (char *slash = path + from; (slash = strchr(slash + 1, '/'));) {
                *slash = '\0';
                const int r = mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
                *slash = '/';
                if (r < 0)
                        return error_set(reterr, r, "cannot make %s: %s", path, strerror(-r));
        }
        return mkdir(path, 0755) < 0 ? error_set(reterr, -errno, "cannot make %s: %s", path, strerror(errno))
                                     : 0;
}

static int pack_stage(const char *stage, const char *below, const char *path, struct error *reterr) {
        CLEANUP(pack_drop) struct pack pack = {};
        CLEANUP(free_at) char *lib = build_path(stage, "lib"), *name = NULL;
        int r;

        if (!lib || asprintf(&name, "%slib", below) < 0) {
                name = NULL;
                return build_no_memory(reterr);
        }
        r = pack_begin(path, PACK_CPIO_ZSTD, &pack, reterr);
        if (r == 0 && *below)
                r = pack_dir(&pack, "usr", reterr);
        if (r == 0)
                r = pack_tree(&pack, name, lib, reterr);
        return r < 0 ? r : pack_end(&pack, reterr);
}

int drivers_pack(struct build *b, const char *modules, const char *below, const char *part, const char *path,
                 struct error *reterr) {
        const char *release = strrchr(modules, '/') + 1;
        CLEANUP(free_at)
        char *dep = build_path(modules, "modules.dep"), *stage = build_path(part, STAGE), *inside = NULL;
        CLEANUP(text_free) struct text text = {};
        CLEANUP(argv_free) struct argv chosen = {};
        int r;

        if (asprintf(&inside, "%s/" STAGE "/lib/modules/%s", part, release) < 0)
                inside = NULL;
        if (!dep || !stage || !inside)
                return build_no_memory(reterr);
        if ((r = read_text(dep, &text, reterr)) < 0 ||
            (r = modules_choose(text.octets ? text.octets : "", text.len, agent_modules, &chosen, reterr)) <
                    0 ||
            (r = make_folders(inside, strlen(part), reterr)) < 0 ||
            (r = stage_modules(b, modules, inside, &chosen, reterr)) < 0 ||
            (r = build_words(b, NULL, WORDS("depmod", "-b", stage, release), reterr)) < 0 ||
            (r = pack_stage(stage, below, path, reterr)) < 0)
                return r;
        return build_words(b, NULL, WORDS("rm", "-r", stage), reterr);
}
