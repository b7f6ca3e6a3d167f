/*
 * Signature files for what boards boot: made once for each file and key, and remembered.
 *
 * The same boot.img goes to every board of its class, and signing it means reading all of it, and perhaps
 * waiting for a program of the operator's. One thread does that; any other may ask, and none waits that
 * serves.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/bootfile.h"
#include "rack/keyring.h"

#define SIGNATURES_WAIT_KEY UINT64_MAX /* what HTTP requests for one wait for: no boot session's number */

struct signatures;

struct signatures *signatures_new(struct keyring *keys); /* borrowed; NULL: out of memory, or of threads */
void signatures_free(struct signatures *s);              /* waits for the one in work; NULL is a no-op */
DEFINE_CLEANUP(struct signatures, signatures_free)

/**
 * signatures_get() - boot.sig of @file
 * @key:        by name; "": the usual one
 * @now_ms:     monotonic: why one could not be made is the answer for 30 s, then it is tried again
 *
 * Return: 0 with one reference in @ret, -ENOKEY: there is no such key, -EAGAIN: it will be made, come again,
 * -EKEYREJECTED: it could not be signed, or another -errno.
 */
MUST_CHECK int signatures_get(struct signatures *s, const char *key, struct boot_file *file, uint64_t now_ms,
                              struct boot_file **ret);

/** signatures_wait() - likewise, for threads that may wait: -EAGAIN only after @wait_ms. */
MUST_CHECK int signatures_wait(struct signatures *s, const char *key, struct boot_file *file,
                               unsigned wait_ms, struct boot_file **ret);

/** signatures_fd() - readable when one was made or failed, until signatures_clear(). */
int signatures_fd(const struct signatures *s);
void signatures_clear(struct signatures *s);
