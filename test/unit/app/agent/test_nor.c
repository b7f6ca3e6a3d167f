/* NOR flash behind SPI: a chip that is not there, which does as data sheets say and can be ill. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/eeprom/nor.h"

enum { SIZE = 512 * 1024, SECTORS = SIZE / NOR_SECTOR };

struct chip {
        uint8_t octets[SIZE];
        uint8_t id[3];
        uint8_t protected; /* bits of its status that say so */
        bool is_deaf;      /* to write enable: its pin is held */
        bool is_enabled, is_dead;
        unsigned busy;  /* questions for the status until it is done */
        size_t stuck;   /* an octet that stays as it is; SIZE: none */
        unsigned power; /* commands that write until the power goes; 0: it stays */
        unsigned n_erased[SECTORS], n_programmed;
        bool is_wrong; /* something was asked that no chip does */
};

static size_t address(const uint8_t *out) {
        return (size_t)out[1] << 16 | (size_t)out[2] << 8 | out[3];
}

/* Each of them is forgotten by a chip that was not told before that it may. */
static bool may_write(struct chip *c) {
        if (!c->is_enabled || c->busy || c->is_dead)
                c->is_wrong |= !c->is_dead;
        const bool may = c->is_enabled && !c->is_dead;
        c->is_enabled = false;
        if (may && c->power && --c->power == 0)
                c->is_dead = true;
        return may && !c->is_dead;
}

static void erase(struct chip *c, size_t at) {
        c->is_wrong |= at % NOR_SECTOR != 0;
        if (!may_write(c))
                return;
        memset(c->octets + at, 0xff, NOR_SECTOR);
        c->n_erased[at / NOR_SECTOR]++;
        c->busy = 3;
}

/* Ones become zeros, and no zero a one; a page wraps around. */
static void program(struct chip *c, size_t at, const uint8_t *data, size_t len) {
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
        struct chip *c = ctx;

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

static struct chip chip;
static uint8_t now[SIZE], wanted[SIZE];
static const struct nor_bus bus = { .ctx = &chip, .transfer = transfer, .pause = no_pause };

/* What the chip has is what @now says; @wanted differs in sectors 2 and 5. */
static void begin(void) {
        chip = (struct chip){ .id = { 0xef, 0x30, 0x13 }, .stuck = SIZE };
        for (size_t i = 0; i < SIZE; i++)
                chip.octets[i] = (uint8_t)(i * 7);
        memcpy(now, chip.octets, SIZE);
        memcpy(wanted, now, SIZE);
        wanted[2 * NOR_SECTOR + 17] ^= 0x55;
        memset(wanted + 5 * NOR_SECTOR, 0xff, NOR_SECTOR);
        wanted[5 * NOR_SECTOR + 300] = 1;
}

static size_t n_told;

static void tell(void *ctx, size_t n, size_t of) {
        (void)ctx;
        assert_true(n == ++n_told && of == 2);
}

static void a_chip_tells_its_size(void **state) {
        (void)state;
        static const struct {
                uint8_t id[3];
                size_t size;
        } rows[] = {
                { { 0xef, 0x30, 0x13 }, 512 * 1024 },  /* W25X40, of a 2711 */
                { { 0xef, 0x70, 0x15 }, 2048 * 1024 }, /* W25Q16, of a 2712 */
                { { 0x00, 0x00, 0x00 }, 0 },           /* nothing is there */
                { { 0xff, 0xff, 0xff }, 0 },
                { { 0xef, 0x30, 0x10 }, 64 * 1024 }, /* the smallest that makes sense, and less */
                { { 0xef, 0x30, 0x0f }, 0 },
                { { 0xef, 0x30, 0x18 }, 16384 * 1024 }, /* the largest, and more */
                { { 0xef, 0x30, 0x19 }, 0 },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                begin();
                memcpy(chip.id, rows[i].id, sizeof(chip.id));
                assert_int_equal(nor_probe(&bus), rows[i].size);
        }
}

static void only_what_differs_is_written(void **state) {
        struct error error = {};
        size_t n = 0;
        (void)state;

        begin();
        n_told = 0;
        assert_int_equal(nor_read(&bus, 0, now, SIZE, &error), 0);
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, tell, NULL, &n, &error), 0);
        assert_true(n == 2 && n_told == 2 && !chip.is_wrong);
        assert_memory_equal(chip.octets, wanted, SIZE);
        assert_memory_equal(now, wanted, SIZE);
        for (size_t i = 0; i < SECTORS; i++)
                assert_int_equal(chip.n_erased[i], i == 2 || i == 5);
        assert_int_equal(chip.n_programmed, NOR_SECTOR / NOR_PAGE + 1); /* blank pages are left as they are */
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error), 0);
        assert_int_equal(n, 0);
}

static void a_protected_chip_is_left_alone(void **state) {
        struct error error = {};
        size_t n = 0;
        (void)state;

        begin();
        chip.protected = 0x1c;
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error), -EPERM);
        assert_non_null(strstr(error.text, "protected against writing"));
        assert_memory_equal(chip.octets, now, SIZE);
        begin();
        chip.is_deaf = true;
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error), -EPERM);
        assert_int_equal(n, 0);
        assert_memory_equal(chip.octets, now, SIZE);
}

static void what_does_not_read_back_is_said(void **state) {
        struct error error = {};
        size_t n = 0;
        (void)state;

        begin();
        chip.stuck = 5 * NOR_SECTOR + 301;
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error), -EIO);
        assert_non_null(strstr(error.text, "reads back something else than was written at 0x5000"));
        assert_int_equal(n, 1);                /* sector 2 is as it shall be */
        assert_int_equal(chip.n_erased[5], 2); /* it was tried twice */
}

/* The known limit: some sectors are new, one is neither, the rest is old; and the next try mends it. */
static void a_loss_of_power_is_mended_by_the_next_try(void **state) {
        struct error error = {};
        size_t n = 0;
        (void)state;

        begin();
        chip.power = NOR_SECTOR / NOR_PAGE + 2; /* sector 2 whole, and 5 is being erased */
        assert_true(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error) < 0);
        assert_int_equal(n, 1);
        chip.is_dead = false;
        chip.busy = 0;
        assert_int_equal(nor_read(&bus, 0, now, SIZE, &error), 0);
        assert_int_equal(nor_update(&bus, now, wanted, SIZE, NULL, NULL, &n, &error), 0);
        assert_int_equal(n, 1);
        assert_memory_equal(chip.octets, wanted, SIZE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_chip_tells_its_size),
                cmocka_unit_test(only_what_differs_is_written),
                cmocka_unit_test(a_protected_chip_is_left_alone),
                cmocka_unit_test(what_does_not_read_back_is_said),
                cmocka_unit_test(a_loss_of_power_is_mended_by_the_next_try),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
