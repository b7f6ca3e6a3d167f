/* The trail on a real directory: after a restart, with a torn end, pruned by size and by age. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/trail/store.h"

static const struct mac mac = { { 2, 0, 0, 0, 0, 1 } };

static struct trail *new_trail(void) {
        struct trail *t = trail_new(&(struct trail_limits){ 10000, 1000, 64 << 20 });
        assert_non_null(t);
        return t;
}

static struct trail_store *open_store(const char *dir, uint64_t octets_max, struct trail *t) {
        struct trail_store *s = NULL;
        struct error err = {};
        if (trail_store_open(dir, &(struct trail_store_limits){ .octets_max = octets_max }, t, &s, &err) < 0)
                fail_msg("%s", err.text);
        return s;
}

static void add(struct trail *t, uint64_t session, int64_t at_ms, const char *what) {
        struct trail_event e = { .kind = TRAIL_TFTP, .at_ms = at_ms };
        (void)snprintf(e.what, sizeof(e.what), "%s", what);
        trail_add(t, session, &e);
}

static int make_dir(void **state) {
        char *dir = strdup("/tmp/bramble-trail-XXXXXX");
        *state = dir;
        return dir && mkdtemp(dir) ? 0 : -1;
}

/* Calls @fn for every segment; returns how many there are. */
static int each_segment(const char *dir, void (*fn)(const char *path)) {
        int n = 0;
        DIR *d = opendir(dir);
        assert_non_null(d);
        for (struct dirent *entry; (entry = readdir(d));) {
                char path[512];
                if (entry->d_name[0] == '.')
                        continue;
                (void)snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
                n++;
                if (fn)
                        fn(path);
        }
        (void)closedir(d);
        return n;
}

static void remove_file(const char *path) {
        (void)unlink(path);
}

static int remove_dir(void **state) {
        (void)each_segment(*state, remove_file);
        int r = rmdir(*state);
        free(*state);
        return r;
}

static void survives_a_restart(void **state) {
        for (uint64_t round = 0; round < 3; round++) {
                CLEANUP(trail_free_at) struct trail *t = new_trail();
                struct trail_store *s = open_store(*state, 0, t);

                const struct trail_session *old = trail_newest_of(t, "pi");
                assert_int_equal(old != NULL, round > 0);
                if (old) {
                        assert_int_equal(old->id, round);
                        assert_int_equal(old->n_events, 3);
                        assert_string_equal(old->events[0].what, "DISCOVER");
                        assert_string_equal(old->events[2].what, "kernel");
                        assert_true(old->is_over);
                        assert_int_equal(old->is_finished, round == 1);
                }
                uint64_t id = trail_begin(t, &mac, "pi", 1000);
                assert_int_equal(id, round + 1);
                add(t, id, 1000, "DISCOVER");
                add(t, id, 1005, "kernel");
                trail_store_flush(s, t);
                trail_store_flush(s, t); /* nothing new: nothing written */
                add(t, id, 1001, "config");
                if (round == 0)
                        trail_finish(t, id, 2000);
                trail_end(t, id);
                trail_store_flush(s, t);
                trail_store_close(s);
        }
        assert_int_equal(each_segment(*state, NULL), 3);
}

static void cut_one_octet(const char *path) {
        struct stat st;
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(truncate(path, st.st_size - 1), 0);
}

static void reads_up_to_a_torn_end(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail();
        CLEANUP(trail_free_at) struct trail *again = new_trail();
        struct trail_store *s = open_store(*state, 0, t);
        struct trail_store_counters c;

        uint64_t id = trail_begin(t, &mac, "pi", 1000);
        add(t, id, 1000, "whole");
        add(t, id, 1001, "torn");
        trail_store_flush(s, t);
        trail_store_close(s);
        assert_int_equal(each_segment(*state, cut_one_octet), 1);

        s = open_store(*state, 0, again);
        trail_store_counters(s, &c);
        assert_int_equal(c.damaged, 1);
        assert_int_equal(trail_find(again, id)->n_events, 1);
        assert_string_equal(trail_find(again, id)->events[0].what, "whole");
        trail_store_close(s);
}

static void is_pruned_by_size(void **state) {
        enum { LIMIT = 64 << 10 };
        CLEANUP(trail_free_at) struct trail *t = new_trail();
        CLEANUP(trail_free_at) struct trail *again = new_trail();
        uint64_t octets = 0, id = 0;

        while (octets <= 3 * LIMIT) {
                struct trail_store *s = open_store(*state, LIMIT, t);
                struct trail_store_counters c;
                for (int i = 0; i < 10; i++) { /* fewer batches than may wait: none is put off */
                        id = trail_begin(t, &mac, "pi", 1000);
                        for (int k = 0; k < 20; k++)
                                add(t, id, 1000 + k, "a path of some length that a board asked for");
                        trail_store_flush(s, t);
                        octets += 2000;
                }
                trail_store_counters(s, &c);
                assert_int_equal(c.failure, 0);
                trail_store_close(s);
        }
        struct trail_store *s = open_store(*state, LIMIT, again);
        assert_true(each_segment(*state, NULL) <= 16);
        assert_int_equal(trail_find(again, id)->n_events, 20); /* the newest is there */
        assert_null(trail_find(again, 1));                     /* the oldest is not */
        trail_store_close(s);
}

static void make_old(const char *path) {
        const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void is_pruned_by_age(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail();
        CLEANUP(trail_free_at) struct trail *again = new_trail();
        struct trail_store *s = open_store(*state, 0, t);
        uint64_t id = trail_begin(t, &mac, "pi", 1000);

        trail_store_flush(s, t);
        trail_store_close(s);
        assert_int_equal(each_segment(*state, make_old), 1);
        s = open_store(*state, 0, again);
        assert_null(trail_find(again, id));
        assert_int_equal(each_segment(*state, NULL), 0);
        trail_store_close(s);
}

static void says_what_is_wrong(void **state) {
        CLEANUP(trail_free_at) struct trail *t = new_trail();
        struct trail_store *s = NULL;
        struct error err = {};
        (void)state;
        assert_int_equal(trail_store_open("/nonexistent/trail", &(struct trail_store_limits){}, t, &s, &err),
                         -ENOENT);
        assert_non_null(strstr(err.text, "/nonexistent/trail"));
}

#define IN_A_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void) {
        const struct CMUnitTest tests[] = {
                IN_A_DIR(survives_a_restart),         IN_A_DIR(reads_up_to_a_torn_end),
                IN_A_DIR(is_pruned_by_size),          IN_A_DIR(is_pruned_by_age),
                cmocka_unit_test(says_what_is_wrong),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
