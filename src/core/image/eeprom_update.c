/* What EEPROMs are updated to; see eeprom_update.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/eeprom_update.h"

#include <errno.h>
#include <string.h>

#include "format/bootconf_keys.h"
#include "format/config_txt.h"
#include "format/eeprom.h"
#include "io/crypto.h"

/* What would lock a board out, if it were written with nothing to go by. */
struct locks {
        bool is_signed;
};

static int look_for_lock(void *ctx, const struct config_txt_line *line) {
        struct locks *l = ctx;

        if (line->kind == CONFIG_TXT_SETTING && config_txt_key_is(line, "SIGNED_BOOT"))
                l->is_signed = line->value_len != 1 || *line->value != '0';
        return 0;
}

static int check_config(const char *config, struct error *reterr) {
        static const struct config_txt_board any = { .family = CONFIG_TXT_2712,
                                                     .type = CONFIG_TXT_TYPE_UNKNOWN };
        struct locks locks = {};

        (void)!config_txt_each(config, strlen(config), &any, NULL, look_for_lock, &locks);
        if (locks.is_signed)
                return error_set(
                        reterr, -EINVAL,
                        "it has SIGNED_BOOT: such a board takes no update from the network, and wants "
                        "one with its key and signature by rpiboot");
        return 0;
}

static int read_firmware(const struct image_file *f, const struct blob_source *blobs, uint8_t *octets,
                         struct error *reterr) {
        int r = -EIO;
        CLEANUP(blob_drop_at) struct blob *blob = blobs->open(blobs->ctx, &f->blob, &r);

        if (blob)
                r = blob->read(blob, 0, octets, f->size);
        return r < 0 ? error_set(reterr, r, "%s: %s", f->path, strerror(-r)) : 0;
}

uint64_t eeprom_update_build_time(const struct image *image, const struct blob_source *blobs) {
        const struct image_file *f = image_find_role(image, IMAGE_FILE_EEPROM);
        struct error ignored = {};

        if (!f || !eeprom_size_is_known(f->size))
                return 0;
        CLEANUP(free_at) uint8_t *octets = malloc(f->size);
        return octets && read_firmware(f, blobs, octets, &ignored) == 0 ? eeprom_build_time(octets, f->size)
                                                                        : 0;
}

int eeprom_update_digest(const struct image *image, const struct blob_source *blobs, const char *config,
                         uint8_t ret[static SHA256_SIZE], struct error *reterr) {
        const struct image_file *f = image_find_role(image, IMAGE_FILE_EEPROM);
        size_t room = 0;

        if (!f || !eeprom_size_is_known(f->size))
                return error_set(reterr, -ENOENT, "image %s has no firmware of an EEPROM", image->name);
        CLEANUP(free_at) uint8_t *octets = malloc(f->size);
        if (!octets)
                return error_set(reterr, -ENOMEM, "out of memory");
        int r = check_config(config, reterr);
        if (r == 0)
                r = read_firmware(f, blobs, octets, reterr);
        if (r < 0)
                return r;
        r = eeprom_put(octets, f->size, "bootconf.txt", config, strlen(config));
        if (r == -E2BIG && eeprom_room(octets, f->size, "bootconf.txt", &room) == 0)
                return error_set(reterr, -EINVAL, "it has %zu octets, and %s has room for %zu",
                                 strlen(config), f->path, room);
        if (r < 0)
                return error_set(reterr, r, "%s is a damaged image of an EEPROM: import it again", f->path);
        sha256_of(octets, f->size, ret);
        return 0;
}
