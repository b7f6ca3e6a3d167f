/* Which disks the task erase takes, around one with data, and that it says so where it found none. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/bramble-agent/erase.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/root/data_disk.h"
#include "test/fake/machine_tree.h"

#define UUID "\"01020304000000000000000000000000\""
#define ALONE "\"how\": \"quick\", \"volumes\": [" UUID "]"

static const struct machine_file nothing[] = { { NULL, NULL, 0 } };

enum content { NO_DISK, OURS, OTHER };

struct row_disk {
        enum content content;
        bool is_short;     /* its end, and so its file system, cannot be read */
        bool is_read_only; /* a switch on the card */
};

/* The medium only: it is a disk as soon as sysfs says so. */
static void put_medium(const struct machine_tree *m, const char *name, const struct row_disk *d) {
        char path[TREE_PATH_MAX];
        const int fd = open(tree_name(path, "%s/dev/%s", m->dir, name), O_WRONLY | O_CREAT | O_EXCL, 0600);

        assert_true(fd >= 0);
        assert_int_equal(ftruncate(fd, d->is_short ? DATA_DISK_LEAST / 2 : DATA_DISK_LEAST), 0);
        assert_int_equal(pwrite(fd, "\x53\xef", 2, 1080), 2);
        assert_int_equal(pwrite(fd, d->content == OURS ? "\1\2\3\4" : "\4\3\2\1", 4, 1128), 4);
        assert_int_equal(close(fd), 0);
}

static void put_in_sysfs(struct machine_tree *m, const char *name, const struct row_disk *d) {
        char path[TREE_PATH_MAX], sectors[24];

        (void)snprintf(sectors, sizeof(sectors), "%d\n", DATA_DISK_LEAST / 512);
        machine_tree_put(m, tree_name(path, "sys/block/%s/ro", name), d->is_read_only ? "1\n" : "0\n");
        machine_tree_put(m, tree_name(path, "sys/block/%s/size", name), sectors);
}

static bool is_erased(const struct machine_tree *m, const char *name) {
        char path[TREE_PATH_MAX], magic[2];
        const int fd = open(tree_name(path, "%s/dev/%s", m->dir, name), O_RDONLY);

        assert_true(fd >= 0);
        assert_int_equal(pread(fd, magic, 2, 1080), 2);
        assert_int_equal(close(fd), 0);
        return magic[0] == 0 && magic[1] == 0;
}

/* What the job itself says; of one that was stopped its result says only that. */
static struct error said;
static int returned;

static int run(struct job *job, struct error *reterr) {
        returned = erase_run(job, reterr);
        said = *reterr;
        return returned;
}

static int run_without_waiting(struct job *job, struct error *reterr) {
        job_stop(job);
        return run(job, reterr);
}

static struct job *start(const struct job_kind *kind, const struct job_world *world, const char *order,
                         int news_fd) {
        char text[256];
        struct task task;
        struct error error = { 0 };

        (void)snprintf(text, sizeof(text), "{\"id\": 7, \"kind\": \"erase\", \"disks\": [], %s}", order);
        assert_int_equal(task_parse(text, strlen(text), &task, &error), 0);
        struct job *job = job_start(kind, &task, world, news_fd);
        assert_non_null(job);
        return job;
}

static void wait_for_end(struct job *job) {
        for (unsigned i = 0; i < 500 && !job_has_ended(job); i++)
                (void)usleep(20000);
        assert_true(job_has_ended(job));
        job_free(job);
}

