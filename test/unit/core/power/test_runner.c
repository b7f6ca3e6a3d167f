/* Orders on threads: their turns, who lets them go, what becomes of them. The driver of these tests does what
 * the test lets it do. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "core/power/runner.h"

enum { ORDERS_MAX = 8, TOO_LONG_MS = 30000 };

/* What was seen, in order: "turn 1", "done 1 0", ... */
struct world {
        struct loop *loop;
        struct power_runner *runner;
        struct loop_timer *too_long;
        char story[1000];
        unsigned n_done, n_wanted;
        bool is_shy; /* lets nothing go by itself */
};

/* Told through a parameter: how long the driver works, and what comes of it. */
static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        const char *mode = power_param(t->params, "mode");

        if (strcmp(mode, "refuse") == 0)
                return error_set(reterr, -EREMOTEIO, "%s is stuck", t->machine);
        while (strcmp(mode, "hang") == 0 && t->may_go_on(t->ctx))
                (void)poll(NULL, 0, 5);
        if (strcmp(mode, "hang") == 0)
                return error_set(reterr, -ECANCELED, "was given up");
        ret->state = action == POWER_TURN_ON ? POWER_ON : POWER_OFF;
        if (t->n_macs == 1 && t->macs[0].octets[5] == 7 && t->neighbour)
                strcpy(ret->note, t->neighbour->port);
        return 0;
}

static const struct power_key keys[] = {
        { .name = "mode", .type = POWER_TEXT, .is_required = true, .help = "How." }, {}
};
static const struct power_driver lever = { .name = "lever",
                                           .keys = keys,
                                           .can = 1u << POWER_TURN_ON | 1u << POWER_TURN_OFF |
                                                  1u << POWER_QUERY,
                                           .act = act };

static void tell(struct world *w, const char *format, ...) PRINTF(2, 3);
static void tell(struct world *w, const char *format, ...) {
        const size_t len = strlen(w->story);
        va_list args;

        va_start(args, format);
        (void)vsnprintf(w->story + len, sizeof(w->story) - len, format, args);
        va_end(args);
}

static void turn(void *ctx, uint64_t machine, uint64_t job) {
        struct world *w = ctx;

        tell(w, "turn %llu/%llu, ", (unsigned long long)machine, (unsigned long long)job);
        if (!w->is_shy)
                power_runner_go(w->runner, job);
        else
                loop_stop(w->loop);
}

static void done(void *ctx, const struct power_order *order, int result, const struct power_outcome *outcome,
                 const struct error *error) {
        struct world *w = ctx;

        tell(w, "done %llu: %s %s, ", (unsigned long long)order->job,
             result == 0 ? power_state_name(outcome->state) : error->text, outcome->note);
        if (++w->n_done == w->n_wanted)
                loop_stop(w->loop);
}

static void fail_late(void *ctx) {
        struct world *w = ctx;
        fail_msg("nothing more happens after: %s", w->story);
}

static void world_end(struct world *w) {
        loop_timer_free(w->too_long);
        power_runner_stop(w->runner);
        loop_free(w->loop);
}

static void world_begin(struct world *w, bool asks_for_turns) {
        *w = (struct world){ .loop = loop_new() };
        const struct power_runner_config config = {
                .loop = w->loop, .at_once = 4, .turn = asks_for_turns ? turn : NULL, .done = done, .ctx = w
        };
        assert_int_equal(power_runner_start(&config, &w->runner, NULL), 0);
        w->too_long = loop_timer_new(w->loop, fail_late, w);
        loop_timer_set(w->too_long, TOO_LONG_MS, 0);
}

