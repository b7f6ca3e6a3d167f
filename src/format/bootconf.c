/* The EEPROM's configuration; see bootconf.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/bootconf.h"

/* What a digit of BOOT_ORDER stands for. */
enum mode { MODE_IGNORED, MODE_DISK, MODE_NETWORK, MODE_END };

static const enum mode modes[16] = {
        [0x0] = MODE_DISK,    /* whether there is an SD card */
        [0x1] = MODE_DISK,    /* SD, eMMC */
        [0x2] = MODE_NETWORK, /* TFTP */
        [0x3] = MODE_END,     /* RPIBOOT: waits for a computer at its USB port for ever */
        [0x4] = MODE_DISK,    /* USB */
        [0x5] = MODE_DISK,    /* USB of the SoC */
        [0x6] = MODE_DISK,    /* NVMe */
        [0x7] = MODE_NETWORK, /* HTTP */
        [0xe] = MODE_END,     /* stop */
        [0xf] = MODE_END,     /* from the beginning */
};

/* The line that counts: the last one whose filters hold. */
struct found {
        const char *line; /* NULL: none */
        size_t len;
        uint32_t order;
};

static bool read_number(const char *value, size_t len, uint32_t *ret) {
        char digits[16];
        char *end;

        if (len == 0 || len >= sizeof(digits))
                return false;
        memcpy(digits, value, len);
        digits[len] = 0;
        errno = 0;
        unsigned long n = strtoul(digits, &end, 0);
        *ret = (uint32_t)n;
        return errno == 0 && *end == 0 && n <= UINT32_MAX;
}

static int look_at_line(void *ctx, const struct config_txt_line *line) {
        struct found *f = ctx;
        uint32_t order;

        if (line->kind == CONFIG_TXT_SETTING && line->match == CONFIG_TXT_YES &&
            config_txt_key_is(line, "BOOT_ORDER") && read_number(line->value, line->value_len, &order))
                *f = (struct found){ .line = line->text, .len = line->len, .order = order };
        return 0;
}

static struct found find(const char *text, size_t len, const struct config_txt_board *board) {
        struct found f = { .order = BOOT_ORDER_DEFAULT };

        /* A text with too many lines ends early: what was found until then counts. */
        (void)!config_txt_each(text, len, board, NULL, look_at_line, &f);
        return f;
}

uint32_t bootconf_boot_order(const char *text, size_t len, const struct config_txt_board *board) {
        return find(text, len, board).order;
}

enum boot_order_kind boot_order_kind_of(uint32_t order) {
        bool has_disk = false;

        for (; order; order >>= 4) {
                switch (modes[order & 0xf]) {
                case MODE_NETWORK:
                        return has_disk ? BOOT_ORDER_DISK_FIRST : BOOT_ORDER_NETWORK_FIRST;
                case MODE_END:
                        return has_disk ? BOOT_ORDER_DISK_ONLY : BOOT_ORDER_NEITHER;
                case MODE_DISK:
                        has_disk = true;
                        break;
                case MODE_IGNORED:
                        break;
                }
        }
        return has_disk ? BOOT_ORDER_DISK_ONLY : BOOT_ORDER_NEITHER;
}

bool boot_order_has_disk(uint32_t order) {
        for (; order && modes[order & 0xf] != MODE_END; order >>= 4)
                if (modes[order & 0xf] == MODE_DISK)
                        return true;
        return false;
}

uint32_t boot_order_network_first(uint32_t order) {
        uint32_t ways = 0, others = 0;
        unsigned n_ways = 0, n_others = 0;

        for (; order; order >>= 4) {
                if (modes[order & 0xf] == MODE_NETWORK)
                        ways |= (order & 0xf) << 4 * n_ways++;
                else
                        others |= (order & 0xf) << 4 * n_others++;
        }
        if (n_ways == 0)
                ways = 2U << 4 * n_ways++;
        /* Eight digits are all there is room for: the last ones fall off where the network was none of them.
         */
        return ways | (n_ways < 8 ? others << 4 * n_ways : 0);
}

int bootconf_set_boot_order(const char *text, size_t len, const struct config_txt_board *board,
                            uint32_t order, struct text *out) {
        const struct found f = find(text, len, board);
        const size_t before = f.line ? (size_t)(f.line - text) : len, start = out->len;

        text_append_octets(out, text, before);
        if (!f.line)
                text_printf(out, "%s[all]\n", len > 0 && text[len - 1] != '\n' ? "\n" : "");
        text_printf(out, "BOOT_ORDER=0x%x", order);
        if (f.line)
                text_append_octets(out, text + before + f.len, len - before - f.len);
        else
                text_append(out, "\n");
        if (out->failed)
                return -ENOMEM;
        return out->len - start > BOOTCONF_SIZE_MAX ? -E2BIG : 0;
}
