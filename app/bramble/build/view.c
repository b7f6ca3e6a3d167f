/* Apt's private view at work; see view.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble/build/apt.h"
#include "app/bramble/build/view.h"

#define KERNEL "linux-image-"

/* ---- the folder ---- */

static int make_folders(const char *view, struct error *reterr) {
        static const char *const below[] = {
                "",
                "/sources",
                "/lists",
                "/lists/partial",
                "/cache",
                "/cache/archives",
                "/cache/archives/partial",
        };

        for (size_t i = 0; i < ARRAY_LEN(below); i++) {
                CLEANUP(free_at) char *path = NULL;
                if (asprintf(&path, "%s%s", view, below[i]) < 0) {
                        path = NULL;
                        return build_no_memory(reterr);
                }
                if (mkdir(path, 0755) < 0 && errno != EEXIST)
                        return error_set(reterr, -errno, "cannot make %s: %s", path, strerror(errno));
        }
        return 0;
}

static int read_mirrors(struct build *b, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};
        CLEANUP(text_free) struct text output = {}, sources = {};
        CLEANUP(apt_mirrors_free) struct apt_mirrors mirrors = {};
        const struct distribution *d = b->wish.distribution;
        int r;

        apt_targets_argv(&argv);
        if ((r = build_tool(b, (struct child){ .argv = &argv, .captured = &output }, reterr)) < 0)
                return r;
        if ((r = apt_mirrors_parse(output.octets ? output.octets : "", output.len, &mirrors, reterr)) < 0)
                return r;
        apt_sources(&mirrors, d->codename, d->components, &sources);
        b->sources = text_take(&sources);
        return b->sources ? 0 : build_no_memory(reterr);
}

/* ---- what the mirrors have ---- */

static void view_argv(const struct build *b, const char *program, struct argv *out) {
        argv_add(out, program);
        apt_view_options(out, b->view, b->wish.arch);
}

/* A list of packages, whichever way apt keeps it. */
static int is_list(const struct dirent *e) {
        return strstr(e->d_name, "_Packages") != NULL;
}

/* All lists in one number: the same packages give the same, whenever they were fetched. */
static int find_state(struct build *b, struct error *reterr) {
        CLEANUP(free_at) char *lists = build_path(b->view, "lists");
        struct dirent **names = NULL;
        uint64_t state = 0;
        int r = 0;

        if (!lists)
                return build_no_memory(reterr);
        const int n = scandir(lists, &names, is_list, alphasort);
        for (int i = 0; i < n; i++) {
                CLEANUP(free_at) char *path = build_path(lists, names[i]->d_name);
                if (r == 0)
                        r = path ? build_state_add(path, &state) : -ENOMEM;
                free(names[i]);
        }
        free(names);
        if (r == 0 && n > 0 && asprintf(&b->state, "%016" PRIx64, state) >= 0)
                return 0;
        b->state = NULL;
        if (r == 0 && n <= 0)
                return error_set(reterr, -ENOENT,
                                 "no list of packages could be fetched: is this machine on the network?");
        return error_set(reterr, r ? r : -ENOMEM, "cannot read %s: %s", lists, strerror(r ? -r : ENOMEM));
}

int view_refresh(struct build *b, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};
        CLEANUP(free_at) char *name = NULL;
        struct error fault = {};
        int r;

        progress_begin(&b->progress, "lists of packages");
        if (asprintf(&name, "view-%s-%s", b->wish.distribution->codename, b->wish.arch) < 0) {
                name = NULL;
                return build_no_memory(reterr);
        }
        if (!(b->view = build_path(b->cache.dir, name)))
                return build_no_memory(reterr);
        if ((r = make_folders(b->view, reterr)) < 0 || (r = read_mirrors(b, reterr)) < 0 ||
            (r = build_write_text(b->view, "sources/debian.sources", b->sources, reterr)) < 0 ||
            (r = build_write_text(b->view, "status", "", reterr)) < 0) {
                progress_drop(&b->progress);
                return r;
        }
        view_argv(b, "apt-get", &argv);
        argv_add(&argv, "-q");
        argv_add(&argv, "update");
        const bool is_fresh = build_tool(b, (struct child){ .argv = &argv }, &fault) == 0;
        if ((r = find_state(b, is_fresh ? reterr : NULL)) < 0) {
                progress_drop(&b->progress);
                return is_fresh ? r : error_set(reterr, r, "%s", fault.text);
        }
        progress_end(&b->progress, false);
        if (!is_fresh)
                (void)fprintf(stderr, "the mirrors cannot be asked, going on with the lists of last time\n");
        return 0;
}

/* ---- packages ---- */

static int is_package(const struct dirent *e) {
        return text_ends_with(e->d_name, ".deb");
}

static int unpack_one(struct build *b, const char *deb, const char *dir, struct error *reterr) {
        const int r = build_words(b, NULL, WORDS("dpkg-deb", "-x", deb, dir), reterr);
        return r == 0 && unlink(deb) < 0
                       ? error_set(reterr, -errno, "cannot remove %s: %s", deb, strerror(errno))
                       : r;
}

int view_unpack(struct build *b, const char *const *names, const char *dir, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};
        struct dirent **debs = NULL;
        int r;

        view_argv(b, "apt-get", &argv);
        argv_add(&argv, "-q");
        argv_add(&argv, "download");
        argv_add_all(&argv, names);
        if ((r = build_tool(b, (struct child){ .argv = &argv, .dir = dir }, reterr)) < 0)
                return r;
        const int n = scandir(dir, &debs, is_package, alphasort);
        for (int i = 0; i < n; i++) {
                CLEANUP(free_at) char *deb = build_path(dir, debs[i]->d_name);
                if (r == 0)
                        r = deb ? unpack_one(b, deb, dir, reterr) : build_no_memory(reterr);
                free(debs[i]);
        }
        free(debs);
        return r == 0 && n <= 0 ? error_set(reterr, -ENOENT, "apt-get downloaded nothing") : r;
}

char *view_kernel_parse(const char *output) {
        for (const char *at = output; (at = strstr(at, "Depends: ")); at++) {
                const char *name = at + strlen("Depends: ");
                if (text_starts_with(name, KERNEL))
                        return strndup(name, strcspn(name, " \n|"));
        }
        return NULL;
}

int view_kernel(struct build *b, const char *metapackage, char **ret, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};
        CLEANUP(text_free) struct text output = {};
        int r;

        view_argv(b, "apt-cache", &argv);
        argv_add(&argv, "depends");
        argv_add(&argv, metapackage);
        if ((r = build_tool(b, (struct child){ .argv = &argv, .captured = &output }, reterr)) < 0)
                return r;
        *ret = view_kernel_parse(output.octets ? output.octets : "");
        return *ret ? 0 : error_set(reterr, -ENOENT, "%s names no kernel to download", metapackage);
}
