/* Which kernel and initramfs a plan's client is told to load: what the doctor compares with what it asks for.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "core/boot/pi_files.h"

static void base_name(const char *path, char *buf, size_t size) {
        const char *slash = strrchr(path, '/');
        (void)text_copy(buf, size, slash ? slash + 1 : path);
}

/* Only what is there: firmware that asks for nothing else is right. */
static void take(const struct boot_plan *p, const struct blob_source *blobs, const char *path, char *buf) {
        CLEANUP(boot_file_drop_at) struct boot_file *file = NULL;

        if (path[0] && boot_plan_file(p, path, blobs, &file, NULL) == BOOT_FILE_FOUND)
                base_name(path, buf, BOOT_LOADS_SIZE);
}

static void by_config(const struct boot_plan *p, const struct blob_source *blobs, struct boot_loads *ret) {
        struct config_txt_choice choice;

        if (pi_files_choose(p, blobs, &choice) < 0)
                return;
        take(p, blobs, choice.kernel, ret->kernel);
        if (choice.n_initramfs == 1)
                take(p, blobs, choice.initramfs[0], ret->initramfs);
}

void boot_plan_loads(const struct boot_plan *plan, const struct blob_source *blobs, struct boot_loads *ret) {
        struct boot_kernel k;

        *ret = (struct boot_loads){};
        if (!plan->method || !plan->image || !boot_plan_starts_kernel(plan))
                return;
        if (boot_client_is_pi(plan->client->id)) {
                by_config(plan, blobs, ret);
        } else if (boot_kernel_of(plan, &k)) {
                base_name(k.kernel->path, ret->kernel, sizeof(ret->kernel));
        }
}
