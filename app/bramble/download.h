/*
 * Images that lie on a web server: fetched by the caller of bramble, into a cache, and sent on like any file.
 *
 * The daemon opens no connection that somebody asked it for.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "app/bramble/cli.h"

bool download_is_url(const char *source);

/**
 * download() - fetch a file
 * @may_resume: go on where an earlier try ended: for who checks the result by its SHA-256
 * @ret:        where it lies, the caller's; to be removed when it was sent
 *
 * Shows how far it is. Prints its failures; returns an exit code.
 */
MUST_CHECK int download(const struct cli *cli, const char *url, bool may_resume, char **ret);

/** download_kept_path() - where the caller may keep what it fetched, for another time; NULL: out of memory.
 */
char *download_kept_path(const char *url);
