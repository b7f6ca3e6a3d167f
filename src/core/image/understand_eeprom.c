/* Images of a Raspberry Pi's boot EEPROM, with the program that writes them; see understand.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/image/understand.h"
#include "format/eeprom.h"

#define PREFIX "pieeprom"
#define RECOVERY "recovery.bin"

static const char *name_of(const struct image_file *f) {
        const char *slash = strrchr(f->path, '/');
        return slash ? slash + 1 : f->path;
}

/* As Raspberry Pi calls them: pieeprom-2026-05-17.bin. The newest is the last by name. */
static struct image_file *find_eeprom(const struct image *i) {
        struct image_file *best = NULL;

        for (size_t n = 0; n < i->n_files; n++) {
                struct image_file *f = &i->files[n];
                if (text_starts_with(name_of(f), PREFIX) && text_ends_with(name_of(f), ".bin") &&
                    (!best || strcmp(name_of(f), name_of(best)) > 0))
                        best = f;
        }
        return best;
}

static struct image_file *find_recovery(const struct image *i) {
        for (size_t n = 0; n < i->n_files; n++)
                if (strcmp(name_of(&i->files[n]), RECOVERY) == 0)
                        return &i->files[n];
        return NULL;
}

/* Updates of each chip are looked for by this name. */
static int check_chip(const struct image *i, const struct image_file *f, struct error *reterr) {
        static const unsigned chips[] = { 2711, 2712 };
        const unsigned soc = eeprom_soc(f->size);
        char name[sizeof("eeprom-2711")];

        for (size_t n = 0; n < ARRAY_LEN(chips); n++) {
                (void)snprintf(name, sizeof(name), "eeprom-%u", chips[n]);
                if (chips[n] != soc && text_starts_with(i->name, name))
                        return error_set(
                                reterr, -EINVAL,
                                "%s has %s, as images for the chip %u have: it cannot be a part of %s",
                                f->path, f->size == EEPROM_SIZE_2712 ? "2 MiB" : "512 KiB", soc, i->name);
        }
        return 0;
}

/* What is written into flash had better be what its name says. */
static int check(const struct image *i, const struct image_file *f, const struct blob_source *blobs,
                 struct error *reterr) {
        struct eeprom_file config;
        int error = -EIO;

        if (!eeprom_size_is_known(f->size))
                return error_set(reterr, -EINVAL,
                                 "%s is no image of a Raspberry Pi's EEPROM: these have 512 KiB or 2 MiB",
                                 f->path);
        int r = check_chip(i, f, reterr);
        if (r < 0)
                return r;
        CLEANUP(free_at) void *octets = malloc(f->size);
        CLEANUP(blob_drop_at) struct blob *blob = blobs->open(blobs->ctx, &f->blob, &error);
        if (!octets || !blob)
                return error_set(reterr, octets ? error : -ENOMEM, "%s: %s", f->path,
                                 strerror(octets ? -error : ENOMEM));
        r = blob->read(blob, 0, octets, f->size);
        if (r < 0)
                return error_set(reterr, r, "%s: %s", f->path, strerror(-r));
        return eeprom_find(octets, f->size, "bootconf.txt", &config) < 0
                       ? error_set(reterr, -EINVAL,
                                   "%s is no image of a Raspberry Pi's EEPROM: it has no bootconf.txt",
                                   f->path)
                       : 0;
}

int understand_eeprom(struct image *i, const struct blob_source *blobs, struct error *reterr) {
        struct image_file *eeprom = find_eeprom(i), *recovery = find_recovery(i);

        if (!eeprom)
                return error_set(reterr, -ENOENT, "there is no kernel: give --kernel FILE");
        if (!recovery)
                return error_set(reterr, -ENOENT, "there is no " RECOVERY " beside %s, which would write it",
                                 eeprom->path);
        eeprom->role = IMAGE_FILE_EEPROM;
        recovery->role = IMAGE_FILE_RECOVERY;
        i->arch = ARCH_NONE;
        return check(i, eeprom, blobs, reterr);
}
