/* Requests to the kernel's routing tables (rtnetlink(7)): sent whole, answered at once. Used by netif.c and
 * neighbour.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { RTNETLINK_REQUEST_SIZE = 512 };

/* A request being put together; `failed` is checked when it is sent. */
struct rtnetlink_request {
        _Alignas(struct nlmsghdr) uint8_t octets[RTNETLINK_REQUEST_SIZE];
        size_t len;
        int failed;
};

/** rtnetlink_open() - a socket that hears @groups (RTMGRP_…; 0: none). Return: a descriptor, or -errno. */
MUST_CHECK int rtnetlink_open(uint32_t groups);

/** rtnetlink_begin() - start a request with its fixed part of @len octets. */
void rtnetlink_begin(struct rtnetlink_request *r, uint16_t type, uint16_t flags, const void *fixed,
                     size_t len);
void rtnetlink_attribute(struct rtnetlink_request *r, uint16_t type, const void *data, size_t len);

/**
 * rtnetlink_ask() - send a request and hand every message of the answer to @fn (which may be NULL)
 *
 * Return: 0, or -errno as the kernel says.
 */
MUST_CHECK int rtnetlink_ask(int fd, struct rtnetlink_request *r,
                             void (*fn)(void *ctx, const struct nlmsghdr *m), void *ctx);

/** rtnetlink_attribute_of() - an attribute behind the fixed part of @fixed_len octets; NULL when there is
 * none of @min_len. */
const void *rtnetlink_attribute_of(const struct nlmsghdr *m, size_t fixed_len, uint16_t type, size_t min_len);
