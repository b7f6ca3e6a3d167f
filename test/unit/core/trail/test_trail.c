/* The recorder: order, followers, bounds, and coming back from a store. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/trail/trail.h"

static const struct mac mac_a = { { 2, 0, 0, 0, 0, 0xa } }, mac_b = { { 2, 0, 0, 0, 0, 0xb } };

static void add(struct trail *t, uint64_t session, int64_t at_ms, uint32_t took_ms, const char *what) {
        struct trail_event e = { .kind = TRAIL_TFTP, .at_ms = at_ms, .took_ms = took_ms };
        (void)snprintf(e.what, sizeof(e.what), "%s", what);
        trail_add(t, session, &e);
}

static struct trail *new_trail(size_t sessions, size_t events, size_t octets) {
        struct trail *t = trail_new(&(struct trail_limits){ sessions, events, octets });
        assert_non_null(t);
        return t;
}

static void assert_story(const struct trail *t, uint64_t id, const char *want) {
        char text[1024] = "";
        const struct trail_session *s = trail_find(t, id);
        assert_non_null(s);
        for (size_t i = 0; i < s->n_events; i++) {
                (void)strcat(text, i ? " " : "");
                (void)strcat(text, s->events[i].what);
        }
        assert_string_equal(text, want);
}

static void events_are_in_the_order_of_their_begin(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail(8, 100, 1 << 20);
        (void)state;

        uint64_t id = trail_begin(t, &mac_a, "pi", 1000);
        add(t, id, 1000, 0, "DISCOVER");
        add(t, id, 1200, 10, "config.txt");
        add(t, id, 1100, 500, "start4.elf"); /* told when it ends, though it began earlier */
        add(t, id, 1200, 1, "second");
        add(t, id, 990, 1, "early");
        assert_story(t, id, "early DISCOVER start4.elf config.txt second");
        assert_int_equal(trail_find(t, id)->start_ms, 990);
        assert_int_equal(trail_find(t, id)->last_ms, 1600);
        trail_finish(t, id, 2000);
        assert_true(trail_find(t, id)->is_finished && trail_find(t, id)->is_over);
        assert_int_equal(trail_find(t, id)->last_ms, 2000);
}

/* What ends in silence did not come through, and its last word stays when it was. */
static void over_is_not_finished(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail(8, 100, 1 << 20);
        (void)state;

        uint64_t silent = trail_begin(t, &mac_a, "pi", 1000), up = trail_begin(t, &mac_b, "pc", 1000);
        add(t, silent, 1100, 0, "kernel8.img");
        uint64_t revision = trail_revision(t);
        trail_end(t, silent);
        assert_true(trail_revision(t) > revision);
        assert_true(trail_find(t, silent)->is_over);
        assert_false(trail_find(t, silent)->is_finished);
        assert_int_equal(trail_find(t, silent)->last_ms, 1100);
        trail_finish(t, up, 1200);
        trail_end(t, up);
        assert_true(trail_find(t, up)->is_finished);
        trail_end(t, up + 1); /* that made room */
}

static void sessions_are_found(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail(8, 100, 1 << 20);
        const struct ip_addr ip = ip_from_v4(0x0a4d0005);
        (void)state;

        uint64_t first = trail_begin(t, &mac_a, "pi", 1), other = trail_begin(t, &mac_b, NULL, 2);
        uint64_t second = trail_begin(t, &mac_a, "pi", 3);
        assert_true(first && other > first && second > other);
        assert_int_equal(trail_newest(t, &mac_a)->id, second);
        assert_int_equal(trail_newest_of(t, "pi")->id, second);
        assert_null(trail_newest_of(t, "nobody"));
        trail_set_machine(t, other, "named later");
        trail_set_ip(t, other, &ip);
        assert_int_equal(trail_newest_of(t, "named later")->id, other);
        assert_true(ip_equal(&trail_find(t, other)->ip, &ip));
        assert_null(trail_find(t, second + 1));

        assert_int_equal(trail_before(t, UINT64_MAX)->id, second); /* newest first, from any place on */
        assert_int_equal(trail_before(t, second)->id, other);
        assert_null(trail_before(t, first));
        add(t, second + 1, 1, 1, "to nobody");
        assert_int_equal(trail_sequence(t), 0);
}

