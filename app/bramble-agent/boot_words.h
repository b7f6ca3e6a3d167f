/*
 * What the kernel's command line tells the agent: where its server is, how to know it, and which card it
 * booted from.
 *
 * Pure. Addresses are literals: a static program has no resolver, and a machine that boots has no names yet.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bootfile.h"
#include "base/error.h"

enum { SERVER_ADDRESS_SIZE = 46, SERVER_BASE_SIZE = 160 };

/* Where the server listens: http://10.77.0.1:5248/a/TOKEN. */
struct server_at {
        char address[SERVER_ADDRESS_SIZE]; /* IPv4, or IPv6 without its brackets */
        char base[SERVER_BASE_SIZE];       /* "/a/TOKEN"; no slash at its end */
        uint16_t port;
        bool is_https;
        uint8_t ca[SHA256_SIZE]; /* of the DER of the certificate that vouches for the server; with https only
                                  */
};

struct boot_words {
        struct server_at server;
        struct mac boot_mac; /* of the card that the firmware booted from; with has_boot_mac */
        bool has_boot_mac;
        bool wants_root; /* it is to bring up the root of the machine's own system, and start that */
};

/**
 * boot_words_parse() - read a command line
 * @line:       as in /proc/cmdline
 * @ret:        set on success only
 *
 * Known are bramble.url=, bramble.ca=sha256:HEX, bramble.run, and BOOTIF=01-MAC as PXELINUX adds it. Of a
 * word that stands there twice the last counts, as for the kernel.
 *
 * Return: 0, or -EINVAL with a sentence: a URL is missing or is none, or https and the CA do not come
 * together.
 */
MUST_CHECK int boot_words_parse(const char *line, struct boot_words *ret, struct error *reterr);

/** server_at_parse() - a URL and the CA's hash ("" or NULL: none), as above. */
MUST_CHECK int server_at_parse(const char *url, const char *ca, struct server_at *ret, struct error *reterr);
