/* Changes from many threads, failures in the database, and restarts: what is answered is there, and nothing
 * else. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "core/db/db.h"
#include "region/region.h"

/* A region with a control thread that runs its loop. */
struct house {
        char dir[64], path[128], url[160];
        struct loop *loop;
        struct region *region;
        pthread_t control;
        struct site_keeper keeper;
        unsigned n_published;
        uint64_t revision;
};

static void changed(void *ctx, const struct site *s) {
        struct house *h = ctx;
        h->n_published++;
        h->revision = site_revision(s);
}

static void *control(void *arg) {
        struct house *h = arg;
        assert_int_equal(loop_run(h->loop), 0);
        return NULL;
}

static void open_house(struct house *h) {
        struct error error = {};
        h->loop = loop_new();
        assert_non_null(h->loop);
        const struct region_config config = {
                .loop = h->loop, .database = h->url, .changed = changed, .ctx = h
        };
        if (region_open(&config, &h->region, &error) < 0)
                fail_msg("%s", error.text);
        h->keeper = region_keeper(h->region);
        assert_int_equal(pthread_create(&h->control, NULL, control, h), 0);
}

static void end_loop(void *loop) {
        loop_stop(loop);
}

static void end_control(struct house *h) {
        assert_true(loop_post(h->loop, end_loop, h->loop));
        assert_int_equal(pthread_join(h->control, NULL), 0);
}

static void close_house(struct house *h) {
        end_control(h);
        region_stop(h->region);
        region_free(h->region);
        loop_free(h->loop);
}

static int setup(void **state) {
        struct house *h = calloc(1, sizeof(*h));
        *state = h;
        (void)snprintf(h->dir, sizeof(h->dir), "/tmp/bramble-region-XXXXXX");
        if (!h || !mkdtemp(h->dir))
                return -1;
        (void)snprintf(h->path, sizeof(h->path), "%s/b.db", h->dir);
        (void)snprintf(h->url, sizeof(h->url), "sqlite:%s", h->path);
        return 0;
}

static int teardown(void **state) {
        static const char *const endings[] = { "", "-wal", "-shm" };
        struct house *h = *state;
        char path[160];
        for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
                (void)snprintf(path, sizeof(path), "%s%s", h->path, endings[i]);
                (void)unlink(path);
        }
        int r = rmdir(h->dir);
        free(h);
        return r;
}

static struct machine *a_machine(const char *name, unsigned mac) {
        struct machine *m = machine_new();
        assert_non_null(m);
        assert_int_equal(text_copy(m->name, sizeof(m->name), name), 0);
        m->macs[m->n_macs++] = (struct mac){ { 2, 0, 0, 0, (uint8_t)(mac >> 8), (uint8_t)mac } };
        return m;
}

static int add(struct house *h, const char *name, unsigned mac, struct error *error) {
        CLEANUP(machine_drop_at) struct machine *m = a_machine(name, mac);
        return h->keeper.machine(h->keeper.ctx, NULL, m, error);
}

static struct site *look(struct house *h) {
        struct site *s = h->keeper.site(h->keeper.ctx);
        assert_non_null(s);
        return s;
}

static void keeps_what_it_answered(void **state) {
        struct house *h = *state;
        open_house(h);
        assert_int_equal(add(h, "one", 1, NULL), 0);
        assert_int_equal(add(h, "two", 2, NULL), 0);
        struct site *s = look(h);
        const struct machine *one = site_machine_by_name(s, "one"), *two = site_machine_by_name(s, "two");
        assert_true(one && two && one->id == 1 && two->id == 2 && one->created_s > 0);

        /* Renamed, with everything else as it was. */
        CLEANUP(machine_drop_at) struct machine *renamed = a_machine("uno", 1);
        assert_int_equal(h->keeper.machine(h->keeper.ctx, one, renamed, NULL), 0);
        assert_int_equal(h->keeper.machine(h->keeper.ctx, two, NULL, NULL), 0);
        site_drop(s);
        close_house(h);

        open_house(h);
        s = look(h);
        assert_int_equal(site_n_machines(s), 1);
        const struct machine *uno = site_machine_by_name(s, "uno");
        assert_true(uno && uno->id == 1 && uno->created_s == renamed->created_s);
        site_drop(s);

        /* The id of what was deleted does not come again. */
        assert_int_equal(add(h, "three", 3, NULL), 0);
        s = look(h);
        assert_int_equal(site_machine_by_name(s, "three")->id, 3);
        site_drop(s);
        close_house(h);
}

