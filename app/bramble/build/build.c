/* Steps, one after another; see build.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <glob.h>
#include <string.h>

#include "app/bramble/build/build.h"
#include "app/bramble/build/view.h"
#include "base/hash.h"

enum { PIECE = 1 << 16 };
#define FOLDER "image-build" /* in the cache */

char *build_path(const char *dir, const char *name) {
        char *path = NULL;
        return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

int build_state_add(const char *path, uint64_t *state) {
        CLEANUP(free_at) char *piece = malloc(PIECE);
        FILE *f = piece ? fopen(path, "re") : NULL;

        if (!f)
                return piece ? -errno : -ENOMEM;
        for (size_t n; (n = fread(piece, 1, PIECE, f)) > 0;)
                *state = hash_siphash((struct hash_key){ *state, n }, piece, n);
        const int r = ferror(f) ? -EIO : 0;
        (void)fclose(f);
        return r;
}

int build_no_memory(struct error *reterr) {
        return error_set(reterr, -ENOMEM, "out of memory");
}

int build_write_text(const char *part, const char *name, const char *text, struct error *reterr) {
        CLEANUP(free_at) char *path = build_path(part, name);

        if (!path || !text)
                return build_no_memory(reterr);
        FILE *f = fopen(path, "we");
        const bool is_written = f && fputs(text, f) != EOF;
        if ((f && fclose(f) == EOF) || !is_written)
                return error_set(reterr, -errno, "cannot write %s: %s", path, strerror(errno));
        return 0;
}

/* The one path that fits, the caller's. */
int build_find_one(const char *dir, const char *pattern, char **ret, struct error *reterr) {
        CLEANUP(free_at) char *full = build_path(dir, pattern);
        glob_t found = {};
        int r = 0;

        if (!full)
                return build_no_memory(reterr);
        if (glob(full, 0, NULL, &found) != 0 || found.gl_pathc != 1)
                r = error_set(reterr, -ENOENT, "there is not exactly one %s in %s", pattern, dir);
        else if (!(*ret = strdup(found.gl_pathv[0])))
                r = build_no_memory(reterr);
        globfree(&found);
        return r;
}

int build_begin(struct build *b, const struct build_wish *wish, const char *dir, bool is_terminal,
                struct error *reterr) {
        CLEANUP(free_at) char *ours = build_path(dir, FOLDER);
        int r;

        *b = (struct build){ .wish = *wish, .progress = { .is_terminal = is_terminal } };
        (void)snprintf(b->what, sizeof(b->what), "%s-%s-%s", wish->distribution->codename, wish->arch,
                       wish->recipe ? wish->recipe->variant : "agent");
        if (!ours)
                return build_no_memory(reterr);
        if ((r = cache_open(ours, &b->cache, reterr)) < 0)
                return r;
        if (asprintf(&b->log_path, "%s/%s.log", b->cache.dir, b->what) < 0) {
                b->log_path = NULL;
                return build_no_memory(reterr);
        }
        b->log = fopen(b->log_path, "we");
        if (!b->log)
                return error_set(reterr, -errno, "cannot write %s: %s", b->log_path, strerror(errno));
        (void)setvbuf(b->log, NULL, _IOLBF,
                      0); /* who follows it, or reads it after an interruption, sees all */
        return 0;
}

void build_end(struct build *b) {
        if (b->log)
                (void)fclose(b->log);
        free(b->log_path);
        free(b->view);
        free(b->sources);
        free(b->state);
        for (size_t i = 0; i < b->n_done; i++)
                free(b->done[i]);
        cache_close(&b->cache);
        *b = (struct build){};
}

int build_tool(struct build *b, struct child c, struct error *reterr) {
        (void)fputs("+", b->log);
        for (size_t i = 0; i < c.argv->n; i++)
                (void)fprintf(b->log, " %s", c.argv->words[i]);
        (void)fputs("\n", b->log);
        c.log = b->log;
        c.line = progress_line;
        c.ctx = &b->progress;
        return child_run(&c, reterr);
}

int build_words(struct build *b, const char *dir, const char *const *words, struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};

        argv_add_all(&argv, words);
        return build_tool(b, (struct child){ .argv = &argv, .dir = dir }, reterr);
}

static int make_step(struct build *b, const struct build_step *step, const char *name, const char *inputs,
                     struct error *reterr) {
        CLEANUP(free_at) char *part = NULL;
        int r = cache_begin(&b->cache, name, &part, reterr);

        if (r == 0)
                r = step->make(b, part, reterr);
        if (r == 0)
                r = cache_commit(&b->cache, name, inputs, part, &b->done[b->n_done], reterr);
        if (r < 0) {
                (void)error_prefix(reterr, "%s", step->title);
                progress_drop(&b->progress);
        }
        return r;
}

static int run_step(struct build *b, const struct build_step *step, struct error *reterr) {
        CLEANUP(text_free) struct text inputs = {};

        text_printf(&inputs, "%s\n", step->name);
        step->inputs(b, &inputs);
        CLEANUP(free_at) char *name = inputs.failed ? NULL : cache_name(step->name, b->what, inputs.octets);
        if (!name)
                return build_no_memory(reterr);
        progress_begin(&b->progress, step->title);
        b->done[b->n_done] = cache_find(&b->cache, name, inputs.octets);
        const bool is_cached = b->done[b->n_done];
        const int r = is_cached ? 0 : make_step(b, step, name, inputs.octets, reterr);
        if (r < 0)
                return r;
        b->n_done++;
        progress_end(&b->progress, is_cached);
        return 0;
}

int build_run(struct build *b, const struct build_step *steps, size_t n, struct error *reterr) {
        int r;

        b->progress.n_steps = (unsigned)n + 1;
        r = view_refresh(b, reterr);
        for (size_t i = 0; r == 0 && i < n; i++)
                r = run_step(b, &steps[i], reterr);
        return r;
}

int build_check_tools(const struct tool_need *needs, bool (*has)(const char *program), struct error *reterr) {
        CLEANUP(text_free) struct text missing = {};

        for (; needs->program; needs++)
                if (!has(needs->program))
                        text_printf(&missing, "%s%s", missing.len ? " " : "", needs->package);
        if (missing.failed)
                return build_no_memory(reterr);
        return missing.len ? error_set(reterr, -ENOENT, "building needs more of Debian: `apt-get install %s`",
                                       missing.octets)
                           : 0;
}
