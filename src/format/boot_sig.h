/*
 * Signature files of Raspberry Pi's firmware: pieeprom.sig, boot.sig, bootconf.sig.
 *
 * Lines of text beside the file that they are about: its SHA-256, when it was made, what chip it is for, and
 * an RSA signature where somebody signed. Pure: hashing and signing are the caller's. The text is what
 * rpi-eeprom-digest of Raspberry Pi writes, octet for octet. Source: raspberry-pi.md section 5.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/text.h"

enum {
        BOOT_SIG_DIGEST_SIZE = 32, /* SHA-256 */
        BOOT_SIG_RSA_SIZE = 256,   /* RSA-2048, PKCS#1 v1.5 with SHA-256, over the whole file */
        BOOT_SIG_SIZE_MAX = 4096   /* octets of a text that is read at all */
};

struct boot_sig {
        uint8_t digest[BOOT_SIG_DIGEST_SIZE];
        bool has_ts;
        uint64_t ts;         /* Unix time: an update with a later one than the board's is taken */
        unsigned target_soc; /* 2711, 2712; 0: not said */
        bool has_rsa;
        uint8_t rsa[BOOT_SIG_RSA_SIZE]; /* big-endian */
};

/** boot_sig_write() - append the text of @sig to @out. */
void boot_sig_write(const struct boot_sig *sig, struct text *out);

/**
 * boot_sig_parse() - read such a text
 *
 * The digest comes first. The other lines stand in any order; those that are not known are left out. Return:
 * 0, or -EBADMSG.
 */
MUST_CHECK int boot_sig_parse(const char *text, size_t len, struct boot_sig *ret);
