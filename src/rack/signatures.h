/*
 * Signature files for what boards boot: made once for each file and key, and remembered.
 *
 * The same boot.img goes to every board of its class, and signing it means reading all of it. Any thread may
 * ask; while one signs, others that want the same wait for it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/bootfile.h"
#include "rack/keyring.h"

struct signatures;

struct signatures *signatures_new(struct keyring *keys); /* borrowed; NULL: out of memory */
void signatures_free(struct signatures *s);              /* NULL is a no-op */
DEFINE_CLEANUP(struct signatures, signatures_free)

/**
 * signatures_get() - boot.sig of @file
 * @key:        by name; "": the usual one
 *
 * Return: 0 with one reference in @ret, -ENOKEY: there is no such key, or -errno.
 */
MUST_CHECK int signatures_get(struct signatures *s, const char *key, const struct boot_file *file,
                              struct boot_file **ret);
