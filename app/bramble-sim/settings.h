/*
 * What the EEPROM of boards says that they do: BOOT_ORDER, signatures, HTTP, and whom they believe.
 *
 * Read from an image, bootconf.txt, pubkey.bin and cacert.der in it, or put together by who calls. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-sim/board.h"
#include "base/bootfile.h"
#include "base/error.h"
#include "format/bootconf.h"
#include "io/rsa.h"

struct settings {
        uint32_t boot_order;
        bool checks_signatures; /* SIGNED_BOOT */
        uint32_t http_addr;     /* HTTP_HOST, an address; 0: none */
        uint16_t http_port;
        char http_path[BOARD_PREFIX_SIZE]; /* with its slash */
        bool has_pubkey, has_cacert_hash;
        uint8_t pubkey[RSA_PUBLIC_SIZE];
        uint8_t cacert_hash[SHA256_SIZE]; /* HTTP_CACERT_HASH: HTTP is HTTPS then */
        uint8_t cacert[BOOTCONF_SIZE_MAX];
        size_t cacert_len;
};

/**
 * settings_read() - from the image of an EEPROM
 * @family:     of the boards that have it
 * @serial:     of the first of them, for filters
 *
 * Return: 0, or -EINVAL with a sentence.
 */
MUST_CHECK int settings_read(const void *image, size_t len, const struct family *family, uint32_t serial,
                             struct settings *ret, struct error *reterr);

/** settings_apply() - to a board; borrowed as long as it lives. */
void settings_apply(const struct settings *s, struct board *b);
