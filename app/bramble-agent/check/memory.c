/*
 * Memory: as much of it as is free is filled with patterns and read again, on all processors.
 *
 * Parameters: percent of the free memory (80), passes (1), octets (instead of percent). What the kernel and
 * the agent use is not tested: that needs a test of its own before any kernel starts.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/check/check.h"
#include "app/bramble-agent/check/pattern.h"
#include "app/bramble-agent/io/crew.h"
#include "app/bramble-agent/io/memory.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"

enum {
        PIECE = 64
                << 20, /* octets: small boards with 32 bits have room for many such, not for one large one */
        PIECES_MAX = 1 << 14,
        WORKERS_MAX = 64,
        STEP = 1 << 20, /* octets between two looks at the time */
        FAULTS_TOLD = 10
};

struct piece {
        uint64_t *words;
        uint64_t base; /* number of its first word among all */
};

struct test {
        struct check_context *c;
        struct piece pieces[PIECES_MAX];
        unsigned n_pieces;
        atomic_ullong done, faults;
        uint64_t total;
        enum pattern pattern;
        bool is_reading;
};

static void take_pieces(struct test *t, uint64_t octets) {
        for (; octets >= PIECE && t->n_pieces < PIECES_MAX; octets -= PIECE) {
                uint64_t *words = memory_map(PIECE);
                if (!words)
                        break;
                t->pieces[t->n_pieces] = (struct piece){ words, (uint64_t)t->n_pieces * (PIECE / 8) };
                t->n_pieces++;
        }
}

static int work(void *ctx, unsigned worker, void *item, struct error *reterr) {
        struct test *t = ctx;
        const struct piece *p = item;
        const size_t step = STEP / sizeof(uint64_t);

        (void)worker;
        (void)reterr;
        for (size_t at = 0; at < PIECE / sizeof(uint64_t) && check_may_go_on(t->c); at += step) {
                uint64_t bits = 0;
                if (!t->is_reading)
                        pattern_fill(t->pattern, p->words + at, step, p->base + at);
                else {
                        size_t found =
                                pattern_find_fault(t->pattern, p->words + at, step, p->base + at, &bits);
                        if (found < step && atomic_fetch_add(&t->faults, 1) < FAULTS_TOLD)
                                job_say(t->c->job, "memory", atomic_load(&t->done), t->total,
                                        "a fault: bits %016llx of word %llu", (unsigned long long)bits,
                                        (unsigned long long)(p->base + at + found));
                }
                job_say(t->c->job, "memory", atomic_fetch_add(&t->done, STEP) + STEP, t->total, "%s",
                        pattern_name(t->pattern));
        }
        return 0;
}

static void keep(void *item) {
        (void)item; /* pieces belong to the test */
}

static bool sweep(struct test *t) {
        const struct crew_work row = { .work = work, .drop = keep, .ctx = t };
        struct crew *crew = crew_start(crew_size(WORKERS_MAX), 4, &row);

        for (unsigned i = 0; crew && i < t->n_pieces; i++)
                if (crew_give(crew, &t->pieces[i]) < 0)
                        break;
        return crew && crew_finish(crew, NULL) == 0 && check_may_go_on(t->c);
}

static enum verdict run(struct test *t, uint64_t passes) {
        for (uint64_t pass = 0; pass < passes; pass++)
                for (t->pattern = 0; t->pattern < PATTERNS; t->pattern++)
                        for (int reading = 0; reading < 2; reading++) {
                                t->is_reading = reading;
                                if (!sweep(t))
                                        return VERDICT_TIMED_OUT;
                        }
        return VERDICT_PASSED;
}

static uint64_t free_octets(struct check_context *c) {
        char text[4096];
        const char *at;

        if (!tree_text(&job_world(c->job)->tree, text, sizeof(text), "proc/meminfo") ||
            !(at = strstr(text, "MemAvailable:")))
                return 0;
        return strtoull(at + strlen("MemAvailable:"), NULL, 10) * 1024;
}

enum verdict check_memory(struct check_context *c) {
        CLEANUP(free_at) struct test *t = calloc(1, sizeof(*t));
        uint64_t percent = json_number_of(c->parameters, "percent", 95, 80);
        uint64_t passes = json_number_of(c->parameters, "passes", 1000, 1);
        uint64_t octets = json_number_of(c->parameters, "octets", INT64_MAX, free_octets(c) / 100 * percent);

        if (!t)
                return VERDICT_FAILED;
        t->c = c;
        take_pieces(t, octets);
        if (t->n_pieces == 0) {
                output_printf(c->output, "there is not enough free memory to test: less than %d MiB\n",
                              PIECE >> 20);
                return VERDICT_SKIPPED;
        }
        uint64_t tested = (uint64_t)t->n_pieces * PIECE;
        t->total = tested * 2 * PATTERNS * passes;
        enum verdict v = run(t, passes);
        for (unsigned i = 0; i < t->n_pieces; i++)
                memory_unmap(t->pieces[i].words, PIECE);
        uint64_t faults = atomic_load(&t->faults);
        json_put_number(c->results, "tested_octets", (int64_t)tested);
        json_put_number(c->results, "faults", (int64_t)faults);
        output_printf(c->output, "%llu MiB of memory, %llu pass%s: %llu fault%s\n",
                      (unsigned long long)(tested >> 20), (unsigned long long)passes, passes == 1 ? "" : "es",
                      (unsigned long long)faults, faults == 1 ? "" : "s");
        if (faults > 0)
                output_printf(c->output,
                              "the memory is broken, or its supply or cooling is: do not use this machine\n");
        return faults > 0 ? VERDICT_FAILED : v;
}
