/* What is kept for diskless machines: what one wants, and the steps that lead there, whatever happened
 * before. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/life/storage.h"

static struct site *a_site(void) {
        CLEANUP(image_drop_at) struct image *i = image_new();
        struct site *empty = site_empty();

        assert_non_null(i);
        (void)snprintf(i->name, sizeof(i->name), "small");
        i->version = 1;
        i->n_files = 1;
        i->files = calloc(1, sizeof(*i->files));
        i->files[0] = (struct image_file){ .path = strdup("root.squashfs"),
                                           .role = IMAGE_FILE_ROOT_SQUASHFS,
                                           .size = 9 };
        memset(i->files[0].blob.octets, 0xab, sizeof(i->files[0].blob.octets));
        assert_int_equal(image_index(i), 0);
        struct site *site = site_put_image(empty, i, NULL);
        site_drop(empty);
        assert_non_null(site);
        return site;
}

static size_t wants_beside(const char *run, const char *good,
                           struct storage_want ret[static STORAGE_WANTS_MAX]) {
        CLEANUP(site_drop_at) struct site *site = a_site();
        CLEANUP(machine_drop_at) struct machine *m = machine_new();

        m->id = 7;
        (void)snprintf(m->image, sizeof(m->image), "small");
        m->token_hash[0] = 1;
        m->run = run ? strdup(run) : NULL;
        m->good = good ? strdup(good) : NULL;
        return storage_wants(site, m, ret);
}

static size_t wants(const char *run, struct storage_want ret[static STORAGE_WANTS_MAX]) {
        return wants_beside(run, NULL, ret);
}

static void a_machine_wants_what_its_root_says(void **state) {
        static const struct {
                const char *run;
                size_t n;
                enum volume_kind kind;
                uint64_t mib;
                bool is_reset;
        } rows[] = {
                { NULL, 0, 0, 0, false },
                { "{\"root\": \"ram\"}", 0, 0, 0, false },
                { "{\"root\": \"nfs\"}", 1, VOLUME_NFS, 0, true },
                { "{\"root\": \"nfs\", \"persistent\": true, \"size\": 1073741824}", 1, VOLUME_NFS, 0,
                  false },
                { "{\"root\": \"nbd\"}", 1, VOLUME_NBD, 8192, true },
                { "{\"root\": \"nbd\", \"size\": 1073741825, \"persistent\": true}", 1, VOLUME_NBD, 1024,
                  false },
                { "{\"root\": \"nbd\", \"size\": 1}", 1, VOLUME_NBD, 64, true },
                { "{\"root\": \"rbd\"}", 0, 0, 0, false },
                { "no JSON", 0, 0, 0, false },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct storage_want w[STORAGE_WANTS_MAX] = {};
                assert_int_equal(wants(rows[i].run, w), rows[i].n);
                if (rows[i].n == 0)
                        continue;
                assert_int_equal(w[0].volume.kind, rows[i].kind);
                assert_int_equal(w[0].volume.part, VOLUME_ROOT);
                assert_int_equal(w[0].volume.machine, 7);
                assert_int_equal(w[0].size, rows[i].mib * VOLUME_MIB);
                assert_int_equal(w[0].is_reset, rows[i].is_reset);
                assert_int_equal(w[0].content[31], 0xab);
                assert_int_not_equal(w[0].deployment, 0);
        }
}

static void data_is_kept_beside_any_root(void **state) {
        struct storage_want w[STORAGE_WANTS_MAX] = {};
        (void)state;

        assert_int_equal(wants("{\"root\": \"ram\", \"data\": [{\"kind\": \"disk\", \"mount\": \"/a\"}, "
                               "{\"kind\": \"nbd\", \"mount\": \"/srv\", \"size\": 134217728}]}",
                               w),
                         1);
        assert_int_equal(w[0].volume.part, VOLUME_DATA);
        assert_int_equal(w[0].size, 128 * VOLUME_MIB);
        assert_int_equal(w[0].deployment, 0); /* it is kept from one deployment to the next */
        assert_false(w[0].is_reset);
}