/* A decision of core/life: made on the newest state, written with what belongs to it, told when it can be
 * seen. */
struct decider {
        const char *name;
        unsigned n_decided, n_told;
        enum machine_state seen;
};

static int decide(void *ctx, const struct site *s, int64_t now_s, struct life_outcome *ret,
                  struct error *reterr) {
        struct decider *d = ctx;
        const struct machine *m = site_machine_by_name(s, d->name);

        d->n_decided++;
        if (!m)
                return error_set(reterr, -ENOENT, "there is no machine %s", d->name);
        if (m->state == STATE_BROKEN)
                return 0; /* nothing follows */
        ret->now = machine_copy(m);
        ret->now->state = STATE_BROKEN;
        ret->now->state_since_s = now_s;
        ret->inventory = strdup("{}");
        return 0;
}

static void decided(void *ctx, const struct site *s, int result, const struct error *error) {
        struct decider *d = ctx;
        const struct machine *m = site_machine_by_name(s, d->name);
        (void)error;

        d->n_told++;
        d->seen = result == 0 && m ? m->state : MACHINE_STATES;
}

static void decides_on_the_newest_state(void **state) {
        struct house *h = *state;
        struct decider d = { .name = "one" }, nobody = { .name = "nobody" };
        struct error error = {};

        open_house(h);
        struct life_keeper keeper = region_life_keeper(h->region);
        assert_int_equal(add(h, "one", 1, NULL), 0);
        assert_int_equal(keeper.decide_and_wait(keeper.ctx, decide, decided, &d, &error), 0);
        assert_true(d.n_decided == 1 && d.n_told == 1 &&
                    d.seen == STATE_BROKEN); /* told with what it led to */
        unsigned n_published = h->n_published;
        assert_int_equal(keeper.decide_and_wait(keeper.ctx, decide, decided, &d, &error), 0);
        assert_true(d.n_decided == 2 && d.n_told == 2 && h->n_published == n_published);
        assert_int_equal(keeper.decide_and_wait(keeper.ctx, decide, decided, &nobody, &error), -ENOENT);
        assert_string_equal(error.text, "there is no machine nobody");
        assert_int_equal(nobody.n_told, 1);
        close_house(h);

        open_house(h);
        struct site *s = look(h);
        assert_int_equal(site_machine_by_name(s, "one")->state, STATE_BROKEN);
        site_drop(s);
        close_house(h);
}

/* One machine takes over the keys of another, which is no more, and gives its own to a third. */
static int decide_swap(void *ctx, const struct site *s, int64_t now_s, struct life_outcome *ret,
                       struct error *reterr) {
        const struct machine *one = site_machine_by_name(s, "one"), *two = site_machine_by_name(s, "two");
        (void)ctx;
        (void)now_s;
        (void)reterr;

        ret->now = machine_copy(one);
        ret->old = machine_copy(one);
        (void)snprintf(ret->old->name, sizeof(ret->old->name), "old");
        ret->now->macs[0] = two->macs[0];
        ret->gone = two->id;
        ret->has_new_board = true;
        return 0;
}

static void changes_boards_in_one_step(void **state) {
        struct house *h = *state;
        struct error error = {};

        open_house(h);
        struct life_keeper keeper = region_life_keeper(h->region);
        assert_int_equal(add(h, "one", 1, NULL), 0);
        assert_int_equal(add(h, "two", 2, NULL), 0);
        struct decider d = { .name = "one" };
        assert_int_equal(keeper.decide_and_wait(keeper.ctx, decide_swap, decided, &d, &error), 0);
        for (int i = 0; i < 2; i++) { /* before a restart, and after it */
                struct site *s = look(h);
                const struct machine *one = site_machine_by_name(s, "one"),
                                     *old = site_machine_by_name(s, "old");
                assert_int_equal(site_n_machines(s), 2);
                assert_true(one->id == 1 && one->macs[0].octets[5] == 2);
                assert_true(old->id == 3 && old->macs[0].octets[5] == 1 && old->created_s != 0);
                site_drop(s);
                close_house(h);
                open_house(h);
        }
        close_house(h);
}

