/* Sending a collection to the daemon: an import is begun, each file streamed, and the image made. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble/cli.h"
#include "app/bramble/collect.h"

/* The name under which the API takes a whole image: a disk, or a root file system, packed or not. */
#define UPLOAD_SOURCE ".img"

/**
 * upload() - make an image of files
 * @about:      the import as the API takes it (ImportNew); borrowed
 * @ret:        the image, set on success only
 *
 * Shows how far it is where standard error is a terminal. On failure nothing of it stays in the daemon.
 * Return: an exit code (cli.h); the failure is printed.
 */
MUST_CHECK int upload(struct cli *cli, const json_t *about, const struct collection *c, json_t **ret);
