/* What an EEPROM gets; see flash.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/eeprom/flash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/eeprom.h"
#include "format/eeprom_files.h"

int flash_prepare(const struct flash_update *u, struct error *reterr) {
        if (eeprom_is_ab(u->image, u->size))
                return error_set(reterr, -ENOTSUP,
                                 "this firmware keeps two systems, of which one is running: it is for the "
                                 "bootloader to write");
        int r = eeprom_fill(u->image, u->size,
                            &(struct eeprom_filling){ .config = u->config,
                                                      .config_len = strlen(u->config),
                                                      .files = u->files,
                                                      .files_len = strlen(u->files) });
        if (r == 0)
                r = eeprom_set_timestamp(u->image, u->size, u->ts);
        return r < 0 ? error_set(reterr, r, "what it is to have does not fit into the EEPROM's image") : 0;
}

/* What is there must be what is going to be replaced: on the same pins may be another chip. */
static int read_flash(const struct flash_update *u, const struct nor_bus *bus, uint8_t *now,
                      struct error *reterr) {
        const size_t found = nor_probe(bus);
        struct eeprom_file file;

        if (found != u->size)
                return error_set(
                        reterr, -ENODEV,
                        "the chip behind %s is not its EEPROM: it has %zu octets, and %zu are wanted",
                        u->device, found, u->size);
        int r = nor_read(bus, 0, now, u->size, reterr);
        if (r < 0)
                return r;
        if (eeprom_check(now, u->size) < 0 || eeprom_find(now, u->size, "bootconf.txt", &file) < 0)
                return error_set(reterr, -EBADMSG,
                                 "what the chip behind %s has is no image of an EEPROM: nothing is written",
                                 u->device);
        return eeprom_is_ab(now, u->size)
                       ? error_set(reterr, -ENOTSUP,
                                   "its EEPROM keeps two systems, of which one is running: it is for the "
                                   "bootloader to write")
                       : 0;
}

/* A file of an image that is more than its name. */
static bool has_file(const uint8_t *image, size_t size, const char *name, struct eeprom_file *ret) {
        return eeprom_find(image, size, name, ret) == 0 && !eeprom_is_empty(image, ret);
}

/* Without its key, or with another than its signed configuration asks for, it would boot nothing any more. */
static int check_key(const struct flash_update *u, const uint8_t *now, struct error *reterr) {
        struct eeprom_file had, gets;

        if (!has_file(now, u->size, EEPROM_PUBLIC_KEY, &had))
                return 0;
        if (!has_file(u->image, u->size, EEPROM_PUBLIC_KEY, &gets))
                return error_set(reterr, -EPERM,
                                 "its EEPROM has a key that boots are checked by, and the update has none");
        const bool is_same = had.len == gets.len && memcmp(now + had.at, u->image + gets.at, had.len) == 0;
        return u->is_signed && !is_same
                       ? error_set(
                                 reterr, -EPERM,
                                 "its EEPROM goes by what its own key signed, and the update has another key")
                       : 0;
}

int flash_write(const struct flash_update *u, const struct nor_bus *bus,
                void (*tell)(void *ctx, size_t n, size_t of), void *ctx, size_t *ret_n,
                struct error *reterr) {
        CLEANUP(free_at) uint8_t *now = malloc(u->size);

        *ret_n = 0;
        if (!now)
                return error_set(reterr, -ENOMEM, "out of memory");
        int r = read_flash(u, bus, now, reterr);
        if (r == 0)
                r = check_key(u, now, reterr);
        if (r < 0)
                return r;
        r = nor_update(bus, now, u->image, u->size, tell, ctx, ret_n, reterr);
        return r < 0 && *ret_n
                       ? error_prefix(reterr, "its EEPROM is written in part, and may not start any more: "
                                              "have a card with recovery.bin at hand")
                       : r;
}
