/*
 * A disk on an NBD server, held by the kernel and watched by a small program that stays for as long as the
 * machine runs.
 *
 * That program is this one under another name: it shakes hands, gives the connection to the kernel, and makes
 * another one whenever the server has gone and come back. What the system writes meanwhile waits in the
 * kernel, so that no program sees an error. Its name begins with '@': systemd lets it live until the last
 * file system is unmounted.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define NBD_PROGRAM "@bramble-nbd"

enum { NBD_DEVICE_SIZE = 32 };

struct nbd_at {
        const char *server; /* an address */
        uint16_t port;
        const char *export;
};

/**
 * nbd_attach() - the export as /dev/nbdINDEX
 * @device:     its path
 *
 * Return: 0; -EAGAIN with a sentence when the server is away or not ready; or another negative with one.
 */
MUST_CHECK int nbd_attach(const struct nbd_at *at, unsigned index, char device[static NBD_DEVICE_SIZE],
                          struct error *reterr);

/** nbd_detach() - lets the device go, if it is held. */
void nbd_detach(unsigned index);

int nbd_main(int argc, char **argv); /* the program that stays */
