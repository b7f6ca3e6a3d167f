/* Requested paths: none reaches outside the tree, and what is found has a name that was listed. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "boot_site.h"
#include "core/boot/method.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct {
        enum boot_client_id client;
        const char *mac;
} asks[] = {
        { CLIENT_PI4, "dc:a6:32:a7:ed:89" },
        { CLIENT_UBOOT_ARM64, "52:54:00:77:00:f0" },
        { CLIENT_UEFI_ARM64, "52:54:00:77:00:f0" },
        { CLIENT_IPXE, "52:54:00:77:00:6d" },
        { CLIENT_UEFI_HTTP_AMD64, "52:54:00:77:00:6d" },
        { CLIENT_BIOS, "52:54:00:77:99:01" },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static struct boot_site *s;
        if (!s)
                s = boot_site_new();

        char *path = malloc(len + 1);
        assert(path);
        memcpy(path, data, len);
        path[len] = 0;

        char name[BOOT_PATH_SIZE];
        if (boot_path_normalise(path, name))
                assert(name[0] != '/' && !strstr(name, "//") && !strstr(name, "/../") &&
                       strncmp(name, "../", 3) != 0);
        for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 16);
                CLEANUP(boot_file_drop_at) struct boot_file *file = NULL;
                struct boot_ask ask = boot_site_ask(asks[i].client, asks[i].mac, 77);
                const char *resolved = NULL;

                (void)boot_path_identity(path, &ask);
                int r = boot_plan_file(boot_plan(s->site, &ask, arena), path, &s->blobs, &file, &resolved);
                assert(r == BOOT_FILE_FOUND || r == BOOT_FILE_MISSING);
                assert((r == BOOT_FILE_FOUND) == (file != NULL) && resolved);
        }
        free(path);
        return 0;
}