static void sessions_are_bounded(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail(3, 100, 1 << 20);
        (void)state;

        for (int i = 1; i <= 3; i++)
                assert_int_equal(trail_begin(t, &mac_a, "pi", i), i);
        trail_end(t, 2);
        trail_finish(t, 3, 4);
        assert_int_equal(trail_begin(t, &mac_a, "pi", 5), 4);
        assert_null(trail_find(t, 2)); /* the oldest that is over first, however it went */
        assert_non_null(trail_find(t, 1));
        assert_int_equal(trail_begin(t, &mac_a, "pi", 6), 5);
        assert_null(trail_find(t, 3));
        assert_int_equal(trail_begin(t, &mac_a, "pi", 7), 6);
        assert_null(trail_find(t, 1)); /* then the oldest */
        assert_true(trail_find(t, 4) && trail_find(t, 5) && trail_find(t, 6));
}

/* Thousands who only call leave no board without its story, and a stranger among few keeps his own. */
static void strangers_who_fetch_nothing_go_first(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail(16, 100, 1 << 20);
        (void)state;

        uint64_t ended = trail_begin(t, &mac_a, "pi", 1), running = trail_begin(t, &mac_a, "pi", 2);
        uint64_t fetching = trail_begin(t, &mac_b, "", 3), named = trail_begin(t, &mac_b, "", 4), last = 0;
        trail_finish(t, ended, 5);
        trail_add(t, fetching, &(struct trail_event){ .kind = TRAIL_TFTP, .octets = 1 });
        trail_set_machine(t, named, "since then");
        for (int i = 0; i < 1000; i++) {
                last = trail_begin(t, &mac_b, "", 10 + i);
                add(t, last, 10 + i, 0, "DISCOVER");
        }
        assert_true(trail_find(t, ended) && trail_find(t, running) && trail_find(t, fetching) &&
                    trail_find(t, named));
        assert_non_null(trail_find(t, last));
        assert_null(trail_find(t, last - 16));

        for (int i = 0; i < 100; i++)
                trail_finish(t, trail_begin(t, &mac_a, "pi", 2000 + i), 2000 + i);
        assert_non_null(trail_find(t, last)); /* whoever wonders about it finds it still */
        assert_null(trail_find(t, ended));
        assert_non_null(trail_find(t, running));
}

static void a_flood_of_strangers_is_bounded_in_memory(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail(100000, 1000, 1000 * sizeof(struct trail_event));
        (void)state;

        uint64_t told = trail_begin(t, &mac_a, "pi", 1);
        for (int k = 0; k < 500; k++)
                add(t, told, k, 0, "x");
        trail_finish(t, told, 500);
        for (int i = 0; i < 5000; i++)
                add(t, trail_begin(t, &mac_b, "", 1000 + i), 1000 + i, 0, "DISCOVER");
        assert_non_null(trail_find(t, told));
        assert_int_equal(trail_find(t, told)->n_events, 500);
}

static void a_long_session_keeps_its_begin_and_its_end(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail(3, 8, 1 << 20);
        (void)state;

        uint64_t id = trail_begin(t, &mac_a, "a", 0);
        for (int i = 0; i < 20; i++) {
                char what[12];
                (void)snprintf(what, sizeof(what), "%d", i);
                add(t, id, i, 0, what);
        }
        assert_story(t, id, "0 1 14 15 16 17 18 19");
        assert_int_equal(trail_find(t, id)->n_dropped, 12);
}

static void memory_is_bounded(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail(1000, 1000, 100 * sizeof(struct trail_event));
        size_t held = 0;
        (void)state;

        for (int i = 0; i < 50; i++) {
                uint64_t id = trail_begin(t, &mac_a, "a", i);
                for (int k = 0; k < 30; k++)
                        add(t, id, i, 0, "x");
        }
        for (uint64_t id = 1; id <= 50; id++)
                held += trail_find(t, id) ? trail_find(t, id)->n_events : 0;
        assert_true(held >= 30 && held <= 100);
        assert_non_null(trail_find(t, 50));

        uint64_t last = trail_begin(t, &mac_a, "a", 51); /* one alone cannot take more than all */
        for (int k = 0; k < 500; k++)
                add(t, last, 51, 0, "x");
        assert_true(trail_find(t, last)->n_events <= 100 && trail_find(t, last)->n_dropped >= 400);
}