static void refuses_and_changes_nothing(void **state) {
        struct house *h = *state;
        struct error error = {};
        open_house(h);
        assert_int_equal(add(h, "one", 1, NULL), 0);
        struct site *old = look(h);
        const struct machine *one = site_machine_by_name(old, "one");

        assert_int_equal(add(h, "one", 2, &error), -EEXIST);
        assert_string_equal(
                error.text,
                "there is a machine one already: change or delete that one, or choose another name");
        assert_int_equal(add(h, "two", 1, &error), -EEXIST); /* its MAC */
        assert_int_equal(add(h, "Not a name", 3, &error), -EINVAL);

        /* Who decided on an old state is told so. */
        CLEANUP(machine_drop_at) struct machine *first = a_machine("one", 5);
        CLEANUP(machine_drop_at) struct machine *late = a_machine("one", 6);
        assert_int_equal(h->keeper.machine(h->keeper.ctx, one, first, &error), 0);
        assert_int_equal(h->keeper.machine(h->keeper.ctx, one, late, &error), -EAGAIN);
        assert_int_equal(h->keeper.machine(h->keeper.ctx, one, NULL, &error), -EAGAIN);

        struct site *s = look(h);
        assert_int_equal(site_n_machines(s), 1);
        assert_int_equal(site_machine_by_name(s, "one")->macs[0].octets[5], 5);
        site_drop(s);
        site_drop(old);
        close_house(h);
}

static void keeps_subnets_and_images(void **state) {
        struct house *h = *state;
        struct error error = {};
        open_house(h);

        CLEANUP(image_drop_at) struct image *image = image_new();
        (void)snprintf(image->name, sizeof(image->name), "rpios");
        image->cmdline = strdup("");
        image->boards = calloc(1, sizeof(char *));
        assert_int_equal(image_index(image), 0);
        assert_int_equal(h->keeper.image(h->keeper.ctx, NULL, image, &error), 0);
        assert_int_equal(image->version, 1);

        CLEANUP(subnet_drop_at) struct subnet *subnet = subnet_new();
        assert_int_equal(ip_net_parse("10.77.0.0/24", &subnet->net), 0);
        subnet->unknown = SUBNET_UNKNOWN_BOOT;
        subnet->lease_s = SUBNET_LEASE_S_DEFAULT;
        (void)snprintf(subnet->unknown_image, sizeof(subnet->unknown_image), "rpios");
        assert_int_equal(h->keeper.subnet(h->keeper.ctx, NULL, subnet, &error), 0);
        assert_string_equal(subnet->unknown_image, "rpios@1");

        /* A second import of the name is a second version, and the subnet keeps the first. */
        CLEANUP(image_drop_at) struct image *newer = image_new();
        (void)snprintf(newer->name, sizeof(newer->name), "rpios");
        newer->cmdline = strdup("");
        newer->boards = calloc(1, sizeof(char *));
        assert_int_equal(image_index(newer), 0);
        assert_int_equal(h->keeper.image(h->keeper.ctx, NULL, newer, &error), 0);
        assert_int_equal(newer->version, 2);
        close_house(h);

        open_house(h);
        struct site *s = look(h);
        assert_int_equal(site_n_subnets(s), 1);
        assert_int_equal(h->keeper.image(h->keeper.ctx, site_image(s, "rpios@1"), NULL, &error), -EBUSY);

        CLEANUP(subnet_drop_at) struct subnet *moved = subnet_new();
        assert_int_equal(ip_net_parse("10.78.0.0/24", &moved->net), 0);
        moved->lease_s = SUBNET_LEASE_S_DEFAULT;
        assert_int_equal(h->keeper.subnet(h->keeper.ctx, site_subnet(s, 0), moved, &error), -EINVAL);
        assert_int_equal(h->keeper.subnet(h->keeper.ctx, site_subnet(s, 0), NULL, &error), 0);
        assert_int_equal(h->keeper.image(h->keeper.ctx, site_image(s, "rpios@1"), NULL, &error), 0);
        site_drop(s);
        close_house(h);
}