/* On trial, and after it, there are two roots; the one that no boot is to reach is only kept. */
static void a_root_is_set_aside(void **state) {
        static const struct {
                const char *run, *good;
                size_t n; /* and of them the last is set aside */
                struct volume aside;
        } rows[] = {
                { "{\"root\": \"nbd\", \"volume\": \"root2\"}",
                  "small {\"run\": \"{\\\"root\\\": \\\"nbd\\\"}\"}",
                  2,
                  { VOLUME_NBD, VOLUME_ROOT, 7 } },
                { "{\"root\": \"nbd\", \"volume\": \"root\", \"data\": [{\"kind\": \"nfs\"}]}",
                  "small {\"run\": \"{\\\"root\\\": \\\"nfs\\\", \\\"volume\\\": \\\"root2\\\"}\"}",
                  3,
                  { VOLUME_NFS, VOLUME_ROOT2, 7 } },
                { "{\"root\": \"ram\"}",
                  "small {\"run\": \"{\\\"root\\\": \\\"nfs\\\"}\"}",
                  1,
                  { VOLUME_NFS, VOLUME_ROOT, 7 } },
                { "{\"root\": \"nfs\", \"left\": {\"root\": \"nfs\", \"volume\": \"root2\"}}",
                  NULL,
                  2,
                  { VOLUME_NFS, VOLUME_ROOT2, 7 } },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct storage_want w[STORAGE_WANTS_MAX] = {};
                const size_t n = wants_beside(rows[i].run, rows[i].good, w);
                assert_int_equal(n, rows[i].n);
                for (size_t k = 0; k < n; k++)
                        assert_int_equal(w[k].is_aside, k + 1 == n);
                assert_true(volume_equal(&w[n - 1].volume, &rows[i].aside));
        }
        struct storage_want w[STORAGE_WANTS_MAX] = {};
        assert_int_equal(
                wants_beside("{\"root\": \"nfs\"}", "small {\"run\": \"{\\\"root\\\": \\\"ram\\\"}\"}", w),
                1);
        assert_int_equal(wants_beside("{\"root\": \"nfs\"}", "of another time", w), 1);
}

/* One story: what happens, and the step that follows. */
struct beat {
        enum {
                SET_ASIDE,
                WANT,
                WANT_OTHER,
                WANT_NOTHING,
                GIVE_UP,
                BEGIN_AGAIN,
                LISTED,
                ASK,
                ASK_AGAIN,
                ASK_ELSEWHERE,
                WELL,
                ILL
        } what;
        enum storage_step then;
        bool is_ready;
};

static void play(bool is_reset, const struct beat *beats, size_t n) {
        const struct storage_want want = { .volume = { VOLUME_NBD, VOLUME_ROOT, 7 },
                                           .size = VOLUME_SIZE_USUAL,
                                           .is_reset = is_reset };
        const struct storage_want aside = { .volume = want.volume, .is_aside = true };
        struct storage_want other = want;
        const struct storage_boot boots[] = {
                [ASK] = { .session = 100, .server = ip_from_v4(1), .client = ip_from_v4(20) },
                [ASK_AGAIN] = { .session = 200, .server = ip_from_v4(1), .client = ip_from_v4(20) },
                [ASK_ELSEWHERE] = { .session = 200, .server = ip_from_v4(2), .client = ip_from_v4(21) },
        };
        struct storage_state s = { .want = { .volume = want.volume } };

        other.deployment = 5;
        for (size_t i = 0; i < n; i++) {
                const enum storage_step step = storage_next(&s);
                const struct storage_want begun_for = s.want;
                const struct storage_boot begun_of = s.boot;
                switch (beats[i].what) {
                case SET_ASIDE:
                        storage_want(&s, &aside);
                        break;
                case WANT:
                        storage_want(&s, &want);
                        break;
                case WANT_OTHER:
                        storage_want(&s, &other);
                        break;
                case WANT_NOTHING:
                        storage_want(&s, NULL);
                        break;
                case GIVE_UP:
                        storage_give_up(&s);
                        break;
                case BEGIN_AGAIN:
                        storage_begin_again(&s);
                        break;
                case LISTED:
                        s.may_be_there = true;
                        break;
                case ASK:
                case ASK_AGAIN:
                case ASK_ELSEWHERE:
                        storage_ask(&s, &boots[beats[i].what]);
                        break;
                case WELL:
                case ILL:
                        storage_done(&s, step, &begun_for, &begun_of, beats[i].what == WELL);
                        break;
                }
                if (storage_next(&s) != beats[i].then || storage_is_ready(&s) != beats[i].is_ready)
                        fail_msg("beat %zu leads to step %d", i, (int)storage_next(&s));
        }
}

