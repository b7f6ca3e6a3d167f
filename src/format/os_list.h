/*
 * Lists of images in the format of Raspberry Pi Imager: os_list, with lists in lists.
 *
 * Pure. What has no address or no sum to check it by is left out and counted: an image that cannot be checked
 * is none. Source: rpi-imager, doc/json-schema/os-list-schema.json.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum {
        OS_LIST_SIZE_MAX =
                8 << 20,       /* octets of a text that is read at all; the whole list of 2026 has 300 KiB */
        OS_LIST_DEPTH_MAX = 8, /* of lists in lists */
        OS_LIST_IMAGES_MAX = 1024,
        OS_LIST_MORE_MAX = 64,    /* lists that lie elsewhere */
        OS_LIST_DEVICES_MAX = 32, /* that one image names */
        OS_LIST_TEXT_MAX = 2000,  /* octets of a name, a description or an address */
        OS_LIST_NAME_SIZE = 64,   /* of a name that a command line takes */
        OS_LIST_DIGEST_SIZE = 32  /* SHA-256 */
};

struct os_image {
        char name[OS_LIST_NAME_SIZE]; /* made of its title: "raspberry-pi-os-lite-64-bit" */
        char *title, *description;
        char *url;
        char *released; /* as it says; "" */
        char **devices; /* tags of boards, as in "pi4-64bit"; NULL-terminated; empty: it does not say */
        uint64_t packed_size, size;         /* octets as they are fetched, and unpacked; 0: not said */
        bool has_packed_digest, has_digest; /* at least one of them */
        uint8_t packed_digest[OS_LIST_DIGEST_SIZE], digest[OS_LIST_DIGEST_SIZE];
};

struct os_list {
        struct os_image *images; /* no name and no address twice */
        size_t n, room;
        char **more; /* addresses of lists that belong here */
        size_t n_more, n_skipped;
};

void os_list_free(struct os_list *l); /* also for CLEANUP() on the stack */

/**
 * os_list_read() - add what a text has to @l
 *
 * Return: 0, -EBADMSG when it is no such list, -E2BIG when it is larger or deeper than any should be, or
 * -ENOMEM. Then @l may have grown.
 */
MUST_CHECK int os_list_read(const char *text, size_t len, struct os_list *l);

/** os_list_find() - by its name; NULL when there is none. */
const struct os_image *os_list_find(const struct os_list *l, const char *name);

/** os_list_name() - a title as a name: letters and digits in small, everything else a dash. */
void os_list_name(const char *title, char ret[static OS_LIST_NAME_SIZE]);