enum { ADDERS = 24 };

struct adder {
        struct house *house;
        unsigned number;
        int result;
        struct error error;
        pthread_t thread;
};

static void *run_adder(void *arg) {
        struct adder *a = arg;
        char name[16];
        (void)snprintf(name, sizeof(name), a->number % 8 == 5 ? "bad-%u" : "good-%u", a->number);
        a->result = add(a->house, name, a->number, &a->error);
        return NULL;
}

/* The database refuses some of what comes at once: just those fail, the others are there. */
static void survives_a_database_that_refuses(void **state) {
        struct house *h = *state;
        struct adder adders[ADDERS];
        struct db *db = NULL;
        open_house(h);
        assert_int_equal(db_open(h->url, &db, NULL), 0);
        assert_int_equal(db_run(db,
                                "CREATE TRIGGER refuse BEFORE INSERT ON machine WHEN NEW.name LIKE 'bad-%'"
                                " BEGIN SELECT RAISE(ABORT, 'the disk ate it'); END",
                                NULL),
                         0);
        db_close(db);

        for (unsigned i = 0; i < ADDERS; i++) {
                adders[i] = (struct adder){ .house = h, .number = i };
                assert_int_equal(pthread_create(&adders[i].thread, NULL, run_adder, &adders[i]), 0);
        }
        for (unsigned i = 0; i < ADDERS; i++) {
                assert_int_equal(pthread_join(adders[i].thread, NULL), 0);
                assert_int_equal(adders[i].result, i % 8 == 5 ? -EEXIST : 0);
                if (i % 8 == 5)
                        assert_non_null(strstr(adders[i].error.text, "the disk ate it"));
        }
        struct site *s = look(h);
        assert_int_equal(site_n_machines(s), ADDERS - ADDERS / 8);
        assert_null(site_machine_by_name(s, "bad-5"));
        site_drop(s);
        close_house(h);

        open_house(h);
        s = look(h);
        assert_int_equal(site_n_machines(s), ADDERS - ADDERS / 8);
        site_drop(s);
        close_house(h);
}

static void refuses_when_it_has_stopped(void **state) {
        struct house *h = *state;
        struct error error = {};
        open_house(h);
        end_control(h);
        region_stop(h->region);
        assert_int_equal(add(h, "late", 1, &error), -ESHUTDOWN);
        assert_non_null(strstr(error.text, "stopping"));
        region_free(h->region);
        loop_free(h->loop);
}

/* One row that makes no sense keeps nobody else from booting. */
static void leaves_out_what_makes_no_sense(void **state) {
        struct house *h = *state;
        struct db *db = NULL;
        open_house(h);
        assert_int_equal(add(h, "one", 1, NULL), 0);
        assert_int_equal(add(h, "two", 2, NULL), 0);
        close_house(h);
        assert_int_equal(db_open(h->url, &db, NULL), 0);
        assert_int_equal(
                db_run(db, "UPDATE machine SET board = 'board-of-tomorrow' WHERE name = 'one'", NULL), 0);
        db_close(db);

        open_house(h);
        struct site *s = look(h);
        assert_null(site_machine_by_name(s, "one"));
        assert_non_null(site_machine_by_name(s, "two"));
        site_drop(s);
        close_house(h);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(keeps_what_it_answered, setup, teardown),
                cmocka_unit_test_setup_teardown(decides_on_the_newest_state, setup, teardown),
                cmocka_unit_test_setup_teardown(changes_boards_in_one_step, setup, teardown),
                cmocka_unit_test_setup_teardown(refuses_and_changes_nothing, setup, teardown),
                cmocka_unit_test_setup_teardown(keeps_subnets_and_images, setup, teardown),
                cmocka_unit_test_setup_teardown(survives_a_database_that_refuses, setup, teardown),
                cmocka_unit_test_setup_teardown(refuses_when_it_has_stopped, setup, teardown),
                cmocka_unit_test_setup_teardown(leaves_out_what_makes_no_sense, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
