/* TFTP's backend: what the server asks of the rack. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/tftp/server.h"
#include "rack/view.h"

struct tftp_files;

/** tftp_files_new() - one view for each of @n_workers; NULL when out of memory. */
struct tftp_files *tftp_files_new(const struct view_source *source, unsigned n_workers);
void tftp_files_free(struct tftp_files *f); /* after the server has stopped */
DEFINE_CLEANUP(struct tftp_files, tftp_files_free)

extern const struct tftp_backend tftp_files_backend; /* its context: struct tftp_files */
