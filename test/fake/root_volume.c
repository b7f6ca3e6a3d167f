/* A root file system as a folder; see root_volume.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "root_volume.h"

static char dir[] = "/tmp/bramble-test-root-XXXXXX";

int root_volume_set_up(void **state) {
        struct volume *v = NULL;

        if (!mkdtemp(dir) || volume_open(dir, &v) < 0)
                return -1;
        *state = v;
        return 0;
}

int root_volume_tear_down(void **state) {
        char command[300];

        volume_free(*state);
        (void)snprintf(command, sizeof(command), "rm -rf -- %s", dir);
        return system(command);
}

const char *root_volume_dir(void) {
        return dir;
}

void root_volume_expect(const struct volume *v, const char *path, const char *text) {
        CLEANUP(free_at) char *is = volume_read(v, path);

        if (!is || strcmp(is, text) != 0)
                fail_msg("%s: %s", path, is ? is : "is not there");
}