static void one_that_is_reset_is_new_for_each_boot(void **state) {
        static const struct beat beats[] = {
                { WANT, STORAGE_MAKE, false },
                { ASK, STORAGE_MAKE, false }, /* the boot is faster */
                { WELL, STORAGE_RESET, false },
                { WELL, STORAGE_OFFER, false },
                { WELL, STORAGE_REST, true },
                { ASK, STORAGE_REST, true }, /* its answer was lost */
                { ASK_AGAIN, STORAGE_RESET, false },
                { WELL, STORAGE_OFFER, false },
                { WELL, STORAGE_REST, true },
                { ASK_ELSEWHERE, STORAGE_OFFER, false }, /* the same boot, with another address */
                { WELL, STORAGE_REST, true },
                { WANT_NOTHING, STORAGE_REMOVE, false },
                { WELL, STORAGE_REST, false },
        };
        (void)state;
        play(true, beats, ARRAY_LEN(beats));
}

static void one_that_is_persistent_is_only_offered(void **state) {
        static const struct beat beats[] = {
                { WANT, STORAGE_MAKE, false },       { WELL, STORAGE_REST, false },
                { ASK, STORAGE_OFFER, false },       { WELL, STORAGE_REST, true },
                { ASK_AGAIN, STORAGE_OFFER, false }, { WELL, STORAGE_REST, true },
                { WANT, STORAGE_REST, true },        /* whatever else changes about the machine */
                { WANT_OTHER, STORAGE_MAKE, false }, /* deployed anew */
        };
        (void)state;
        play(false, beats, ARRAY_LEN(beats));
}

static void what_failed_is_tried_again_for_a_boot_that_asks(void **state) {
        static const struct beat beats[] = {
                { WANT, STORAGE_MAKE, false },  { ILL, STORAGE_REST, false },   { ASK, STORAGE_MAKE, false },
                { WELL, STORAGE_RESET, false }, { ILL, STORAGE_REST, false },   { ASK, STORAGE_MAKE, false },
                { WELL, STORAGE_RESET, false }, { WELL, STORAGE_OFFER, false }, { ILL, STORAGE_REST, false },
                { ASK, STORAGE_OFFER, false },  { WELL, STORAGE_REST, true },
        };
        (void)state;
        play(true, beats, ARRAY_LEN(beats));
}

static void what_is_set_aside_is_there_again_as_it_was(void **state) {
        static const struct beat beats[] = {
                { WANT, STORAGE_MAKE, false },
                { WELL, STORAGE_REST, false },
                { ASK, STORAGE_OFFER, false },
                { WELL, STORAGE_REST, true },
                { SET_ASIDE, STORAGE_REST, true },     /* its system still runs from it */
                { ASK_AGAIN, STORAGE_WITHDRAW, true }, /* and now another one starts */
                { ILL, STORAGE_REST, true },           /* which does not wait for that */
                { ASK_ELSEWHERE, STORAGE_WITHDRAW, true },
                { WELL, STORAGE_REST, true },
                { WANT, STORAGE_MAKE, false }, /* which finds it made */
                { WELL, STORAGE_REST, false }, /* and not for the boot that is no boot of it */
                { ASK_AGAIN, STORAGE_OFFER, false },
                { WELL, STORAGE_REST, true },
                { SET_ASIDE, STORAGE_REST, true },
                { WANT_NOTHING, STORAGE_REMOVE, false }, /* the other one was taken */
        };
        (void)state;
        play(false, beats, ARRAY_LEN(beats));
}

