/*
 * How many plans and files a second one thread can decide: the work behind every DHCP, TFTP and HTTP request.
 *
 * usage: plan-bench [SECONDS]. Prints a line for each kind of client; compare lines of one run only.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "boot_site.h"

struct row {
        const char *name;
        enum boot_client_id client;
        const char *mac, *path; /* NULL path: the plan alone, as DHCP wants it */
};

static const struct row rows[] = {
        { "plan: Pi 4", CLIENT_PI4, "dc:a6:32:a7:ed:89", NULL },
        { "plan: UEFI arm64", CLIENT_UEFI_ARM64, "52:54:00:77:00:f0", NULL },
        { "plan: U-Boot", CLIENT_UBOOT_ARM64, "52:54:00:77:00:f0", NULL },
        { "plan: unknown machine", CLIENT_PI4, "dc:a6:32:99:99:99", NULL },
        { "file of the image", CLIENT_PI4, "dc:a6:32:a7:ed:89", "e5ef6e9d/start4.elf" },
        { "file that is missing", CLIENT_PI4, "dc:a6:32:a7:ed:89", "e5ef6e9d/dt-blob.bin" },
        { "config.txt", CLIENT_PI4, "dc:a6:32:a7:ed:89", "e5ef6e9d/config.txt" },
        { "cmdline.txt", CLIENT_PI4, "dc:a6:32:a7:ed:89", "e5ef6e9d/cmdline.txt" },
        { "extlinux configuration", CLIENT_UBOOT_ARM64, "52:54:00:77:00:f0",
          "pxelinux.cfg/01-52-54-00-77-00-f0" },
        { "grub.cfg", CLIENT_UEFI_ARM64, "52:54:00:77:00:f0", "/grub/grub.cfg" },
        { "iPXE script", CLIENT_IPXE, "52:54:00:77:00:6d", "boot.ipxe" },
        { "UKI", CLIENT_UEFI_HTTP_ARM64, "52:54:00:77:00:f0", "arm.efi" },
};

static double now_s(void) {
        struct timespec t;
        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void once(const struct boot_site *s, const struct boot_ask *ask, const char *path,
                 struct arena *arena) {
        struct boot_file *file = NULL;
        const char *resolved;

        arena_reset(arena);
        const struct boot_plan *p = boot_plan(s->site, ask, arena);
        if (p && path && boot_plan_file(p, path, &s->blobs, &file, &resolved) == BOOT_FILE_FOUND)
                boot_file_drop(file);
}

static void measure(const struct boot_site *s, const struct row *row, struct arena *arena, double seconds) {
        enum { BATCH = 1000 };
        struct boot_ask ask = boot_site_ask(row->client, row->mac, 77);
        double begin = now_s(), took = 0;
        size_t n = 0;

        while (took < seconds) {
                for (int i = 0; i < BATCH; i++)
                        once(s, &ask, row->path, arena);
                n += BATCH;
                took = now_s() - begin;
        }
        (void)printf("%-24s %8.0f k/s %8.2f us\n", row->name, (double)n / took / 1000,
                     took / (double)n * 1e6);
}

int main(int argc, char **argv) {
        double seconds = argc > 1 ? atof(argv[1]) : 0.5;
        struct boot_site *s = boot_site_new();
        struct arena *arena = arena_new(1 << 16);

        if (!arena)
                return 1;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                measure(s, &rows[i], arena, seconds);
        arena_free(arena);
        boot_site_free(s);
        return 0;
}
