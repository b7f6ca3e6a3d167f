/* A flash chip that is not there; see nor_chip.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "nor_chip.h"

#include <errno.h>
#include <string.h>

static size_t address(const uint8_t *out) {
        return (size_t)out[1] << 16 | (size_t)out[2] << 8 | out[3];
}

/* Each of them is forgotten by a chip that was not told before that it may. */
static bool may_write(struct nor_chip *c) {
        if (!c->is_enabled || c->busy || c->is_dead)
                c->is_wrong |= !c->is_dead;
        const bool may = c->is_enabled && !c->is_dead;
        c->is_enabled = false;
        if (may && c->power && --c->power == 0)
                c->is_dead = true;
        return may && !c->is_dead;
}

static void erase(struct nor_chip *c, size_t at) {
        c->is_wrong |= at % NOR_SECTOR != 0;
        if (!may_write(c))
                return;
        memset(c->octets + at, 0xff, NOR_SECTOR);
        c->n_erased[at / NOR_SECTOR]++;
        c->busy = 3;
}

/* Ones become zeros, and no zero a one; a page wraps around. */
static void program(struct nor_chip *c, size_t at, const uint8_t *data, size_t len) {
        c->is_wrong |= at % NOR_PAGE + len > NOR_PAGE;
        if (!may_write(c))
                return;
        for (size_t i = 0; i < len; i++)
                c->octets[at + i] &= data[i];
        if (c->stuck >= at && c->stuck < at + len)
                c->octets[c->stuck] = 0;
        c->n_programmed++;
        c->busy = 1;
}

static int transfer(void *ctx, const uint8_t *out, size_t out_len, uint8_t *in, size_t in_len) {
        struct nor_chip *c = ctx;

        if (c->is_dead)
                return -EIO;
        switch (out[0]) {
        case 0x9f:
                memcpy(in, c->id, in_len);
                return 0;
        case 0x05:
                *in = (uint8_t)(c->protected | (c->is_enabled ? 2 : 0) | (c->busy ? 1 : 0));
                c->busy -= c->busy > 0;
                return 0;
        case 0x06:
                c->is_enabled = !c->is_deaf;
                return 0;
        case 0x03:
                c->is_wrong |= c->busy > 0 || in_len + 4 > 4096;
                memcpy(in, c->octets + address(out), in_len);
                return 0;
        case 0x20:
                erase(c, address(out));
                return 0;
        case 0x02:
                program(c, address(out), out + 4, out_len - 4);
                return 0;
        default:
                c->is_wrong = true;
                return -EINVAL;
        }
}

static void no_pause(void *ctx, unsigned ms) {
        (void)ctx;
        (void)ms;
}

void nor_chip_start(struct nor_chip *c) {
        *c = (struct nor_chip){ .id = { 0xef, 0x30, 0x13 }, .stuck = NOR_CHIP_SIZE };
        memset(c->octets, 0xff, sizeof(c->octets));
}

struct nor_bus nor_chip_bus(struct nor_chip *c) {
        return (struct nor_bus){ .ctx = c, .transfer = transfer, .pause = no_pause };
}
