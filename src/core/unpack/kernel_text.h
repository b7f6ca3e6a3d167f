/*
 * What a kernel says of itself: its release, and its configuration where it carries that along.
 *
 * A kernel is packed in a dozen ways, mostly behind a loader that unpacks it: what looks like the begin of
 * packed data is unpacked, until something is found that calls itself Linux.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"

#define KERNEL_CONFIG_FILE "config"

enum { KERNEL_MAX = 256 * 1024 * 1024 /* octets, packed or not */ };

/** kernel_text() - the line "release RELEASE" where it can be told, and the file KERNEL_CONFIG_FILE where
 * there is a configuration inside (CONFIG_IKCONFIG). 0 also when nothing is found. */
MUST_CHECK int kernel_text(const char *path, FILE *out, struct error *reterr);
