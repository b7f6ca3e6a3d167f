/* NOR flash behind SPI; see nor.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/eeprom/nor.h"

#include <errno.h>
#include <string.h>

enum {
        CMD_PROGRAM = 0x02,
        CMD_READ = 0x03,
        CMD_STATUS = 0x05,
        CMD_WRITE_ENABLE = 0x06,
        CMD_ERASE_SECTOR = 0x20,
        CMD_ID = 0x9f
};

enum {
        STATUS_BUSY = 1 << 0,
        STATUS_WRITE_ENABLED = 1 << 1,
        STATUS_PROTECTED = 7 << 2, /* the block protect bits */
        CAPACITY_MIN = 16,         /* 64 KiB, as a power of two */
        CAPACITY_MAX = 24,         /* 16 MiB: all that three octets of an address reach */
        ERASE_MS = 3000,           /* of a sector; 400 at most by the data sheets */
        PROGRAM_MS = 100,          /* of a page; 3 at most */
        TRIES = 2
};

static int status(const struct nor_bus *bus, uint8_t *ret) {
        const uint8_t command = CMD_STATUS;
        return bus->transfer(bus->ctx, &command, 1, ret, 1);
}

static void put_address(uint8_t command[4], uint8_t code, size_t at) {
        command[0] = code;
        command[1] = (uint8_t)(at >> 16);
        command[2] = (uint8_t)(at >> 8);
        command[3] = (uint8_t)at;
}

size_t nor_probe(const struct nor_bus *bus) {
        const uint8_t command = CMD_ID;
        uint8_t id[3] = { 0 };

        /* A bus without a chip reads as all zeros or all ones. */
        if (bus->transfer(bus->ctx, &command, 1, id, sizeof(id)) < 0 || id[0] == 0 || id[0] == 0xff ||
            id[2] < CAPACITY_MIN || id[2] > CAPACITY_MAX)
                return 0;
        return (size_t)1 << id[2];
}

int nor_read(const struct nor_bus *bus, size_t at, uint8_t *buf, size_t len, struct error *reterr) {
        uint8_t command[4];

        for (size_t done = 0; done < len;) {
                const size_t n = len - done < NOR_READ ? len - done : NOR_READ;
                put_address(command, CMD_READ, at + done);
                int r = bus->transfer(bus->ctx, command, sizeof(command), buf + done, n);
                if (r < 0)
                        return error_set(reterr, r, "the flash cannot be read at 0x%zx: %s", at + done,
                                         strerror(-r));
                done += n;
        }
        return 0;
}

static int wait(const struct nor_bus *bus, unsigned ms) {
        uint8_t s = STATUS_BUSY;

        for (unsigned waited = 0; waited <= ms; waited++) {
                int r = status(bus, &s);
                if (r < 0 || !(s & STATUS_BUSY))
                        return r;
                bus->pause(bus->ctx, 1);
        }
        return -ETIMEDOUT;
}

/* What the chip forgets after each command that writes. */
static int enable(const struct nor_bus *bus) {
        const uint8_t command = CMD_WRITE_ENABLE;
        uint8_t s = 0;

        int r = bus->transfer(bus->ctx, &command, 1, NULL, 0);
        if (r == 0)
                r = status(bus, &s);
        return r < 0 || s & STATUS_WRITE_ENABLED ? r : -EPERM;
}

static int erase(const struct nor_bus *bus, size_t at) {
        uint8_t command[4];
        int r = enable(bus);

        put_address(command, CMD_ERASE_SECTOR, at);
        if (r == 0)
                r = bus->transfer(bus->ctx, command, sizeof(command), NULL, 0);
        return r == 0 ? wait(bus, ERASE_MS) : r;
}

/* What is erased is all ones already. */
static bool is_blank(const uint8_t *page) {
        for (size_t i = 0; i < NOR_PAGE; i++)
                if (page[i] != 0xff)
                        return false;
        return true;
}

static int program(const struct nor_bus *bus, size_t at, const uint8_t *page) {
        uint8_t command[4 + NOR_PAGE];
        int r = enable(bus);

        put_address(command, CMD_PROGRAM, at);
        memcpy(command + 4, page, NOR_PAGE);
        if (r == 0)
                r = bus->transfer(bus->ctx, command, sizeof(command), NULL, 0);
        return r == 0 ? wait(bus, PROGRAM_MS) : r;
}

static int write_sector(const struct nor_bus *bus, size_t at, const uint8_t *wanted) {
        int r = erase(bus, at);

        for (size_t page = 0; r == 0 && page < NOR_SECTOR; page += NOR_PAGE)
                if (!is_blank(wanted + page))
                        r = program(bus, at + page, wanted + page);
        return r;
}

/* 0: it reads back as it was written. */
static int put_sector(const struct nor_bus *bus, size_t at, uint8_t *now, const uint8_t *wanted,
                      struct error *reterr) {
        for (unsigned try = 0; try < TRIES; try++) {
                int r = write_sector(bus, at, wanted);
                if (r < 0)
                        return error_set(reterr, r, "the flash cannot be written at 0x%zx: %s", at,
                                         strerror(-r));
                r = nor_read(bus, at, now, NOR_SECTOR, reterr);
                if (r < 0)
                        return r;
                if (memcmp(now, wanted, NOR_SECTOR) == 0)
                        return 0;
        }
        return error_set(reterr, -EIO, "the flash reads back something else than was written at 0x%zx", at);
}

static size_t count(const uint8_t *now, const uint8_t *wanted, size_t size) {
        size_t n = 0;

        for (size_t at = 0; at < size; at += NOR_SECTOR)
                n += memcmp(now + at, wanted + at, NOR_SECTOR) != 0;
        return n;
}

int nor_update(const struct nor_bus *bus, uint8_t *now, const uint8_t *wanted, size_t size,
               void (*done)(void *ctx, size_t n, size_t of), void *ctx, size_t *ret_n, struct error *reterr) {
        const size_t of = count(now, wanted, size);
        uint8_t s = 0;

        *ret_n = 0;
        int r = of ? status(bus, &s) : 0;
        if (r < 0)
                return error_set(reterr, r, "the flash does not tell its status: %s", strerror(-r));
        if (s & STATUS_PROTECTED)
                return error_set(reterr, -EPERM, "the flash is protected against writing");
        for (size_t at = 0; at < size; at += NOR_SECTOR) {
                if (memcmp(now + at, wanted + at, NOR_SECTOR) == 0)
                        continue;
                r = put_sector(bus, at, now + at, wanted + at, reterr);
                if (r < 0)
                        return r;
                ++*ret_n;
                if (done)
                        done(ctx, *ret_n, of);
        }
        return 0;
}
