/* What cloud-init finds in a root: its files, and that it need look nowhere else. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "app/bramble-agent/deploy/seed.h"
#include "app/bramble-agent/io/volume.h"
#include "root_volume.h"

#define FOLDER "var/lib/cloud/seed/nocloud/"

#define ONLY_US \
        "# Written by bramble-agent: data comes from /var/lib/cloud/seed/nocloud.\n" \
        "datasource_list: [ NoCloud, None ]\n"

static void asks_nobody_where_there_is_no_seed(void **state) {
        const struct volume *v = *state;
        struct error error = {};

        assert_int_equal(seed_write_none(v, &error), 0);
        assert_false(volume_exists(v, "etc/cloud"));
        assert_int_equal(volume_write(v, "etc/cloud/cloud.cfg", "", 0644, &error), 0);
        assert_int_equal(seed_write_none(v, &error), 0);
        root_volume_expect(v, "etc/cloud/cloud.cfg.d/99-bramble.cfg", ONLY_US);
        assert_int_equal(volume_remove(v, "etc/cloud/cloud.cfg.d/99-bramble.cfg", &error), 0);
}

static void writes_what_cloud_init_looks_for(void **state) {
        static const char *const texts[ORDER_SEED_FILES] = { "instance-id: 1\n", "", "#cloud-config\n", "" };
        const struct volume *v = *state;
        struct error error = {};
        struct stat s;
        char path[256];

        if (seed_write_root(v, texts, &error) < 0)
                fail_msg("%s", error.text);
        root_volume_expect(v, FOLDER "meta-data", "instance-id: 1\n");
        root_volume_expect(v, FOLDER "user-data", ""); /* without it there would be no seed */
        root_volume_expect(v, FOLDER "vendor-data", "#cloud-config\n");
        assert_false(volume_exists(v, FOLDER "network-config"));
        (void)snprintf(path, sizeof(path), "%s/" FOLDER "user-data", root_volume_dir());
        assert_int_equal(stat(path, &s), 0);
        assert_int_equal(s.st_mode & 0777, 0600);

        /* On the network anybody could answer. */
        root_volume_expect(v, "etc/cloud/cloud.cfg.d/99-bramble.cfg", ONLY_US);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(asks_nobody_where_there_is_no_seed),
                                            cmocka_unit_test(writes_what_cloud_init_looks_for) };
        return cmocka_run_group_tests(tests, root_volume_set_up, root_volume_tear_down);
}
