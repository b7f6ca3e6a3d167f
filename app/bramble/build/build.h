/*
 * A build: steps one after another, each made once and found again, all in the caller's own process.
 *
 * image_steps.h and agent_steps.h say what the steps are; this is what they share.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

#include "app/bramble/build/cache.h"
#include "app/bramble/build/child.h"
#include "app/bramble/build/progress.h"
#include "app/bramble/build/recipe.h"
#include "base/error.h"
#include "base/text.h"

enum { BUILD_STEPS_MAX = 8, BUILD_WHAT_MAX = 63 };

/* What a build is asked for; borrowed as long as it goes on. */
struct build_wish {
        const struct distribution *distribution;
        const char *arch;
        const struct recipe *recipe; /* of an image; NULL: an agent environment */
        const char *const *packages; /* beyond the recipe's; NULL-terminated, or NULL */
        uint64_t disk_octets;
};

struct build {
        struct build_wish wish;
        char what[BUILD_WHAT_MAX + 1]; /* in the names of folders: "bookworm-arm64-generic" */
        struct cache cache;
        struct progress progress;
        char *log_path;
        FILE *log;

        /* Set by view_refresh(), before the first step. */
        char *view;    /* the folder of apt's private view */
        char *sources; /* the mirrors as a deb822 file */
        char *state;   /* of the mirrors: changes when a package does */

        char *done[BUILD_STEPS_MAX]; /* the folders of the steps so far */
        size_t n_done;
};

struct build_step {
        const char *name;  /* of its folder */
        const char *title; /* for people */

        /* All that its result depends on, as text; what earlier steps gave is in b->done. Pure. */
        void (*inputs)(const struct build *b, struct text *out);

        /* Make it in the folder @part. */
        int (*make)(struct build *b, const char *part, struct error *reterr);
};

/** build_begin() - open the cache and the log; @dir: of the cache, without our own folder in it. */
MUST_CHECK int build_begin(struct build *b, const struct build_wish *wish, const char *dir, bool is_terminal,
                           struct error *reterr);
void build_end(struct build *b); /* also for CLEANUP() on the stack */

/** build_run() - ask the mirrors, and make the steps that are not whole yet, in their order; b->done has
 * their folders. */
MUST_CHECK int build_run(struct build *b, const struct build_step *steps, size_t n, struct error *reterr);

/** build_tool() - a tool with its words in the log, its messages in log and progress; @c names the rest. */
MUST_CHECK int build_tool(struct build *b, struct child c, struct error *reterr);

/** build_words() - the same by its words alone, in the folder @dir (NULL: anywhere). */
MUST_CHECK int build_words(struct build *b, const char *dir, const char *const *words, struct error *reterr);
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/** build_no_memory() - says so; returns -ENOMEM. */
int build_no_memory(struct error *reterr);

/** build_state_add() - chain a file's content into @state; 0 or -errno. */
MUST_CHECK int build_state_add(const char *path, uint64_t *state);

/** build_path() - "DIR/NAME"; the caller's, NULL: out of memory. */
char *build_path(const char *dir, const char *name);

/** build_write_text() - a text as the file DIR/NAME; a NULL text is one that there was no memory for. */
MUST_CHECK int build_write_text(const char *dir, const char *name, const char *text, struct error *reterr);

/** build_find_one() - the path of the one thing in @dir that fits, the caller's; none or several: a sentence.
 */
MUST_CHECK int build_find_one(const char *dir, const char *pattern, char **ret, struct error *reterr);

struct tool_need {
        const char *program, *package;
};

/** build_check_tools() - -ENOENT with a sentence that names every package that is missing. @needs ends with a
 * NULL. */
MUST_CHECK int build_check_tools(const struct tool_need *needs, bool (*has)(const char *program),
                                 struct error *reterr);
