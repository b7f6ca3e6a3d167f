/*
 * bramble-unpack: one step of reading an image, in a process of its own.
 *
 * brambled starts it confined (io/child.h): it sees its source, writes into its working directory, and ends.
 * What it found it says line by line; when it fails its last line is the sentence why. It is nobody's
 * command.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/unpack/formats.h"
#include "core/unpack/kernel_text.h"
#include "core/unpack/pick.h"
#include "core/unpack/pour.h"
#include "core/unpack/progress.h"
#include "core/unpack/squash.h"
#include "core/unpack/survey.h"
#include "core/unpack/tree.h"

enum { EXIT_USAGE = 2 };

/* open SOURCE SIZE MAX: what it is, and the file "content" when it was packed. SIZE is the source's. */
static int do_open(const char *const *argv, struct error *reterr) {
        uint64_t size = 0, max = 0;
        struct format_found found;

        if (text_parse_u64(argv[1], UINT64_MAX, &size) < 0 || text_parse_u64(argv[2], UINT64_MAX, &max) < 0)
                return error_set(reterr, -EXIT_USAGE, "open SOURCE SIZE MAX: no number");
        int r = format_open(argv[0], &found, reterr);
        if (r < 0)
                return r;
        bool is_poured = found.depth > 0 && found.kind != FORMAT_TREE;
        if (is_poured) {
                struct progress progress = progress_begin(size);
                r = pour(found.stream, found.file, "content", max, &progress, &size, reterr);
        }
        stream_free(found.stream);
        if (r == 0)
                (void)printf("%s %s\n%s\n", format_kind_name(found.kind), is_poured ? "content" : "source",
                             found.stack);
        return r;
}

static int do_survey(const char *const *argv, struct error *reterr) {
        return survey(argv[0], reterr);
}

static int do_kernel(const char *const *argv, struct error *reterr) {
        return kernel_text(argv[0], stdout, reterr);
}

/* What the tree verbs have in common: TREE SOURCE OFFSET SIZE MAX. */
struct place {
        const struct tree *tree;
        const char *path;
        uint64_t offset, size, max;
};

static int read_place(const char *const *argv, struct place *ret, struct error *reterr) {
        ret->tree = tree_find(argv[0]);
        ret->path = argv[1];
        if (!ret->tree || text_parse_u64(argv[2], INT64_MAX, &ret->offset) < 0 ||
            text_parse_u64(argv[3], UINT64_MAX, &ret->size) < 0 ||
            text_parse_u64(argv[4], UINT64_MAX, &ret->max) < 0)
                return error_set(reterr, -EXIT_USAGE, "TREE SOURCE OFFSET SIZE MAX: no tree or no number");
        return 0;
}

/* pick TREE SOURCE OFFSET SIZE MAX PATTERN... */
static int do_pick(const char *const *argv, struct error *reterr) {
        struct place at;

        int r = read_place(argv, &at, reterr);
        if (r < 0)
                return r;
        struct progress progress = progress_begin(at.size);
        return pick(at.tree, at.path, at.offset, argv + 5, at.max, &progress, reterr);
}

/* squash TREE SOURCE OFFSET SIZE MAX COMPRESSION: the file "root.squashfs" */
static int do_squash(const char *const *argv, struct error *reterr) {
        struct place at;

        int r = read_place(argv, &at, reterr);
        if (r < 0)
                return r;
        struct progress progress = progress_begin(at.size);
        return squash(at.tree, at.path, at.offset, argv[5], "root.squashfs", at.max, &progress, reterr);
}

static const struct verb {
        const char *name;
        int n_args; /* at least */
        int (*run)(const char *const *argv, struct error *reterr);
} verbs[] = {
        { "open", 3, do_open }, { "survey", 1, do_survey }, { "kernel", 1, do_kernel },
        { "pick", 6, do_pick }, { "squash", 6, do_squash },
};

#ifdef BRAMBLE_SANITIZED
/* Looking for leaks is tracing, and the environment is a file in /proc: both are out of reach here. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
        return "detect_leaks=0";
}
#endif

int main(int argc, char **argv) {
        struct error error = { 0 };

        for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
                if (argc < 2 || strcmp(argv[1], verbs[i].name) != 0 || argc - 2 < verbs[i].n_args)
                        continue;
                int r = verbs[i].run((const char *const *)argv + 2, &error);
                if (r < 0)
                        (void)fprintf(stderr, "%s\n", error.text);
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        }
        (void)fputs("bramble-unpack is started by brambled, to read images for it\n", stderr);
        return EXIT_USAGE;
}
