/* Firmware that is too old for its boot; see pi_since.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/pi_since.h"

#include <stdio.h>
#include <string.h>

#include "core/boot/method.h"
#include "core/boot/pi_files.h"
#include "core/machine/eeprom_found.h"
#include "format/bootconf.h"
#include "format/eeprom.h"

/* What one TFTP transfer brings over when its blocks may be counted once: 65535 of 1468 octets. */
enum { WALL_MIB = 91 };
#define WALL ((uint64_t)65535 * 1468)

enum { MODE_TFTP = 2, MODE_HTTP = 7 }; /* digits of BOOT_ORDER */

/* What is known of the EEPROM. */
struct eeprom {
        const struct boot_plan *plan;
        char day[EEPROM_DAY_SIZE]; /* of its bootloader, "2025-05-08"; "": not known */
        uint32_t order;            /* BOOT_ORDER; 0: not known */
        bool has_authority;
};

static int look(void *ctx, const struct config_txt_line *line) {
        struct eeprom *e = ctx;

        if (line->kind == CONFIG_TXT_SETTING && line->match == CONFIG_TXT_YES &&
            config_txt_key_is(line, "HTTP_CACERT_HASH"))
                e->has_authority = line->value_len > 0;
        return 0;
}

static struct eeprom eeprom_of(const struct boot_plan *p) {
        struct eeprom e = { .plan = p };
        struct eeprom_found found;

        if (!p->machine || !eeprom_found_of(p->machine, &found))
                return e;
        if (found.build_s)
                (void)eeprom_day(found.build_s, e.day);
        if (!found.config)
                return e;
        const struct config_txt_board board = pi_files_board(p);
        const size_t len = strlen(found.config);
        e.order = bootconf_boot_order(found.config, len, &board);
        (void)!config_txt_each(found.config, len, &board, NULL, look, &e);
        return e;
}

static bool asks_by(const struct eeprom *e, uint32_t mode) {
        for (uint32_t order = e->order; order; order >>= 4)
                if ((order & 0xf) == mode)
                        return true;
        return false;
}

static bool learnt(const struct eeprom *e, enum board_since what) {
        char day[BOARD_DAY_SIZE];
        const char *since = board_since_day(e->plan->board, what, day);

        return since && strcmp(e->day, since) >= 0;
}

/* ---- one row for each thing that is learnt ---- */

static const char *http(const struct eeprom *e) {
        return asks_by(e, MODE_HTTP) ? "does not boot by HTTP, which its BOOT_ORDER has" : NULL;
}

static const char *https_ca(const struct eeprom *e) {
        return asks_by(e, MODE_HTTP) && e->has_authority
                       ? "does not know HTTP_CACERT_HASH, and so no server of your own by HTTPS"
                       : NULL;
}

static const char *tcp_window(const struct eeprom *e) {
        return asks_by(e, MODE_HTTP) && learnt(e, BOARD_SINCE_HTTP) ? "is slow by HTTP" : NULL;
}

/* By what stands in the image: which of its kernels and initrds a board takes costs too much to find out
 * here. */
static const char *block_rollover(const struct eeprom *e) {
        const struct image *image = e->plan->image;
        const struct image_file *largest = NULL;

        for (size_t i = 0; i < image->n_files; i++) {
                const struct image_file *f = &image->files[i];
                if ((f->role == IMAGE_FILE_KERNEL || f->role == IMAGE_FILE_INITRD) &&
                    (!largest || f->size > largest->size))
                        largest = f;
        }
        return largest && largest->size > WALL
                       ? arena_printf(e->plan->arena, "stops at %d MiB of a file by TFTP, and %s has %llu",
                                      WALL_MIB, largest->path, (unsigned long long)(largest->size >> 20))
                       : NULL;
}

static const char *signed_tftp(const struct eeprom *e) {
        return e->plan->machine && e->plan->machine->require_trusted && asks_by(e, MODE_TFTP)
                       ? "breaks a signed boot.img off by TFTP, and not by HTTP"
                       : NULL;
}

static const struct {
        enum board_since what;
        const char *(*why)(const struct eeprom *e); /* NULL: it makes no difference to this boot */
        bool is_for_all; /* it hangs on nothing that the EEPROM would have to tell */
} rows[] = {
        { BOARD_SINCE_HTTP, http, false },
        { BOARD_SINCE_HTTPS_CA, https_ca, false },
        { BOARD_SINCE_TCP_WINDOW, tcp_window, false },
        { BOARD_SINCE_BLOCK_ROLLOVER, block_rollover, true },
        { BOARD_SINCE_SIGNED_TFTP, signed_tftp, false },
};

void pi_since_note(struct boot_plan *p) {
        const struct eeprom e = eeprom_of(p);

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char day[BOARD_DAY_SIZE];
                const char *since = board_since_day(p->board, rows[i].what, day);
                if (!since || learnt(&e, rows[i].what) || (!e.day[0] && !rows[i].is_for_all))
                        continue;
                const char *why = rows[i].why(&e);
                if (why && e.day[0])
                        boot_plan_say(p, "its EEPROM of %s %s: that wants one of %s or later", e.day, why,
                                      since);
                else if (why)
                        boot_plan_say(p, "an EEPROM older than %s %s", since, why);
        }
}