static void takes_the_disks_that_are_meant(void **state) {
        (void)state;
        static const struct job_kind kind = { .name = "erase", .run = run_without_waiting };
        static const char names[][4] = { "sda", "sdb" };
        static const struct {
                const char *remark, *order;
                struct row_disk disks[2];
                int result;
                bool is_erased[2];
        } rows[] = {
                { "alone",
                  ALONE ", \"is_made\": true",
                  { { .content = OTHER }, { .content = OURS } },
                  0,
                  { false, true } },
                { "pulled out", ALONE ", \"is_made\": true", { { .content = OTHER } }, -ENODEV, { false } },
                { "no disk at all",
                  ALONE ", \"is_made\": true",
                  { { .content = NO_DISK } },
                  -ENODEV,
                  { false } },
                { "a locked card",
                  ALONE ", \"is_made\": true",
                  { { .content = OURS, .is_read_only = true } },
                  -ENODEV,
                  { false } },
                { "one that cannot be read",
                  ALONE ", \"is_made\": true",
                  { { .content = OURS, .is_short = true } },
                  -ENODEV,
                  { false } },
                { "of a server that does not say", ALONE, { { .content = OTHER } }, -ENODEV, { false } },
                { "never made", ALONE ", \"is_made\": false", { { .content = OTHER } }, 0, { false } },
                { "made by a deployment that failed later",
                  ALONE ", \"is_made\": false",
                  { { .content = OURS } },
                  0,
                  { true } },
                { "all, and there is none",
                  "\"how\": \"full\"",
                  { { .content = NO_DISK } },
                  -ENODEV,
                  { false } },
                { "all",
                  "\"how\": \"quick\"",
                  { { .content = OTHER }, { .content = OURS } },
                  0,
                  { true, true } },
                { "all, with the data among them",
                  "\"how\": \"quick\", \"data\": [" UUID "]",
                  { { .content = OTHER }, { .content = OURS } },
                  0,
                  { true, true } },
                { "all, and the data are not among them: nothing is erased",
                  "\"how\": \"quick\", \"data\": [" UUID "]",
                  { { .content = OTHER } },
                  -ENODEV,
                  { false } },
                { "all, and the data are on a locked card",
                  "\"how\": \"full\", \"data\": [" UUID "]",
                  { { .content = OTHER }, { .content = OURS, .is_read_only = true } },
                  -ENODEV,
                  { false, false } },
                { "kept",
                  "\"how\": \"quick\", \"keep\": [" UUID "]",
                  { { .content = OTHER }, { .content = OURS } },
                  0,
                  { true, false } },
                { "kept, and perhaps on the one that cannot be read",
                  "\"how\": \"quick\", \"keep\": [" UUID "]",
                  { { .content = OTHER }, { .content = OURS, .is_short = true } },
                  0,
                  { true, false } },
                { "nothing is kept: it is tried",
                  "\"how\": \"quick\"",
                  { { .content = OTHER, .is_short = true } },
                  0,
                  { true } },
        };
        const int news = eventfd(0, EFD_CLOEXEC);

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct machine_tree m;
                print_message("%s\n", rows[i].remark);
                machine_tree_make(&m, nothing);
                machine_tree_put(&m, "dev/null", "");
                for (size_t k = 0; k < 2; k++) {
                        if (rows[i].disks[k].content == NO_DISK)
                                continue;
                        put_medium(&m, names[k], &rows[i].disks[k]);
                        put_in_sysfs(&m, names[k], &rows[i].disks[k]);
                }
                const struct job_world world = { .tree = m.tree, .root = m.dir };
                wait_for_end(start(&kind, &world, rows[i].order, news));
                assert_int_equal(returned, rows[i].result);
                if (returned < 0 && rows[i].disks[0].content == NO_DISK && !strstr(rows[i].order, UUID))
                        assert_non_null(strstr(said.text, "release it with --erase none"));
                else if (returned < 0) {
                        assert_non_null(strstr(said.text, "is not there, or is read-only: connect it"));
                        assert_non_null(strstr(said.text, "--without-data-disk when that disk is gone"));
                }
                for (size_t k = 0; k < 2; k++)
                        if (rows[i].disks[k].content != NO_DISK)
                                assert_int_equal(is_erased(&m, names[k]), rows[i].is_erased[k]);
                machine_tree_remove(&m);
        }
        (void)close(news);
}

static void waits_for_a_disk_at_usb(void **state) {
        (void)state;
        static const struct job_kind kind = { .name = "erase", .run = run };
        static const struct row_disk ours = { .content = OURS };
        const int news = eventfd(0, EFD_CLOEXEC);
        struct machine_tree m;

        machine_tree_make(&m, nothing);
        machine_tree_put(&m, "dev/null", "");
        put_medium(&m, "sda", &ours);
        const struct job_world world = { .tree = m.tree, .root = m.dir };
        struct job *job = start(&kind, &world, ALONE ", \"is_made\": true", news);
        (void)usleep(100000);
        put_in_sysfs(&m, "sda", &ours);
        wait_for_end(job);
        assert_int_equal(returned, 0);
        assert_true(is_erased(&m, "sda"));
        machine_tree_remove(&m);
        (void)close(news);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(takes_the_disks_that_are_meant),
                cmocka_unit_test(waits_for_a_disk_at_usb),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
