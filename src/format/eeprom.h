/*
 * Images of a Raspberry Pi's boot EEPROM: the files in them, found and replaced.
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
        EEPROM_FILE_MAX = 4072 /* octets of a file that can be put into a slot of 4 KiB */
};

/* A file in an image. */
struct eeprom_file {
        size_t at, len; /* its octets */
};

/** eeprom_size_is_known() - whether an image of so many octets can be one. */
bool eeprom_size_is_known(size_t size);

/**
 * eeprom_find() - a file that can be replaced: bootconf.txt and its like
 *
 * Return: 0, -ENOENT, or -EBADMSG when the image is damaged.
 */
MUST_CHECK int eeprom_find(const void *image, size_t size, const char *name, struct eeprom_file *ret);

/**
 * eeprom_put() - replace a file of the image
 *
 * Return: 0, -ENOENT when there is none to replace, -E2BIG when there is no room for it, or -EBADMSG.
 */
MUST_CHECK int eeprom_put(void *image, size_t size, const char *name, const void *data, size_t len);