/* That nobody wants it is no order: its machine may not have been read. */
static void only_orders_remove(void **state) {
        static const struct beat beats[] = {
                { LISTED, STORAGE_REST, false },
                { WANT_NOTHING, STORAGE_REST, false }, /* whatever else changes about the machine */
                { GIVE_UP, STORAGE_REMOVE, false },    /* it is deleted, or deployed anew */
                { WANT_NOTHING, STORAGE_REMOVE, false },
                { ILL, STORAGE_REMOVE, false },
                { WELL, STORAGE_REST, false },
                { LISTED, STORAGE_REMOVE, false },
                { WANT, STORAGE_REMOVE, false }, /* what was given up is nothing for who comes next */
                { ILL, STORAGE_REST, false },
                { ASK, STORAGE_REMOVE, false },
                { WELL, STORAGE_MAKE, false },
                { GIVE_UP, STORAGE_MAKE, false }, /* not what is wanted */
                { WELL, STORAGE_RESET, false },
                { WANT_NOTHING, STORAGE_REMOVE, false },
        };
        static const struct beat read_later[] = {
                { LISTED, STORAGE_REST, false },
                { WANT, STORAGE_MAKE, false }, /* it is what is wanted, and is found made */
                { WELL, STORAGE_REST, false },
                { WANT_NOTHING, STORAGE_REMOVE, false },
        };
        (void)state;
        play(true, beats, ARRAY_LEN(beats));
        play(false, read_later, ARRAY_LEN(read_later));
}

/* The helper was lost: what is wanted is wanted still, and what stands there stays. */
static void what_is_begun_again_is_not_lost(void **state) {
        static const struct beat beats[] = {
                { WANT, STORAGE_MAKE, false },          { WELL, STORAGE_REST, false },
                { ASK, STORAGE_OFFER, false },          { BEGIN_AGAIN, STORAGE_MAKE, false },
                { LISTED, STORAGE_MAKE, false },        { WELL, STORAGE_REST, false },
                { ASK, STORAGE_OFFER, false },          { WANT_NOTHING, STORAGE_REMOVE, false },
                { BEGIN_AGAIN, STORAGE_REMOVE, false },
        };
        (void)state;
        play(false, beats, ARRAY_LEN(beats));
}

static void what_is_left_is_known(void **state) {
        static const struct {
                bool is_wanted, may_be_there, is_given_up, is_left;
        } rows[] = {
                { false, true, false, true },
                { true, true, false, false },
                { false, false, false, false },
                { false, true, true, false }, /* it is on its way out */
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct storage_state s = { .is_wanted = rows[i].is_wanted,
                                                 .may_be_there = rows[i].may_be_there,
                                                 .is_given_up = rows[i].is_given_up };
                assert_int_equal(storage_is_left(&s), rows[i].is_left);
        }
}

/* A step that was begun for what nobody wants any more says nothing about what is wanted now. */
static void the_end_of_an_old_wish_is_not_the_new_ones(void **state) {
        const struct storage_want first = { .volume = { VOLUME_NBD, VOLUME_ROOT, 7 }, .deployment = 1 };
        const struct storage_want second = { .volume = { VOLUME_NBD, VOLUME_ROOT, 7 }, .deployment = 2 };
        const struct storage_boot none = {};
        struct storage_state s = {};
        (void)state;

        storage_want(&s, &first);
        storage_want(&s, &second);
        storage_done(&s, STORAGE_MAKE, &first, &none, true);
        assert_int_equal(storage_next(&s), STORAGE_MAKE);
        storage_want(&s, NULL);
        storage_done(&s, STORAGE_MAKE, &second, &none, true);
        assert_int_equal(storage_next(&s), STORAGE_REMOVE); /* it was made after all */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_machine_wants_what_its_root_says),
                cmocka_unit_test(data_is_kept_beside_any_root),
                cmocka_unit_test(one_that_is_reset_is_new_for_each_boot),
                cmocka_unit_test(one_that_is_persistent_is_only_offered),
                cmocka_unit_test(what_failed_is_tried_again_for_a_boot_that_asks),
                cmocka_unit_test(a_root_is_set_aside),
                cmocka_unit_test(what_is_set_aside_is_there_again_as_it_was),
                cmocka_unit_test(only_orders_remove),
                cmocka_unit_test(what_is_begun_again_is_not_lost),
                cmocka_unit_test(what_is_left_is_known),
                cmocka_unit_test(the_end_of_an_old_wish_is_not_the_new_ones),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
