/* How a client hands its connections to the kernel's NBD driver: generic netlink (linux/nbd-netlink.h). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

struct nbd_export;

struct nbd_device {
        unsigned index;
        unsigned dead_s;    /* how long requests wait for another connection when one has died */
        unsigned request_s; /* after which an unanswered request means that it has */
};

/** nbd_netlink_connect() - a device over @fd, on which the handshake is done. 0 or -errno. */
MUST_CHECK int nbd_netlink_connect(const struct nbd_device *d, const struct nbd_export *e, int fd);

/** nbd_netlink_reconnect() - @fd in the place of the connection that died; -ENOSPC: none has, as far as the
 * driver knows yet. */
MUST_CHECK int nbd_netlink_reconnect(const struct nbd_device *d, int fd);

/** nbd_netlink_disconnect() - lets the device go. 0 or -errno. */
MUST_CHECK int nbd_netlink_disconnect(unsigned index);
