/* Disks that come late: when a list of them is believed, and that the one with the data is waited for. */
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

#include "app/bramble-agent/disks.h"
#include "app/bramble-agent/io/volume.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/root/data_disk.h"
#include "app/bramble-agent/root/ways.h"
#include "test/fake/machine_tree.h"

static const struct machine_file nothing[] = { { NULL, NULL, 0 } };

static void believes_a_list_that_stays(void **state) {
        (void)state;
        static const struct disk sda = { .name = "sda", .size = 1 }, sdb = { .name = "sdb", .size = 1 };
        static const struct {
                const char *remark;
                uint64_t now_ms;
                unsigned n;
                bool is_coming, is_settled;
        } rows[] = {
                { "one", 1000, 1, false, false },
                { "still one", 3900, 1, false, false },
                { "another", 3950, 2, false, false },
                { "it counts anew", 4100, 2, false, false },
                { "that is all", 6950, 2, false, true },
                { "a device that has no driver yet", 7000, 2, true, false },
                { "after it", 9900, 2, false, false },
                { "now that is all", 10000, 2, false, true },
                { "one that never comes", 30999, 2, true, false },
                { "is not waited for for ever", 31000, 2, true, true },
        };
        const struct disk disks[] = { sda, sdb };
        struct disks_watch w = { 0 };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (disks_are_settled(&w, disks, rows[i].n, rows[i].is_coming, rows[i].now_ms) !=
                    rows[i].is_settled)
                        fail_msg("%s", rows[i].remark);
        /* None at all has to stay so for longer. */
        w = (struct disks_watch){ 0 };
        assert_false(disks_are_settled(&w, disks, 0, false, 0));
        assert_false(disks_are_settled(&w, disks, 0, false, DISKS_NONE_MS - 1));
        assert_true(disks_are_settled(&w, disks, 0, false, DISKS_NONE_MS));
}

static void sees_devices_that_will_be_disks(void **state) {
        (void)state;
        static const char *const later[] = { "sys/bus/scsi/devices/2:0:0:0/type",
                                             "sys/bus/mmc/devices/mmc0:1/type" };
        struct machine_tree m;

        machine_tree_make(&m, nothing);
        machine_tree_put(&m, "sys/bus/scsi/devices/host2/uevent", "");
        machine_tree_put(&m, "sys/bus/scsi/devices/1:0:0:0/type", "5\n"); /* a CD drive */
        machine_tree_put(&m, "sys/bus/mmc/devices/mmc1:1/type", "SDIO\n");
        machine_tree_put(&m, "sys/bus/scsi/devices/0:0:0:0/type", "0\n");
        machine_tree_put(&m, "sys/bus/scsi/devices/0:0:0:0/block/sda/ro", "0\n");
        assert_false(disks_is_one_coming(&m.tree));
        for (size_t i = 0; i < ARRAY_LEN(later); i++) {
                char path[TREE_PATH_MAX];
                machine_tree_put(&m, later[i], i == 0 ? "0\n" : "SD\n");
                assert_true(disks_is_one_coming(&m.tree));
                (void)tree_name(path, "%.*s/block/x/ro", (int)(strlen(later[i]) - strlen("/type")), later[i]);
                machine_tree_put(&m, path, "0\n");
                assert_false(disks_is_one_coming(&m.tree));
        }
        machine_tree_remove(&m);
}

/* ---- jobs that wait ---- */

static void put_medium(const struct machine_tree *m, const char *name, bool is_ours) {
        char path[TREE_PATH_MAX];
        const int fd = open(tree_name(path, "%s/dev/%s", m->dir, name), O_WRONLY | O_CREAT | O_EXCL, 0600);

        assert_true(fd >= 0);
        assert_int_equal(ftruncate(fd, DATA_DISK_LEAST), 0);
        if (is_ours) {
                assert_int_equal(pwrite(fd, "\x53\xef", 2, 1080), 2);
                assert_int_equal(pwrite(fd, "\1\2\3\4", 4, 1128), 4);
        }
        assert_int_equal(close(fd), 0);
}

