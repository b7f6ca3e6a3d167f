/* A script as an operator hands it in: its metadata read and checked, in MAAS' format. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "core/site/script.h"

/**
 * script_read() - a script out of its octets
 * @file:       what it is called where its metadata names none; NULL: nothing
 * @ret:        set on success only; the caller drops it
 *
 * What the metadata asks for and the agent does not do becomes a note.
 * Return: 0, -ENOMEM, or -EINVAL with a sentence that names the line.
 */
MUST_CHECK int script_read(const char *file, const void *body, size_t len, struct script **ret,
                           struct error *reterr);