struct seen {
        char text[1024];
        uint64_t last;
        int n;
};

static int see(void *ctx, uint64_t sequence, const struct trail_session *s, const struct trail_event *e) {
        struct seen *seen = ctx;
        size_t len = strlen(seen->text);
        assert_true(sequence > seen->last);
        assert_int_equal(e->sequence, sequence);
        seen->last = sequence;
        seen->n++;
        (void)snprintf(seen->text + len, sizeof(seen->text) - len, "%llu:%s ", (unsigned long long)s->id,
                       e->what);
        return 0;
}

static void followers_hear_in_the_order_of_telling(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail(8, 100, 1 << 20);
        struct seen seen = {};
        (void)state;

        uint64_t a = trail_begin(t, &mac_a, "a", 0), b = trail_begin(t, &mac_b, "b", 0);
        add(t, a, 10, 0, "one");
        add(t, b, 5, 0, "two");
        add(t, a, 3, 0, "three");
        assert_int_equal(trail_since(t, 0, see, &seen), 0);
        assert_string_equal(seen.text, "1:one 2:two 1:three ");
        seen.text[0] = 0;
        add(t, b, 11, 0, "four");
        assert_int_equal(trail_since(t, seen.last, see, &seen), 0);
        assert_int_equal(trail_since(t, seen.last, see, &seen), 0);
        assert_string_equal(seen.text, "2:four ");
}

static void a_slow_follower_misses_the_oldest(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail(8, 20000, 1 << 24);
        struct seen seen = {};
        (void)state;

        uint64_t id = trail_begin(t, &mac_a, "a", 0);
        for (int i = 0; i < 10000; i++)
                add(t, id, i, 0, "x");
        assert_int_equal(trail_since(t, 0, see, &seen), 0);
        assert_true(seen.n >= 4096 && seen.n < 10000);
        assert_int_equal(seen.last, 10000);
}

static void comes_back_from_a_store(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail(8, 100, 1 << 20);
        struct trail_session s = { .id = 7, .mac = mac_a, .machine = "pi", .start_ms = 10, .last_ms = 10 };
        const struct trail_event e = { .sequence = 100, .at_ms = 20, .what = "kernel" };
        (void)state;

        assert_int_equal(trail_restore_event(t, 7, &e), 0); /* before its session: a no-op */
        assert_int_equal(trail_restore_session(t, &s), 0);
        assert_int_equal(trail_restore_event(t, 7, &e), 0);
        assert_int_equal(trail_restore_event(t, 7, &e), 0); /* twice: once */
        s.is_finished = true;
        assert_int_equal(trail_restore_session(t, &s), 0); /* its newer record */
        assert_story(t, 7, "kernel");
        assert_true(trail_find(t, 7)->is_finished);
        assert_int_equal(trail_begin(t, &mac_b, "b", 0), 8); /* ids and numbers go on */
        add(t, 8, 0, 0, "next");
        assert_int_equal(trail_sequence(t), 101);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(events_are_in_the_order_of_their_begin),
                cmocka_unit_test(over_is_not_finished),
                cmocka_unit_test(sessions_are_found),
                cmocka_unit_test(sessions_are_bounded),
                cmocka_unit_test(strangers_who_fetch_nothing_go_first),
                cmocka_unit_test(a_flood_of_strangers_is_bounded_in_memory),
                cmocka_unit_test(a_long_session_keeps_its_begin_and_its_end),
                cmocka_unit_test(memory_is_bounded),
                cmocka_unit_test(followers_hear_in_the_order_of_telling),
                cmocka_unit_test(a_slow_follower_misses_the_oldest),
                cmocka_unit_test(comes_back_from_a_store),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
