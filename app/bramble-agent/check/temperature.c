/*
 * Temperature under load: all processors work for a while, and the sensors are read once a second.
 *
 * Parameters: seconds (60), degraded_celsius (80). A board that slows down to stay alive has failed.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <stdio.h>

#include "app/bramble-agent/check/check.h"
#include "app/bramble-agent/check/pattern.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/io/clock.h"
#include "app/bramble-agent/io/crew.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"
#include "base/text.h"

enum { WORKERS_MAX = 256, WORDS = 16 * 1024, SAMPLE_MS = 1000, DEGRADED_C = 80 };

struct load {
        struct check_context *c;
        uint64_t end_ms;
        atomic_bool is_over;
};

static int work(void *ctx, unsigned worker, void *item, struct error *reterr) {
        struct load *l = ctx;
        uint64_t bits, base = worker;

        (void)reterr;
        while (!atomic_load(&l->is_over)) {
                pattern_fill(PATTERN_NOISE, item, WORDS, base);
                (void)pattern_find_fault(PATTERN_NOISE, item, WORDS, base++, &bits);
        }
        free(item);
        return 0;
}

/* The hottest sensor in thousandths of a degree; false: there is none. */
static bool hottest(const struct tree *t, int64_t *ret) {
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, "sys/class/thermal");
        bool is_there = false;

        for (size_t i = 0; i < names.n; i++) {
                int64_t value;
                if (!text_starts_with(names.items[i], "thermal_zone") ||
                    !tree_number(t, &value, "sys/class/thermal/%s/temp", names.items[i]))
                        continue;
                if (!is_there || value > *ret)
                        *ret = value;
                is_there = true;
        }
        return is_there;
}

static void put_celsius(json_t *o, const char *key, int64_t thousandths) {
        (void)json_object_set_new(o, key, json_real((double)thousandths / 1000));
}

static bool burn(struct load *l, uint64_t seconds, int64_t *max) {
        const struct crew_work row = { .work = work, .drop = free, .ctx = l };
        unsigned n = crew_size(WORKERS_MAX);
        struct crew *crew = crew_start(n, n, &row);
        uint64_t begin_ms = clock_now_ms(), end_ms = begin_ms + seconds * 1000, now_ms;
        const struct tree *t = &job_world(l->c->job)->tree;

        for (unsigned i = 0; crew && i < n; i++) {
                void *words = malloc(WORDS * sizeof(uint64_t));
                if (!words || crew_give(crew, words) < 0)
                        break;
        }
        while ((now_ms = clock_now_ms()) < end_ms && check_may_go_on(l->c) &&
               job_sleep(l->c->job, SAMPLE_MS)) {
                int64_t value;
                if (hottest(t, &value) && value > *max)
                        *max = value;
                job_say(l->c->job, "temperature", (now_ms - begin_ms) / 1000, seconds, "%.1f degrees",
                        (double)*max / 1000);
        }
        atomic_store(&l->is_over, true);
        return crew && crew_finish(crew, NULL) == 0 && now_ms >= end_ms;
}

enum verdict check_temperature(struct check_context *c) {
        const struct tree *t = &job_world(c->job)->tree;
        struct load l = { .c = c };
        uint64_t seconds = json_number_of(c->parameters, "seconds", 86400, 60);
        int64_t limit = 1000 * (int64_t)json_number_of(c->parameters, "degraded_celsius", 200, DEGRADED_C),
                first, max;
        const uint32_t hot = PI_THROTTLED | PI_SOFT_TEMPERATURE_LIMIT;
        uint32_t flags = 0;

        if (!hottest(t, &first)) {
                output_printf(c->output, "this machine has no sensor of temperature that its kernel knows\n");
                return VERDICT_SKIPPED;
        }
        max = first;
        bool is_whole = burn(&l, seconds, &max);
        put_celsius(c->results, "start_celsius", first);
        put_celsius(c->results, "max_celsius", max);
        output_printf(c->output, "%.1f degrees at first, %.1f after %llu s of work\n", (double)first / 1000,
                      (double)max / 1000, (unsigned long long)seconds);
        bool is_slowed = pi_throttled(t, &flags) && flags & (hot | hot << PI_SINCE_POWER_ON_SHIFT);
        json_put_bool(c->results, "throttled", is_slowed);
        if (is_slowed) {
                output_printf(
                        c->output,
                        "the board has slowed down to stay cool: it wants a fan, a heat sink, or more air\n");
                return VERDICT_FAILED;
        }
        if (!is_whole)
                return VERDICT_TIMED_OUT;
        return max >= limit ? VERDICT_DEGRADED : VERDICT_PASSED;
}