static void put_in_sysfs(struct machine_tree *m, const char *name) {
        char path[TREE_PATH_MAX], sectors[24];

        (void)snprintf(sectors, sizeof(sectors), "%d\n", DATA_DISK_LEAST / 512);
        machine_tree_put(m, tree_name(path, "sys/block/%s/ro", name), "0\n");
        machine_tree_put(m, tree_name(path, "sys/block/%s/size", name), sectors);
}

static unsigned n_found;
static struct error said;

static int run_wait(struct job *job, struct error *reterr) {
        struct disk disks[DISKS_MAX];

        (void)reterr;
        n_found = disks_wait(job, disks);
        return 0;
}

static const struct volume *root;

static int run_root_disk(struct job *job, struct error *reterr) {
        const struct root_place place = { .job = job, .root = root, .path = "/srv", .number = 1 };
        const struct root_source from = { .hint = "", .may_make = true, .uuid = { 1, 2, 3, 4 } };
        int r = root_disk(&place, &from, reterr);

        said = *reterr;
        return r;
}

/* Two disks, the second of which comes later. */
static void run(struct machine_tree *m, const struct job_kind *kind) {
        const struct job_world world = { .tree = m->tree, .root = m->dir, .is_whole_machine = true };
        const int news = eventfd(0, EFD_CLOEXEC);
        struct error error = { 0 };
        struct task task;

        put_medium(m, "sda", false);
        put_medium(m, "sdb", true);
        put_in_sysfs(m, "sda");
        assert_int_equal(task_parse("{\"id\": 7, \"kind\": \"x\"}", 22, &task, &error), 0);
        struct job *job = job_start(kind, &task, &world, news);
        assert_non_null(job);
        (void)usleep(1500000);
        put_in_sysfs(m, "sdb");
        for (unsigned i = 0; i < 1000 && !job_has_ended(job); i++)
                (void)usleep(20000);
        assert_true(job_has_ended(job));
        job_free(job);
        (void)close(news);
}

static void waits_for_all_of_them(void **state) {
        (void)state;
        static const struct job_kind kind = { .name = "x", .run = run_wait };
        struct machine_tree m;

        machine_tree_make(&m, nothing);
        machine_tree_put(&m, "dev/null", "");
        run(&m, &kind);
        assert_int_equal(n_found, 2);
        machine_tree_remove(&m);
}

/* An empty disk is not made the one for data while the one that has them is still to come. */
static void makes_no_second_disk_for_data(void **state) {
        (void)state;
        static const struct job_kind kind = { .name = "x", .run = run_root_disk };
        struct machine_tree m;
        struct volume *volume;
        char path[TREE_PATH_MAX], octets[DATA_MARK_SIZE];

        machine_tree_make(&m, nothing);
        machine_tree_put(&m, "dev/null", "");
        machine_tree_put(&m, "root/x", "");
        assert_int_equal(volume_open(tree_name(path, "%s/root", m.dir), &volume), 0);
        root = volume;
        run(&m, &kind);
        volume_free(volume);
        if (!strstr(said.text, "sdb"))
                fail_msg("%s", said.text); /* it wanted to mount it, which files are not for */
        const int fd = open(tree_name(path, "%s/dev/sda", m.dir), O_RDONLY);
        assert_int_equal(pread(fd, octets, sizeof(octets), 0), sizeof(octets));
        (void)close(fd);
        for (size_t i = 0; i < sizeof(octets); i++)
                assert_int_equal(octets[i], 0);
        machine_tree_remove(&m);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(believes_a_list_that_stays),
                cmocka_unit_test(sees_devices_that_will_be_disks),
                cmocka_unit_test(waits_for_all_of_them),
                cmocka_unit_test(makes_no_second_disk_for_data),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
