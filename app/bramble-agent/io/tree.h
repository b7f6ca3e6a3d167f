/*
 * Reading the small files in which the kernel says what a machine is: /proc, /sys and their like.
 *
 * Below a root of one's choice, so that a test can lay out a machine of its own. Paths are relative to it and
 * made by a format, as for printf().
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { TREE_PATH_MAX = 512, TREE_NAME_SIZE = 64, TREE_NAMES_MAX = 1024 };

struct tree {
        int root; /* a descriptor of the folder */
};

/** tree_open() - "/" for the machine itself; 0 or -errno. */
MUST_CHECK int tree_open(struct tree *ret, const char *root);
void tree_close(struct tree *t);

/**
 * tree_read() - the begin of a file
 * @buf:        room for @size octets; not terminated
 *
 * Return: how many octets there are, @size at most, or -errno.
 */
MUST_CHECK int tree_read(const struct tree *t, void *buf, size_t size, const char *format, ...) PRINTF(4, 5);

/** tree_text() - the same as a string: ends at the first NUL, white space at its end cut. "" and false when
 * there is none. */
bool tree_text(const struct tree *t, char *buf, size_t size, const char *format, ...) PRINTF(4, 5);

/** tree_number() - a file that holds a decimal number, or a hexadecimal one with 0x; false when it does not.
 */
bool tree_number(const struct tree *t, int64_t *ret, const char *format, ...) PRINTF(3, 4);

/** tree_link() - the last part of where a symbolic link leads: the name of a driver. "" and false: none. */
bool tree_link(const struct tree *t, char *buf, size_t size, const char *format, ...) PRINTF(4, 5);

/** tree_path() - where a path ends when its links are followed, from the root; "" and false when nowhere. */
bool tree_path(const struct tree *t, char *buf, size_t size, const char *format, ...) PRINTF(4, 5);

/** tree_name() - make a path for later use as "%s/…"; what is too long names nothing. Returns @path. */
const char *tree_name(char path[static TREE_PATH_MAX], const char *format, ...) PRINTF(2, 3);

bool tree_exists(const struct tree *t, const char *format, ...) PRINTF(2, 3);

/** tree_put() - write octets into a file that is there, in one go: 0 or -errno. */
MUST_CHECK int tree_put(const struct tree *t, const void *data, size_t len, const char *format, ...)
        PRINTF(4, 5);

/** tree_write() - write a short text into a file that is there; 0 or -errno. */
MUST_CHECK int tree_write(const struct tree *t, const char *text, const char *format, ...) PRINTF(3, 4);

/* The names in a folder, sorted so that eth2 stands before eth10. */
struct tree_names {
        size_t n;
        char (*items)[TREE_NAME_SIZE];
};

/** tree_list() - names that do not begin with a dot; none when there is no such folder. Longer names are left
 * out. */
struct tree_names tree_list(const struct tree *t, const char *format, ...) PRINTF(2, 3);
void tree_names_free(struct tree_names *names); /* also for CLEANUP() on the stack */
