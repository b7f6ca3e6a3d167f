/*
 * Questions to the kernel's network configuration (rtnetlink, RFC 3549): one request, its answers, no
 * waiting.
 *
 * The kernel answers in the same system call that it is asked by; nothing here goes over a wire.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/** netlink_open() - a routing socket; @groups: RTMGRP_… to be told of, 0: none. Return: a descriptor, or
 * -errno. */
MUST_CHECK int netlink_open(uint32_t groups);

/* A request that grows; begin with netlink_request(). */
struct netlink_request {
        struct nlmsghdr head;
        uint8_t body[256];
};

/** netlink_begin() - start a request of @type; @head (of @len octets) is what follows the message header. */
void netlink_begin(struct netlink_request *r, uint16_t type, uint16_t flags, const void *head, size_t len);

/** netlink_add() - append an attribute; there is room for a dozen short ones. */
void netlink_add(struct netlink_request *r, uint16_t type, const void *value, size_t len);

/**
 * netlink_ask() - send a request and read its answers
 * @each:       called for each answering message, until it returns non-zero; NULL: only the outcome counts
 *
 * Return: 0, -errno from the kernel, or what @each returned.
 */
MUST_CHECK int netlink_ask(int fd, struct netlink_request *r,
                           int (*each)(void *ctx, const struct nlmsghdr *m), void *ctx);

/**
 * netlink_read() - the messages of one answer, octets as they came
 * @octets:     aligned as a struct nlmsghdr
 *
 * Return: 0 when more is to come, 1 when the end was among them, -errno from the kernel or for what is cut
 * short, or what @each returned.
 */
MUST_CHECK int netlink_read(const void *octets, size_t len, int (*each)(void *ctx, const struct nlmsghdr *m),
                            void *ctx);

/** netlink_attributes() - sort a message's attributes by type; those above @max are left out, missing ones
 * are NULL. */
void netlink_attributes(const struct rtattr *at, size_t len, const struct rtattr **ret, unsigned short max);
