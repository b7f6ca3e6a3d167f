/*
 * Images of a Raspberry Pi's boot EEPROM: what is in them, found, replaced and dated.
 *
 * Pure. What is not looked for is left as it is, octet for octet: the result is what rpi-eeprom-config of
 * Raspberry Pi makes. Source: raspberry-pi.md section 6.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum {
        EEPROM_SIZE_2711 = 512 * 1024,
        EEPROM_SIZE_2712 = 2 * 1024 * 1024,
        EEPROM_NAME_MAX = 16,     /* octets of a section's name */
        EEPROM_FILE_MAX = 4076,   /* octets of a file that can be put: a page of 4 KiB and its head */
        EEPROM_VERSION_SIZE = 64, /* of a version as text, with its NUL */
        EEPROM_DAY_SIZE = 11      /* of a day, likewise */
};

enum eeprom_kind {
        EEPROM_CODE,    /* the first stage, without a name of its own: bootcode.bin */
        EEPROM_PADDING, /* unused */
        EEPROM_FILE,    /* as it is */
        EEPROM_MODULE,  /* packed: the bootloader and its parts */
        EEPROM_OTHER    /* a kind that this does not know, and leaves alone */
};

/* One section of an image. Zeroed, it stands before the first. */
struct eeprom_section {
        enum eeprom_kind kind;
        char name[EEPROM_NAME_MAX + 1]; /* "" where the kind has none */
        size_t at;                      /* of its head */
        size_t data_at, data_len;       /* its octets */
        size_t next;                    /* where the next one begins */
};

/* A file in an image. */
struct eeprom_file {
        size_t at, len; /* its octets */
};

/** eeprom_size_is_known() - whether an image of so many octets can be one. */
bool eeprom_size_is_known(size_t size);

/** eeprom_soc() - the chip that images of this size are for: 2711, 2712, or 0. */
unsigned eeprom_soc(size_t size);

/** eeprom_next() - go on to the section behind @s: 1, 0 at the end of the image, or -EBADMSG when it is
 * damaged. */
MUST_CHECK int eeprom_next(const void *image, size_t size, struct eeprom_section *s);

/** eeprom_kind_name() - in one word. */
const char *eeprom_kind_name(enum eeprom_kind kind);

/** eeprom_check() - 0, or -EBADMSG when a section of the image is damaged. */
MUST_CHECK int eeprom_check(const void *image, size_t size);

/** eeprom_is_ab() - whether the image keeps two systems, of which one is running while the other is written.
 */
bool eeprom_is_ab(const void *image, size_t size);

/**
 * eeprom_find() - a file or a module by its name, bootcode.bin by that
 *
 * Where a name stands twice it is the one that can be replaced. Return: 0, -ENOENT, or -EBADMSG.
 */
MUST_CHECK int eeprom_find(const void *image, size_t size, const char *name, struct eeprom_file *ret);

/** eeprom_is_empty() - whether a file is there by its name only: all of it is zeros, as in images that nobody
 * touched. */
bool eeprom_is_empty(const void *image, const struct eeprom_file *file);

/**
 * eeprom_version() - when its bootloader was built and from what, as "2026-05-17 (1779045198, 224877da)"
 *
 * Return: 0, or -ENOENT when it does not say.
 */
MUST_CHECK int eeprom_version(const void *image, size_t size, char ret[static EEPROM_VERSION_SIZE]);

/** eeprom_build_time() - Unix time; 0 when it does not say. */
uint64_t eeprom_build_time(const void *image, size_t size);

/** eeprom_day() - that of a Unix time as releases are named by it, "2026-05-17", into @ret; returns it. */
const char *eeprom_day(uint64_t unix_s, char ret[static EEPROM_DAY_SIZE]);

/** eeprom_timestamp() - when the image was made to be written, as a board compares it: 0, or -ENOENT. */
MUST_CHECK int eeprom_timestamp(const void *image, size_t size, uint32_t *ret);

/* ---- eeprom_edit.c ---- */

/**
 * eeprom_room() - octets that a file may have where it is
 *
 * Return: 0, -ENOENT when it is none that can be replaced, or -EBADMSG.
 */
MUST_CHECK int eeprom_room(const void *image, size_t size, const char *name, size_t *ret);

/**
 * eeprom_put() - replace a file of the image
 *
 * Return: 0, -ENOENT when there is none to replace, -E2BIG when there is no room for it, or -EBADMSG.
 */
MUST_CHECK int eeprom_put(void *image, size_t size, const char *name, const void *data, size_t len);

/** eeprom_remove() - leave nothing of a file but its name and its zeros; errors as eeprom_put(). */
MUST_CHECK int eeprom_remove(void *image, size_t size, const char *name);

/**
 * eeprom_set_timestamp() - date the image
 *
 * Boards that update themselves take the time from pieeprom.sig; who writes the flash directly wants it
 * inside. Return: 0, -ENOENT when an image of two halves has it in one of them only, or -EBADMSG.
 */
MUST_CHECK int eeprom_set_timestamp(void *image, size_t size, uint32_t ts);
