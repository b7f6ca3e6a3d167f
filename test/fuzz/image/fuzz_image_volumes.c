/* Any text as the survey of a disk, as os-release and as grub.cfg: what is taken lies in the disk. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/image/root_text.h"
#include "core/image/volumes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void look_at_runs(const struct volumes *v, const uint8_t *data, size_t len) {
        struct volume_run run;
        uint64_t end = 0;

        for (; len >= VOLUME_RUN_SIZE; data += VOLUME_RUN_SIZE, len -= VOLUME_RUN_SIZE) {
                if (volume_run_parse(data, v, end, &run) < 0)
                        continue;
                assert(run.offset >= end && run.len > 0 && run.offset + run.len <= v->disk_size);
                end = run.offset + run.len;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static struct volumes v;
        char *text = malloc(len + 1);

        assert(text);
        memcpy(text, data, len);
        text[len] = '\0';
        free(root_os_name(text));
        free(root_console_words(text));
        (void)root_program_arch(data, len);
        if (volumes_parse(text, &v) == 0) {
                for (size_t i = 0; i < v.n; i++)
                        assert(v.items[i].offset <= v.disk_size &&
                               v.items[i].len <= v.disk_size - v.items[i].offset);
                look_at_runs(&v, data, len);
        }
        free(text);
        return 0;
}