static int order(struct world *w, uint64_t machine, uint64_t job, enum power_action action,
                 const char *mode) {
        struct power_order o = { .job = job,
                                 .machine = machine,
                                 .action = action,
                                 .n_macs = 1,
                                 .macs = { { { 2, 0, 0, 0, 0, (uint8_t)machine } } },
                                 .neighbour = { .chassis = "switch", .port = "Gi7" } };
        char json[64];

        (void)snprintf(o.name, sizeof(o.name), "pi%llu", (unsigned long long)machine);
        (void)snprintf(json, sizeof(json), "{\"mode\": \"%s\"}", mode);
        assert_int_equal(power_params_parse(&lever, json, NULL, &o.params, NULL), 0);
        return power_runner_ask(w->runner, &o, NULL);
}

static void run(struct world *w, unsigned n_wanted) {
        w->n_wanted = n_wanted;
        assert_int_equal(loop_run(w->loop), 0);
}

static void one_after_the_other_for_a_machine(void **state) {
        CLEANUP(world_end) struct world w;
        (void)state;

        world_begin(&w, true);
        assert_int_equal(order(&w, 7, 1, POWER_TURN_OFF, "obey"), 0);
        assert_int_equal(order(&w, 7, 2, POWER_TURN_ON, "obey"), 0);
        assert_int_equal(order(&w, 7, 2, POWER_TURN_ON, "obey"), -EEXIST);
        run(&w, 2);
        assert_string_equal(w.story, "turn 7/1, done 1: off Gi7, turn 7/2, done 2: on Gi7, ");
}

static void goes_by_itself_where_nobody_asks(void **state) {
        CLEANUP(world_end) struct world w;
        (void)state;

        world_begin(&w, false);
        assert_int_equal(order(&w, 8, 1, POWER_TURN_ON, "refuse"), 0);
        run(&w, 1);
        assert_string_equal(w.story, "done 1: power driver lever: pi8 is stuck , ");
}

static void nothing_starts_before_it_is_told_to(void **state) {
        CLEANUP(world_end) struct world w;
        (void)state;

        world_begin(&w, true);
        w.is_shy = true;
        assert_int_equal(order(&w, 7, 1, POWER_TURN_OFF, "obey"), 0);
        assert_int_equal(order(&w, 7, 2, POWER_TURN_ON, "obey"), 0);
        power_runner_go(w.runner, 1); /* not yet its turn */
        run(&w, 0);
        assert_string_equal(w.story, "turn 7/1, ");
}

static void what_is_dropped_makes_way(void **state) {
        CLEANUP(world_end) struct world w;
        (void)state;

        world_begin(&w, true);
        assert_int_equal(order(&w, 7, 1, POWER_TURN_OFF, "obey"), 0);
        assert_int_equal(order(&w, 7, 2, POWER_TURN_ON, "obey"), 0);
        assert_int_equal(order(&w, 7, 3, POWER_QUERY, "obey"), 0);
        power_runner_drop(w.runner, 1);
        power_runner_drop(w.runner, 2);
        power_runner_drop(w.runner, 99);
        run(&w, 1);
        assert_string_equal(w.story, "turn 7/3, done 3: off Gi7, ");
}

static void stopping_gives_up_what_runs(void **state) {
        CLEANUP(world_end) struct world w;
        (void)state;

        world_begin(&w, false);
        assert_int_equal(order(&w, 1, 1, POWER_TURN_OFF, "hang"), 0);
        assert_int_equal(order(&w, 2, 2, POWER_TURN_OFF, "obey"), 0);
        assert_int_equal(order(&w, 1, 3, POWER_TURN_OFF, "hang"), 0);
        run(&w, 1);
        assert_string_equal(w.story, "done 2: off , ");
        power_runner_stop(TAKE(w.runner));
        assert_int_equal(w.n_done, 3);
        assert_non_null(strstr(w.story, "done 1: power driver lever: was given up , "));
        assert_non_null(strstr(w.story, "done 3: the daemon is stopping , "));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_after_the_other_for_a_machine),
                cmocka_unit_test(goes_by_itself_where_nobody_asks),
                cmocka_unit_test(nothing_starts_before_it_is_told_to),
                cmocka_unit_test(what_is_dropped_makes_way),
                cmocka_unit_test(stopping_gives_up_what_runs),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
